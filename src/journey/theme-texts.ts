import { searchText, storyOf } from '../domain/mention.ts';
import type { Mention } from '../domain/mention.ts';
import { UNKNOWN } from '../domain/query.ts';
import { termOf } from '../text/book.ts';
import { tokens } from '../text/tokens.ts';

/** What of a mention themes are made from: numbers that stand for its words. */
export interface ThemeText {
  /** In the order of the text; `BREAK` where no phrase goes on. */
  words: Uint32Array;
  sentiment: 'negative' | 'neutral' | 'positive' | null;
}

export interface LanguageTexts {
  before: ThemeText[];
  now: ThemeText[];
}

export type When = keyof LanguageTexts;

/** Mentions of two periods, read for their themes. Mentions may be added at any time. */
export interface ThemeTexts {
  /** By language: words are compared with their own language's past only, so that a new source in it is no theme. */
  languages: ReadonlyMap<string, LanguageTexts>;
  /** Number → folded word, as searches take it; number 0 is `BREAK`. */
  terms: readonly string[];
  /** How a word is mostly written. */
  spellingOf(word: number): string;
  /** False where it, or a copy of it, is there already. */
  add(when: When, mention: Mention): boolean;
}

export const BREAK = 0;
/** Longer texts are read up to here. */
const MAX_WORDS = 300;
/** Links, names that are called, and the marks that stand for masked data: no words of the customer's. */
const NO_WORDS = /https?:\/\/\S+|www\.\S+|@[\w.]+|\[[a-z_ -]+\]/giu;

/** Stands where words were taken out. */
const GAP = '\0';

/** An empty reading. Takes about 4 bytes a word, 100 a mention and 150 a different word. */
export function createThemeTexts(): ThemeTexts {
  const languages = new Map<string, LanguageTexts>();
  const numbers = new Map<string, number>();
  const terms = [''];
  const spellings: Spelling[] = [{ written: '', lead: 0 }];
  const told: Record<When, Set<string>> = { before: new Set(), now: new Set() };

  function numberOf(term: string, written: string): number {
    let number = numbers.get(term);
    if (number === undefined) {
      number = terms.push(term) - 1;
      numbers.set(term, number);
      spellings.push({ written, lead: 0 });
    }
    vote(spellings[number]!, written);
    return number;
  }

  return {
    languages,
    terms,
    spellingOf: (word) => spellings[word]!.written,
    add(when, mention) {
      const story = storyOf(mention);
      if (told[when].has(story)) return false;
      told[when].add(story);
      const language = mention.judgements.language?.value ?? UNKNOWN;
      const texts = languages.get(language) ?? { before: [], now: [] };
      languages.set(language, texts);
      const words = wordsOf(searchText(mention), numberOf);
      texts[when].push({ words, sentiment: mention.judgements.sentiment?.value ?? null });
      return true;
    },
  };
}

interface Spelling {
  written: string;
  lead: number;
}

/** Boyer and Moore's majority vote: finds what more than half say without counting everybody's word. */
function vote(spelling: Spelling, written: string): void {
  if (spelling.written === written) spelling.lead++;
  else if (spelling.lead > 0) spelling.lead--;
  else Object.assign(spelling, { written, lead: 1 });
}

function wordsOf(text: string, numberOf: (term: string, written: string) => number): Uint32Array {
  // As long as before, so that places stay.
  const plain = text.replace(NO_WORDS, (found) => GAP.repeat(found.length));
  const words: number[] = [];
  let end = 0;
  for (const token of tokens(plain)) {
    if (words.length >= MAX_WORDS) break;
    if (words.length > 0 && plain.slice(end, token.start).includes(GAP)) words.push(BREAK);
    ({ end } = token);
    words.push(numberOf(termOf(token), plain.slice(token.start, token.end).toLowerCase()));
  }
  return Uint32Array.from(words);
}
