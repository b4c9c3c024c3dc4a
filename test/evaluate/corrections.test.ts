import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCorrections, withoutCopies } from '../../src/commands/corrections.ts';
import { evaluate } from '../../src/commands/evaluate.ts';
import { aMention, aTerminal, fill, install } from '../learn/company.ts';
import type { Installation } from '../learn/company.ts';

let folder: string;
let house: Installation;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-corrections-'));
  house = install(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(words: string[] = [], corrections = false, json = true) {
  const { terminal, printed, told } = aTerminal(house.env, json);
  const code = await evaluate.run({ words, flags: { corrections } }, terminal);
  return { code, printed, told: told.join('\n') };
}

const GOOD = aMention('good', 'I love it, excellent quality');
const BAD = aMention('bad', 'Terrible, it broke after a week');
const OTHER = aMention('other', 'I hate it, terrible service');

describe('earshot evaluate on corrections', () => {
  beforeEach(async () => {
    const app = await house.open();
    await fill(app, [
      { mention: GOOD, changes: { sentiment: 'positive' } },
      { mention: BAD, changes: { sentiment: 'neutral', step: 'use' } },
      { mention: OTHER },
    ]);
    await app.close(0);
  });

  it('takes people’s word for the truth, and judges the text anew', async () => {
    const { code, printed, told } = await run();
    const tables = printed.map(
      (line) => JSON.parse(line) as { measured: string; all: { rows: number; accuracy: number } },
    );
    expect(code).toBe(0);
    expect(tables.map(({ measured, all }) => [measured, all.rows])).toEqual([
      ['sentiment', 2],
      ['step', 1],
    ]);
    // The stored judgement is the label itself: read from there, everything would be right.
    expect(tables[0]!.all.accuracy).toBe(0.5);
    expect(told).toContain('people label what looks wrong');
    expect((await run([], true)).printed).toEqual(printed);
  });

  it('prints for people', async () => {
    expect((await run([], false, false)).printed.join('\n')).toMatch(/^corrections +2 +\.500/mu);
  });

  it('takes files or corrections', async () => {
    await expect(run(['a.jsonl'], true)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

it('tells where nobody has labelled anything', async () => {
  const { code, printed, told } = await run();
  expect([code, printed]).toEqual([1, []]);
  expect(told).toContain('Nobody has labelled');
});

it('leaves out of the others what copies a labelled text, by words or by story', async () => {
  const app = await house.open();
  await fill(app, [
    { mention: GOOD, changes: { sentiment: 'positive' } },
    { mention: aMention('shouted', GOOD.text.toUpperCase()) },
    { mention: aMention('retold', 'I love it, they say', { story: GOOD.id }) },
    { mention: OTHER },
  ]);
  const { labelled, others } = await readCorrections(app.mentions, { tell: () => {} });
  await app.close(0);
  expect(labelled.map(({ id }) => id)).toEqual([GOOD.id]);
  expect(others.map(({ id }) => id)).toEqual([OTHER.id]);
});

it('counts copies once, the first of them', () => {
  const retold = aMention('retold', 'Quite other words', { story: GOOD.id });
  expect(withoutCopies([GOOD, retold, BAD, aMention('again', ` ${BAD.text}`)])).toEqual([GOOD, BAD]);
});
