import type { CueMatch } from '../text/cues.ts';
import { reused } from '../text/reused.ts';
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
export function evidenceFor({ analysis, scores }: Reading, head: HeadName, place: number): string[] {
  const score = scores(head);
  const weights = againstOthers(score.shares, place);
  const count = analysis.tokens.length;
  const gains = cleared(count);
  score.addGains(gains, weights, analysis.modifiers.beginsAt);
  const spans = head === 'sentiment' ? feelingSpans(analysis, score, weights) : cueSpans(analysis, score, weights);
  for (const span of spans) for (let token = span.from; token <= span.to; token++) span.gain += gains[token]!;
  const telling = spans.filter(({ gain }) => gain >= LEAST);
  let most = 0;
  for (const { from, to, gain } of telling) {
    gains.fill(0, from, to + 1);
    most = Math.max(most, gain);
  }
  for (let token = 0; token < count; token++) most = Math.max(most, gains[token]!);
  const least = Math.max(LEAST, LEAST_OF_BEST * most);
  for (let token = 0; token < count; token++) {
    if (gains[token]! < least) continue;
    const { start, end } = analysis.tokens[token]!;
    telling.push({ start, end, gain: gains[token]!, from: token, to: token });
  }
  return strongest(telling, least, analysis.text);
}

function strongest(telling: readonly Span[], least: number, text: string): string[] {
  const strong = telling.filter(({ gain }) => gain >= least).toSorted((a, b) => b.gain - a.gain || a.start - b.start);
  const evidence: string[] = [];
  for (const { start, end } of strong) {
    const said = text.slice(start, end);
    if (!evidence.includes(said)) evidence.push(said);
    if (evidence.length === MOST_EVIDENCE) break;
  }
  return evidence;
}

/** What each token adds. */
const cleared = reused((length) => new Float64Array(length));

function againstOthers(shares: readonly number[], place: number): number[] {
  const others = Math.max(1 - shares[place]!, Number.EPSILON);
  return shares.map((share, label) => (label === place ? 1 : -share / others));
}

/** Feeling words, as good or bad as their surroundings make them, and emoji. */
function feelingSpans(analysis: Analysis, score: Scores, weights: readonly number[]): Span[] {
  const { feelings, matches } = analysis;
  let [good, bad] = [0, 0];
  for (const { weight } of feelings)
    if (weight > 0) good += weight;
    else bad += weight;
  const weighed = { analysis, score, weights };
  const ofGood = good === 0 ? 0 : feelingGain(FELT.good, weighed) / good;
  const ofBad = bad === 0 ? 0 : feelingGain(FELT.bad, weighed) / bad;
  return feelings.map(({ weight, start, evidence }, index) => {
    // Emoji come behind the words and have none.
    const { from, to } = matches.sentiment[index] ?? { from: 0, to: -1 };
    return { start, end: start + evidence.length, gain: weight * (weight > 0 ? ofGood : ofBad), from, to };
  });
}

function cueSpans({ matches }: Analysis, score: Scores, weights: readonly number[]): Span[] {
  const spans: Span[] = [];
  for (const kind of CUES) {
    const found = matches[kind];
    const counts = found.length > 1 ? countsOf(found) : undefined;
    for (const { label, from, to, start, end } of found) {
      const gain = score.traitGain(traitName(kind, label), weights) / (counts?.get(label) ?? 1);
      spans.push({ start, end, gain, from, to });
    }
  }
  return spans;
}

function countsOf(found: readonly CueMatch[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of found) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

interface Weighed {
  analysis: Analysis;
  score: Scores;
  weights: readonly number[];
}

function feelingGain(names: readonly string[], { analysis, score, weights }: Weighed): number {
  let gain = 0;
  for (const group of feelingGroups(analysis))
    for (const name of names) gain += score.traitGain(traitName(group, name), weights);
  return gain;
}
