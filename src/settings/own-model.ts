import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unusable } from './keys.ts';

/** What this installation has learned from its people's labels. */
export const ownModelFile = (dataDir: string): string => join(dataDir, 'own.model');
const beforeOf = (file: string): string => `${file}.before`;

/** The file's bytes; undefined where nothing has been learned. @throws {AppError} `FILE_UNREADABLE`. */
export function readOwnModel(file: string): Buffer | undefined {
  return using(file, () => (existsSync(file) ? readFileSync(file) : undefined));
}

/**
 * Puts a model in the place of the one before, or takes that away where there is none; what was there is kept for
 * `undoOwnModel`. Written aside and renamed, so that nobody ever reads half of it.
 * @throws {AppError} `FILE_UNREADABLE`.
 */
export function replaceOwnModel(file: string, bytes: Buffer | undefined): void {
  using(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (existsSync(file)) byRenaming(beforeOf(file), (aside) => copyFileSync(file, aside));
    else rmSync(beforeOf(file), { force: true });
    if (bytes) byRenaming(file, (aside) => writeFileSync(aside, bytes, { mode: 0o600 }));
    else rmSync(file, { force: true });
  });
}

/**
 * Puts back what was there before the last training, once; after that the shipped judges alone.
 * @returns What judges now; `nothing` where there was nothing to undo.
 * @throws {AppError} `FILE_UNREADABLE`.
 */
export function undoOwnModel(file: string): 'before' | 'shipped' | 'nothing' {
  return using(file, () => {
    if (existsSync(beforeOf(file))) {
      renameSync(beforeOf(file), file);
      return 'before';
    }
    if (!existsSync(file)) return 'nothing';
    rmSync(file);
    return 'shipped';
  });
}

function byRenaming(file: string, write: (aside: string) => void): void {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    write(aside);
    renameSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

function using<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw unusable(file, cause);
  }
}
