import type { Json } from '../../domain/queue.ts';
import type { ListOptions, NewEntry, StateEntry, StateStore } from '../../domain/store.ts';
import type { Bindable, Database } from './open.ts';

/**
 * AUTOINCREMENT never gives a number twice, so a key that was deleted and set again has a version that no older
 * reader can hold.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS state (
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL
)`;

interface Row {
  /** As bytes: the driver cuts texts at a NUL when it reads them. */
  key: ArrayBuffer;
  value: string;
  version: number;
}

/**
 * State in the embedded file. Keys are ordered by their UTF-8 bytes, which is the order of code points.
 * `close` leaves the shared connection open.
 */
export function sqliteState(db: Database): StateStore {
  db.exec(SCHEMA);
  const find = db.prepare('SELECT CAST(key AS BLOB) AS key, value, version FROM state WHERE key = ?');
  const write = db.prepare('INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)');
  const add = db.prepare(
    'INSERT OR IGNORE INTO state (key, value) VALUES (?, ?) RETURNING CAST(key AS BLOB) AS key, value, version',
  );
  const remove = db.prepare('DELETE FROM state WHERE key = ?');
  const setIfExpected = db.transaction((key: string, value: Json, expected: string | null | undefined) => {
    const version = find.get([key]) as Row | undefined;
    if (expected !== undefined && expected !== (version ? String(version.version) : null)) return null;
    return String(write.run([key, JSON.stringify(value)]).lastInsertRowid);
  }).immediate;
  const findAll = (keys: readonly string[]) => keys.flatMap((key) => (find.get([key]) as Row | undefined) ?? []);
  const addMissing = db.transaction((entries: readonly NewEntry[]) =>
    entries.map(({ key, value }) => (add.get([key, JSON.stringify(value)]) ?? find.get([key])) as Row),
  ).immediate;

  return {
    async get(key) {
      const row = find.get([key]) as Row | undefined;
      return row && toEntry(row);
    },
    async set(key, value, expected) {
      return setIfExpected(key, value, expected);
    },
    async getAll(keys) {
      return findAll(keys).map(toEntry);
    },
    async addAll(entries) {
      return (entries.length === 0 ? [] : addMissing(entries)).map(toEntry);
    },
    async delete(key) {
      return remove.run([key]).changes > 0;
    },
    async list(prefix, options = {}) {
      return listEntries(db, prefix, options);
    },
    async close() {},
  };
}

function listEntries(db: Database, prefix: string, { limit, after, reverse = false }: ListOptions): StateEntry[] {
  const params: Bindable[] = [prefix];
  let where = 'key >= ?';
  const end = firstBehind(prefix);
  if (end !== undefined) {
    where += ' AND key < ?';
    params.push(end);
  }
  if (after !== undefined) {
    where += reverse ? ' AND key < ?' : ' AND key > ?';
    params.push(after);
  }
  params.push(limit ?? -1);
  const sql = `SELECT CAST(key AS BLOB) AS key, value, version FROM state WHERE ${where}
    ORDER BY state.key ${reverse ? 'DESC' : 'ASC'} LIMIT ?`;
  return (db.prepare(sql).all(params) as Row[]).map(toEntry);
}

/** The smallest key behind every key that begins with `prefix`; absent where there is none. */
function firstBehind(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0)!);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

function toEntry({ key, value, version }: Row): StateEntry {
  return { key: Buffer.from(key).toString(), value: JSON.parse(value) as Json, version: String(version) };
}
