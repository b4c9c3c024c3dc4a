import { apart } from './apart.ts';
import { partsOf } from './fold.ts';
import { hashWord, spread } from './hash.ts';
import { LONGEST_KEY } from './remember.ts';

/** A folded word with its place in the original text, so that evidence can be shown in the customer's own spelling. */
export interface Token {
  /** The word, as a number in a book. */
  word: number;
  book: WordBook;
  /** Of the word. */
  hash: number;
  /** As `initialOf` gives it. */
  initial: number;
  /** Index of the first UTF-16 unit in the original. */
  start: number;
  /** Index behind the last. */
  end: number;
}

/**
 * Numbers words, and remembers the spellings in which they were met, in few and small tables: fetching from memory is
 * what reading takes long. A full book gives way to a new one; texts that were read before keep theirs.
 */
export interface WordBook {
  /** Folded words by number; those that are kept can be looked up. */
  terms: string[];
  words: Map<string, number>;
  /** Units of all terms. */
  letters: number;
  /** Where the entry of a spelling begins, by the hash of its units; 0 is none. */
  slots: Int32Array;
  /** Rows of `ENTRY` numbers, up to `entered`; the first is not used. */
  entries: Int32Array;
  entered: number;
  /** Spellings, one behind the other, up to `written`. */
  units: Uint16Array;
  written: number;
  /** Spellings of several words; places count from where they begin. */
  compounds: (readonly Token[])[];
}

/** As many words has a book. */
export const WORDS = 2 ** 16;
/** Units of all its words: nobody shall fill the memory with long ones. */
const MOST_LETTERS = 2 ** 22;
/** Half of the slots are used at most, so that a spelling is found within a few steps. */
const SLOTS = 2 ** 17;
/** A hostile text may want the same slot for all its words. */
const STEPS = 8;
const MOST_UNITS = 2 ** 20;

/** An entry: hash of what is written, where that stands, its word and the hash of the word. */
const [HASH, PLACE, WORD, WORD_HASH, ENTRY] = [0, 1, 2, 3, 4];
/** `WORD` is below 0 where there are several: the other way round their place among the compounds. */
const UNKNOWN = -(2 ** 31);
/** `PLACE`, from its highest bits: place among the units, length, initial of the word. */
const [LENGTH_BITS, INITIAL_BITS] = [6, 5];
const bitsOf = (place: number, length: number, initial: number): number =>
  (((place << LENGTH_BITS) | length) << INITIAL_BITS) | initial;
const lengthIn = (bits: number): number => (bits >> INITIAL_BITS) & ((1 << LENGTH_BITS) - 1);
const placeIn = (bits: number): number => bits >> (INITIAL_BITS + LENGTH_BITS);
const initialIn = (bits: number): number => bits & ((1 << INITIAL_BITS) - 1);

const newBook = (): WordBook => ({
  terms: [],
  words: new Map(),
  letters: 0,
  slots: new Int32Array(SLOTS),
  entries: new Int32Array((SLOTS / 2) * ENTRY),
  entered: ENTRY,
  units: new Uint16Array(MOST_UNITS),
  written: 0,
  compounds: [],
});
let book = newBook();

export const termOf = ({ book: { terms }, word }: Token): string => terms[word]!;

/** Gives each book a table of its own for what is found out about its words. */
export function perBook<T>(make: () => T): (of: WordBook) => T {
  const tables = new WeakMap<WordBook, T>();
  let last: WordBook | undefined;
  let table: T | undefined;
  return (of) => {
    if (of !== last) {
      last = of;
      table = tables.get(of);
      if (table === undefined) tables.set(of, (table = make()));
    }
    return table!;
  };
}

/**
 * Adds the words of what stands in a text from `start` to `end`, which is one word as people write: elided ones, such as
 * "l'app", and some signs hold several. `hash` is that of its units.
 */
export function addTokens(tokens: Token[], text: string, start: number, end: number, hash: number): void {
  const entry = find(text, start, end, hash);
  const { entries, compounds } = book;
  const word = entry === 0 ? UNKNOWN : entries[entry + WORD]!;
  if (word >= 0) {
    const initial = initialIn(entries[entry + PLACE]!);
    tokens.push({ word, book, hash: entries[entry + WORD_HASH]!, initial, start, end });
  } else {
    const found = word === UNKNOWN ? learn(text.slice(start, end), hash) : compounds[~word]!;
    for (const token of found) tokens.push(moved(token, start));
  }
}

const moved = (token: Token, by: number): Token => ({ ...token, start: token.start + by, end: token.end + by });

/** Where the entry of what is written begins, or 0. */
function find(text: string, start: number, end: number, hash: number): number {
  const { slots, entries, units } = book;
  const home = spread(hash);
  for (let step = 0; step < STEPS; step++) {
    const entry = slots[(home + step) & (SLOTS - 1)]!;
    if (entry === 0) return 0;
    if (entries[entry + HASH] !== hash) continue;
    const bits = entries[entry + PLACE]!;
    if (lengthIn(bits) === end - start && isWritten(units, placeIn(bits), text, start, end)) return entry;
  }
  return 0;
}

function isWritten(units: Uint16Array, from: number, text: string, start: number, end: number): boolean {
  for (let at = start, unit = from; at < end; at++, unit++) if (units[unit] !== text.charCodeAt(at)) return false;
  return true;
}

function learn(written: string, hash: number): readonly Token[] {
  const tokens = partsOf(written).map(({ term, start, end }) => tokenOf(term, start, end));
  if (written.length <= LONGEST_KEY) enter(written, hash, tokens);
  return tokens;
}

function tokenOf(term: string, start: number, end: number): Token {
  let word = book.words.get(term);
  if (word === undefined) {
    if (book.terms.length === WORDS || book.letters > MOST_LETTERS) book = newBook();
    word = book.terms.push(apart(term)) - 1;
    book.letters += term.length;
    if (term.length <= LONGEST_KEY) book.words.set(book.terms[word]!, word);
  }
  return { word, book, hash: hashWord(term), initial: initialOf(term), start, end };
}

/** The last bits of the first letter: tells most words apart. */
export const initialOf = (term: string): number => term.charCodeAt(0) & ((1 << INITIAL_BITS) - 1);

/** Remembers what is written, in one of a few slots; where all are taken, the last gives way. */
function enter(written: string, hash: number, tokens: readonly Token[]): void {
  if (book.entered === book.entries.length || book.written + written.length > MOST_UNITS) book = newBook();
  const { slots, entries, units, compounds } = book;
  const home = spread(hash);
  let step = 0;
  while (step < STEPS - 1 && slots[(home + step) & (SLOTS - 1)] !== 0) step++;
  const [one] = tokens;
  const isOne = tokens.length === 1 && one!.book === book && one!.start === 0 && one!.end === written.length;
  const entry = book.entered;
  slots[(home + step) & (SLOTS - 1)] = entry;
  entries[entry + HASH] = hash;
  entries[entry + PLACE] = bitsOf(book.written, written.length, isOne ? one!.initial : 0);
  entries[entry + WORD] = isOne ? one!.word : ~(compounds.push(tokens) - 1);
  entries[entry + WORD_HASH] = isOne ? one!.hash : 0;
  for (let at = 0; at < written.length; at++) units[book.written++] = written.charCodeAt(at);
  book.entered += ENTRY;
}
