import { addTokens } from './book.ts';
import type { Token } from './book.ts';
import { HASH_OFFSET, hashedOn } from './hash.ts';

/** Words as people write them: a letter or digit, then letters, digits, marks, joiners and inner apostrophes. */
const BEGINS = /[\p{L}\p{N}]/u;
const GOES_ON = /[\p{M}\u0640\u200b-\u200f'’ʼ`]/u;

/** As `terms`, but each with its place. A written word that folds to several terms gives several with the same place. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let start = -1;
  let hash = HASH_OFFSET;
  for (let at = 0; at <= text.length; at++) {
    const role = at < text.length ? roleAt(text, at) : APART;
    if (start < 0) {
      if (role !== BEGIN) continue;
      [start, hash] = [at, HASH_OFFSET];
    }
    if (role !== APART) {
      hash = hashedOn(hash, text.charCodeAt(at));
      continue;
    }
    addTokens(found, text, start, at, hash);
    start = -1;
  }
  return found;
}

const [APART, BEGIN, GO_ON] = [0, 1, 2];

const roleOf = (letter: string): number => (BEGINS.test(letter) ? BEGIN : GOES_ON.test(letter) ? GO_ON : APART);

/** What each UTF-16 unit does in a word; made once, because asking a pattern for each letter takes ten times as long. */
const ROLES = Uint8Array.from({ length: 0x1_00_00 }, (_, unit) => roleOf(String.fromCharCode(unit)));

/** The same at a place of a text; both halves of a letter beyond U+FFFF do the same. */
function roleAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if ((unit & 0xf8_00) !== 0xd8_00) return ROLES[unit]!;
  const first = unit >= 0xdc_00 && at > 0 ? at - 1 : at;
  return roleOf(String.fromCodePoint(text.codePointAt(first)!));
}
