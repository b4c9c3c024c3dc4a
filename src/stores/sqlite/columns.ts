import type { TagField } from '../document.ts';
import { ROWS, readBlock } from './blocks.ts';
import type { Block, CodeField } from './blocks.ts';
import type { Database } from './open.ts';

/** The blocks in memory, with the dictionary that their numbers refer to. */
export interface Columns {
  blocks: readonly Block[];
  /** Number → value; number 0 = could not tell. */
  names(field: CodeField | TagField): readonly (string | null)[];
  /** Value → number; absent where no mention ever had it. */
  codeOf(field: CodeField | TagField, value: string): number | undefined;
}

interface BlockRow {
  block: number;
  version: number;
  body: ArrayBuffer | Uint8Array;
}

interface CodeRow {
  number: number;
  field: CodeField | TagField;
  code: number;
  /** As bytes: the driver cuts texts at a NUL when it reads them. */
  value: ArrayBuffer;
}

/** Blocks read at once, so that no more than that stands in memory twice. */
const BLOCKS_AT_ONCE = 500;

/**
 * Gives the columns as of now. The first time reads them all (a million mentions in about a tenth of a second), later
 * only what any process has changed since; the same object as before means that nothing was. The caller holds the
 * transaction.
 */
export function columnReader(db: Database): () => Columns {
  const newBlocks = db.prepare(
    'SELECT block, version, body FROM mention_block WHERE (version, block) > (?, ?) ORDER BY version, block LIMIT ?',
  );
  const newCodes = db.prepare(
    'SELECT number, field, code, CAST(value AS BLOB) AS value FROM mention_code WHERE number > ? ORDER BY number',
  );
  const byNumber = new Map<number, Block>();
  const dictionaries = new Map<string, Dictionary>();
  let present: Columns | undefined;
  let seen = { version: 0, block: -1 };
  let lastCode = 0;

  const dictionary = (field: string): Dictionary => {
    const found = dictionaries.get(field) ?? { names: [null], codes: new Map() };
    dictionaries.set(field, found);
    return found;
  };
  const readBlocks = () => {
    for (;;) {
      const rows = newBlocks.all([seen.version, seen.block, BLOCKS_AT_ONCE]) as BlockRow[];
      for (const { block, body } of rows) byNumber.set(block, readBlock(block * ROWS, body));
      seen = rows.at(-1) ?? seen;
      if (rows.length > 0) present = undefined;
      if (rows.length < BLOCKS_AT_ONCE) return;
    }
  };
  const readCodes = () => {
    for (const { number, field, code, value } of newCodes.all([lastCode]) as CodeRow[]) {
      const name = Buffer.from(value).toString();
      dictionary(field).names[code] = name;
      dictionary(field).codes.set(name, code);
      lastCode = number;
    }
  };

  return () => {
    readBlocks();
    readCodes();
    present ??= {
      blocks: [...byNumber.values()],
      names: (field) => dictionary(field).names,
      codeOf: (field, value) => dictionary(field).codes.get(value),
    };
    return present;
  };
}

interface Dictionary {
  names: (string | null)[];
  codes: Map<string, number>;
}
