import type { Draft } from '../domain/enricher.ts';
import { searchText } from '../domain/mention.ts';
import type { Token } from '../text/book.ts';
import { compileCues, findCues } from '../text/cues.ts';
import type { CueEntry, CueMatch, CueTrie } from '../text/cues.ts';
import { tokens as tokenize } from '../text/tokens.ts';
import { remember } from '../text/remember.ts';
import { feelingsOf } from './feelings.ts';
import type { Feeling } from './feelings.ts';
import type { Lexicon } from './lexicon.ts';
import { modifiersOf } from './modifiers.ts';
import type { Modifiers } from './modifiers.ts';

/** Kinds of cues, as a match carries them. Modifiers are one kind, so that "not only" is not read as "not". */
export type CueKind =
  | 'sentiment'
  | 'modifier'
  | 'step'
  | 'touchpoint'
  | 'outcome'
  | 'gap'
  | 'opportunity'
  | 'moment_of_truth'
  | 'topic';

/** What all enrichers that read cues look at: the text cut into sentences and clauses, with every cue found in it. */
export interface Analysis {
  text: string;
  /** Whose words were looked for (ISO 639-1): `*` all, because the language is unknown; empty where no lexicon is there. */
  language: string;
  tokens: Token[];
  /** Sentence of each token, from 0. */
  sentences: number[];
  /** Clause of each token, from 0; a clause lies within one sentence. */
  clauses: number[];
  /** Sentences that ask. */
  questions: ReadonlySet<number>;
  matches: Record<CueKind, CueMatch[]>;
  modifiers: Modifiers;
  feelings: readonly Feeling[];
  /** False where no word was found and no lexicon of the language is there, or there are no words: nothing can be told. */
  understood: boolean;
}

