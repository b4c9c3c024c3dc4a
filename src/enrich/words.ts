import type { Analysis } from './analysis.ts';
import type { CueMatch } from '../text/cues.ts';
import type { Token } from '../text/book.ts';
import { hashNegated, hashPair } from './ngrams.ts';

/** Words that are looked at: the beginning and the end of a text, so that a long one costs no more. */
const FIRST = 300;
const LAST = 100;
/** A negator reaches this many words on, as it does for feelings. */
const REACH = 3;

/** The words of a text with what stands before them. All arrays are as long as `all`. */
export interface Words {
  all: Token[];
  /** Place in the analysis. */
  tokens: number[];
  /** Hash of the word with the one before it; 0 where a sentence begins. */
  pairs: number[];
  /** Hash of the word as a negated one; 0 where it is not. */
  negated: number[];
}

const PLACES = Array.from({ length: FIRST + LAST }, (_, place) => place);

/** Reads the words of an analysis for the model. */
export function wordsOf({ tokens, sentences, clauses, matches }: Analysis): Words {
  const reach = reachOf(matches.modifier, clauses);
  const places = PLACES.slice(0, tokens.length);
  for (let place = FIRST; place < places.length; place++) places[place]! += tokens.length - places.length;
  const words: Words = {
    all: places.map((index) => tokens[index]!),
    tokens: places,
    pairs: places.map(() => 0),
    negated: places.map(() => 0),
  };
  let [before, sentence] = [0, -1];
  for (let place = 0; place < places.length; place++) {
    const index = places[place]!;
    const { hash } = words.all[place]!;
    if (sentences[index] === sentence) words.pairs[place] = hashPair(before, hash);
    if (reach?.get(index) === clauses[index]) words.negated[place] = hashNegated(hash);
    [before, sentence] = [hash, sentences[index]!];
  }
  return words;
}

/** The clause in which each token behind a negator is negated. */
function reachOf(modifiers: readonly CueMatch[], clauses: readonly number[]): Map<number, number> | undefined {
  let reach: Map<number, number> | undefined;
  for (const { label, to } of modifiers)
    if (label === 'negators')
      for (let step = 1; step <= REACH; step++) (reach ??= new Map()).set(to + step, clauses[to]!);
  return reach;
}
