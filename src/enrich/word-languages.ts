import { eld } from 'eld/small';
import { remember } from '../text/remember.ts';

/** As the detector cuts words: letters, with apostrophes between them. */
const WORD = /\p{L}+(?:['’`]\p{L}+)*/gu;
/** So many words are kept with what they say. */
const KEPT = 40_000;
/** It cuts n-grams of so many bytes, every third one, out of the beginning of a word. */
const GRAM = { bytes: 4, step: 3, most: 70 };

/** All languages that the detector knows (ISO 639-1). */
export const KNOWN_LANGUAGES = Object.values(eld.info().Languages as Record<string, string>);
const PLACES = new Map(KNOWN_LANGUAGES.map((language, place) => [language, place]));
const utf8 = new TextEncoder();

interface WordLanguages {
  /** By language: the sums over its n-grams. */
  sums: Float32Array;
  grams: number;
}

/**
 * What one word says for each language. The detector gives `raw / (raw + 25)`, raw = the mean over the n-grams
 * (`orderAndScale` of its LanguageResult.js); sums are kept in units of those 25.
 */
const languagesOfWord = remember(KEPT, (word): WordLanguages => {
  const bytes = Math.min(utf8.encode(word).length, GRAM.most);
  const grams = 1 + Math.max(0, Math.ceil((bytes - GRAM.bytes) / GRAM.step));
  const sums = new Float32Array(KNOWN_LANGUAGES.length);
  for (const [language, score] of Object.entries(eld.detect(word).getScores()))
    sums[PLACES.get(language)!] = (grams * score) / (1 - score);
  return { sums, grams };
});

/**
 * How well the n-grams of a text fit each of `KNOWN_LANGUAGES`, 0…1, as `eld` tells it of the whole text; but its
 * n-grams do not reach over words, so what each word says is worked out once and added up.
 */
export function languageScores(text: string): Float64Array {
  const scores = new Float64Array(KNOWN_LANGUAGES.length);
  let grams = 0;
  for (const word of text.toLowerCase().match(WORD) ?? []) {
    const said = languagesOfWord(word);
    grams += said.grams;
    for (let place = 0; place < scores.length; place++) scores[place]! += said.sums[place]!;
  }
  for (let place = 0; place < scores.length; place++) scores[place]! /= scores[place]! + grams || 1;
  return scores;
}
