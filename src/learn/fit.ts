import { softmax } from '../enrich/reader.ts';
import type { Features } from './features.ts';

/** One text from which a head learns. */
export interface Lesson {
  features: Features;
  /** What was said before, as logarithms of the shares by label: the fixed start. */
  said: Float64Array;
  /** Wanted shares by label, sum 1. */
  target: Float64Array;
  weight: number;
}

export interface FitOptions {
  /** Number of weights of a label. */
  size: number;
  labels: number;
  /** Pull of all weights to 0, above 0: as much as so many texts weigh. */
  pull: number;
  /** Where to begin; the end is the same. */
  from?: Float64Array | undefined;
}

const MOST_STEPS = 200;
/** Done when the slope is this share of the slope at no change at all. */
const FLAT = 0.01;

/**
 * What is added to the logits: multinomial logistic regression with the squares of all weights held down. It has one
 * optimum, so there is no order and no seed that could matter. Found by Nesterov's gradient with restarts
 * (O'Donoghue, Candès 2015, https://doi.org/10.1007/s10208-013-9150-3).
 * @returns Weights by place and label.
 */
export function fit(lessons: readonly Lesson[], { size, labels, pull, from }: FitOptions): Float64Array {
  const none = new Float64Array(size * labels);
  const enough = Math.sqrt(product(slopeAt(none, lessons, pull))) * FLAT;
  const steepest = steepestOf(lessons, size, pull);
  let [weights, before, round] = [from ?? none, from ?? none, 0];
  for (let step = 0; step < MOST_STEPS; step++) {
    const ahead = round / (round + 3);
    const next = new Float64Array(weights.length);
    for (let at = 0; at < next.length; at++) next[at] = weights[at]! + ahead * (weights[at]! - before[at]!);
    const slope = slopeAt(next, lessons, pull);
    if (Math.sqrt(product(slope)) <= enough) return next;
    let uphill = 0;
    for (let at = 0; at < next.length; at++) {
      next[at]! -= slope[at]! / steepest[Math.floor(at / labels)]!;
      uphill += slope[at]! * (next[at]! - weights[at]!);
    }
    [before, weights, round] = [weights, next, uphill > 0 ? 0 : round + 1];
  }
  return weights;
}

function product(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]! ** 2;
  return sum;
}

/**
 * How fast the slope can change along each place: rare words may take long steps. A softmax changes by no more than
 * half of what goes in, and what goes in is shared by all that stands in a text.
 */
function steepestOf(lessons: readonly Lesson[], size: number, pull: number): Float64Array {
  const steepest = new Float64Array(size).fill(pull);
  for (const { features, weight } of lessons) {
    const all = features.values.reduce((sum, value) => sum + Math.abs(value), 0);
    for (const [index, place] of features.places.entries())
      steepest[place]! += 0.5 * weight * Math.abs(features.values[index]!) * all;
  }
  return steepest;
}

function slopeAt(weights: Float64Array, lessons: readonly Lesson[], pull: number): Float64Array {
  const slope = new Float64Array(weights.length);
  for (let at = 0; at < slope.length; at++) slope[at] = weights[at]! * pull;
  for (const lesson of lessons) {
    const { places, values } = lesson.features;
    const wrong = sharesAfter(lesson, weights);
    const size = wrong.length;
    for (let label = 0; label < size; label++) wrong[label] = (wrong[label]! - lesson.target[label]!) * lesson.weight;
    for (let index = 0; index < places.length; index++) {
      const [at, value] = [places[index]! * size, values[index]!];
      for (let label = 0; label < size; label++) slope[at + label]! += value * wrong[label]!;
    }
  }
  return slope;
}

/** Shares by label of a text with these weights, sum 1. */
export function sharesAfter(
  { features: { places, values }, said }: Pick<Lesson, 'features' | 'said'>,
  weights: Float64Array,
): number[] {
  const [sums, size] = [said.slice(), said.length];
  for (let index = 0; index < places.length; index++) {
    const [at, value] = [places[index]! * size, values[index]!];
    for (let label = 0; label < size; label++) sums[label]! += weights[at + label]! * value;
  }
  return softmax(sums, 1);
}
