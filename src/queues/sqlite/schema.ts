import type Database from 'libsql';

/**
 * `failures`: counted ones so far, of which `attempts` are allowed. `open_starts`: starts whose end nobody has seen,
 * the running one included. `token` and `leased_until` name whose run it is and for how long; a lease that ran out
 * makes the job takeable again. Times are milliseconds since 1970.
 *
 * AUTOINCREMENT, because a dead letter keeps its id and no later job may get the same one.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS queue_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedupe_key TEXT,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    open_starts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    token TEXT,
    leased_until INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS queue_jobs_due ON queue_jobs (name, due_at);
  CREATE UNIQUE INDEX IF NOT EXISTS queue_jobs_key ON queue_jobs (dedupe_key) WHERE dedupe_key IS NOT NULL;

  CREATE TABLE IF NOT EXISTS queue_dead (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedupe_key TEXT,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    failed_at INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS queue_dead_newest ON queue_dead (failed_at);

  CREATE TABLE IF NOT EXISTS queue_schedules (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    every_ms INTEGER NOT NULL,
    last_at INTEGER
  );
`;

/** Makes the queue's own tables where they are missing; safe while other processes do the same. */
export function createTables(db: Database.Database): void {
  db.exec(TABLES);
}

/**
 * What a statement gives, with RETURNING too. `all`, because libsql's `get` adds a column of its own; the values as one
 * list, because libsql takes a lone `null` for a list.
 */
export function rows<Row>(statement: Database.Statement, ...values: unknown[]): Row[] {
  return statement.all(values) as Row[];
}

/**
 * Every write goes through here: one transaction that waits for the write lock before its first statement. For two
 * reasons: a transaction that begins by reading fails at once, whatever the busy time-out, where another process has
 * written in between (https://www.sqlite.org/isolation.html); and libsql leaves a prepared statement that met a locked
 * file half-done, after which the connection commits nothing (https://github.com/tursodatabase/libsql-js/pull/238).
 * Joins a transaction that the caller has open.
 */
export function write<Result>(db: Database.Database, work: () => Result): Result {
  return db.inTransaction ? work() : db.transaction(work).immediate();
}

/** Runs one writing statement; true where it changed something. */
export function change(db: Database.Database, statement: Database.Statement, ...values: unknown[]): boolean {
  return write(db, () => statement.run(...values).changes > 0);
}
