import { describe, expect, it } from 'vitest';
import { measure } from '../../src/evaluate/metrics.ts';
import type { Answer } from '../../src/evaluate/metrics.ts';
import { compare, detail, reliability } from '../../src/evaluate/report.ts';
import type { Line } from '../../src/evaluate/report.ts';

const right: Answer = { truth: 'a', said: 'a', confidence: 0.95 };
const wrong: Answer = { truth: 'a', said: 'b', confidence: 0.95 };
const line = (name: string, language: string, own: Answer[], others: Answer[]): Line => ({
  name,
  language,
  judges: [
    { judge: 'Earshot', answers: own },
    { judge: 'majority', answers: others },
  ],
});

describe('the report', () => {
  it('puts judges side by side, and the mean of each language below', () => {
    const lines = [
      line('x', 'en', [right], [wrong]),
      line('y', 'en', [wrong], [wrong]),
      line('z', 'ro', [right], [right]),
    ];
    const rows = compare(lines, {}).map((row) => row.split(/\s{2,}/u));
    expect(rows).toEqual([
      ['set', 'rows', 'accuracy', 'ECE', 'F1 Earshot', 'F1 majority'],
      ['x', '1', '1.000', '.050', '1.000', '.000'],
      ['y', '1', '.000', '.950', '.000', '.000'],
      ['z', '1', '1.000', '.050', '1.000', '1.000'],
      ['mean en', '2', '.500', '.500', '.500', '.000'],
      ['mean ro', '1', '1.000', '.050', '1.000', '1.000'],
    ]);
  });

  it('tells every class and how many of the sure answers are right', () => {
    const told = detail('step', [right, right, wrong, { ...right, confidence: 0.5 }], {}).join('\n');
    expect(told).toContain('step: 4 rows, accuracy 75.0 %');
    expect(told).toContain('confidence 0.8 or more (75.0 %) 66.7 % are right');
  });

  it('plots how many are right against how sure', () => {
    const [, low, high] = reliability(measure([right, wrong, { ...right, confidence: 0.25 }]));
    expect(low).toBe(`  0.2–0.3 ${'#'.repeat(10)}|${'#'.repeat(29)}${' '.repeat(7)}1`);
    expect(high).toContain('#'.repeat(20));
    expect(high!.indexOf('|') - high!.indexOf('#')).toBe(38);
  });
});
