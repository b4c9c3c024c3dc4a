import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../domain/errors.ts';

const KEY_BYTES = 32;

/**
 * Random bytes, made on first use and kept beside the data, readable by the owner only.
 * @throws {AppError} `FILE_UNREADABLE` where the file holds no such key: a weaker one would name authors to anybody.
 */
export function readKey(path: string): Buffer {
  const key = Buffer.from(
    keep(path, () => randomBytes(KEY_BYTES).toString('base64url')),
    'base64url',
  );
  if (key.length === KEY_BYTES) return key;
  throw new AppError('FILE_UNREADABLE', `${path} does not hold a key of ${KEY_BYTES} bytes.`, {
    fix: 'Put the right file back; with a new key, known authors would get new pseudonyms.',
  });
}

/** When something was done here for the first time. */
export function readBeginning(path: string, now: Date): Date {
  return new Date(keep(path, () => now.toISOString()));
}

/** Why a file of the data folder could not be read or written. */
export function unusable(path: string, cause: unknown): AppError {
  return new AppError('FILE_UNREADABLE', `${path} cannot be used: ${(cause as Error).message}`, {
    cause,
    fix: 'Set EARSHOT_DATA to a folder that may be written to.',
  });
}

/** The file's text; where there is no file yet it is made. Written aside and linked, so that nobody ever reads half of it. */
function keep(path: string, make: () => string): string {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      return readFileSync(path, 'utf8').trim();
    } catch (thrown) {
      if (!isCode(thrown, 'ENOENT')) throw thrown;
    }
    writeFileSync(aside, make(), { mode: 0o600 });
    link(aside, path);
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw unusable(path, cause);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Of two processes that start together one is first, and both read its file. */
function link(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch (thrown) {
    if (!isCode(thrown, 'EEXIST')) throw thrown;
  }
}

function isCode(thrown: unknown, code: string): boolean {
  return (thrown as NodeJS.ErrnoException).code === code;
}
