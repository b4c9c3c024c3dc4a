import { perBook, termOf, WORDS } from '../text/book.ts';
import type { Token } from '../text/book.ts';
import { hashWord } from '../text/hash.ts';
import { groupBy } from './group.ts';
import type { Head, Model } from './model.ts';
import { piecesOf } from './ngrams.ts';

/**
 * Heads whose tables of pieces have as many places, side by side: what a piece or a word says for all of them is one
 * row, because fetching rows from memory is what a text costs.
 */
export interface Bank {
  slots: Slot[];
  /** Labels of all heads. */
  width: number;
  bias: number[];
  /** By trait and label. */
  traits: Float32Array;
  /** By place and label, in units of the `pieceScale` of each head. */
  pieces: Int8Array;
  /** The last place of a piece, all bits set. */
  last: number;
  /**
   * The table with the row of a word, at `word * size`, in whole numbers: how many pieces a word has, how much it tells
   * (255 = most), what its pieces say for each label, in units of `pieceScale`, and what the word itself says for each,
   * in units of `wordScale` / 255.
   */
  rowsWith(token: Token): Int16Array;
  /** Numbers in a row. */
  size: number;
}

export interface Slot {
  head: Head;
  /** Its first label among those of the bank. */
  start: number;
}

export const [PIECE_COUNT, TELLS, FIRST_LABEL] = [0, 1, 2];

/** An unknown word is read as the longest known one that it begins with, up to so many letters shorter. */
const SHORTENED = 4;
const SHORTEST_STEM = 4;

/** All heads of a model in as few banks as they allow; those of `made` that hold the very same heads are taken. */
export function banksOf(model: Model, made: readonly Bank[] = []): Bank[] {
  const places = new Map(Array.from(model.wordHashes, (hash, place) => [hash, place]));
  const alike = groupBy(Object.values(model.heads), placesOf);
  return Array.from(alike.values(), (heads) => {
    const same = made.find(
      ({ slots }) => slots.length === heads.length && heads.every((head, at) => slots[at]!.head === head),
    );
    return same ?? createBank(heads, model, places);
  });
}

const placesOf = ({ pieces, labels }: Head): number => pieces.length / labels.length;

function createBank(heads: readonly Head[], model: Model, places: ReadonlyMap<number, number>): Bank {
  const slots: Slot[] = [];
  let width = 0;
  for (const head of heads) {
    slots.push({ head, start: width });
    width += head.labels.length;
  }
  const last = placesOf(heads[0]!) - 1;
  const size = FIRST_LABEL + width * 2;
  const rowsOf = perBook(() => new Int16Array(WORDS * size));
  const bank: Bank = {
    slots,
    width,
    bias: heads.flatMap(({ bias }) => [...bias]),
    traits: sideBySide(slots, width, new Float32Array(model.traits.length * width), ({ traits }) => traits),
    pieces: sideBySide(slots, width, new Int8Array((last + 1) * width), ({ pieces }) => pieces),
    last,
    rowsWith(token) {
      const rows = rowsOf(token.book);
      const row = token.word * size;
      // Every word has pieces.
      if (rows[row + PIECE_COUNT] === 0) rows.set(scoreWord(termOf(token), bank, { model, places }), row);
      return rows;
    },
    size,
  };
  return bank;
}

/** Puts the rows of a table of each head into one. */
function sideBySide<T extends Float32Array | Int8Array>(
  slots: Slot[],
  width: number,
  all: T,
  of: (head: Head) => T,
): T {
  for (const { head, start } of slots) {
    const table = of(head);
    const size = head.labels.length;
    for (let from = 0, to = start; from < table.length; from += size, to += width)
      for (let label = 0; label < size; label++) all[to + label] = table[from + label]!;
  }
  return all;
}

function scoreWord(term: string, bank: Bank, { model, places }: { model: Model; places: ReadonlyMap<number, number> }) {
  const { width, slots } = bank;
  const hashes = piecesOf(term);
  const row = new Int32Array(FIRST_LABEL + width * 2);
  row[PIECE_COUNT] = hashes.length;
  addPieces(row, FIRST_LABEL, bank, hashes);
  const place = placeOf(term, places);
  if (place === undefined) return row;
  const tells = model.wordTells[place]!;
  row[TELLS] = tells;
  for (const { head, start } of slots) {
    const size = head.labels.length;
    for (let label = 0; label < size; label++)
      row[FIRST_LABEL + width + start + label] = head.words[place * size + label]! * tells;
  }
  return row;
}

/** Place of a word in the table, or of the longest one that it begins with. */
export function placeOf(term: string, places: ReadonlyMap<number, number>): number | undefined {
  for (let cut = 0; cut <= SHORTENED && (cut === 0 || term.length - cut >= SHORTEST_STEM); cut++) {
    const place = places.get(hashWord(term.slice(0, term.length - cut)));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Adds what the pieces of hashes say for the labels of a bank, in units of its table; 0 is no piece. */
export function addPieces(sums: Int32Array, from: number, { pieces, width, last }: Bank, hashes: readonly number[]) {
  for (let at = 0; at < hashes.length; at++) {
    const hash = hashes[at]!;
    if (hash === 0) continue;
    const place = (hash & last) * width;
    for (let label = 0; label < width; label++) sums[from + label]! += pieces[place + label]!;
  }
}
