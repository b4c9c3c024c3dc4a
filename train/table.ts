import { readFileSync } from 'node:fs';
import { hashWord } from '../src/text/hash.ts';
import { halfFloats, TEACHER_SIZE } from './teacher.ts';
import type { Word } from './words.ts';

/** The teacher's vectors of single words, centred and reduced to their main directions. */
export interface WordTable {
  hashes: Int32Array;
  tells: Uint8Array;
  /** Dimensions of a vector. */
  size: number;
  vectors: Float32Array;
}

/** A word as frequent as this tells half. */
const HALF = 2e-4;
const POWER_ROUNDS = 12;

/** Reads the teacher's vectors (float16) and keeps the `size` directions in which words differ most. */
export function readWordTable(words: readonly Word[], vectorFile: string, size: number): WordTable {
  const raw = halfFloats(readFileSync(vectorFile));
  centre(raw, words.length);
  const basis = mainDirections(raw, words.length, size);
  const vectors = new Float32Array(words.length * size);
  for (let row = 0; row < words.length; row++)
    for (let direction = 0; direction < size; direction++) {
      let sum = 0;
      for (let at = 0; at < TEACHER_SIZE; at++)
        sum += raw[row * TEACHER_SIZE + at]! * basis[direction * TEACHER_SIZE + at]!;
      vectors[row * size + direction] = sum;
    }
  normalise(vectors, size);
  return {
    hashes: Int32Array.from(words, ({ term }) => hashWord(term)),
    tells: Uint8Array.from(words, ({ frequency }) => Math.round((255 * HALF) / (HALF + frequency))),
    size,
    vectors,
  };
}

function centre(rows: Float32Array, count: number): void {
  const mean = new Float64Array(TEACHER_SIZE);
  for (let index = 0; index < rows.length; index++) mean[index % TEACHER_SIZE]! += rows[index]! / count;
  for (let index = 0; index < rows.length; index++) rows[index]! -= mean[index % TEACHER_SIZE]!;
}

/** Directions in which rows differ most: subspace iteration on the covariance, orthonormalised by Gram-Schmidt; begins with fixed directions. */
export function mainDirections(rows: Float32Array, count: number, size: number): Float64Array {
  const covariance = covarianceOf(rows, count);
  let basis: Float64Array = new Float64Array(size * TEACHER_SIZE).map((_, index) => Math.sin(index * 12.9898 + 1));
  for (let round = 0; round < POWER_ROUNDS; round++) {
    const next = new Float64Array(basis.length);
    for (let d = 0; d < size; d++)
      for (let i = 0; i < TEACHER_SIZE; i++) {
        let sum = 0;
        for (let j = 0; j < TEACHER_SIZE; j++) sum += covariance[i * TEACHER_SIZE + j]! * basis[d * TEACHER_SIZE + j]!;
        next[d * TEACHER_SIZE + i] = sum;
      }
    basis = orthonormal(next, size);
  }
  return basis;
}

function covarianceOf(rows: Float32Array, count: number): Float64Array {
  const sums = new Float64Array(TEACHER_SIZE * TEACHER_SIZE);
  // Every third word says as much of the directions as all.
  for (let row = 0; row < count; row += 3)
    for (let i = 0; i < TEACHER_SIZE; i++) {
      const value = rows[row * TEACHER_SIZE + i]!;
      for (let j = 0; j < TEACHER_SIZE; j++) sums[i * TEACHER_SIZE + j]! += value * rows[row * TEACHER_SIZE + j]!;
    }
  return sums;
}

function orthonormal(basis: Float64Array, size: number): Float64Array {
  const row = (index: number) => basis.subarray(index * TEACHER_SIZE, (index + 1) * TEACHER_SIZE);
  for (let d = 0; d < size; d++) {
    const own = row(d);
    for (let before = 0; before < d; before++) {
      const other = row(before);
      const along = own.reduce((sum, value, at) => sum + value * other[at]!, 0);
      for (let at = 0; at < TEACHER_SIZE; at++) own[at]! -= along * other[at]!;
    }
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    for (let at = 0; at < TEACHER_SIZE; at++) own[at]! /= length;
  }
  return basis;
}

function normalise(vectors: Float32Array, size: number): void {
  for (let start = 0; start < vectors.length; start += size) {
    let square = 0;
    for (let at = start; at < start + size; at++) square += vectors[at]! ** 2;
    const length = Math.sqrt(square) || 1;
    for (let at = start; at < start + size; at++) vectors[at]! /= length;
  }
}
