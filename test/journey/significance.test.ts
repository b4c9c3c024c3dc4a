import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustForMany, compareShares, tailOfNormal } from '../../src/journey/significance.ts';

describe('compareShares', () => {
  it('agrees with worked examples', () => {
    // G² and p of the tables [[10, 90], [25, 75]], [[0, 400], [5, 195]] and [[30, 70], [60, 140]].
    const first = compareShares({ count: 10, total: 100 }, { count: 25, total: 100 });
    expect(first.surprise).toBeCloseTo(8.007, 3);
    expect(first.p).toBeCloseTo(0.00466, 5);
    const second = compareShares({ count: 0, total: 400 }, { count: 5, total: 200 });
    expect(second.surprise).toBeCloseTo(11.0704, 3);
    expect(second.p).toBeCloseTo(0.000877, 6);
    expect(compareShares({ count: 30, total: 100 }, { count: 60, total: 200 })).toEqual({ surprise: 0, p: 1 });
  });

  it('calls about one change in twenty of nothing but chance probable at 0.05', () => {
    let state = 7;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const draw = () => Array.from({ length: 400 }, random).filter((value) => value < 0.2).length;
    const alarms = Array.from({ length: 2_000 }, () =>
      compareShares({ count: draw(), total: 400 }, { count: draw(), total: 400 }),
    ).filter(({ p }) => p <= 0.05).length;
    expect(alarms / 2_000).toBeGreaterThan(0.035);
    expect(alarms / 2_000).toBeLessThan(0.065);
  });
});

describe('tailOfNormal', () => {
  it('agrees with the table', () => {
    const table = [
      [0, 1],
      [1, 0.317311],
      [1.959964, 0.05],
      [2.575829, 0.01],
      [5, 5.733e-7],
    ] as const;
    for (const [deviations, p] of table) expect(tailOfNormal(-deviations)).toBeCloseTo(p, 6);
  });
});

describe('adjustForMany', () => {
  it('agrees with a worked example, in the order of the input', () => {
    const adjusted = adjustForMany([0.04, 0.01, 0.03, 0.5]);
    for (const [index, p] of [0.0533, 0.04, 0.0533, 0.5].entries()) expect(adjusted[index]).toBeCloseTo(p, 3);
  });

  it('never makes anything more probable, and keeps the order', () => {
    assert(
      property(array(double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (all) => {
        const adjusted = adjustForMany(all);
        for (const [index, p] of all.entries()) {
          expect(adjusted[index]).toBeGreaterThanOrEqual(p);
          expect(adjusted[index]).toBeLessThanOrEqual(1);
          const greater = adjusted.filter((_, other) => all[other]! > p);
          for (const other of greater) expect(adjusted[index]).toBeLessThanOrEqual(other);
        }
      }),
    );
  });
});
