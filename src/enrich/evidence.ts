import type { Analysis, CueKind } from './analysis.ts';
import type { HeadName } from './model.ts';
import type { Scores } from './reader.ts';
import type { Reading } from './reading.ts';
import { feelingGroups, traitName } from './traits.ts';

const MOST_EVIDENCE = 5;
/** Words that say less than this share of what the strongest say are left out, */
const LEAST_OF_BEST = 0.25;
/** and words that hardly move the sum. */
const LEAST = 0.08;
/** Cues whose traits each head reads; the traits are called by kind and label. */
const CUES = ['step', 'touchpoint', 'outcome', 'topic'] as const satisfies CueKind[];
/** The score moves with the feelings that it is made of. */
const FELT = {
  good: ['good', 'score', 'last score'],
  bad: ['bad', 'score', 'last score'],
};

/** Something that was said, in UTF-16 units, and what it adds. */
interface Span {
  start: number;
  end: number;
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
  const { analysis, scores } = reading;
  const score = scores(head);
  const weights = againstOthers(score.shares, place);
  const gains = gainsByToken(reading, score, weights);
  const spans = head === 'sentiment' ? feelingSpans(analysis, score, weights) : cueSpans(analysis, score, weights);
  for (const span of spans) for (let token = span.from; token <= span.to; token++) span.gain += gains[token]!;
  const strong = spans.filter(({ gain }) => gain >= LEAST);
  for (const { from, to } of strong) gains.fill(0, from, to + 1);
  const least = Math.max(LEAST, LEAST_OF_BEST * mostOf(gains, strong));
  const telling = strong.filter(({ gain }) => gain >= least);
  for (let token = 0; token < gains.length; token++) {
    if (gains[token]! < least) continue;
    const { start, end } = analysis.tokens[token]!;
    telling.push({ start, end, gain: gains[token]!, from: token, to: token });
  }
  telling.sort((a, b) => b.gain - a.gain || a.start - b.start);
  return [...new Set(telling.map(({ start, end }) => analysis.text.slice(start, end)))].slice(0, MOST_EVIDENCE);
}

function mostOf(gains: Float64Array, spans: readonly Span[]): number {
  let most = 0;
  for (let token = 0; token < gains.length; token++) most = Math.max(most, gains[token]!);
  for (const { gain } of spans) most = Math.max(most, gain);
  return most;
}

/** What each token adds by itself. */
function gainsByToken({ analysis, words }: Reading, score: Scores, weights: Float64Array): Float64Array {
  const said = score.wordGains(weights, (word) => analysis.modifiers.beginsAt(words.tokens[word]!));
  const gains = new Float64Array(analysis.tokens.length);
  for (let word = 0; word < said.length; word++) gains[words.tokens[word]!] = said[word]!;
  return gains;
}

function againstOthers(shares: Float64Array, place: number): Float64Array {
  const others = Math.max(1 - shares[place]!, Number.EPSILON);
  return shares.map((share, label) => (label === place ? 1 : -share / others));
}

/** Feeling words, as good or bad as their surroundings make them, and emoji. */
function feelingSpans(analysis: Analysis, score: Scores, weights: Float64Array): Span[] {
  const matches = analysis.matches.sentiment;
  const spans = analysis.feelings.map(({ weight, start, evidence }, index) => ({
    weight,
    span: {
      start,
      end: start + evidence.length,
      gain: 0,
      from: matches[index]?.from ?? 0,
      to: matches[index]?.to ?? -1,
    },
  }));
  for (const kind of ['good', 'bad'] as const) {
    const own = spans.filter(({ weight }) => weight !== 0 && weight > 0 === (kind === 'good'));
    const gain = feelingGain(FELT[kind], { analysis, score, weights });
    const all = own.reduce((sum, { weight }) => sum + weight, 0);
    for (const { span, weight } of own) span.gain = (gain * weight) / all;
  }
  return spans.map(({ span }) => span);
}

function cueSpans({ matches }: Analysis, score: Scores, weights: Float64Array): Span[] {
  return CUES.flatMap((kind) => {
    const counts = new Map<string, number>();
    for (const { label } of matches[kind]) counts.set(label, (counts.get(label) ?? 0) + 1);
    return matches[kind].map(({ label, from, to, start, end }): Span => {
      const gain = score.traitGain(traitName(kind, label), weights) / counts.get(label)!;
      return { start, end, gain, from, to };
    });
  });
}

interface Weighed {
  analysis: Analysis;
  score: Scores;
  weights: Float64Array;
}

function feelingGain(names: readonly string[], { analysis, score, weights }: Weighed): number {
  let gain = 0;
  for (const group of feelingGroups(analysis))
    for (const name of names) gain += score.traitGain(traitName(group, name), weights);
  return gain;
}
