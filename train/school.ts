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

export type Course = Omit<FitOptions, 'labels' | 'seed'>;

/** Each head is the mean of so many fits, in other orders. */
const SEEDS = [20_26, 20_27, 20_28];
const rate = { pieces: 0.03, meaning: 0.05, traits: 0.03 };
const decay = { pieces: 1e-5, meaning: 1e-5, traits: 1e-5 };
const journey: Course = { bits: 16, rounds: 6, rate, decay };

/** How each head is trained; chosen by cross-validation. */
const COURSES: Record<HeadName, Course> = {
  sentiment: {
    bits: 19,
    rounds: 3,
    rate: { pieces: 0.1, meaning: 0.02, traits: 0.04 },
    decay: { ...decay, pieces: 5e-5 },
  },
  step: journey,
  touchpoint: journey,
  outcome: journey,
};

/**
 * What a head shall not look at. Where something was said tells of the sets that have been collected there, not of the
 * feeling: the open sets of reviews know no neutral ones.
 */
const BLIND: Partial<Record<HeadName, RegExp>> = { sentiment: /^(?:channel|step|touchpoint):/u };

/** What all lessons share: hashes of the pieces of each word, and the names of the traits. */
export interface Ground {
  pieces: HashLists;
  traits: readonly string[];
}

/** Trains one head on the labels that examples have for it. */
export function trainHead(head: HeadName, pupils: readonly Pupil[], { pieces, traits }: Ground): Weights {
  const hidden = traits.map((name) => BLIND[head]?.test(name) ?? false);
  const lessons = pupils.flatMap(({ example, vector }) =>
    lessonOf(head, example, { ...vector, traits: vector.traits.map((value, index) => (hidden[index] ? 0 : value)) }),
  );
  return meanOf(SEEDS.map((seed) => fit(lessons, pieces, { ...COURSES[head], labels: LABELS[head].length, seed })));
}

function lessonOf(head: HeadName, { labels, weight, withoutNeutral }: Example, vector: Vector): Lesson[] {
  const label = labels[head];
  if (label === undefined) return [];
  const target = Float64Array.from(LABELS[head], (name) => (name === label ? 1 : 0));
  const possible =
    head === 'sentiment' && withoutNeutral ? LABELS.sentiment.map((name) => name !== 'neutral') : undefined;
  return [{ vector, target, weight: weight[head] ?? 1, ...(possible && { possible }) }];
}
