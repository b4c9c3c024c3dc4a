import { expect, it } from 'vitest';
import { chanceOfMean, chanceOfWins } from '../../src/learn/chance.ts';
import { fit, sharesAfter } from '../../src/learn/fit.ts';
import type { Lesson } from '../../src/learn/fit.ts';

const lesson = (places: number[], label: number, weight = 1, said = [Math.log(0.5), Math.log(0.5)]): Lesson => ({
  features: { places: Int32Array.from(places), values: Float64Array.from(places, () => 1) },
  said: Float64Array.from(said),
  target: Float64Array.from([0, 1], (one) => (one === label ? 1 : 0)),
  weight,
});
const options = { size: 3, labels: 2, pull: 0.5 };

it('finds the one optimum, from wherever it begins', () => {
  const lessons = [lesson([0, 1], 0), lesson([0, 1], 0), lesson([0, 2], 1, 0.5)];
  const weights = fit(lessons, options);
  const elsewhere = fit(lessons, { ...options, from: Float64Array.of(3, -3, 1, 1, -2, 0) });
  for (const [at, value] of weights.entries()) expect(elsewhere[at]).toBeCloseTo(value, 1);
  // There the pull is as strong as what the lessons want.
  const wanted = lessons.reduce((sum, one) => sum + one.weight * (one.target[0]! - sharesAfter(one, weights)[0]!), 0);
  expect(weights[0]! * options.pull).toBeCloseTo(wanted, 1);
  expect(sharesAfter(lessons[0]!, weights)[0]!).toBeGreaterThan(0.8);
});

it('moves less the stronger the pull, and not at all where all is said already', () => {
  const taught = (pull: number) => fit([lesson([0, 1], 0)], { ...options, pull })[0]!;
  expect(taught(0.1)).toBeGreaterThan(taught(1));
  expect(taught(1)).toBeGreaterThan(taught(100) * 10);
  const satisfied = { ...lesson([0], 0), target: Float64Array.of(0.5, 0.5) };
  expect(fit([satisfied], options)).toEqual(new Float64Array(6));
});

it('begins at what was said before', () => {
  const said = [Math.log(0.9), Math.log(0.1)];
  const { features } = lesson([0], 0);
  expect(sharesAfter({ features, said: Float64Array.from(said) }, new Float64Array(6))[0]).toBeCloseTo(0.9, 10);
});

it('knows how likely wins are by chance', () => {
  expect(chanceOfWins(5, 0)).toBeCloseTo(1 / 32, 10);
  expect(chanceOfWins(8, 2)).toBeCloseTo((45 + 10 + 1) / 1024, 10);
  expect(chanceOfWins(0, 0)).toBe(1);
  expect(chanceOfWins(0, 4)).toBeCloseTo(1, 10);
  expect(chanceOfWins(1_000, 1_000)).toBeCloseTo(0.5, 1);
  expect(chanceOfWins(2_000, 1_000)).toBeLessThan(1e-20);
});

it('knows how likely a mean is by chance', () => {
  const spread = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 1 : -1));
  expect(chanceOfMean(spread)).toBe(1);
  // 0.2 above 0, with a standard error of 0.1.
  expect(chanceOfMean(spread.map((value) => value + 0.2))).toBeCloseTo(0.0228, 2);
  expect(chanceOfMean([1, 1, 1])).toBe(0);
});
