import { terms } from './fold.ts';

/** What of a text is left when it is compared with others: hashes of its runs of three words, none of its words. */
export interface Sketch {
  /** The `MAX_SKETCH` smallest hashes, ascending. */
  hashes: readonly number[];
  /** How many different ones there are in all. */
  size: number;
}

const RUN = 3;
/** Enough to tell shares of a text to about a tenth. */
const MAX_SKETCH = 48;
/** By how many of its hashes a text is looked for: of two texts that share half, 1 in 64 is missed. */
const MAX_KEYS = 6;
/** Longer texts are compared by their beginning. */
const MAX_TERMS = 3_000;

/** What those who pass a text on put around it: who said it, where it stands. */
const WRAPPING = /^\s*RT\s+@[\w.]+:?|\bvia\s+@[\w.]+|https?:\/\/\S+|\bwww\.\S+|@[\w.]+(?:@[\w.-]+)?/giu;

/** The folded words of a text itself, without links, names that it calls, and marks of passing on. */
export function ownTerms(text: string): string[] {
  return terms(text.replace(WRAPPING, ' ')).slice(0, MAX_TERMS);
}

/** Fewer words may be said by two people by chance, such as "very good product, I am happy with it". */
const FEW_TERMS = 8;
const MANY_TERMS = 10;
const MANY_LETTERS = 45;
const MIN_RUNS = 6;

/** Whether no two people would write these words by chance. */
export function isTelling(words: readonly string[]): boolean {
  if (words.length < FEW_TERMS || new Set(runsOf(words)).size < MIN_RUNS) return false;
  return words.length >= MANY_TERMS || words.join('').length >= MANY_LETTERS;
}

const runsOf = (words: readonly string[]) =>
  words.slice(RUN - 1).map((_, index) => words.slice(index, index + RUN).join(' '));

/** Of words that are telling. Only sketches of the same seed can be compared; without it no text can be tried out. */
export function sketchOf(words: readonly string[], seed = 0): Sketch {
  const hashes = [...new Set(runsOf(words).map((run) => hashOf(run, seed)))].toSorted((a, b) => a - b);
  return { hashes: hashes.slice(0, MAX_SKETCH), size: hashes.length };
}

/**
 * The hashes by which a text is found again. A part of a text, or the text with something added, keeps most of them,
 * because the smallest of all are the smallest of every part that has them.
 */
export const keysOf = ({ hashes }: Sketch) => hashes.slice(0, MAX_KEYS);

/** A text that is cut shorter than this share of the other tells less than it. */
const MIN_RATIO = 1 / 3;
const MIN_CONTAINED = 0.75;

/**
 * Whether one text is a copy of the other: three quarters of the shorter one stand in the longer one, which is at most
 * three times as long. Whoever quotes a text to answer it at length tells something of his own.
 */
export function tellsTheSame(one: Sketch, other: Sketch): boolean {
  const [shorter, longer] = [one.size, other.size].toSorted((a, b) => a - b) as [number, number];
  return shorter >= longer * MIN_RATIO && sharedOf(one, other) >= shorter * MIN_CONTAINED;
}

/** How many hashes two texts share; exact for short ones, else estimated from the smallest of both together. */
function sharedOf(one: Sketch, other: Sketch): number {
  const known = new Set(one.hashes);
  const both = new Set(other.hashes.filter((hash) => known.has(hash)));
  if (isWhole(one) && isWhole(other)) return both.size;
  const union = [...new Set([...one.hashes, ...other.hashes])].toSorted((a, b) => a - b).slice(0, MAX_SKETCH);
  const share = union.filter((hash) => both.has(hash)).length / union.length;
  return (share / (1 + share)) * (one.size + other.size);
}

const isWhole = ({ hashes, size }: Sketch) => hashes.length === size;

/** 32 bits that depend on every character: multiply and mix, with odd numbers that spread their bits. */
function hashOf(text: string, seed: number): number {
  let hash = seed ^ 0x9e3779b9;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Hashes as text, 4 bytes each. */
export function packSketch({ hashes, size }: Sketch): string {
  const bytes = Buffer.alloc(hashes.length * 4);
  for (const [index, hash] of hashes.entries()) bytes.writeUInt32LE(hash, index * 4);
  return `${size}:${bytes.toString('base64url')}`;
}

export function unpackSketch(packed: string): Sketch {
  const [size = '', hashes = ''] = packed.split(':');
  const bytes = Buffer.from(hashes, 'base64url');
  return {
    size: Number(size),
    hashes: Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readUInt32LE(index * 4)),
  };
}
