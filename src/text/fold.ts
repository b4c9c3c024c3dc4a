import { remember } from './remember.ts';
import { wordOf } from './word.ts';
import type { Word } from './word.ts';

/**
 * Folding makes words comparable across spellings: case, accents, Arabic and Persian letter forms, digits of other
 * scripts, tatweel and joiners do not matter. Both stores index folded terms, so both find the same.
 */
const LETTERS: Record<string, string> = {
  ي: 'ی',
  ى: 'ی',
  ئ: 'ی',
  ك: 'ک',
  ة: 'ه',
  ۀ: 'ه',
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ٱ: 'ا',
  ؤ: 'و',
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
};
const SPECIAL = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'gu');
/** Combining marks, tatweel, zero-width characters, bidi controls and apostrophes inside words. */
const DROPPED = /[\p{M}\u0640\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff'’ʼ`]/gu;
const DIGIT_OTHER = /[\u0660-\u0669\u06f0-\u06f9]/gu;
const TERM = /[\p{L}\p{N}]+/gu;
const ASCII_ONLY = /^[\x20-\x26\x28-\x5f\x61-\x7e\n]*$/;

/** Folds a whole text; its word boundaries stay where they were. */
export function fold(text: string): string {
  if (ASCII_ONLY.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(SPECIAL, (letter) => LETTERS[letter] ?? letter)
    .replace(DROPPED, '')
    .replace(DIGIT_OTHER, (digit) => String(digit.codePointAt(0)! & 0xf));
}

/**
 * Italian and French articles, pronouns and small words that are written together with the next word, which begins
 * with a vowel or h: "l'app" and "un'ottima" are two words each, English "c'mon", "it's" and "don't" stay one.
 */
const ELIDING =
  'l|(?:a|co|da|de|ne|su)ll|un|(?:alcun|ciascun|nessun)|quest|quell|bell|sant|tutt|anch|senz|mezz|dov|com|cos|quand|[cdjmnst]|(?:jus|lors|puis|quoi)?qu';
const ELIDED = new RegExp(
  `(?<=(?<![\\p{L}\\p{N}\\p{M}])(?:${ELIDING}))['’ʼ\`](?=[aeiouhàâäáèéêëìîïíòôöóùûüúœæ])`,
  'giu',
);

const APOSTROPHE = /['’ʼ`]/u;

/** The folded words of a text, in order. Letters and digits only; elided words stand on their own. */
export function terms(text: string): string[] {
  return fold(text.replace(ELIDED, ' ')).match(TERM) ?? [];
}

/** A folded word with its place in the original text, so that evidence can be shown in the customer's own spelling. */
export interface Token {
  word: Word;
  /** Index of the first UTF-16 unit in the original. */
  start: number;
  /** Index behind the last. */
  end: number;
}

/** Words as people write them: a letter or digit, then letters, digits, marks, joiners and inner apostrophes. */
const BEGINS = /[\p{L}\p{N}]/u;
const GOES_ON = /[\p{M}\u0640\u200b-\u200f'’ʼ`]/u;
/** So many spellings are kept with their words. */
const KEPT = 50_000;
const wordsOfSpelling = remember(KEPT, (written) => (fold(written).match(TERM) ?? []).map(wordOf));

/** As `terms`, but each with its place. A written word that folds to several terms gives several with the same place. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  // As long as before, so that places stay.
  const parted = APOSTROPHE.test(text) ? text.replace(ELIDED, ' ') : text;
  let start = -1;
  for (let at = 0; at <= parted.length; at++) {
    const role = at < parted.length ? roleAt(parted, at) : APART;
    if (role === BEGIN && start < 0) start = at;
    if (role !== APART || start < 0) continue;
    for (const word of wordsOfSpelling(parted.slice(start, at))) found.push({ word, start, end: at });
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
