import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { AppError } from '../../domain/errors.ts';

/** One connection to the embedded file. Mentions, state and jobs share it; whoever opened it closes it. */
export type Database = Libsql.Database;

/**
 * What `run`, `get` and `all` may be given, always as one array: a lone `null` is taken for an object, and a boolean
 * ends the process.
 */
export type Bindable = string | number | null;

/** Format of the file, kept in its `user_version`. Raise it together with a step that brings older files up. */
const FILE_FORMAT = 3;

/** How long a statement waits for another process's transaction. Ours last well under half a second. */
const BUSY_TIMEOUT_MS = 5_000;

/** The log is cut back to this after a large transaction, in bytes. */
const LOG_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the embedded file, creating it and its folder (readable by the owner only) where they are missing. Several
 * processes may have it open at once.
 *
 * @throws AppError `STAGE_UNAVAILABLE` where a newer program wrote the file, `FILE_UNREADABLE` where it cannot be
 * opened or is no SQLite file.
 */
export function openDatabase(path: string): Database {
  const db = connect(path);
  try {
    configure(db);
    checkFormat(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error instanceof AppError ? error : unreadable(path, error);
  }
}

/** Brings the log into the file and closes. Prepared statements would otherwise leave the log behind. */
export function closeDatabase(db: Database): void {
  if (!db.open) return;
  checkpoint(db);
  db.close();
}

/**
 * Moves the log into the file and empties it, so that erased words stand in neither (see `compact`). Gives false where another
 * process was reading for longer than the time-out: its words then stay in the log until the next checkpoint.
 */
export function checkpoint(db: Database): boolean {
  const [row] = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]) as { busy: number }[];
  return row?.busy === 0;
}

/**
 * Writes the whole file anew. `secure_delete` zeroes what is deleted, but when SQLite moves a row to a neighbouring
 * page, the old copy stays in the unused middle of the first page and is not found when the row is deleted later.
 * Only this removes the last of such copies, so an erasure is complete once it has run. Takes about 20 ms per
 * megabyte, during which nobody else can write: for maintenance, not for every erasure.
 */
export function compact(db: Database): void {
  db.exec('VACUUM');
  checkpoint(db);
}

/** SQLite gives its side files the mode of the main one, so that one has to be right before it is opened. */
function closeToOthers(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

function connect(path: string): Database {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeToOthers(path);
    return new Libsql(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * `synchronous=FULL`: with NORMAL a commit survives `kill -9` (the log is in the page cache) but not a power cut,
 * because the log is only flushed at checkpoints. Every 2xx and every saved cursor promises "durable", so each commit
 * pays one flush; batches make that one flush per hundreds of mentions.
 *
 * `secure_delete=ON`: what is erased is overwritten with zeros instead of staying in free pages.
 * `foreign_keys=ON`: a mention takes its document and tags with it.
 * https://www.sqlite.org/pragma.html
 */
function configure(db: Database): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('secure_delete = ON');
  db.pragma('foreign_keys = ON');
  db.pragma(`journal_size_limit = ${LOG_LIMIT_BYTES}`);
  db.pragma('cache_size = -32000');
}

function checkFormat(db: Database, path: string): void {
  const { user_version: format } = db.prepare('PRAGMA user_version').get([]) as { user_version: number };
  if (format > FILE_FORMAT)
    throw new AppError(
      'STAGE_UNAVAILABLE',
      `${path} was written by a newer Earshot: its format is ${format}, this program knows formats up to ${FILE_FORMAT}.`,
      {
        fix: 'Start the version that wrote it, or name another folder in EARSHOT_DATA.',
        details: { format, known: FILE_FORMAT },
      },
    );
  if (format < FILE_FORMAT) db.pragma(`user_version = ${FILE_FORMAT}`);
}

function unreadable(path: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('FILE_UNREADABLE', `The database ${path} cannot be opened: ${reason}`, {
    fix: 'See that the folder may be written to and that the file is an Earshot database, or name another folder in EARSHOT_DATA.',
    cause,
  });
}
