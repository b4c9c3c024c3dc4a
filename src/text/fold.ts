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

/** As long as before, so that places stay. Most texts have none, and to look for all takes long. */
const withoutElisions = (text: string): string => (APOSTROPHE.test(text) ? text.replace(ELIDED, ' ') : text);

/** The folded words of a text, in order. Letters and digits only; elided words stand on their own. */
export function terms(text: string): string[] {
  return fold(withoutElisions(text)).match(TERM) ?? [];
}

/** A folded word within what is written. */
export interface Part {
  term: string;
  start: number;
  end: number;
}

/** As `terms`, of one written word and with places. One that folds to several terms gives several with the same place. */
export function partsOf(written: string): Part[] {
  let start = 0;
  return withoutElisions(written)
    .split(' ')
    .flatMap((one) => {
      const place = { start, end: start + one.length };
      start = place.end + 1;
      return (fold(one).match(TERM) ?? []).map((term) => ({ term, ...place }));
    });
}
