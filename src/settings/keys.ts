import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** 32 random bytes, made on first use and kept beside the data, readable by the owner only. */
export function readKey(path: string): Buffer {
  return Buffer.from(
    keep(path, () => randomBytes(32).toString('base64url')),
    'base64url',
  );
}

/** When something was done here for the first time. */
export function readBeginning(path: string, now: Date): Date {
  return new Date(keep(path, () => now.toISOString()));
}

/** The file's text; where there is no file yet it is made. Of two processes that start together one makes it, and both read it. */
function keep(path: string, make: () => string): string {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, make(), { flag: 'wx', mode: 0o600 });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
  return readFileSync(path, 'utf8').trim();
}
