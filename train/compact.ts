import type { Head, HeadName } from '../src/enrich/model.ts';
import { rounded } from '../src/enrich/rounding.ts';
import type { Echo } from './echo.ts';
import type { Weights } from './fit.ts';
import { LABELS } from './lessons.ts';
import type { WordTable } from './table.ts';

interface Finished {
  weights: Weights;
  table: WordTable;
  echo: Echo;
  temperature: number;
}

/**
 * Brings what was trained into the form that ships: all of it is linear in words and pieces, so what each of them says
 * for each label is worked out beforehand; vectors and echo stay here, and tables are rounded to 8 bits.
 */
export function headOf(name: HeadName, { weights, table, echo, temperature }: Finished): Head {
  const labels = LABELS[name];
  const byEcho = weights.meaning.subarray(table.size * labels.length);
  const meaning = weights.meaning.slice(0, table.size * labels.length);
  addProduct(meaning, echo.meaning, byEcho, echo.size);
  const words = new Float32Array(table.hashes.length * labels.length);
  addProduct(words, table.vectors, meaning, table.size);
  const pieces = rounded(addPieces(weights.pieces, echo, byEcho));
  const rounding = rounded(words);
  return {
    name,
    labels,
    bias: weights.bias,
    traits: weights.traits,
    pieces: pieces.values,
    pieceScale: pieces.scale,
    words: rounding.values,
    wordScale: rounding.scale,
    temperature,
  };
}

/** Adds the product of two matrices, row by row; `size` is their common side. */
function addProduct(sums: Float32Array, left: Float32Array, right: Float32Array, size: number): void {
  const labels = right.length / size;
  for (let row = 0; row < left.length / size; row++)
    for (let at = 0; at < size; at++) {
      const value = left[row * size + at]!;
      if (value !== 0)
        for (let label = 0; label < labels; label++) sums[row * labels + label]! += value * right[at * labels + label]!;
    }
}

/** Pieces that share a place in the echo's smaller table share what it says. */
function addPieces(own: Float32Array, echo: Echo, byEcho: Float32Array): Float32Array {
  const said = new Float32Array((byEcho.length / echo.size) << echo.bits);
  addProduct(said, echo.pieces, byEcho, echo.size);
  return own.map((value, index) => value + said[index % said.length]!);
}
