import { notedBy } from '../text/word.ts';
import { isWordless } from './traits.ts';
import type { Traits } from './traits.ts';
import { hashWord, piecesOf } from './ngrams.ts';
import { addPieces, addRows } from './sums.ts';
import type { Words } from './words.ts';
import { HEADS } from './model.ts';
import type { Head, HeadName, Model } from './model.ts';

/**
 * What one word says, in whole numbers: how many pieces it has, how much it tells (255 = most), then, one head behind
 * the other, what its pieces say for each label, in units of `pieceScale`, and what the word itself says for each, in
 * units of `wordScale` / 255. One row of small numbers, because fetching rows from memory is what a text costs.
 */
type WordScores = Int16Array;
const [PIECE_COUNT, TELLS, FIRST_HEAD] = [0, 1, 2];
const MOST_TELLING = 255;

export interface Scores {
  /** By label of the head, 0…1, sum 1. */
  shares: Float64Array;
  /** The same before a word is read: by the place and the form alone. */
  prior(): Float64Array;
  /**
   * What each word of the text adds to a sum of the labels' sums with these weights. Words that are too common to say
   * something by themselves ("the", "after") add 0, unless they are `wanted`.
   */
  wordGains(weights: Float64Array, wanted: (place: number) => boolean): Float64Array;
  /** What the trait of a name adds in the same way. */
  traitGain(name: string, weights: Float64Array): number;
}

export interface Reader {
  model: Model;
  /** What each head makes of a text; worked out when it is asked. */
  read(words: Words, traits: Traits): (head: HeadName) => Scores;
}

/** An unknown word is read as the longest known one that it begins with, up to so many letters shorter. */
const SHORTENED = 4;
const SHORTEST_STEM = 4;

/** Words that tell less are too common to be shown as a reason. */
const LEAST_TELLING = 0.3 * MOST_TELLING;

interface Tables {
  model: Model;
  slots: Slot[];
  /** Numbers in the row of a word. */
  size: number;
  /** Places of words by their hash, and of traits by their name. */
  places: Map<number, number>;
  traitPlaces: Map<string, number>;
}

function tablesOf(model: Model): Tables {
  let size = FIRST_HEAD;
  const slots = HEADS.map((name): Slot => {
    const head = model.heads[name];
    const start = size;
    size += head.labels.length * 2;
    return { head, start };
  });
  return {
    model,
    slots,
    size,
    places: new Map(Array.from(model.wordHashes, (hash, place) => [hash, place])),
    traitPlaces: new Map(model.traits.map((name, place) => [name, place])),
  };
}

/** Makes the reader of texts. It keeps what it finds out with the words and is otherwise pure. */
export function createReader(model: Model): Reader {
  const tables = tablesOf(model);
  const scoresOf = notedBy((term) => scoreWord(term, tables));
  return {
    model,
    read: (words, traits) => scoreText({ words, traits, known: words.all.map(scoresOf) }, tables),
  };
}

function scoreWord(term: string, { model, slots, size, places }: Tables): WordScores {
  const hashes = piecesOf(term);
  const row = new Int32Array(size);
  row[PIECE_COUNT] = hashes.length;
  const place = placeOf(term, places);
  const tells = place === undefined ? 0 : model.wordTells[place]!;
  row[TELLS] = tells;
  for (const { start, head } of slots) {
    const { words, labels } = head;
    addPieces(row, start, head, hashes);
    if (place === undefined) continue;
    for (let label = 0; label < labels.length; label++)
      row[start + labels.length + label] = words[place * labels.length + label]! * tells;
  }
  return Int16Array.from(row);
}

/** Place of a word in the table, or of the longest one that it begins with. */
export function placeOf(term: string, places: ReadonlyMap<number, number>): number | undefined {
  for (let cut = 0; cut <= SHORTENED && (cut === 0 || term.length - cut >= SHORTEST_STEM); cut++) {
    const place = places.get(hashWord(term.slice(0, term.length - cut)));
    if (place !== undefined) return place;
  }
  return undefined;
}

interface Slot {
  head: Head;
  /** Where it begins in the row of a word. */
  start: number;
}

interface Text {
  words: Words;
  known: WordScores[];
  traits: Traits;
}

function scoreText(text: Text, tables: Tables): (head: HeadName) => Scores {
  const norms = normsOf(text);
  const known: KnownTrait[] = [];
  for (const [name, value] of text.traits) {
    const at = tables.traitPlaces.get(name);
    if (at !== undefined) known.push({ name, value, at });
  }
  const scores: Partial<Record<HeadName, Scores>> = {};
  return (name) => (scores[name] ??= scoreHead({ text, slot: tables.slots[HEADS.indexOf(name)]!, norms, known }));
}

interface KnownTrait {
  name: string;
  value: number;
  /** Row in the table of traits. */
  at: number;
}

