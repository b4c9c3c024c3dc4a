import type { Model } from '../enrich/model.ts';
import { piecesOf } from '../enrich/ngrams.ts';
import { placeOf } from '../enrich/bank.ts';
import { LEAST_TOLD } from '../enrich/reader.ts';
import type { Reading } from '../enrich/reading.ts';
import { termOf } from '../text/book.ts';

/** A text as the reader of the model sees it: places in the row of all weights, each once, and how much they count. */
export interface Features {
  places: Int32Array;
  values: Float64Array;
}

/** Where each kind of weight begins in the row of all: the bias at 0, then traits, words and pieces. */
export interface Layout {
  traits: number;
  words: number;
  pieces: number;
  /** The table of pieces has 2^bits places. */
  bits: number;
}

/** `bits` may be fewer than those of the model: then pieces share places. */
export function layoutOf({ traits, wordHashes }: Model, bits: number): Layout {
  return { traits: 1, words: 1 + traits.length, pieces: 1 + traits.length + wordHashes.length, bits };
}

/** Makes the reader of features; its sums are those of `enrich/reader.ts`. */
export function createFeatures(model: Model, layout: Layout): (reading: Reading) => Features {
  const wordPlaces = new Map(Array.from(model.wordHashes, (hash, place) => [hash, place]));
  const traitPlaces = new Map(model.traits.map((name, place) => [name, place]));
  const mask = (1 << layout.bits) - 1;
  return ({ words, traits }) => {
    const sums = new Map([[0, 1]]);
    const add = (place: number, value: number) => void sums.set(place, (sums.get(place) ?? 0) + value);
    for (const [name, value] of traits) {
      const place = traitPlaces.get(name);
      if (place !== undefined) add(layout.traits + place, value);
    }
    const hashes = [
      ...words.all.flatMap((word) => piecesOf(termOf(word))),
      ...[...words.pairs, ...words.negated].filter((hash) => hash !== 0),
    ];
    for (const hash of hashes) add(layout.pieces + (hash & mask), 1 / Math.sqrt(hashes.length));
    const known = words.all.flatMap((word) => placeOf(termOf(word), wordPlaces) ?? []);
    const tells = known.map((place) => model.wordTells[place]! / 255);
    const norm = 1 / Math.sqrt(tells.reduce((sum, value) => sum + value ** 2, LEAST_TOLD));
    for (const [index, place] of known.entries()) add(layout.words + place, tells[index]! * norm);
    return { places: Int32Array.from(sums.keys()), values: Float64Array.from(sums.values()) };
  };
}
