import { UNKNOWN } from '../../domain/query.ts';
import type { MentionQuery, Place } from '../../domain/query.ts';
import type { TagField } from '../document.ts';
import { ROWS, codeOf, columnOf, fieldOf, TAG_FIELDS } from './blocks.ts';
import type { Block, CodeField } from './blocks.ts';
import type { Columns } from './columns.ts';
import type { Bindable, Database } from './open.ts';
import { copiesIn, toSql, wordExpressions } from './query.ts';

/** The rows of one block that a query chooses. */
export interface Chosen {
  block: Block;
  rows: Uint8Array;
}

/** Takes rows out of a block's choice: 1 = chosen. */
type Test = (block: Block, mask: Uint8Array) => void;

/**
 * What a query finds, from the columns. Words, authors, threads and stories are no columns: those keys are looked up in
 * the indices first, which is slower where they are many. Agrees with `toSql`, mention by mention; the caller holds the
 * transaction.
 */
export function select(db: Database, columns: Columns, query: MentionQuery): Chosen[] {
  const tests = [...testsOf(db, columns, query), folded(db, query)].filter((test) => test !== undefined);
  const mask = new Uint8Array(ROWS);
  return columns.blocks.flatMap((block) => {
    for (let row = 0; row < ROWS; row++) mask[row] = Number.isNaN(block.at[row]) ? 0 : 1;
    for (const test of tests) test(block, mask);
    const rows = rowsIn(mask);
    return rows.length === 0 ? [] : [{ block, rows }];
  });
}

function testsOf(db: Database, columns: Columns, query: MentionQuery): (Test | undefined)[] {
  return [
    ...judgementTests(columns, query),
    ...factTests(columns, query),
    ...lookedUp(db, query),
    ...(query.also ? testsOf(db, columns, query.also) : []),
  ];
}

function rowsIn(mask: Uint8Array): Uint8Array {
  const rows = new Uint8Array(ROWS);
  let count = 0;
  for (let row = 0; row < ROWS; row++) if (mask[row] === 1) rows[count++] = row;
  return count === ROWS ? rows : rows.slice(0, count);
}

function judgementTests(columns: Columns, query: MentionQuery): (Test | undefined)[] {
  const judged = (field: CodeField, wanted: readonly string[] | undefined) =>
    wanted && among(field, allowed(columns, field, wanted, wanted.includes(UNKNOWN)));
  return [
    judged('step', query.step),
    judged('touchpoint', query.touchpoint),
    judged('sentiment', query.sentiment),
    judged('outcome', query.outcome),
    judged('gap', query.gap),
    judged('language', query.language),
    tagged(columns, 'topic', query.topic),
    tagged(columns, 'pain', query.pain),
    tagged(columns, 'signal', query.signal),
    query.places && atPlaces(columns, query.places),
  ];
}

function factTests(columns: Columns, query: MentionQuery): (Test | undefined)[] {
  const oneOf = (field: CodeField, wanted: readonly (string | number)[] | undefined) =>
    wanted && among(field, allowed(columns, field, wanted.map(String), false));
  return [
    oneOf('source', query.source),
    oneOf('channel', query.channel),
    oneOf('stars', query.rating),
    tagged(columns, 'brand', query.brand),
    between('at', query.from, query.to),
    between('collectedAt', query.collectedFrom, query.collectedTo),
  ];
}

/** By number: 1 = wanted. */
function allowed(
  columns: Columns,
  field: CodeField | TagField,
  wanted: readonly string[],
  untold: boolean,
): Uint8Array {
  const codes = new Uint8Array(columns.names(field).length);
  for (const value of wanted) {
    const code = columns.codeOf(field, value);
    if (code !== undefined) codes[code] = 1;
  }
  if (untold) codes[0] = 1;
  return codes;
}

function among(field: CodeField, codes: Uint8Array): Test {
  const column = columnOf(field);
  return (block, mask) => {
    for (let row = 0; row < ROWS; row++) mask[row]! &= codes[block.codes[column + row]!]!;
  };
}