function addTraits(sums: Float64Array, known: readonly KnownTrait[], table: Float32Array): Float64Array {
  for (const { value, at } of known)
    for (let label = 0; label < sums.length; label++) sums[label]! += table[at * sums.length + label]! * value;
  return sums;
}

interface Asked {
  text: Text;
  slot: Slot;
  norms: Norms;
  known: KnownTrait[];
}

function scoreHead(asked: Asked): Scores {
  const { slot, known } = asked;
  const { labels, bias, traits, temperature } = slot.head;
  const size = labels.length;
  const sums = addTraits(addWords(Float64Array.from(bias), asked), known, traits);
  return {
    shares: softmax(sums, temperature),
    prior: () =>
      softmax(
        addTraits(
          Float64Array.from(bias),
          known.filter(({ name }) => isWordless(name)),
          traits,
        ),
        temperature,
      ),
    wordGains: (weights, wanted) => gainsOf(weights, wanted, asked),
    traitGain(name, weights) {
      const trait = known.find((one) => one.name === name);
      if (!trait) return 0;
      let sum = 0;
      for (let label = 0; label < size; label++) sum += traits[trait.at * size + label]! * weights[label]!;
      return sum * trait.value;
    },
  };
}

type Norms = ReturnType<typeof normsOf>;

/** Adds what the words of a text say for the labels of one head. */
function addWords(sums: Float64Array, { text, slot, norms }: Asked): Float64Array {
  const { known, words } = text;
  const { start, head } = slot;
  const size = sums.length;
  const said = new Int32Array(size * 2);
  addRows(said, known, start);
  addPieces(said, 0, head, words.pairs);
  addPieces(said, 0, head, words.negated);
  const { ofPieces, ofWords } = scalesOf(head, norms);
  for (let label = 0; label < size; label++) sums[label]! += said[label]! * ofPieces + said[size + label]! * ofWords;
  return sums;
}

const scalesOf = ({ pieceScale, wordScale }: Head, norms: Norms) => ({
  ofPieces: pieceScale * norms.pieces,
  ofWords: (wordScale / MOST_TELLING) * norms.words,
});

/** The same for each word, as one sum with weights by label; 0 where a word tells too little and is not `wanted`. */
function gainsOf(
  weights: Float64Array,
  wanted: (place: number) => boolean,
  { text, slot, norms }: Asked,
): Float64Array {
  const { known, words } = text;
  const { start, head } = slot;
  const size = weights.length;
  const { ofPieces, ofWords } = scalesOf(head, norms);
  const gains = new Float64Array(known.length);
  for (let place = 0; place < gains.length; place++) {
    const row = known[place]!;
    if (!isTelling(row) && !wanted(place)) continue;
    let pieces = gainOfPiece(words.pairs[place]!, weights, head) + gainOfPiece(words.negated[place]!, weights, head);
    let word = 0;
    for (let label = 0, at = start; label < size; label++, at++) {
      pieces += row[at]! * weights[label]!;
      word += row[at + size]! * weights[label]!;
    }
    gains[place] = pieces * ofPieces + word * ofWords;
  }
  return gains;
}

/** Of unknown words nothing is known. */
const isTelling = (row: WordScores): boolean => row[TELLS] === 0 || row[TELLS]! >= LEAST_TELLING;

function gainOfPiece(hash: number, weights: Float64Array, { labels, pieces }: Head): number {
  if (hash === 0) return 0;
  const place = (hash & (pieces.length / labels.length - 1)) * labels.length;
  let gain = 0;
  for (let label = 0; label < labels.length; label++) gain += pieces[place + label]! * weights[label]!;
  return gain;
}

/** Keeps a text of nothing but common words from shouting. */
export const LEAST_TOLD = 0.2;

/** Sums of many are divided by the root of how many they are, so that long texts are not surer for being long. */
function normsOf({ words: { pairs, negated }, known }: Text) {
  let [pieces, tells] = [0, 0];
  for (let place = 0; place < known.length; place++) {
    const row = known[place]!;
    pieces += row[PIECE_COUNT]! + (pairs[place] === 0 ? 0 : 1) + (negated[place] === 0 ? 0 : 1);
    tells += (row[TELLS]! / MOST_TELLING) ** 2;
  }
  return { pieces: 1 / Math.sqrt(Math.max(pieces, 1)), words: 1 / Math.sqrt(tells + LEAST_TOLD) };
}

export function softmax(sums: Float64Array, temperature: number): Float64Array {
  let [most, total] = [-Infinity, 0];
  for (let label = 0; label < sums.length; label++) most = Math.max(most, sums[label]!);
  const shares = new Float64Array(sums.length);
  for (let label = 0; label < sums.length; label++)
    total += shares[label] = Math.exp((sums[label]! - most) / temperature);
  for (let label = 0; label < sums.length; label++) shares[label]! /= total;
  return shares;
}
