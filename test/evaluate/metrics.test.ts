import { describe, expect, it } from 'vitest';
import { measure } from '../../src/evaluate/metrics.ts';
import type { Answer } from '../../src/evaluate/metrics.ts';

const answers = (...rows: [truth: string, said: string | null, confidence: number][]): Answer[] =>
  rows.map(([truth, said, confidence]) => ({ truth, said, confidence }));

describe('the figures', () => {
  const four = answers(['a', 'a', 0.9], ['a', 'b', 0.9], ['b', 'b', 0.6], ['b', null, 0.3]);

  it('count right answers, and untold ones as wrong', () => {
    const { rows, accuracy, told } = measure(four);
    expect([rows, accuracy, told]).toEqual([4, 0.5, 0.75]);
  });

  it('tell precision, recall and F1 of each class, and their mean', () => {
    const { classes, macroF1 } = measure(four);
    expect(classes).toEqual([
      { label: 'a', rows: 2, precision: 1, recall: 0.5, f1: 2 / 3 },
      { label: 'b', rows: 2, precision: 0.5, recall: 0.5, f1: 0.5 },
    ]);
    expect(macroF1).toBeCloseTo((2 / 3 + 0.5) / 2);
  });

  it('leave classes that are too rare out of the mean', () => {
    const rows = answers(...Array.from({ length: 9 }, (): [string, string, number] => ['a', 'a', 1]), ['b', 'a', 1]);
    expect(measure(rows).macroF1).toBeCloseTo(18 / 19 / 2);
    expect(measure(rows, { leastRows: 2 }).macroF1).toBeCloseTo(18 / 19);
    expect(measure(rows, { leastShare: 0.2 }).macroF1).toBeCloseTo(18 / 19);
  });

  it('tell by how much confidence and accuracy differ, over what was told', () => {
    // Two with 0.9 of which one is right, one with 0.6 that is right.
    expect(measure(four).ece).toBeCloseTo((2 / 3) * 0.4 + (1 / 3) * 0.4);
    expect(measure(answers(['a', 'a', 1], ['b', 'b', 1])).ece).toBe(0);
  });

  it('tell how many answers are sure and how many of those are right', () => {
    expect(measure(four).sure).toEqual({ share: 0.5, accuracy: 0.5 });
  });

  it('of nothing are 0', () => {
    expect(measure([])).toMatchObject({ rows: 0, accuracy: 0, macroF1: 0, ece: 0 });
  });
});
