import type { CueMatch } from '../text/cues.ts';
import type { Sentiment } from '../domain/journey.ts';
import type { Analysis } from './analysis.ts';
import { findEmoji } from './emoji.ts';
import type { Modifiers } from './modifiers.ts';

const STRENGTH: Record<string, number> = { very_negative: -2, negative: -1, positive: 1, very_positive: 2 };
/** A negator reaches this many words on. */
const REACH = 3;
const BOOST = 1.5;
const SOFTEN = 0.6;
/** "Not good" is nearly bad; "not bad" is only a little good. */
const NEGATED = { positive: -0.9, negative: -0.4 };
/** What stands before and behind a contrast within a sentence. */
const BEFORE_CONTRAST = 0.5;
const BEHIND_CONTRAST = 1.3;
/** Good things inside a question are only asked about; bad ones are often meant. */
const ASKED = { positive: 0.05, negative: 0.5 };
/** A last sentence of so few words behind a question is a courtesy: "Thank you very much." */
const COURTESY = { words: 4, weight: 0.1 };
/** One cue of plain strength shall give half the scale. */
const DAMPING = 1;
/** Scores nearer to 0 are neutral. */
const NEUTRAL_BELOW = 0.1;
/** Complaints are politely wrapped: bad words weigh more than good ones. */
const BAD_WEIGHS = 1.35;

export interface Feeling {
  /** Signed: below 0 negative. */
  weight: number;
  clause: number;
  sentence: number;
  start: number;
  evidence: string;
}

/** Sums feelings to −1…1; `undefined` where there is nothing to sum. */
export function scoreOf(feelings: readonly Feeling[], rated = 0): number | undefined {
  let [good, bad] = [Math.max(rated, 0), Math.max(-rated, 0)];
  for (const { weight } of feelings)
    if (weight > 0) good += weight;
    else bad -= weight * BAD_WEIGHS;
  return good + bad === 0 ? undefined : (good - bad) / (good + bad + DAMPING);
}

export function labelOf(score: number): Sentiment {
  if (Math.abs(score) < NEUTRAL_BELOW) return 'neutral';
  return score > 0 ? 'positive' : 'negative';
}

type Read = Omit<Analysis, 'feelings' | 'understood'>;

/** All feeling words and emoji of a text with the weight that their surroundings give them. */
export function feelingsOf(analysis: Read): Feeling[] {
  const weighContrast = contrastOf(analysis);
  const { modifiers } = analysis;
  const words = analysis.matches.sentiment.map((match) => {
    const [clause, sentence] = [analysis.clauses[match.from]!, analysis.sentences[match.from]!];
    const weight =
      inContext(match, modifiers) *
      weighContrast(sentence, match.from) *
      asked(match, sentence, analysis) *
      loudness(match, analysis);
    return { weight, clause, sentence, start: match.start, evidence: match.evidence };
  });
  return [...words, ...emojiOf(analysis)];
}

/** What a feeling word in or behind a question still weighs. */
function asked({ label }: CueMatch, sentence: number, { questions, sentences }: Read): number {
  const good = STRENGTH[label]! > 0;
  if (questions.has(sentence)) return good ? ASKED.positive : ASKED.negative;
  if (!good || sentence !== sentences.at(-1) || !questions.has(sentence - 1)) return 1;
  return sentences.length - sentences.indexOf(sentence) > COURTESY.words ? 1 : COURTESY.weight;
}

function emojiOf({ text, tokens, clauses, sentences }: Read): Feeling[] {
  let index = 0;
  return findEmoji(text).map(({ weight, start, evidence }) => {
    while (index < tokens.length && tokens[index]!.end <= start) index++;
    const owner = Math.max(0, index - 1);
    return { weight, start, evidence, clause: clauses[owner] ?? 0, sentence: sentences[owner] ?? 0 };
  });
}

/** A feeling word with the negators, boosters and softeners of its clause. */
function inContext(match: CueMatch, around: Modifiers): number {
  let weight = STRENGTH[match.label]! * match.weight;
  if (around.beside(match, 'boosters')) weight *= BOOST;
  if (around.beside(match, 'softeners')) weight *= SOFTEN;
  return around.negated(match, REACH) ? weight * (weight > 0 ? NEGATED.positive : NEGATED.negative) : weight;
}

/** Capitals and exclamation marks speak louder. */
function loudness(match: CueMatch, { text, tokens, sentences }: Read): number {
  const shouted = match.evidence.length > 2 && /\p{Lu}/u.test(match.evidence) && !/\p{Ll}/u.test(match.evidence);
  let last = match.to;
  while (last + 1 < tokens.length && last < match.to + 12 && sentences[last + 1] === sentences[match.to]) last++;
  const behind = text.slice(tokens[last]!.end, tokens[last]!.end + 4);
  return (shouted ? 1.25 : 1) * (behind.includes('!') ? 1.15 : 1);
}

function contrastOf({ matches, sentences }: Read): (sentence: number, index: number) => number {
  const at = new Map<number, number>();
  for (const match of matches.modifier) if (match.label === 'contrasts') at.set(sentences[match.from]!, match.from);
  return (sentence, index) => {
    const contrast = at.get(sentence);
    if (contrast === undefined) return 1;
    return index < contrast ? BEFORE_CONTRAST : BEHIND_CONTRAST;
  };
}
