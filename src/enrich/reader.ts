import { addPieces, banksOf, FIRST_LABEL, PIECE_COUNT, TELLS } from './bank.ts';
import type { Bank, Slot } from './bank.ts';
import type { Head, HeadName, Model } from './model.ts';
import { isWordless } from './traits.ts';
import type { Traits } from './traits.ts';
import type { Words } from './words.ts';

export interface Scores {
  /** By label of the head, 0…1, sum 1. */
  shares: readonly number[];
  /** The same before a word is read: by the place and the form alone. */
  prior(): number[];
  /**
   * Adds to each token of the text what its word adds to a sum of the labels' sums with these weights. Words that are
   * too common to say something by themselves ("the", "after") add nothing, unless they are `wanted`.
   */
  addGains(gains: Float64Array, weights: readonly number[], wanted: (token: number) => boolean): void;
  /** What the trait of a name adds in the same way. */
  traitGain(name: string, weights: readonly number[]): number;
}

export interface Reader {
  banks: readonly Bank[];
  /** What each head makes of a text; worked out when it is asked. */
  read(words: Words, traits: Traits): (head: HeadName) => Scores;
}

const MOST_TELLING = 255;
/** Words that tell less are too common to be shown as a reason. */
const LEAST_TELLING = 0.3 * MOST_TELLING;
/** Keeps a text of nothing but common words from shouting. */
export const LEAST_TOLD = 0.2;

/**
 * Makes the reader of texts. It keeps what it finds out about words and is otherwise pure. What it has in common with
 * `another` of the same words is not made again.
 */
export function createReader(model: Model, another?: Reader): Reader {
  const traitPlaces = new Map(model.traits.map((name, place) => [name, place]));
  const banks = banksOf(model, another?.banks);
  const slots = new Map(banks.flatMap((bank) => bank.slots.map((slot) => [slot.head.name, { bank, slot }])));
  return {
    banks,
    read(words, traits) {
      const known: KnownTrait[] = [];
      for (const [name, value] of traits) {
        const at = traitPlaces.get(name);
        if (at !== undefined) known.push({ name, value, at });
      }
      const sums = new Map<Bank, Sums>();
      const scores: Partial<Record<HeadName, Scores>> = {};
      return (name) => {
        const there = scores[name];
        if (there) return there;
        const { bank, slot } = slots.get(name)!;
        let summed = sums.get(bank);
        if (!summed) sums.set(bank, (summed = sumUp({ words, known, bank })));
        return (scores[name] = scoreHead({ words, known, bank, slot, sums: summed }));
      };
    },
  };
}

interface KnownTrait {
  name: string;
  value: number;
  /** Row in the table of traits. */
  at: number;
}

interface Text {
  words: Words;
  known: readonly KnownTrait[];
  bank: Bank;
}

/** What a text says for all labels of a bank. */
interface Sums {
  labels: number[];
  /**
   * What sums of pieces and of words are multiplied by: sums of many are divided by the root of how many they are, so
   * that long texts are not surer for being long.
   */
  pieceNorm: number;
  wordNorm: number;
}

function sumUp({ words, known, bank }: Text): Sums {
  const { all, pairs, negated } = words;
  const { size, width, slots } = bank;
  const said = new Int32Array(width * 2);
  let [count, told] = [0, 0];
  for (let place = 0; place < all.length; place++) {
    const rows = bank.rowsWith(all[place]!);
    const row = all[place]!.word * size;
    count += rows[row + PIECE_COUNT]! + (pairs[place] === 0 ? 0 : 1) + (negated[place] === 0 ? 0 : 1);
    told += (rows[row + TELLS]! / MOST_TELLING) ** 2;
    for (let at = 0; at < said.length; at++) said[at]! += rows[row + FIRST_LABEL + at]!;
  }
  addPieces(said, 0, bank, pairs);
  addPieces(said, 0, bank, negated);
  const norms = { pieceNorm: 1 / Math.sqrt(Math.max(count, 1)), wordNorm: 1 / Math.sqrt(told + LEAST_TOLD) };
  const labels = bank.bias.slice();
  for (const { head, start } of slots) {
    const { ofPieces, ofWords } = scalesOf(head, norms);
    for (let label = start; label < start + head.labels.length; label++)
      labels[label]! += said[label]! * ofPieces + said[width + label]! * ofWords;
  }
  return { labels: addTraits(labels, known, bank), ...norms };
}

