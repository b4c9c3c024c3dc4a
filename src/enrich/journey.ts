import type { Draft, Enricher } from '../domain/enricher.ts';
import type { Judgements } from '../domain/enrichment.ts';
import { NONE } from '../domain/journey.ts';
import type { None, Touchpoint } from '../domain/journey.ts';
import type { CueMatch } from '../text/cues.ts';
import type { Analysis } from './analysis.ts';
import { add, stepScores, touchpointScores } from './journey-cues.ts';
import { STEP_TOUCHPOINTS } from './journey-hints.ts';
import type { StepOrNone } from './journey-hints.ts';
import type { HeadName } from './model.ts';
import type { Choice, Understanding } from './reading.ts';

/** Raised with the rules and with the version of the trained model. */
const VERSION = 7;
const BY = `journey@${VERSION}`;
/** A best guess that leads by less, in units of one cue, is no judgement. */
const LEAST_LEAD = 0.05;
/** A share that is not above this is no judgement. */
const LEAST_SHARE = { step: 0.22, touchpoint: 0.18 };
const MOST_EVIDENCE = 5;

/**
 * Puts a text at its place on the journey, main step and touchpoint: by the trained model with its words where there
 * is one, else by cues, with priors where cues are few.
 */
export function createJourney(analyse: (draft: Draft) => Analysis, understanding?: Understanding): Enricher {
  const judge = (draft: Draft): Judgements => {
    const analysis = analyse(draft);
    if (!analysis.understood) {
      const unread = { value: null, by: BY, confidence: 0 };
      return { step: unread, touchpoint: unread };
    }
    return understanding ? judgeByModel(draft, understanding) : judgeByCues(draft, analysis);
  };
  return {
    name: 'journey',
    version: VERSION,
    needs: ['language'],
    gives: ['step', 'touchpoint'],
    enrich: (drafts) => Promise.resolve(drafts.map(judge)),
  };
}

function judgeByModel(draft: Draft, understanding: Understanding): Judgements {
  const reading = understanding.read(draft);
  const best = understanding.best(reading, 'step');
  const said = (head: HeadName, label: string) => understanding.evidence(reading, head, label);
  const step = judgementOf<StepOrNone>(best, LEAST_SHARE.step, () => said('step', best.label));
  if (step.value === NONE) return { step, touchpoint: { ...step, value: NONE, evidence: [] } };
  // Only a customer's story has a touchpoint.
  const story = 1 - understanding.shareOf(reading, 'step', NONE);
  const { label, share } = understanding.best(reading, 'touchpoint');
  const place = { label, share: share * story };
  return { step, touchpoint: judgementOf<Touchpoint>(place, LEAST_SHARE.touchpoint, () => said('touchpoint', label)) };
}

function judgementOf<T extends string>({ label, share }: Choice, least: number, evidence: () => string[]) {
  const confidence = Math.round(share * 100) / 100;
  if (share <= least) return { value: null, by: BY, confidence };
  return { value: label as T, by: BY, confidence, evidence: evidence() };
}

function judgeByCues(draft: Draft, analysis: Analysis): Judgements {
  const step = decide(ranked(stepScores(draft, analysis)), analysis.matches.step);
  if (step.value === NONE) {
    const nowhere = { value: NONE as None, by: BY, confidence: step.confidence, evidence: [] };
    return { step, touchpoint: nowhere };
  }
  const scores = touchpointScores(draft, analysis);
  if (step.value) add(scores, STEP_TOUCHPOINTS[step.value]);
  return { step, touchpoint: decide(ranked(scores), analysis.matches.touchpoint) };
}

type Ranked<T> = { value: T; score: number }[];

function ranked<T extends string>(sums: ReadonlyMap<T, number>): Ranked<T> {
  return [...sums]
    .map(([value, score]) => ({ value, score }))
    .toSorted((a, b) => b.score - a.score || (a.value < b.value ? -1 : 1));
}

/** The best, with a confidence that grows with its lead over the second; nobody well ahead is `null`. */
function decide<T extends string>([best, second]: Ranked<T>, matches: readonly CueMatch[]) {
  if (!best || best.score <= 0) return { value: null, by: BY, confidence: 0 };
  const lead = best.score - Math.max(0, second?.score ?? 0);
  const confidence = Math.round(Math.min(0.95, 0.35 + (0.6 * lead) / (lead + 0.6)) * 100) / 100;
  if (lead < LEAST_LEAD) return { value: null, by: BY, confidence };
  const evidence = matches.filter((match) => match.label === best.value).map((match) => match.evidence);
  return { value: best.value, by: BY, confidence, evidence: [...new Set(evidence)].slice(0, MOST_EVIDENCE) };
}
