import { createAnalyse } from '../src/enrich/analysis.ts';
import { traitsOf } from '../src/enrich/traits.ts';
import { createLanguage } from '../src/enrich/language.ts';
import type { Lexicon } from '../src/enrich/lexicon.ts';
import { placeOf } from '../src/enrich/bank.ts';
import { LEAST_TOLD } from '../src/enrich/reader.ts';
import { piecesOf } from '../src/enrich/ngrams.ts';
import { termOf } from '../src/text/book.ts';
import { wordsOf } from '../src/enrich/words.ts';
import type { Draft } from '../src/domain/enricher.ts';
import type { WordTable } from './table.ts';

/** A text as numbers, before any weight is known. */
export interface Vector {
  /** Places in the vocabulary that `Vectoriser.pieces` lists. */
  words: Int32Array;
  /** Hashes of pairs and negated words. */
  context: Uint32Array;
  pieceNorm: number;
  /** The weighted mean of the teacher's vectors. */
  meaning: Float32Array;
  traits: Float32Array;
}

export interface Vectoriser {
  /** Hashes of the pieces of each word seen so far. */
  pieces: Uint32Array[];
  vectorise(drafts: Draft[]): Promise<Vector[]>;
}

/** Sees texts as the shipped reader will see them. */
export function createVectoriser(lexicons: readonly Lexicon[], table: WordTable, traitNames: string[]): Vectoriser {
  const analyse = createAnalyse(lexicons);
  const language = createLanguage();
  const places = new Map([...table.hashes].map((hash, place) => [hash, place]));
  const vocabulary = new Map<string, number>();
  const pieces: Uint32Array[] = [];
  const wordPlaces: (number | undefined)[] = [];
  const wordId = (term: string): number => {
    let id = vocabulary.get(term);
    if (id !== undefined) return id;
    vocabulary.set(term, (id = pieces.length));
    pieces.push(Uint32Array.from(piecesOf(term)));
    wordPlaces.push(placeOf(term, places));
    return id;
  };
  const one = (draft: Draft): Vector => {
    const analysis = analyse(draft);
    const read = wordsOf(analysis);
    const words = Int32Array.from(read.all, (word) => wordId(termOf(word)));
    const context = Uint32Array.from([...read.pairs, ...read.negated].filter((hash) => hash !== 0));
    const count = words.reduce((sum, id) => sum + pieces[id]!.length, context.length);
    const traits = traitsOf(draft, analysis);
    return {
      words,
      context,
      pieceNorm: 1 / Math.sqrt(Math.max(count, 1)),
      meaning: meaningOf(
        [...words].flatMap((id) => wordPlaces[id] ?? []),
        table,
      ),
      traits: Float32Array.from(traitNames, (name) => traits.get(name) ?? 0),
    };
  };
  return {
    pieces,
    async vectorise(drafts) {
      const told = await language.enrich(drafts);
      return drafts.map((draft, index) => one({ ...draft, judgements: told[index]! }));
    },
  };
}

function meaningOf(found: readonly number[], { tells, vectors, size }: WordTable): Float32Array {
  const sum = new Float32Array(size);
  let squares = LEAST_TOLD;
  for (const place of found) {
    const weight = tells[place]! / 255;
    squares += weight ** 2;
    for (let at = 0; at < size; at++) sum[at]! += weight * vectors[place * size + at]!;
  }
  return sum.map((value) => value / Math.sqrt(squares));
}
