import { frequentPhrases } from './phrases.ts';
import type { Phrase } from './phrases.ts';
import { adjustForMany, compareShares } from './significance.ts';
import type { LanguageTexts, ThemeText, ThemeTexts } from './theme-texts.ts';

/** Words of a theme, and how many mentions hold them. */
export interface ThemePhrase {
  /** Folded, as a search takes them. */
  words: string;
  /** As people write them. */
  written: string;
  before: number;
  now: number;
}

/** Something that people speak of far more than they did. */
export interface Theme {
  /** Its leading phrases, as people write them. */
  name: string;
  /** ISO 639-1, or `unknown`. */
  language: string;
  /** The most surprising first; the others mostly stand in the same mentions. */
  phrases: ThemePhrase[];
  /** Mentions with the first phrase. */
  before: number;
  now: number;
  /** Share of the mentions in its language now by the share before; `null` where nobody said it before. */
  rise: number | null;
  /** How likely chance alone makes it rise so, adjusted for all phrases that were looked at. */
  p: number;
  negative: number;
  neutral: number;
  positive: number;
}

/** What fewer people say is an anecdote. */
const LEAST_TEXTS = 5;
/** Below this a language has no past to be compared with, or no present. */
const LEAST_PAST = 20;
const LEAST_RISE = 2;
/** One theme in a hundred may be a false alarm. */
const LEVEL = 0.01;
/** What so many say at any time is how the language works, and no theme. */
const COMMON = 0.1;
/** Phrases of one language that are grouped; the most surprising ones. */
const MAX_PHRASES = 200;
const MAX_TOGETHER = 8;

/** Themes that rose from one period to the next, the most surprising first. Pure. */
export function risingThemes(texts: ThemeTexts, limit: number): Theme[] {
  return [...texts.languages]
    .filter(([, { before, now }]) => before.length >= LEAST_PAST && now.length >= LEAST_TEXTS)
    .flatMap(([language, of]) => themesOf(texts, language, of))
    .toSorted((one, other) => one.p - other.p || other.now - one.now || (one.name < other.name ? -1 : 1))
    .slice(0, limit);
}

interface Rising extends Phrase {
  surprise: number;
  p: number;
}

function themesOf(texts: ThemeTexts, language: string, of: LanguageTexts): Theme[] {
  const rising = risingPhrases(texts.terms, of).slice(0, MAX_PHRASES);
  const where = textsWith(of.now, rising);
  const groups: number[][] = [];
  for (const index of rising.keys()) {
    const group = groups.find(([lead]) => isTogether(where[lead!]!, where[index]!));
    if (group) group.push(index);
    else groups.push([index]);
  }
  return groups.map((group) => {
    const phrases = group.slice(0, MAX_TOGETHER).map((index) => toPhrase(texts, rising[index]!));
    const [lead] = group as [number];
    const { before, now, p } = rising[lead]!;
    const past = before / of.before.length;
    const rise = before === 0 ? null : now / of.now.length / past;
    return { name: nameOf(phrases), language, phrases, before, now, rise, p, ...feelingsOf(of.now, where[lead]!) };
  });
}

/** The most surprising first; of phrases that say the same only the longest. */
function risingPhrases(terms: readonly string[], { before, now }: LanguageTexts): Rising[] {
  const all = frequentPhrases({ before, now }, LEAST_TEXTS);
  const common = new Set(
    all.flatMap(({ words, before: count }) => (words.length === 1 && count >= before.length * COMMON ? words : [])),
  );
  const isBare = (word: number) => common.has(word) || !/\p{L}{2}/u.test(terms[word]!);
  const told = all.filter(({ words }) => !isBare(words[0]!) && !isBare(words.at(-1)!));
  const tested = told.map((phrase) => ({ ...phrase, ...testRise(phrase, before.length, now.length) }));
  const adjusted = adjustForMany(tested.map(({ p }) => p));
  const rising = tested
    .map((phrase, index) => ({ ...phrase, p: adjusted[index]! }))
    .filter(({ p, isFast }) => isFast && p <= LEVEL);
  return withoutParts(rising).toSorted(
    (one, other) => other.surprise - one.surprise || other.words.length - one.words.length,
  );
}

function testRise({ before, now }: Phrase, pasts: number, presents: number) {
  const isFast = now / presents >= (LEAST_RISE * before) / pasts;
  const { surprise, p } = compareShares({ count: before, total: pasts }, { count: now, total: presents });
  return isFast ? { isFast, surprise, p } : { isFast, surprise: 0, p: 1 };
}

/** Most texts with the shorter phrase hold the longer one. */
const SAME = 0.7;

/** "declined" says no more than "card declined" where the one hardly comes without the other. */
function withoutParts(phrases: readonly Rising[]): Rising[] {
  const covered = new Map<string, number>();
  for (const { words, now } of phrases)
    for (let length = 1; length < words.length; length++)
      for (let start = 0; start + length <= words.length; start++) {
        const part = words.slice(start, start + length).join(' ');
        covered.set(part, Math.max(covered.get(part) ?? 0, now));
      }
  return phrases.filter(({ words, now }) => (covered.get(words.join(' ')) ?? 0) < now * SAME);
}

interface Node {
  /** Place of the phrase that ends here. */
  ends: number | undefined;
  next: Map<number, Node>;
}

/** For each phrase the texts that hold it, in their order. */
function textsWith(texts: readonly ThemeText[], phrases: readonly Phrase[]): number[][] {
  const root: Node = { ends: undefined, next: new Map() };
  for (const [index, { words }] of phrases.entries()) {
    let node = root;
    for (const word of words) {
      const next = node.next.get(word) ?? { ends: undefined, next: new Map() };
      node.next.set(word, next);
      node = next;
    }
    node.ends = index;
  }
  const found: number[][] = phrases.map(() => []);
  for (const [index, { words }] of texts.entries())
    for (let start = 0; start < words.length; start++) {
      let node = root.next.get(words[start]!);
      for (let place = start + 1; node !== undefined; place++) {
        if (node.ends !== undefined && found[node.ends]!.at(-1) !== index) found[node.ends]!.push(index);
        node = place < words.length ? node.next.get(words[place]!) : undefined;
      }
    }
  return found;
}

/** Half of the rarer one's texts hold the other too. */
function isTogether(one: readonly number[], other: readonly number[]): boolean {
  const known = new Set(one);
  const both = other.filter((text) => known.has(text)).length;
  return both * 2 >= Math.min(one.length, other.length);
}

function toPhrase({ terms, spellingOf }: ThemeTexts, { words, before, now }: Phrase): ThemePhrase {
  return {
    words: words.map((word) => terms[word]!).join(' '),
    written: words.map(spellingOf).join(' '),
    before,
    now,
  };
}

/** Up to three phrases, none of which says only words that stand there already. */
function nameOf(phrases: readonly ThemePhrase[]): string {
  const said = new Set<string>();
  const names: string[] = [];
  for (const { words, written } of phrases) {
    const all = words.split(' ');
    if (names.length < 3 && !all.every((word) => said.has(word))) names.push(written);
    for (const word of all) said.add(word);
  }
  return names.join(' · ');
}

function feelingsOf(texts: readonly ThemeText[], where: readonly number[]) {
  const count = (sentiment: ThemeText['sentiment']) =>
    where.filter((index) => texts[index]!.sentiment === sentiment).length;
  return { negative: count('negative'), neutral: count('neutral'), positive: count('positive') };
}
