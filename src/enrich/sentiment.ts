import type { Draft, Enricher } from '../domain/enricher.ts';
import type { Sentiment } from '../domain/journey.ts';
import type { Analysis } from './analysis.ts';
import { labelOf, scoreOf } from './feelings.ts';
import type { Feeling } from './feelings.ts';
import type { Choice, Understanding } from './reading.ts';

/** Raised with the rules and with the version of the trained model. */
const VERSION = 7;
const BY = `sentiment@${VERSION}`;
/** Weight of one star away from the middle, beside words. */
const STAR = 0.8;
/** What one star away from the middle multiplies the odds of good against bad by, and divides those of neutral by. */
const STAR_ODDS = { good: 2.5, neutral: 1.3 };
/** A share that is not above this is no judgement: three labels have a third each by chance. */
const LEAST_SHARE = 0.36;
const MOST_EVIDENCE = 5;

/** Tells the feeling: by the trained model with its words where there is one, else by the cues of the lexicons. */
export function createSentiment(analyse: (draft: Draft) => Analysis, understanding?: Understanding): Enricher {
  const judge = (draft: Draft) => {
    const analysis = analyse(draft);
    if (!understanding || !analysis.understood) return judgeByCues(draft, analysis);
    return judgeByModel(draft, understanding);
  };
  return {
    name: 'sentiment',
    version: VERSION,
    needs: ['language'],
    gives: ['sentiment'],
    enrich: (drafts) => Promise.resolve(drafts.map((draft) => ({ sentiment: judge(draft) }))),
  };
}

function judgeByModel(draft: Draft, understanding: Understanding) {
  const reading = understanding.read(draft);
  const shares = withStars(draft, understanding.choices(reading, 'sentiment'));
  const best = shares.reduce((a, b) => (b.share > a.share ? b : a));
  const share = (label: Sentiment) => shares.find((choice) => choice.label === label)!.share;
  const told = best.share > LEAST_SHARE;
  return {
    value: told ? (best.label as Sentiment) : null,
    score: told ? round(share('positive') - share('negative')) : null,
    by: BY,
    confidence: round(best.share),
    ...(told && { evidence: understanding.evidence(reading, 'sentiment', best.label) }),
  };
}

/** What the model says, moved by the stars that the customer gave. */
export function withStars({ rating }: Pick<Draft, 'rating'>, choices: Choice[]): Choice[] {
  if (rating === undefined) return choices;
  const stars = rating - 3;
  const odds: Record<string, number> = {
    positive: STAR_ODDS.good ** stars,
    negative: STAR_ODDS.good ** -stars,
    neutral: STAR_ODDS.neutral ** -Math.abs(stars),
  };
  const moved = choices.map((choice) => ({ ...choice, share: choice.share * odds[choice.label]! }));
  const all = moved.reduce((sum, { share }) => sum + share, 0);
  return moved.map((choice) => ({ ...choice, share: choice.share / all }));
}

function judgeByCues(draft: Draft, analysis: Analysis) {
  const { feelings } = analysis;
  const rated = draft.rating === undefined ? 0 : (draft.rating - 3) * STAR;
  const score = scoreOf(feelings, rated);
  if (score === undefined) return untold(draft, analysis);
  const value = labelOf(score);
  return {
    value,
    score: round(score),
    by: BY,
    confidence: confidenceOf(value, Math.abs(score)),
    evidence: evidenceOf(feelings, value),
  };
}

/** No feeling word and no rating: neutral without much certainty; nothing at all to read: cannot tell. */
function untold(draft: Draft, { understood, questions, sentences }: Analysis) {
  if (draft.rating !== undefined) return { value: 'neutral' as const, score: 0, by: BY, confidence: 0.5, evidence: [] };
  if (!understood) return { value: null, score: null, by: BY, confidence: 0 };
  const asks = questions.size === (sentences.at(-1) ?? 0) + 1;
  return { value: 'neutral' as const, score: 0, by: BY, confidence: asks ? 0.8 : 0.5, evidence: [] };
}

function confidenceOf(value: Sentiment, strength: number): number {
  if (value === 'neutral') return 0.4;
  return round(Math.min(0.95, 0.3 + 0.85 * strength));
}

const round = (value: number) => Math.round(value * 100) / 100;

function evidenceOf(feelings: readonly Feeling[], value: Sentiment): string[] {
  const sign = { positive: 1, negative: -1, neutral: 0 }[value];
  const deciding = feelings.filter((feeling) => sign === 0 || feeling.weight * sign > 0);
  const strongest = deciding.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || a.start - b.start);
  return [...new Set(strongest.map((feeling) => feeling.evidence))].slice(0, MOST_EVIDENCE);
}
