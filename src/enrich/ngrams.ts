import { HASH_OFFSET, hashedOn, hashWord, spread } from '../text/hash.ts';

/**
 * The words of a text as numbers: every word, its pieces of one to five letters, and pairs of words are hashed into
 * tables of weights. Spellings that were never seen still share their pieces with known ones.
 */
const LONGEST_PIECE = 5;
/** Letters of a word that are looked at: no word needs more, and a hostile one shall cost no more. */
const LONGEST_WORD = 24;
/** Told apart from the plain word: a word behind a negator, and a word behind another. */
const NEGATED = 0x9e_37_79_b1;
const PAIR = 0x85_eb_ca_6b;

/** Hashes of a word itself and of its pieces; `<` and `>` mark where it begins and ends. */
export function piecesOf(word: string): number[] {
  const marked = `<${word.slice(0, LONGEST_WORD)}>`;
  const hashes = [hashWord(marked)];
  for (let start = 0; start < marked.length; start++) {
    let hash = HASH_OFFSET ^ LONGEST_PIECE;
    const end = Math.min(start + LONGEST_PIECE, marked.length);
    for (let index = start; index < end; index++) {
      hash = hashedOn(hash, marked.charCodeAt(index));
      hashes.push(spread(hash));
    }
  }
  return hashes;
}

export const hashPair = (before: number, word: number): number => spread(Math.imul(before, PAIR) ^ word);
export const hashNegated = (word: number): number => spread(word ^ NEGATED);
