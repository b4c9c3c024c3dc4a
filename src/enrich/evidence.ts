import type { Analysis, CueKind } from './analysis.ts';
import { groupBy } from './group.ts';
import type { HeadName } from './model.ts';
import type { Scores } from './reader.ts';
import type { Reading } from './reading.ts';

const MOST_EVIDENCE = 5;
/** Words that say less than this share of what the strongest say are left out, */
const LEAST_OF_BEST = 0.25;
/** and words that hardly move the sum. */
const LEAST = 0.08;
/** Cues whose traits each head reads, and how a match's trait is called. */
const CUES: [CueKind, (label: string) => string][] = [
  ['step', (label) => `step:${label}`],
  ['touchpoint', (label) => `touchpoint:${label}`],
  ['outcome', (label) => `outcome:${label}`],
  ['topic', (label) => `topic:${label}`],
];
/** The score moves with the feelings that it is made of. */
const FELT = {
  good: ['feeling:good', 'feeling:score', 'feeling:last score'],
  bad: ['feeling:bad', 'feeling:score', 'feeling:last score'],
};

interface Span {
  start: number;
  said: string;
  gain: number;
  /** Its tokens, first and last; an emoji has none. */
  from: number;
  to: number;
}

/**
 * The words that spoke most for one label and against the others: cues as they stand, emoji, and single words. The
 * gain of a word is what it adds to the label's sum less what it adds to the sums of the others, by their shares.
 */
export function evidenceFor(reading: Reading, head: HeadName, place: number): string[] {
  const { analysis, words, scores } = reading;
  const score = scores(head);
  const weights = againstOthers(score.shares, place);
  const gains = new Float64Array(analysis.tokens.length);
  const modifiers = new Set(analysis.matches.modifier.map(({ from }) => from));
  for (const [word, token] of words.tokens.entries())
    if (score.isTelling(word) || modifiers.has(token)) gains[token] = score.wordGain(word, weights);
  const cues = head === 'sentiment' ? feelingSpans(analysis, score, weights) : cueSpans(analysis, score, weights);
  const spans = cues.filter((span) => {
    for (let token = span.from; token <= span.to; token++) span.gain += gains[token]!;
    return span.gain >= LEAST;
  });
  for (const { from, to } of spans) gains.fill(0, from, to + 1);
  for (const [token, gain] of gains.entries()) if (gain >= LEAST) spans.push(wordSpan(analysis, token, gain));
  spans.sort((a, b) => b.gain - a.gain || a.start - b.start);
  const telling = spans.filter(({ gain }) => gain >= spans[0]!.gain * LEAST_OF_BEST);
  return [...new Set(telling.map(({ said }) => said))].slice(0, MOST_EVIDENCE);
}

function againstOthers(shares: Float64Array, place: number): Float64Array {
  const others = Math.max(1 - shares[place]!, Number.EPSILON);
  return shares.map((share, label) => (label === place ? 1 : -share / others));
}

function wordSpan({ text, tokens }: Analysis, token: number, gain: number): Span {
  const { start, end } = tokens[token]!;
  return { start, said: text.slice(start, end), gain, from: token, to: token };
}

/** Feeling words, as good or bad as their surroundings make them, and emoji. */
function feelingSpans(analysis: Analysis, score: Scores, weights: Float64Array): Span[] {
  const matches = analysis.matches.sentiment;
  const spans = analysis.feelings.map(({ weight, start, evidence }, index) => ({
    weight,
    span: { start, said: evidence, gain: 0, from: matches[index]?.from ?? 0, to: matches[index]?.to ?? -1 },
  }));
  for (const kind of ['good', 'bad'] as const) {
    const own = spans.filter(({ weight }) => weight !== 0 && weight > 0 === (kind === 'good'));
    const gain = gainOf(FELT[kind], score, weights);
    const all = own.reduce((sum, { weight }) => sum + weight, 0);
    for (const { span, weight } of own) span.gain = (gain * weight) / all;
  }
  return spans.map(({ span }) => span);
}

function cueSpans({ matches }: Analysis, score: Scores, weights: Float64Array): Span[] {
  return CUES.flatMap(([kind, nameOf]) =>
    [...groupBy(matches[kind], ({ label }) => label)].flatMap(([label, own]) => {
      const gain = gainOf([nameOf(label)], score, weights) / own.length;
      return own.map(({ from, to, start, evidence }): Span => ({ start, said: evidence, gain, from, to }));
    }),
  );
}

const gainOf = (traits: readonly string[], score: Scores, weights: Float64Array): number =>
  traits.reduce((sum, trait) => sum + score.traitGain(trait, weights), 0);
