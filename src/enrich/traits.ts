import type { Draft } from '../domain/enricher.ts';
import { CHANNELS } from '../domain/mention.ts';
import { OUTCOMES, STEPS, NONE, TOUCHPOINTS } from '../domain/journey.ts';
import type { Analysis } from './analysis.ts';
import { scoreOf } from './feelings.ts';
import { DEFAULT_LANGUAGES } from './language.ts';
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
/** What is told of the feelings of a text: */
const FEELING = ['good', 'bad', 'score', 'last score', 'unfelt'] as const;
/** for all languages together and for each by itself, because lexicons differ in what they know. */
const FEELING_IN: Record<string, string> = Object.fromEntries(
  DEFAULT_LANGUAGES.map((code) => [code, `feeling ${code}`]),
);
export const feelingGroups = ({ language }: Pick<Analysis, 'language'>): string[] => {
  const own = FEELING_IN[language];
  return own === undefined ? ['feeling'] : ['feeling', own];
};
const squash = (value: number): number => MOST * Math.tanh(value / MOST);

/** Names of all traits but those of topics, which belong to the configured taxonomy. */
export const TRAIT_NAMES: readonly string[] = [
  ...['feeling', ...Object.values(FEELING_IN)].flatMap((group) => FEELING.map((name) => `${group}:${name}`)),
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
  let [good, bad] = [0, 0];
  for (const { weight } of feelings)
    if (weight > 0) good += weight;
    else bad -= weight;
  const last = analysis.sentences.at(-1);
  const told: Record<(typeof FEELING)[number], number> = {
    good: Math.log1p(good),
    bad: Math.log1p(bad),
    score: scoreOf(feelings) ?? 0,
    'last score': scoreOf(feelings.filter(({ sentence }) => sentence === last)) ?? 0,
    unfelt: feelings.length === 0 ? 1 : 0,
  };
  for (const group of feelingGroups(analysis)) for (const name of FEELING) set(group, name, told[name]);
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
