import { AppError } from '../../domain/errors.ts';
import type { TagField } from '../document.ts';
import {
  CODE_FIELDS,
  MAX_CODE,
  MAX_TAG_CODE,
  ROWS,
  TAG_FIELDS,
  columnOf,
  emptyBlock,
  readBlock,
  tagOf,
  writeBlock,
} from './blocks.ts';
import type { Block, CodeField, Row } from './blocks.ts';
import type { Database } from './open.ts';

/**
 * `version` counts the transactions that wrote blocks, so that every process reads only those that are new to it.
 * A number of the dictionary is never given to another value.
 */
export const BLOCK_TABLES = `
CREATE TABLE mention_block (
  block INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX mention_block_version ON mention_block (version);
CREATE TABLE mention_code (
  number INTEGER PRIMARY KEY,
  field TEXT NOT NULL,
  code INTEGER NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (field, value)
);
`;

export interface BlockWriter {
  /** Forgets what a transaction that was rolled back has left. */
  begin(): void;
  set(key: number, row: Row): void;
  clear(key: number): void;
  /** Writes every block that was changed since `begin`, once. */
  flush(): void;
}

interface Open {
  block: Block;
  newTags: Map<number, number[]>;
}

/** Keeps the blocks in step with the mentions; the caller holds the transaction from `begin` to `flush`. */
export function blockWriter(db: Database): BlockWriter {
  const read = db.prepare('SELECT body FROM mention_block WHERE block = ?');
  const write = db.prepare('INSERT OR REPLACE INTO mention_block (block, version, body) VALUES (?, ?, ?)');
  const newest = db.prepare('SELECT coalesce(max(version), 0) AS version FROM mention_block');
  const open = new Map<number, Open>();
  const codes = dictionary(db);

  function opened(key: number): Open & { row: number } {
    const number = Math.floor(key / ROWS);
    let found = open.get(number);
    if (!found) {
      const stored = read.get([number]) as { body: ArrayBuffer | Uint8Array } | undefined;
      const first = number * ROWS;
      found = { block: stored ? readBlock(first, stored.body) : emptyBlock(first), newTags: new Map() };
      open.set(number, found);
    }
    return { ...found, row: key % ROWS };
  }

  return {
    begin() {
      open.clear();
      codes.clear();
    },
    set(key, { at, collectedAt, rank, values, tags }) {
      const { block, newTags, row } = opened(key);
      block.at[row] = at;
      block.collectedAt[row] = collectedAt;
      block.rank[row] = rank;
      for (const field of CODE_FIELDS) block.codes[columnOf(field) + row] = codes.of(field, values[field]);
      newTags.set(
        row,
        TAG_FIELDS.flatMap((field) => tags[field].map((value) => tagOf(field, codes.of(field, value)))),
      );
    },
    clear(key) {
      const { block, newTags, row } = opened(key);
      for (const column of [block.at, block.collectedAt, block.rank]) column[row] = Number.NaN;
      for (const field of CODE_FIELDS) block.codes[columnOf(field) + row] = 0;
      newTags.set(row, []);
    },
    flush() {
      if (open.size === 0) return;
      const { version } = newest.get([]) as { version: number };
      for (const [number, { block, newTags }] of open) write.run([number, version + 1, writeBlock(block, newTags)]);
      open.clear();
    },
  };
}

/** Numbers of values, given out on first use; remembered within one transaction only, because it may be rolled back. */
function dictionary(db: Database) {
  const find = db.prepare('SELECT code FROM mention_code WHERE field = ? AND value = ?');
  const add = db.prepare(
    `INSERT INTO mention_code (field, code, value)
     SELECT ?1, coalesce(max(code), 0) + 1, ?2 FROM mention_code WHERE field = ?1 RETURNING code`,
  );
  const known = new Map<string, number>();

  function of(field: CodeField | TagField, value: string | null): number {
    if (value === null) return 0;
    const name = `${field}\0${value}`;
    let code = known.get(name);
    if (code === undefined) {
      ({ code } = (find.get([field, value]) ?? add.get([field, value])) as { code: number });
      if (code > (isTag(field) ? MAX_TAG_CODE : MAX_CODE)) throw tooMany(field);
      known.set(name, code);
    }
    return code;
  }

  return { of, clear: () => known.clear() };
}

const isTag = (field: string) => (TAG_FIELDS as readonly string[]).includes(field);

function tooMany(field: string): AppError {
  return new AppError('STORE_REFUSED', `There are too many different values of ${field} for one embedded file.`, {
    fix: 'Look why the values differ so much, or use the scaled stage.',
  });
}