const scalesOf = ({ pieceScale, wordScale }: Head, { pieceNorm, wordNorm }: Omit<Sums, 'labels'>) => ({
  ofPieces: pieceScale * pieceNorm,
  ofWords: (wordScale / MOST_TELLING) * wordNorm,
});

function addTraits(sums: number[], known: readonly KnownTrait[], { traits, width }: Bank): number[] {
  for (const { value, at } of known)
    for (let label = 0; label < width; label++) sums[label]! += traits[at * width + label]! * value;
  return sums;
}

interface Asked extends Text {
  slot: Slot;
  sums: Sums;
}

function scoreHead(asked: Asked): Scores {
  const { known, bank, slot, sums } = asked;
  const { start, head } = slot;
  const size = head.labels.length;
  const sharesOf = (labels: readonly number[]) => softmax(labels.slice(start, start + size), head.temperature);
  return {
    shares: sharesOf(sums.labels),
    prior() {
      const wordless = known.filter(({ name }) => isWordless(name));
      return sharesOf(addTraits(bank.bias.slice(), wordless, bank));
    },
    addGains: (gains, weights, wanted) => addGains({ gains, weights, wanted }, asked),
    traitGain(name, weights) {
      const trait = known.find((one) => one.name === name);
      if (!trait) return 0;
      const row = trait.at * bank.width + start;
      let sum = 0;
      for (let label = 0; label < size; label++) sum += bank.traits[row + label]! * weights[label]!;
      return sum * trait.value;
    },
  };
}

interface Gains {
  gains: Float64Array;
  weights: readonly number[];
  wanted: (token: number) => boolean;
}

function addGains({ gains, weights, wanted }: Gains, { words, bank, slot: { start, head }, sums }: Asked): void {
  const { all, tokens, pairs, negated } = words;
  const { size, width } = bank;
  const { ofPieces, ofWords } = scalesOf(head, sums);
  const gainOf = (hash: number) => (hash === 0 ? 0 : weighed(bank.pieces, (hash & bank.last) * width + start, weights));
  for (let place = 0; place < all.length; place++) {
    const token = tokens[place]!;
    const rows = bank.rowsWith(all[place]!);
    const row = all[place]!.word * size;
    const tells = rows[row + TELLS]!;
    // Of unknown words nothing is known.
    if (tells !== 0 && tells < LEAST_TELLING && !wanted(token)) continue;
    const from = row + FIRST_LABEL + start;
    const ofContext = gainOf(pairs[place]!) + gainOf(negated[place]!);
    gains[token]! +=
      (ofContext + weighed(rows, from, weights)) * ofPieces + weighed(rows, from + width, weights) * ofWords;
  }
}

function weighed(table: Int8Array | Int16Array, from: number, weights: readonly number[]): number {
  let sum = 0;
  for (let label = 0; label < weights.length; label++) sum += table[from + label]! * weights[label]!;
  return sum;
}

export function softmax(sums: ArrayLike<number>, temperature: number): number[] {
  let [most, total] = [-Infinity, 0];
  for (let label = 0; label < sums.length; label++) most = Math.max(most, sums[label]!);
  const shares: number[] = [];
  for (let label = 0; label < sums.length; label++) {
    const share = Math.exp((sums[label]! - most) / temperature);
    shares.push(share);
    total += share;
  }
  for (let label = 0; label < shares.length; label++) shares[label]! /= total;
  return shares;
}
