import { remember } from '../text/remember.ts';
import { isWordless } from './traits.ts';
import type { Traits } from './traits.ts';
import { hashWord, piecesOf } from './ngrams.ts';
import type { Words } from './words.ts';
import { HEADS } from './model.ts';
import type { Head, HeadName, Model } from './model.ts';

/** What one word says for the labels of all heads, one head behind the other, before the text's length counts. */
interface WordScores {
  /** Of its pieces, and behind them of the word itself. */
  scores: Float32Array;
  pieceCount: number;
  tells: number;
}

export interface Scores {
  /** By label of the head, 0…1, sum 1. */
  shares: Float64Array;
  /** The same before a word is read: by the place and the form alone. */
  prior(): Float64Array;
  /** What a word of the text, by its place among the words, adds to a sum of the labels' sums with these weights. */
  wordGain(place: number, weights: Float64Array): number;
  /** Whether a word is rare enough to say something by itself; "the" and "after" are not. */
  isTelling(place: number): boolean;
  /** What the trait of a name adds in the same way. */
  traitGain(name: string, weights: Float64Array): number;
}

export interface Reader {
  model: Model;
  /** What each head makes of a text; worked out when it is asked. */
  read(words: Words, traits: Traits): (head: HeadName) => Scores;
}

/** So many words are kept ready. */
const KEPT = 40_000;
/** An unknown word is read as the longest known one that it begins with, up to so many letters shorter. */
const SHORTENED = 4;
const SHORTEST_STEM = 4;

/** Words that tell less are too common to be shown as a reason; of unknown ones nothing is known. */
const LEAST_TELLING = 0.3;

interface Tables {
  model: Model;
  slots: Slot[];
  /** Labels of all heads together. */
  size: number;
  /** Places of words by their hash, and of traits by their name. */
  places: Map<number, number>;
  traitPlaces: Map<string, number>;
}

function tablesOf(model: Model): Tables {
  let size = 0;
  const slots = HEADS.map((name): Slot => {
    const head = model.heads[name];
    const start = size;
    size += head.labels.length;
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

/** Makes the reader of texts. It holds a bounded memory of words and is otherwise pure. */
export function createReader(model: Model): Reader {
  const tables = tablesOf(model);
  const scoresOf = remember(KEPT, (term) => scoreWord(term, tables));
  return { model, read: (words, traits) => scoreText({ words, traits, known: words.terms.map(scoresOf) }, tables) };
}

function scoreWord(term: string, { model, slots, size, places }: Tables): WordScores {
  const hashes = piecesOf(term);
  const scores = new Float64Array(size * 2);
  const place = placeOf(term, places);
  const tells = place === undefined ? 0 : model.wordTells[place]! / 255;
  for (const slot of slots) {
    const { words: table, wordScale, labels } = slot.head;
    for (const hash of hashes) addPiece(scores, slot.start, slot.head, hash, 1);
    if (place === undefined) continue;
    for (let label = 0; label < labels.length; label++)
      scores[size + slot.start + label] = table[place * labels.length + label]! * wordScale * tells;
  }
  return { scores: Float32Array.from(scores), pieceCount: hashes.length, tells };
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
  /** Where its labels begin among the sums of all. */
  start: number;
}

/** Adds what the piece of a hash says for the labels of one head; called some hundred times a text. */
function addPiece(sums: Float64Array, from: number, head: Head, hash: number, weight: number): void {
  const { labels, pieces, pieceScale } = head;
  const size = labels.length;
  const at = (hash & (pieces.length / size - 1)) * size;
  const scale = pieceScale * weight;
  for (let label = 0; label < size; label++) sums[from + label]! += pieces[at + label]! * scale;
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
  return (name) => (scores[name] ??= scoreHead(text, { slot: tables.slots[HEADS.indexOf(name)]!, norms, known }));
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
  slot: Slot;
  norms: Norms;
  known: KnownTrait[];
}

function scoreHead(text: Text, { slot, norms, known }: Asked): Scores {
  const { labels, bias, traits, temperature } = slot.head;
  const size = labels.length;
  const [sums, own] = [Float64Array.from(bias), new Float64Array(size)];
  for (let place = 0; place < text.known.length; place++) addWord(sums, text, place, norms, slot);
  addTraits(sums, known, traits);
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
    wordGain(place, weights) {
      own.fill(0);
      addWord(own, text, place, norms, slot);
      return product(own, weights);
    },
    isTelling(place) {
      const { tells } = text.known[place]!;
      return tells === 0 || tells >= LEAST_TELLING;
    },
    traitGain(name, weights) {
      const trait = known.find((one) => one.name === name);
      return trait ? trait.value * product(traits.subarray(trait.at * size, (trait.at + 1) * size), weights) : 0;
    },
  };
}

function product(left: Float64Array | Float32Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < right.length; at++) sum += left[at]! * right[at]!;
  return sum;
}

type Norms = ReturnType<typeof normsOf>;

/** Adds what a word says for the labels of one head. */
function addWord(sums: Float64Array, { known, words }: Text, place: number, norms: Norms, { start, head }: Slot): void {
  const { scores } = known[place]!;
  const behind = start + scores.length / 2;
  const [pair, negated] = [words.pairs[place]!, words.negated[place]!];
  for (let label = 0; label < sums.length; label++)
    sums[label]! += scores[start + label]! * norms.pieces + scores[behind + label]! * norms.words;
  if (pair !== 0) addPiece(sums, 0, head, pair, norms.pieces);
  if (negated !== 0) addPiece(sums, 0, head, negated, norms.pieces);
}

/** Keeps a text of nothing but common words from shouting. */
export const LEAST_TOLD = 0.2;

/** Sums of many are divided by the root of how many they are, so that long texts are not surer for being long. */
function normsOf({ words: { pairs, negated }, known }: Text) {
  let [pieces, tells] = [0, 0];
  for (const [place, word] of known.entries()) {
    pieces += word.pieceCount + (pairs[place] === 0 ? 0 : 1) + (negated[place] === 0 ? 0 : 1);
    tells += word.tells ** 2;
  }
  return { pieces: 1 / Math.sqrt(Math.max(pieces, 1)), words: 1 / Math.sqrt(tells + LEAST_TOLD) };
}

export function softmax(sums: Float64Array, temperature: number): Float64Array {
  const most = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp((sum - most) / temperature));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}