function tagged(columns: Columns, field: TagField, wanted: readonly string[] | undefined): Test | undefined {
  if (wanted === undefined) return undefined;
  const codes = allowed(columns, field, wanted, false);
  const number = TAG_FIELDS.indexOf(field);
  return ({ tags, tagEnds }, mask) => {
    let tag = 0;
    for (let row = 0; row < ROWS; row++) {
      let found = 0;
      for (; tag < tagEnds[row]!; tag++) if (fieldOf(tags[tag]!) === number) found |= codes[codeOf(tags[tag]!)]!;
      mask[row]! &= found;
    }
  };
}

/** Any of these places. */
function atPlaces(columns: Columns, places: readonly Place[]): Test {
  const touchpoints = columns.names('touchpoint');
  const wanted = new Uint8Array(columns.names('step').length * touchpoints.length);
  for (const place of places) {
    const step = columns.codeOf('step', place.step);
    if (step === undefined) continue;
    const here = place.touchpoints
      ? allowed(columns, 'touchpoint', place.touchpoints, place.touchpoints.includes(UNKNOWN))
      : new Uint8Array(touchpoints.length).fill(1);
    for (const [code, one] of here.entries()) wanted[step * touchpoints.length + code]! |= one;
  }
  const [step, touchpoint] = [columnOf('step'), columnOf('touchpoint')];
  return ({ codes }, mask) => {
    for (let row = 0; row < ROWS; row++)
      mask[row]! &= wanted[codes[step + row]! * touchpoints.length + codes[touchpoint + row]!]!;
  };
}

function between(column: 'at' | 'collectedAt', from: string | undefined, to: string | undefined): Test | undefined {
  if (from === undefined && to === undefined) return undefined;
  const least = from === undefined ? -Infinity : Date.parse(from);
  const below = to === undefined ? Infinity : Date.parse(to);
  return (block, mask) => {
    const times = block[column];
    for (let row = 0; row < ROWS; row++) if (!(times[row]! >= least && times[row]! < below)) mask[row] = 0;
  };
}

/** Takes out the copies of stories. */
function folded(db: Database, query: MentionQuery): Test | undefined {
  const copies = copiesIn(query);
  return copies && without(keysOf(db, `SELECT group_concat(key) FROM (${copies.where})`, copies.params));
}

/** What only the indices know: words first, because the full-text index gives its keys without a look at the mentions. */
function lookedUp(db: Database, { q, author, thread, story }: MentionQuery): (Test | undefined)[] {
  const { wanted, unwanted } = wordExpressions(q);
  const words = 'SELECT group_concat(rowid) FROM mention_words WHERE mention_words MATCH ?';
  const { where, params } = toSql({ author, thread, story });
  return [
    wanted === undefined ? undefined : within(keysOf(db, words, [wanted])),
    unwanted === undefined ? undefined : without(keysOf(db, words, [unwanted])),
    where === 'TRUE'
      ? undefined
      : within(keysOf(db, `SELECT group_concat(m.key) FROM mention m WHERE ${where}`, params)),
  ];
}

/** Keys as places in an array: 1 = one of them. */
type Keys = Uint8Array;

/**
 * As one text: hundreds of thousands of rows would take the driver seven times as long. And into an array, because a
 * set of them would take as long again.
 */
function keysOf(db: Database, sql: string, params: Bindable[]): Keys {
  const [[text]] = db.prepare(sql).raw().all(params) as [[string | null]];
  if (text === null) return new Uint8Array();
  const keys: number[] = [];
  let [key, last] = [0, 0];
  for (let at = 0; at <= text.length; at++) {
    const digit = at < text.length ? text.charCodeAt(at) - ZERO : -1;
    if (digit >= 0) {
      key = key * 10 + digit;
      continue;
    }
    keys.push(key);
    last = Math.max(last, key);
    key = 0;
  }
  const marked = new Uint8Array(last + 1);
  for (const one of keys) marked[one] = 1;
  return marked;
}

const ZERO = '0'.charCodeAt(0);

const within =
  (keys: Keys): Test =>
  ({ first }, mask) => {
    for (let row = 0; row < ROWS; row++) mask[row]! &= keys[first + row] ?? 0;
  };

const without =
  (keys: Keys): Test =>
  ({ first }, mask) => {
    for (let row = 0; row < ROWS; row++) if (keys[first + row] === 1) mask[row] = 0;
  };
