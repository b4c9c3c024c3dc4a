import { starsOf, tagsOf, told } from '../document.ts';
import type { TagField } from '../document.ts';
import type { Mention } from '../../domain/mention.ts';

/**
 * What filters and counts read of the mentions, in columns: `ROWS` neighbouring keys form one block, which is stored
 * as one value. A million mentions are about 4,000 blocks that fit into memory (some 70 bytes a mention) and are counted
 * through in milliseconds, where `GROUP BY` over the table takes seconds.
 */
export const ROWS = 256;

/** Columns with one value per mention. */
export const CODE_FIELDS = [
  'source',
  'channel',
  'language',
  'sentiment',
  'step',
  'touchpoint',
  'outcome',
  'gap',
  'stars',
] as const;
export type CodeField = (typeof CODE_FIELDS)[number];

/** Columns with any number of values per mention. */
export const TAG_FIELDS = ['topic', 'pain', 'opportunity', 'brand', 'signal'] as const satisfies readonly TagField[];

/** A value is kept as its number in the dictionary of its field; 0 = could not tell. */
export interface Block {
  /** Key of the first row. */
  first: number;
  /** Milliseconds since 1970; NaN where there is no mention. */
  at: Float64Array;
  collectedAt: Float64Array;
  /** The first 52 bits of the id, by which mentions of one moment are ordered. */
  rank: Float64Array;
  /** Where the tags of each row end; they begin where those of the row before end. */
  tagEnds: Uint32Array;
  /** Column after column, `ROWS` numbers each, in the order of `CODE_FIELDS`. */
  codes: Uint16Array;
  /** `tagOf` of each value. */
  tags: Uint32Array;
}

/** One mention as it stands in a block, before its values have numbers. */
export interface Row {
  at: number;
  collectedAt: number;
  rank: number;
  values: Record<CodeField, string | null>;
  tags: Record<TagField, readonly string[]>;
}

const FIELD_SHIFT = 24;
/** Numbers beyond these do not fit into a block. */
export const MAX_CODE = 0xffff;
export const MAX_TAG_CODE = 0xffffff;

/** One value of a many-valued field as one number. */
export const tagOf = (field: TagField, code: number) => (TAG_FIELDS.indexOf(field) << FIELD_SHIFT) | code;
export const fieldOf = (tag: number) => tag >>> FIELD_SHIFT;
export const codeOf = (tag: number) => tag & MAX_TAG_CODE;

/** Where a column of `codes` begins. */
export const columnOf = (field: CodeField) => CODE_FIELDS.indexOf(field) * ROWS;

const WIDE_BYTES = 8 * ROWS;
const TAG_ENDS_AT = 3 * WIDE_BYTES;
const CODES_AT = TAG_ENDS_AT + 4 * ROWS;
const TAGS_AT = CODES_AT + 2 * CODE_FIELDS.length * ROWS;

/**
 * Reads a stored block, where it can without copying it: the driver gives bytes now as a buffer, now as a view.
 * Numbers stand in the byte order of the machine.
 */
export function readBlock(first: number, bytes: ArrayBuffer | Uint8Array): Block {
  const body = bytes instanceof Uint8Array ? (new Uint8Array(bytes).buffer as ArrayBuffer) : bytes;
  return {
    first,
    at: new Float64Array(body, 0, ROWS),
    collectedAt: new Float64Array(body, WIDE_BYTES, ROWS),
    rank: new Float64Array(body, 2 * WIDE_BYTES, ROWS),
    tagEnds: new Uint32Array(body, TAG_ENDS_AT, ROWS),
    codes: new Uint16Array(body, CODES_AT, CODE_FIELDS.length * ROWS),
    tags: new Uint32Array(body, TAGS_AT),
  };
}

/** The block with the tags of some rows exchanged, as it is stored. */
export function writeBlock(block: Block, newTags: ReadonlyMap<number, readonly number[]>): Buffer {
  const tags: number[] = [];
  const tagEnds = new Uint32Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const own = newTags.get(row) ?? block.tags.subarray(row === 0 ? 0 : block.tagEnds[row - 1], block.tagEnds[row]);
    for (const tag of own) tags.push(tag);
    tagEnds[row] = tags.length;
  }
  const parts = [block.at, block.collectedAt, block.rank, tagEnds, block.codes, Uint32Array.from(tags)];
  return Buffer.concat(
    parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
}

export function emptyBlock(first: number): Block {
  const block = readBlock(first, new ArrayBuffer(TAGS_AT));
  block.at.fill(Number.NaN);
  return block;
}

/** What a block holds of a mention. */
export function rowOf(mention: Mention): Row {
  const { judgements, source, channel } = mention;
  return {
    at: Date.parse(mention.at),
    collectedAt: Date.parse(mention.collectedAt),
    rank: rankOf(mention.id),
    values: {
      source,
      channel,
      language: told(judgements.language),
      sentiment: told(judgements.sentiment),
      step: told(judgements.step),
      touchpoint: told(judgements.touchpoint),
      outcome: told(judgements.outcome),
      gap: told(judgements.gap),
      stars: starsOf(mention)?.toString() ?? null,
    },
    tags: tagsOf(mention),
  };
}

const RANK_DIGITS = 13;

/** Ids are hashes: two that agree in 52 bits and in their time do not occur. */
export const rankOf = (id: string) => Number.parseInt(id.slice(0, RANK_DIGITS), 16) || 0;
