import type { Vector } from './vectorise.ts';

/** Hashes of the pieces of each word of the vocabulary. */
export type HashLists = readonly Uint32Array[];

/** One text of the training of one head. */
export interface Lesson {
  vector: Vector;
  /** Wanted shares by label, sum 1. */
  target: Float64Array;
  /** Labels that could be meant; where a set knows no neutral, neutral is neither right nor wrong. */
  possible?: boolean[];
  weight: number;
}

export interface Weights {
  bias: Float32Array;
  traits: Float32Array;
  meaning: Float32Array;
  pieces: Float32Array;
}

export interface FitOptions {
  /** Number of labels. */
  labels: number;
  /** The table of pieces has 2^bits places. */
  bits: number;
  rounds: number;
  /** Step widths. */
  rate: { pieces: number; meaning: number; traits: number };
  /** Pull to 0. */
  decay: { pieces: number; meaning: number; traits: number };
  seed: number;
}

/**
 * Multinomial logistic regression by AdaGrad (Duchi, Hazan, Singer 2011,
 * https://jmlr.org/papers/v12/duchi11a.html), lessons in a fixed random order.
 */
export function fit(lessons: readonly Lesson[], pieces: HashLists, options: FitOptions): Weights {
  const { labels, bits } = options;
  const [traits, meaning] = [lessons[0]!.vector.traits.length, lessons[0]!.vector.meaning.length];
  const layers = {
    bias: layer(labels, options.rate.traits, 0),
    traits: layer(traits * labels, options.rate.traits, options.decay.traits),
    meaning: layer(meaning * labels, options.rate.meaning, options.decay.meaning),
    pieces: layer(labels << bits, options.rate.pieces, options.decay.pieces),
  };
  const random = randomOf(options.seed);
  for (let round = 0; round < options.rounds; round++)
    for (const lesson of shuffled(lessons, random)) learn(lesson, pieces, layers, bits);
  const { bias, traits: byTrait, meaning: byMeaning, pieces: byPiece } = layers;
  return { bias: bias.weights, traits: byTrait.weights, meaning: byMeaning.weights, pieces: byPiece.weights };
}

/** The mean of weights that were fitted to the same lessons in other orders: what only one order taught fades. */
export const meanOf = (fits: readonly Weights[]): Weights => ({
  bias: mean(fits.map(({ bias }) => bias)),
  traits: mean(fits.map(({ traits }) => traits)),
  meaning: mean(fits.map(({ meaning }) => meaning)),
  pieces: mean(fits.map(({ pieces }) => pieces)),
});

const mean = (rows: readonly Float32Array[]): Float32Array =>
  rows[0]!.map((_, at) => rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length);

interface Layer {
  weights: Float32Array;
  /** Sums of squared slopes. */
  squares: Float32Array;
  rate: number;
  decay: number;
}

const layer = (size: number, rate: number, decay: number): Layer => ({
  weights: new Float32Array(size),
  squares: new Float32Array(size).fill(1e-4),
  rate,
  decay,
});

type Layers = Record<keyof Weights, Layer>;

/** What trained weights say of a text: shares by label. */
export function sharesOf(weights: Weights, vector: Vector, pieces: HashLists): Float64Array {
  const bits = Math.log2(weights.pieces.length / weights.bias.length);
  const layers = Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, { weights: values }]));
  return predict(vector, pieces, layers as unknown as Layers, bits);
}

/** Places of a lesson's pieces in the table; filled anew for each lesson. */
const found = { places: new Int32Array(1 << 15), count: 0 };

function find(vector: Vector, pieces: HashLists, bits: number, labels: number): void {
  found.count = 0;
  eachPiece(vector, pieces, bits, (place) => {
    if (found.count < found.places.length) found.places[found.count++] = place * labels;
  });
}

/** Visits the places of all pieces of a text in a table of 2^bits places. */
export function eachPiece(
  { words, context }: Vector,
  pieces: HashLists,
  bits: number,
  visit: (place: number) => void,
): void {
  const mask = (1 << bits) - 1;
  for (const word of words) for (const hash of pieces[word]!) visit(hash & mask);
  for (const hash of context) visit(hash & mask);
}

function learn({ vector, target, possible, weight }: Lesson, pieces: HashLists, layers: Layers, bits: number) {
  const shares = predict(vector, pieces, layers, bits, possible);
  const slopes = shares.map((share, label) => (share - target[label]!) * weight);
  const { bias, traits, meaning } = layers;
  const size = slopes.length;
  change(bias, 0, 1, slopes);
  for (const [at, value] of vector.traits.entries()) if (value !== 0) change(traits, at * size, value, slopes);
  for (let at = 0; at < vector.meaning.length; at++) change(meaning, at * size, vector.meaning[at]!, slopes);
  for (let index = 0; index < found.count; index++)
    change(layers.pieces, found.places[index]!, vector.pieceNorm, slopes);
}

function change({ weights, squares, rate, decay }: Layer, at: number, value: number, slopes: Float64Array): void {
  for (let label = 0; label < slopes.length; label++) {
    const place = at + label;
    const slope = slopes[label]! * value + decay * weights[place]!;
    squares[place]! += slope * slope;
    weights[place]! -= (rate * slope) / Math.sqrt(squares[place]!);
  }
}

function predict(vector: Vector, pieces: HashLists, layers: Layers, bits: number, possible?: boolean[]) {
  const sums = Float64Array.from(layers.bias.weights);
  find(vector, pieces, bits, sums.length);
  for (const [at, value] of vector.traits.entries())
    if (value !== 0) add(sums, layers.traits.weights, at * sums.length, value);
  for (let at = 0; at < vector.meaning.length; at++)
    add(sums, layers.meaning.weights, at * sums.length, vector.meaning[at]!);
  for (let index = 0; index < found.count; index++)
    add(sums, layers.pieces.weights, found.places[index]!, vector.pieceNorm);
  const most = Math.max(...sums);
  const powers = sums.map((sum, label) => (possible?.[label] === false ? 0 : Math.exp(sum - most)));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}

function add(sums: Float64Array, weights: Float32Array, at: number, value: number): void {
  for (let label = 0; label < sums.length; label++) sums[label]! += weights[at + label]! * value;
}

/** The items in a random order. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let index = mixed.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [mixed[index], mixed[other]] = [mixed[other]!, mixed[index]!];
  }
  return mixed;
}

/** Mulberry32: small and good enough to shuffle; the same seed gives the same row. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
