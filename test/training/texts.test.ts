import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NONE, OUTCOMES, SENTIMENTS, STEPS, TOUCHPOINTS } from '../../src/domain/journey.ts';

const folder = new URL('../../config/training/', import.meta.url);
const COLUMNS: Record<string, readonly string[]> = {
  step: [...STEPS, NONE],
  touchpoint: [...TOUCHPOINTS, NONE],
  sentiment: SENTIMENTS,
  outcome: [...OUTCOMES, NONE],
};

/** Lines that do not fit, as they stand. */
function flaws(path: string, named: 'text' | 'row'): string[] {
  const [head, ...lines] = readFileSync(new URL(path, folder), 'utf8').trimEnd().split('\n');
  const columns = head!.split('\t');
  const seen = new Set<string>();
  return lines.filter((line) => {
    const cells = line.split('\t');
    const row = Object.fromEntries(columns.map((name, index) => [name, cells[index]]));
    const isTwice = seen.has(row[named]!);
    seen.add(row[named]!);
    const fits = Object.entries(COLUMNS).every(([name, known]) => row[name] === undefined || known.includes(row[name]));
    return cells.length !== columns.length || isTwice || !row[named] || !fits;
  });
}

const tables = (path: string) => readdirSync(new URL(path, folder)).filter((name) => name.endsWith('.tsv'));

describe('training texts', () => {
  it.each(tables('.'))('%s is labelled by the vocabulary, each text once', (name) => {
    expect(flaws(name, 'text')).toEqual([]);
  });

  it.each(tables('labels/'))('labels/%s is labelled by the vocabulary, each row once', (name) => {
    expect(flaws(`labels/${name}`, 'row')).toEqual([]);
  });
});
