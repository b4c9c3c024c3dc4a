import type { Draft } from '../domain/enricher.ts';
import type { Outcome, Touchpoint } from '../domain/journey.ts';
import type { CueMatch } from '../text/cues.ts';
import type { Analysis } from './analysis.ts';
import { labelOf, scoreOf } from './feelings.ts';
import {
  ADDRESSED,
  ASKING,
  BRAND_NAMED,
  CHANNEL_STEPS,
  CHANNEL_TOUCHPOINTS,
  OUTCOME_STEPS,
  TOPIC_STEPS,
  TOPIC_TOUCHPOINTS,
} from './journey-hints.ts';
import type { StepOrNone } from './journey-hints.ts';

/** "I have not bought it yet": a negator up to this many words before says that it was not done. */
const NOT_DONE = 2;
/** The step that carries the feeling or the request goes first (first tie-break). */
const WITH_FEELING = 1.25;
/** Of two steps the later named goes first (second tie-break). */
const LATER = 0.15;

type Sums<T extends string> = Map<T, number>;

/** What speaks for each step, in units of one plain cue: cues, with priors where cues are few. */
export function stepScores(draft: Draft, analysis: Analysis): Sums<StepOrNone> {
  const sums = cueSums<StepOrNone>(analysis.matches.step, analysis);
  add(sums, CHANNEL_STEPS[draft.channel]);
  if (draft.brands?.length) add(sums, BRAND_NAMED[draft.channel]);
  if (draft.text.startsWith('@')) add(sums, ADDRESSED[labelOf(scoreOf(analysis.feelings) ?? 0)]);
  if (asksOnly(analysis)) add(sums, ASKING[draft.channel]);
  const outcome = strongestOutcome(analysis);
  if (outcome) add(sums, OUTCOME_STEPS[outcome]);
  for (const topic of topicsIn(analysis)) add(sums, TOPIC_STEPS[topic] ?? {});
  return sums;
}

/** The same for touchpoints; what the step says for them is not in it. */
export function touchpointScores(draft: Draft, analysis: Analysis): Sums<Touchpoint> {
  const sums = cueSums<Touchpoint>(analysis.matches.touchpoint, analysis);
  add(sums, CHANNEL_TOUCHPOINTS[draft.channel] ?? {});
  for (const topic of topicsIn(analysis)) add(sums, TOPIC_TOUCHPOINTS[topic] ?? {});
  return sums;
}

/** Whether more of the sentences ask than tell. */
export const asksOnly = ({ questions, sentences }: Analysis): boolean =>
  questions.size > 0 && questions.size > (sentences.at(-1) ?? 0) / 2;

/** What was done or declared; what is said not to have been done is no outcome. */
export function outcomesIn(analysis: Analysis): CueMatch[] {
  return analysis.matches.outcome.filter((match) => !analysis.modifiers.negated(match, NOT_DONE));
}

const topicsIn = ({ matches }: Analysis): Set<string> => new Set(matches.topic.map(({ label }) => label));

/** The outcome with the most weight, the later one of two equal ones; a faint hint is none. */
export function strongestOutcome(analysis: Analysis): Outcome | undefined {
  const sums = new Map<string, number>();
  for (const { label, weight } of outcomesIn(analysis)) sums.set(label, (sums.get(label) ?? 0) + weight);
  return [...sums].reduce<[string | undefined, number]>((a, b) => (b[1] >= a[1] ? b : a), [undefined, 0.75])[0] as
    | Outcome
    | undefined;
}

export function add<T extends string>(sums: Sums<T>, weights: Partial<Record<T, number>>): void {
  for (const value in weights) sums.set(value, (sums.get(value) ?? 0) + weights[value]!);
}

/** Adds up what speaks for each value; the same words count once, further cues for the same value ever less. */
function cueSums<T extends string>(matches: readonly CueMatch[], analysis: Analysis): Sums<T> {
  const sums: Sums<T> = new Map();
  const feeling = new Set(analysis.matches.sentiment.map((match) => analysis.clauses[match.from]));
  const counted = new Set<string>();
  for (const match of matches) {
    const key = `${match.label} ${match.evidence.toLowerCase()}`;
    if (counted.has(key)) continue;
    counted.add(key);
    const felt = feeling.has(analysis.clauses[match.from]) || analysis.questions.has(analysis.sentences[match.from]!);
    const place = 1 + (LATER * match.to) / analysis.tokens.length;
    const before = sums.get(match.label as T) ?? 0;
    const more = (match.weight * (felt ? WITH_FEELING : 1) * place) / (1 + 0.5 * before);
    sums.set(match.label as T, before + more);
  }
  return sums;
}
