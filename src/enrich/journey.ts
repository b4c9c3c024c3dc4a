import type { Draft, Enricher } from '../domain/enricher.ts';
import type { Judgements } from '../domain/enrichment.ts';
import { NONE } from '../domain/journey.ts';
import type { None, Touchpoint } from '../domain/journey.ts';
import type { CueMatch } from '../text/cues.ts';
import type { Analysis } from './analysis.ts';
import {
  ADDRESSED,
  ASKING,
  BRAND_NAMED,
  CHANNEL_STEPS,
  CHANNEL_TOUCHPOINTS,
  OUTCOME_STEPS,
  STEP_TOUCHPOINTS,
  TOPIC_STEPS,
  TOPIC_TOUCHPOINTS,
} from './journey-hints.ts';
import type { StepOrNone } from './journey-hints.ts';

const VERSION = 2;
const BY = `journey@${VERSION}`;
/** A best guess that leads by less, in units of one cue, is no judgement. */
const LEAST_LEAD = 0.05;
/** The step that carries the feeling or the request goes first (first tie-break). */
const WITH_FEELING = 1.25;
/** Of two steps the later named goes first (second tie-break). */
const LATER = 0.15;
const MOST_EVIDENCE = 5;

/** Puts a text at its place on the journey: main step and touchpoint, by cues, with priors where cues are few. */
export function createJourney(analyse: (draft: Draft) => Analysis): Enricher {
  return {
    name: 'journey',
    version: VERSION,
    needs: ['language', 'sentiment', 'topics', 'outcome'],
    gives: ['step', 'touchpoint'],
    enrich: (drafts) => Promise.resolve(drafts.map((draft) => judge(draft, analyse(draft)))),
  };
}

function judge(draft: Draft, analysis: Analysis): Judgements {
  if (!analysis.understood) {
    const unread = { value: null, by: BY, confidence: 0 };
    return { step: unread, touchpoint: unread };
  }
  const step = decide(stepScores(draft, analysis), analysis.matches.step);
  return { step, touchpoint: touchpointAt(step, draft, analysis) };
}

function touchpointAt(step: { value: StepOrNone | null; confidence: number }, draft: Draft, analysis: Analysis) {
  if (step.value === NONE) return { value: NONE as None, by: BY, confidence: step.confidence, evidence: [] };
  const scores = cueScores<Touchpoint>(analysis.matches.touchpoint, analysis);
  if (step.value) scores.add(STEP_TOUCHPOINTS[step.value]);
  scores.add(CHANNEL_TOUCHPOINTS[draft.channel] ?? {});
  for (const topic of draft.judgements.topics ?? []) scores.add(TOPIC_TOUCHPOINTS[topic.value] ?? {});
  return decide(scores.ranked(), analysis.matches.touchpoint);
}

function stepScores(draft: Draft, analysis: Analysis): Ranked<StepOrNone> {
  const scores = cueScores<StepOrNone>(analysis.matches.step, analysis);
  const { outcome, sentiment, topics } = draft.judgements;
  scores.add(CHANNEL_STEPS[draft.channel]);
  if (draft.brands?.length) scores.add(BRAND_NAMED[draft.channel]);
  if (draft.text.startsWith('@')) scores.add(ADDRESSED[sentiment?.value ?? 'neutral']);
  if (asksOnly(analysis)) scores.add(ASKING[draft.channel]);
  if (outcome?.value && outcome.value !== NONE) scores.add(OUTCOME_STEPS[outcome.value]);
  for (const topic of topics ?? []) scores.add(TOPIC_STEPS[topic.value] ?? {});
  return scores.ranked();
}

const asksOnly = ({ questions, sentences }: Analysis) =>
  questions.size > 0 && questions.size > (sentences.at(-1) ?? 0) / 2;

type Ranked<T> = { value: T; score: number }[];

/** Adds up what speaks for each value; the same words count once, further cues for the same value ever less. */
function cueScores<T extends string>(matches: readonly CueMatch[], analysis: Analysis) {
  const sums = new Map<string, number>();
  const feeling = new Set(analysis.matches.sentiment.map((match) => analysis.clauses[match.from]));
  const counted = new Set<string>();
  for (const match of matches) {
    const key = `${match.label} ${match.evidence.toLowerCase()}`;
    if (counted.has(key)) continue;
    counted.add(key);
    const felt = feeling.has(analysis.clauses[match.from]) || analysis.questions.has(analysis.sentences[match.from]!);
    const place = 1 + (LATER * match.to) / analysis.tokens.length;
    const before = sums.get(match.label) ?? 0;
    sums.set(match.label, before + (match.weight * (felt ? WITH_FEELING : 1) * place) / (1 + 0.5 * before));
  }
  return {
    add(weights: Partial<Record<T, number>>): void {
      for (const [value, weight] of Object.entries(weights) as [T, number][])
        sums.set(value, (sums.get(value) ?? 0) + weight);
    },
    ranked: (): Ranked<T> =>
      [...sums]
        .map(([value, score]) => ({ value: value as T, score }))
        .toSorted((a, b) => b.score - a.score || (a.value < b.value ? -1 : 1)),
  };
}

/** The best, with a confidence that grows with its lead over the second; nobody well ahead is `null`. */
function decide<T extends string>(ranked: Ranked<T>, matches: readonly CueMatch[]) {
  const [best, second] = ranked;
  if (!best || best.score <= 0) return { value: null, by: BY, confidence: 0 };
  const lead = best.score - Math.max(0, second?.score ?? 0);
  const confidence = Math.round(Math.min(0.95, 0.35 + (0.6 * lead) / (lead + 0.6)) * 100) / 100;
  if (lead < LEAST_LEAD) return { value: null, by: BY, confidence };
  const evidence = matches.filter((match) => match.label === best.value).map((match) => match.evidence);
  return { value: best.value, by: BY, confidence, evidence: [...new Set(evidence)].slice(0, MOST_EVIDENCE) };
}
