import type { HashLists } from './fit.ts';
import { eachPiece, randomOf, shuffled } from './fit.ts';
import { mainDirections } from './table.ts';
import { TEACHER_SIZE } from './teacher.ts';
import type { Vector } from './vectorise.ts';

/** A text that the teacher has read. */
export interface Taught {
  language: string;
  vector: Vector;
  /** The teacher's vector of the whole text. */
  wanted: Float32Array;
}

/**
 * Guesses what the teacher makes of a whole text from its words and pieces alone: linear, so that whatever is made of
 * the guess can be worked out word by word beforehand.
 */
export interface Echo {
  /** Directions of the teacher's space that are guessed. */
  size: number;
  bits: number;
  /** From the mean of the words' vectors, by place and direction. */
  meaning: Float32Array;
  /** From hashed pieces, by place and direction. */
  pieces: Float32Array;
}

const SIZE = 96;
const BITS = 16;
const ROUNDS = 2;
const RATE = 0.05;
const SEED = 5;
/** Brings the teacher's numbers to the size of the others. */
const LOUDNESS = 6;

/** Least squares by AdaGrad over all texts that the teacher has read. */
export function learnEcho(texts: readonly Taught[], pieces: HashLists): Echo {
  const targets = targetsOf(texts);
  const echo = newEcho(texts[0]!.vector.meaning.length);
  const squares = { meaning: echo.meaning.map(() => 1e-4), pieces: echo.pieces.map(() => 1e-3) };
  const random = randomOf(SEED);
  for (let round = 0; round < ROUNDS; round++)
    for (const index of shuffled([...texts.keys()], random)) {
      const { vector } = texts[index]!;
      const slopes = echoOf(echo, vector, pieces);
      for (let at = 0; at < SIZE; at++) slopes[at]! -= targets[index * SIZE + at]!;
      for (const [at, value] of vector.meaning.entries()) move(echo.meaning, squares.meaning, at * SIZE, slopes, value);
      eachPiece(vector, pieces, BITS, (place) =>
        move(echo.pieces, squares.pieces, place * SIZE, slopes, vector.pieceNorm),
      );
    }
  return echo;
}

/** The guess for one text. */
export function echoOf({ meaning, pieces: table, size, bits }: Echo, vector: Vector, pieces: HashLists): Float32Array {
  const sums = new Float32Array(size);
  const add = (weights: Float32Array, from: number, value: number) => {
    for (let at = 0; at < size; at++) sums[at]! += weights[from + at]! * value;
  };
  for (const [at, value] of vector.meaning.entries()) add(meaning, at * size, value);
  eachPiece(vector, pieces, bits, (place) => add(table, place * size, vector.pieceNorm));
  return sums;
}

/** The vector with the guess behind the mean of the words' vectors. */
export const withEcho = (echo: Echo, vector: Vector, pieces: HashLists): Vector => ({
  ...vector,
  meaning: Float32Array.from([...vector.meaning, ...echoOf(echo, vector, pieces)]),
});

const newEcho = (inputs: number): Echo => ({
  size: SIZE,
  bits: BITS,
  meaning: new Float32Array(inputs * SIZE),
  pieces: new Float32Array(SIZE << BITS),
});

function move(weights: Float32Array, squares: Float32Array, from: number, slopes: Float32Array, value: number): void {
  for (let at = 0; at < SIZE; at++) {
    const slope = slopes[at]! * value;
    squares[from + at]! += slope * slope;
    weights[from + at]! -= (RATE * slope) / Math.sqrt(squares[from + at]!);
  }
}

/** The teacher's vectors less the mean of their language, along the directions in which they differ most. */
function targetsOf(texts: readonly Taught[]): Float32Array {
  const means = meansByLanguage(texts);
  const centred = new Float32Array(texts.length * TEACHER_SIZE);
  for (const [row, { language, wanted }] of texts.entries()) {
    const mean = means.get(language)!;
    for (let at = 0; at < TEACHER_SIZE; at++) centred[row * TEACHER_SIZE + at] = (wanted[at]! - mean[at]!) * LOUDNESS;
  }
  const basis = mainDirections(centred, texts.length, SIZE);
  const targets = new Float32Array(texts.length * SIZE);
  for (let row = 0; row < texts.length; row++)
    for (let direction = 0; direction < SIZE; direction++) {
      let sum = 0;
      for (let at = 0; at < TEACHER_SIZE; at++)
        sum += centred[row * TEACHER_SIZE + at]! * basis[direction * TEACHER_SIZE + at]!;
      targets[row * SIZE + direction] = sum;
    }
  return targets;
}

function meansByLanguage(texts: readonly Taught[]): Map<string, Float64Array> {
  const sums = new Map<string, { sum: Float64Array; count: number }>();
  for (const { language, wanted } of texts) {
    const known = sums.get(language) ?? { sum: new Float64Array(TEACHER_SIZE), count: 0 };
    for (let at = 0; at < TEACHER_SIZE; at++) known.sum[at]! += wanted[at]!;
    known.count += 1;
    sums.set(language, known);
  }
  return new Map([...sums].map(([language, { sum, count }]) => [language, sum.map((value) => value / count)]));
}
