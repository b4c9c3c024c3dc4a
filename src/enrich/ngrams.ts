/**
 * The words of a text as numbers: every word, its pieces of one to five letters, and pairs of words are hashed into
 * tables of weights. Spellings that were never seen still share their pieces with known ones. Hashes have 32 bits and
 * are signed, as V8 keeps such numbers without memory of their own.
 */
const LONGEST_PIECE = 5;
/** Letters of a word that are looked at: no word needs more, and a hostile one shall cost no more. */
const LONGEST_WORD = 24;
const OFFSET = 0x81_1c_9d_c5;
const PRIME = 0x01_00_01_93;
/** Told apart from the plain word: a word behind a negator, and a word behind another. */
const NEGATED = 0x9e_37_79_b1;
const PAIR = 0x85_eb_ca_6b;

/** FNV-1a of a word: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hashWord(word: string): number {
  let hash = OFFSET;
  for (let index = 0; index < word.length; index++) hash = Math.imul(hash ^ word.charCodeAt(index), PRIME);
  return spread(hash);
}

/** Hashes of a word itself and of its pieces; `<` and `>` mark where it begins and ends. */
export function piecesOf(word: string): number[] {
  const marked = `<${word.slice(0, LONGEST_WORD)}>`;
  const hashes = [hashWord(marked)];
  for (let start = 0; start < marked.length; start++) {
    let hash = OFFSET ^ LONGEST_PIECE;
    const end = Math.min(start + LONGEST_PIECE, marked.length);
    for (let index = start; index < end; index++) {
      hash = Math.imul(hash ^ marked.charCodeAt(index), PRIME);
      hashes.push(spread(hash));
    }
  }
  return hashes;
}

export const hashPair = (before: number, word: number): number => spread(Math.imul(before, PAIR) ^ word);
export const hashNegated = (word: number): number => spread(word ^ NEGATED);

/** Lets every bit of the hash reach the low ones, which choose the place in a table (murmur3's last step). */
function spread(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return mixed ^ (mixed >>> 16);
}
