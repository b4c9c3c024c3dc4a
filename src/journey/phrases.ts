import { BREAK } from './theme-texts.ts';
import type { LanguageTexts, ThemeText, When } from './theme-texts.ts';

/** A word, or words that follow one another, and in how many texts of each period it stands. */
export interface Phrase {
  words: readonly number[];
  before: number;
  now: number;
}

/** Longest phrase, in words. */
const MAX_WORDS = 6;

/**
 * All words and phrases that stand in at least `least` texts of the present period. A phrase is only looked for where
 * its parts are that frequent, so only what is found takes memory, not every word that ever stood beside another.
 */
export function frequentPhrases(texts: LanguageTexts, least: number): Phrase[] {
  let level = firstLevel(texts, least);
  const all: Phrase[] = [...level.phrases];
  for (let length = 2; length <= MAX_WORDS && level.phrases.length > 0; length++) {
    level = nextLevel(texts, level, length, least);
    all.push(...level.phrases);
  }
  return all;
}

/** The phrases of one length, and which of them stands at each place of each text. */
interface Level {
  phrases: Phrase[];
  at: Record<When, Int32Array[]>;
}

const NONE = -1;

function firstLevel(texts: LanguageTexts, least: number): Level {
  return buildLevel(texts, 1, least, ({ words }, place) => (words[place] === BREAK ? NONE : words[place]!));
}

/** A phrase goes on where the phrase that begins one word later is frequent too. */
function nextLevel(texts: LanguageTexts, { phrases, at }: Level, length: number, least: number): Level {
  return buildLevel(texts, length, least, (_text, place, when, index) => {
    const numbers = at[when][index]!;
    const [first, second] = [numbers[place]!, numbers[place + 1] ?? NONE];
    return first === NONE || second === NONE ? NONE : first * phrases.length + second;
  });
}

/** A number that stands for the phrase at a place of a text; `NONE` where there is none that could be frequent. */
type KeyAt = (text: ThemeText, place: number, when: When, index: number) => number;

function buildLevel(texts: LanguageTexts, length: number, least: number, keyAt: KeyAt): Level {
  const numbers = new Map<number, number>();
  const phrases: Phrase[] = [];
  for (const [key, { first, count }] of countKeys(texts.now, keyAt))
    if (count >= least) {
      const words = [...texts.now[first.index]!.words.subarray(first.place, first.place + length)];
      numbers.set(key, phrases.push({ words, now: count, before: 0 }) - 1);
    }
  const at = (when: When) =>
    texts[when].map((text, index) =>
      Int32Array.from(text.words, (_, place) => numbers.get(keyAt(text, place, when, index)) ?? NONE),
    );
  const level = { phrases, at: { before: at('before'), now: at('now') } };
  for (const places of level.at.before)
    for (const number of new Set(places)) if (number !== NONE) phrases[number]!.before++;
  return level;
}

interface Counted {
  /** Where it was met first. */
  first: { index: number; place: number };
  count: number;
  /** The text in which it was met last: each text counts once. */
  last: number;
}

function countKeys(texts: readonly ThemeText[], keyAt: KeyAt): Map<number, Counted> {
  const counts = new Map<number, Counted>();
  for (const [index, text] of texts.entries())
    for (let place = 0; place < text.words.length; place++) {
      const key = keyAt(text, place, 'now', index);
      if (key === NONE) continue;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { first: { index, place }, count: 1, last: index });
      else if (known.last !== index) {
        known.count++;
        known.last = index;
      }
    }
  return counts;
}
