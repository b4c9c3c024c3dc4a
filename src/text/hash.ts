/**
 * FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
 * Hashes have 32 bits and are signed, as V8 keeps such numbers without memory of their own.
 */
export const HASH_OFFSET = 0x81_1c_9d_c5 | 0;
export const hashedOn = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01_00_01_93);

/** Hash of a word in all its letters. */
export function hashWord(word: string): number {
  let hash = HASH_OFFSET;
  for (let index = 0; index < word.length; index++) hash = hashedOn(hash, word.charCodeAt(index));
  return spread(hash);
}

/** Lets every bit of the hash reach the low ones, which choose the place in a table (murmur3's last step). */
export function spread(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return mixed ^ (mixed >>> 16);
}
