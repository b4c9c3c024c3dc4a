import type { HeadName } from '../src/enrich/model.ts';
import { fit, meanOf } from './fit.ts';
import type { FitOptions, HashLists, Lesson, Weights } from './fit.ts';
import { LABELS } from './lessons.ts';
import type { Example } from './lessons.ts';
import type { Vector } from './vectorise.ts';

/** A text with its numbers. */
export interface Pupil {
  example: Example;
  vector: Vector;
}

export interface Course extends Omit<FitOptions, 'labels' | 'seed'> {
  /** The head is the mean of so many fits, in other orders. */
  fits: number;
}

const SEED = 20_26;
const rate = { pieces: 0.03, meaning: 0.05, traits: 0.03 };
const decay = { pieces: 1e-5, meaning: 1e-5, traits: 1e-5 };
const journey: Course = { fits: 3, bits: 16, rounds: 6, rate, decay };

/** How each head is trained; chosen by cross-validation. */
const COURSES: Record<HeadName, Course> = {
  sentiment: {
    fits: 5,
    bits: 19,
    rounds: 3,
    rate: { pieces: 0.1, meaning: 0.02, traits: 0.04 },
    decay: { ...decay, pieces: 5e-5 },
  },
  step: journey,
  touchpoint: journey,
  outcome: journey,
};

const BY_LANGUAGE = /^feeling \w\w:/u;

/**
 * What a head shall not look at. Where something was said tells of the sets that have been collected there, not of the
 * feeling: the open sets of reviews know no neutral ones. The journey is the same in all languages.
 */
const BLIND: Record<HeadName, RegExp> = {
  sentiment: /^(?:channel|step|touchpoint):/u,
  step: BY_LANGUAGE,
  touchpoint: BY_LANGUAGE,
  outcome: BY_LANGUAGE,
};

/** What all lessons share: hashes of the pieces of each word, and the names of the traits. */
export interface Ground {
  pieces: HashLists;
  traits: readonly string[];
}

/** Trains one head on the labels that examples have for it. */
export function trainHead(head: HeadName, pupils: readonly Pupil[], { pieces, traits }: Ground): Weights {
  const hidden = traits.map((name) => BLIND[head].test(name));
  const lessons = pupils.flatMap(({ example, vector }) =>
    lessonOf(head, example, { ...vector, traits: vector.traits.map((value, index) => (hidden[index] ? 0 : value)) }),
  );
  const { fits, ...course } = COURSES[head];
  const options = { ...course, labels: LABELS[head].length };
  return meanOf(Array.from({ length: fits }, (_, at) => fit(lessons, pieces, { ...options, seed: SEED + at })));
}

function lessonOf(head: HeadName, { labels, weight, withoutNeutral }: Example, vector: Vector): Lesson[] {
  const label = labels[head];
  if (label === undefined) return [];
  const target = Float64Array.from(LABELS[head], (name) => (name === label ? 1 : 0));
  const possible =
    head === 'sentiment' && withoutNeutral ? LABELS.sentiment.map((name) => name !== 'neutral') : undefined;
  return [{ vector, target, weight: weight[head] ?? 1, ...(possible && { possible }) }];
}
