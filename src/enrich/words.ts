import type { Analysis } from './analysis.ts';
import { notedBy } from '../text/word.ts';
import type { Word } from '../text/word.ts';
import { hashNegated, hashPair, hashWord } from './ngrams.ts';

/** Words that are looked at: the beginning and the end of a text, so that a long one costs no more. */
const FIRST = 300;
const LAST = 100;
/** A negator reaches this many words on, as it does for feelings. */
const REACH = 3;

/** The words of a text with what stands before them. All arrays are as long as `all`. */
export interface Words {
  all: Word[];
  /** Place in the analysis. */
  tokens: number[];
  /** Hash of the word with the one before it; 0 where a sentence begins. */
  pairs: number[];
  /** Hash of the word as a negated one; 0 where it is not. */
  negated: number[];
}

const hashOf = notedBy(hashWord);

/** Reads the words of an analysis for the model. */
export function wordsOf({ tokens, sentences, clauses, matches }: Analysis): Words {
  const reach = new Map<number, number>();
  for (const { label, to } of matches.modifier)
    if (label === 'negators') for (let step = 1; step <= REACH; step++) reach.set(to + step, clauses[to]!);
  const words: Words = { all: [], tokens: [], pairs: [], negated: [] };
  let [before, sentence] = [0, -1];
  for (let index = 0; index < tokens.length; index++) {
    if (index >= FIRST && index < tokens.length - LAST) continue;
    const { word } = tokens[index]!;
    const hash = hashOf(word);
    words.all.push(word);
    words.tokens.push(index);
    words.pairs.push(sentences[index] === sentence ? hashPair(before, hash) : 0);
    words.negated.push(reach.get(index) === clauses[index] ? hashNegated(hash) : 0);
    [before, sentence] = [hash, sentences[index]!];
  }
  return words;
}