/** English words stand in posts of every language; there they count for less. */
const ENGLISH_ELSEWHERE = 0.5;
/** Shorter English words are often quite other words elsewhere: Italian "come", Romanian "care". */
const SHORTEST_ENGLISH_ELSEWHERE = 5;
/** The weight at the end of a cue is none of its letters. */
const WEIGHT = /\s\^\S+$/u;
/** What is read of a text, in UTF-16 units: the longest take no more than some 100 ms. */
const READ = 20_000;
/** Addresses and handles are names, not words. */
const NAMES = /(?:https?:\/\/|www\.)\S+|(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]+/gu;
/** Told in a fraction of the time. */
const MAY_NAME = /@|:\/\/|www\./;
const SENTENCE_END = /[.!?؟…۔](?:["')\]»”\s]|$)|[\n!?؟…]|\.\.|\p{Extended_Pictographic}/u;
const CLAUSE_END = /[,،؛:;()]|\s[-–—]+\s?|—/u;

/** Key of the book for texts whose language is unknown: the words of all languages. */
const EVERY = '*';
/** Key of the book for languages that have no lexicon: English words only. */
const FOREIGN = '';

/** Makes the shared reader of texts. Each draft is read once, as long as its language stays the same. */
export function createAnalyse(lexicons: readonly Lexicon[]): (draft: Draft) => Analysis {
  const languages = new Set(lexicons.map((lexicon) => lexicon.language));
  const books = new Map<string, CueTrie>();
  const seen = new WeakMap<Draft, { key: string; analysis: Analysis }>();
  return (draft) => {
    const language = draft.judgements.language?.value ?? EVERY;
    const key = language === EVERY || languages.has(language) ? language : FOREIGN;
    const known = seen.get(draft);
    if (known?.key === key) return known.analysis;
    let book = books.get(key);
    if (!book) books.set(key, (book = compileBook(lexicons, key)));
    const analysis = analyse(book, searchText(draft).slice(0, READ), key);
    seen.set(draft, { key, analysis });
    return analysis;
  };
}

function compileBook(lexicons: readonly Lexicon[], key: string): CueTrie {
  return compileCues(
    lexicons.flatMap((lexicon) => {
      if (key === EVERY || key === lexicon.language) return entriesOf(lexicon);
      return lexicon.language === 'en' ? abroad(lexicon) : [];
    }),
  );
}

function abroad(lexicon: Lexicon): CueEntry[] {
  return entriesOf(lexicon, ENGLISH_ELSEWHERE).filter(
    ({ kind, cue }) => kind !== 'modifier' && cue.replace(WEIGHT, '').length >= SHORTEST_ENGLISH_ELSEWHERE,
  );
}

function entriesOf(lexicon: Lexicon, factor = 1): CueEntry[] {
  const entries = (kind: CueKind, lists: Record<string, string[]>) =>
    Object.entries(lists).flatMap(([label, cues]) => cues.map((cue) => ({ kind, label, cue, factor })));
  const { negators, boosters, softeners, contrasts, questions } = lexicon;
  return [
    ...entries('sentiment', lexicon.sentiment),
    ...entries('modifier', { negators, boosters, softeners, contrasts, questions }),
    ...entries('step', lexicon.steps),
    ...entries('touchpoint', lexicon.touchpoints),
    ...entries('outcome', lexicon.outcomes),
    ...entries('gap', lexicon.gaps),
    ...entries('opportunity', { opportunity: lexicon.opportunities }),
    ...entries('moment_of_truth', { moment_of_truth: lexicon.moments_of_truth }),
    ...entries('topic', lexicon.topics),
  ];
}

function analyse(book: CueTrie, text: string, language: string): Analysis {
  const tokens = withoutNames(tokenize(text), namesIn(text));
  const { sentences, clauses } = cut(text, tokens);
  const found = findCues(book, text, tokens, sentences);
  const atHome = language !== EVERY && language !== FOREIGN;
  const understood = tokens.length > 0 && (atHome || found.length > 0);
  const matches = byKind(found);
  openAtContrasts(matches.modifier, clauses, sentences);
  const questions = questionsOf(text, tokens, sentences, matches.modifier);
  const modifiers = modifiersOf({ matches, clauses });
  const read = { text, language, tokens, sentences, clauses, matches, questions, modifiers };
  return { ...read, feelings: feelingsOf(read), understood };
}

interface Name {
  start: number;
  end: number;
}

function namesIn(text: string): Name[] {
  if (!MAY_NAME.test(text)) return [];
  return Array.from(text.matchAll(NAMES), ({ 0: name, index }) => ({ start: index, end: index + name.length }));
}

function withoutNames(all: Token[], names: readonly Name[]): Token[] {
  if (names.length === 0) return all;
  let next = 0;
  return all.filter((token) => {
    while (next < names.length && names[next]!.end <= token.start) next++;
    return next === names.length || token.end <= names[next]!.start;
  });
}

function cut(text: string, tokens: readonly Token[]) {
  const sentences = tokens.map(() => 0);
  const clauses = tokens.map(() => 0);
  let [sentence, clause, end] = [0, 0, 0];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!;
    const apart = token.start - end;
    if (index > 0 && apart > 0 && !(apart === 1 && text[end] === ' ')) {
      const ends = endIn(text.slice(end, token.start));
      if (ends !== ENDS_NOTHING) clause++;
      if (ends === ENDS_SENTENCE) sentence++;
    }
    sentences[index] = sentence;
    clauses[index] = clause;
    end = token.end;
  }
  return { sentences, clauses };
}

const [ENDS_NOTHING, ENDS_CLAUSE, ENDS_SENTENCE] = [0, 1, 2];

/** What ends between two words. Few things stand there, so they are remembered. */
const endIn = remember(1000, (between) => {
  if (SENTENCE_END.test(between)) return ENDS_SENTENCE;
  return CLAUSE_END.test(between) ? ENDS_CLAUSE : ENDS_NOTHING;
});

function byKind(found: CueMatch[]): Analysis['matches'] {
  const matches: Analysis['matches'] = {
    sentiment: [],
    modifier: [],
    step: [],
    touchpoint: [],
    outcome: [],
    gap: [],
    opportunity: [],
    moment_of_truth: [],
    topic: [],
  };
  for (const match of found) matches[match.kind as CueKind].push(match);
  return matches;
}

/** "Nice but slow": the contrast begins a clause of its own. */
function openAtContrasts(modifiers: readonly CueMatch[], clauses: number[], sentences: readonly number[]): void {
  const opens = new Set(modifiers.filter((match) => match.label === 'contrasts').map((match) => match.from));
  if (opens.size === 0) return;
  let added = 0;
  for (let index = 0; index < clauses.length; index++) {
    if (opens.has(index) && index > 0 && sentences[index] === sentences[index - 1]) added++;
    clauses[index]! += added;
  }
}

const ASKS = /[?؟]/u;
/** How far behind the last word the mark may stand. */
const MARKS = 12;

/** A sentence asks where a question mark ends it; without any mark, where it begins with an opener. */
function questionsOf(text: string, tokens: readonly Token[], sentences: readonly number[], modifiers: CueMatch[]) {
  const asking = new Set<number>();
  const openers = new Set(modifiers.filter((match) => match.label === 'questions').map((match) => match.from));
  let opened = false;
  for (let index = 0; index < tokens.length; index++) {
    if (sentences[index] !== sentences[index - 1]) opened = openers.has(index);
    if (sentences[index] === sentences[index + 1]) continue;
    const { end } = tokens[index]!;
    const behind = text.slice(end, Math.min(tokens[index + 1]?.start ?? Infinity, end + MARKS));
    if (ASKS.test(behind) || (opened && !/[.!…]/u.test(behind))) asking.add(sentences[index]!);
  }
  return asking;
}
