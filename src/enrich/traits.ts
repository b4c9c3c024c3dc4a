import type { Draft } from '../domain/enricher.ts';
import { CHANNELS } from '../domain/mention.ts';
import { OUTCOMES, STEPS, NONE, TOUCHPOINTS } from '../domain/journey.ts';
import type { Analysis } from './analysis.ts';
import { scoreOf } from './feelings.ts';
import { asksOnly, outcomesIn, stepScores, touchpointScores } from './journey-cues.ts';

/** Numbers about a text, by name, e.g. `step:support`. The names stand in the model file. */
export type Traits = Map<string, number>;

const URL = /(?:https?:\/\/|www\.)\S/giu;
const HASHTAG = /#[\p{L}\p{N}_]/gu;
const RETWEET = /^RT\s|^"?RT @/u;
/** Sums of cues beyond this say no more. */
const MOST = 4;
/** Names by group, made once: making them for each text takes long. */
const NAMES: Record<string, Record<string, string>> = {};
export const traitName = (group: string, name: string): string => ((NAMES[group] ??= {})[name] ??= `${group}:${name}`);
const squash = (value: number): number => MOST * Math.tanh(value / MOST);

/** Names of all traits but those of topics, which belong to the configured taxonomy. */
export const TRAIT_NAMES: readonly string[] = [
  ...['good', 'bad', 'score', 'last score', 'unfelt'].map((name) => `feeling:${name}`),
  ...[...STEPS, NONE].map((step) => `step:${step}`),
  ...TOUCHPOINTS.map((touchpoint) => `touchpoint:${touchpoint}`),
  ...OUTCOMES.map((outcome) => `outcome:${outcome}`),
  ...['gap', 'opportunity', 'moment_of_truth'].map((name) => `signal:${name}`),
  ...CHANNELS.map((channel) => `channel:${channel}`),
  ...['addressed', 'addressed bad', 'asks', 'asks only'].map((name) => `fact:${name}`),
  ...['length', 'short', 'links', 'hashtags', 'shouts', 'retweet'].map((name) => `form:${name}`),
];

/** Whether a trait stands before a word is read. */
export const isWordless = (name: string): boolean => /^(?:channel|form):/u.test(name);

/** What is told of a text beside its single words: cues with their surroundings, place, language and form. */
export function traitsOf(draft: Draft, analysis: Analysis): Traits {
  const traits: Traits = new Map();
  const set = (group: string, name: string, value: number) => {
    if (value !== 0) traits.set(traitName(group, name), value);
  };
  feelingTraits(analysis, set);
  for (const [step, sum] of stepScores(draft, analysis)) set('step', step, squash(sum));
  for (const [touchpoint, sum] of touchpointScores(draft, analysis)) set('touchpoint', touchpoint, squash(sum));
  for (const { label, weight } of outcomesIn(analysis)) set('outcome', label, weight);
  for (const { label } of analysis.matches.topic) set('topic', label, 1);
  for (const kind of ['gap', 'opportunity', 'moment_of_truth'] as const)
    set('signal', kind, Math.min(analysis.matches[kind].length, 2));
  set('channel', draft.channel, 1);
  factTraits(draft, analysis, set);
  formTraits(analysis, set);
  return traits;
}

type Set = (group: string, name: string, value: number) => void;

function feelingTraits(analysis: Analysis, set: Set): void {
  const { feelings } = analysis;
  const [good, bad] = [feelings.filter(({ weight }) => weight > 0), feelings.filter(({ weight }) => weight < 0)];
  set('feeling', 'good', Math.log1p(good.reduce((sum, { weight }) => sum + weight, 0)));
  set('feeling', 'bad', Math.log1p(bad.reduce((sum, { weight }) => sum - weight, 0)));
  set('feeling', 'score', scoreOf(feelings) ?? 0);
  const last = analysis.sentences.at(-1);
  set('feeling', 'last score', scoreOf(feelings.filter(({ sentence }) => sentence === last)) ?? 0);
  set('feeling', 'unfelt', feelings.length === 0 ? 1 : 0);
}

function factTraits({ text }: Draft, analysis: Analysis, set: Set): void {
  if (text.startsWith('@')) {
    set('fact', 'addressed', 1);
    set('fact', 'addressed bad', analysis.matches.sentiment.some(({ label }) => label.endsWith('negative')) ? 1 : 0);
  }
  set('fact', 'asks', analysis.questions.size / ((analysis.sentences.at(-1) ?? 0) + 1));
  set('fact', 'asks only', asksOnly(analysis) ? 1 : 0);
}

function formTraits({ text, tokens }: Analysis, set: Set): void {
  const count = (pattern: RegExp) => Math.log1p(text.match(pattern)?.length ?? 0);
  set('form', 'length', Math.log1p(tokens.length) / 4);
  set('form', 'short', tokens.length < 6 ? 1 : 0);
  set('form', 'links', count(URL));
  set('form', 'hashtags', count(HASHTAG));
  set('form', 'shouts', count(/!/gu));
  set('form', 'retweet', RETWEET.test(text) ? 1 : 0);
}
