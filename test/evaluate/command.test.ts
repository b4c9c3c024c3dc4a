import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/commands/evaluate.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'earshot-evaluate-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function run(files: string[], json = true) {
  const [printed, told]: [string[], string[]] = [[], []];
  const terminal = {
    env: {},
    stdin: process.stdin,
    print: (line: string) => void printed.push(line),
    tell: (line: string) => void told.push(line),
    json,
  };
  const code = await evaluate.run({ words: files, flags: {} }, terminal);
  return { code, printed, told };
}

const ROWS = [
  { text: 'I love it, excellent quality', channel: 'review', sentiment: 'positive', step: 'use', language: 'en' },
  { text: 'Terrible, it broke after a week', channel: 'review', label: 'negative', outcome: 'none' },
  { text: 'The price is too high', topics: ['price'] },
];
const jsonl = ROWS.map((row) => JSON.stringify(row)).join('\n');

describe('earshot evaluate', () => {
  it('measures what the rows tell, beside cues, majority and the lexicons that are installed', async () => {
    const { code, printed } = await run([write('a.jsonl', jsonl)]);
    const tables = printed.map(
      (line) =>
        JSON.parse(line) as {
          measured: string;
          sets?: { judges: { judge: string; accuracy: number; rows: number }[] }[];
        },
    );
    expect(code).toBe(0);
    expect(tables.map(({ measured }) => measured)).toEqual(['language', 'sentiment', 'step', 'outcome', 'topics']);
    const judges = tables[1]!.sets![0]!.judges;
    expect(judges.map(({ judge }) => judge)).toEqual([
      'Earshot',
      'cues',
      'majority',
      'AFINN',
      'VADER',
      'natural',
      'multilang',
    ]);
    expect(judges[0]).toMatchObject({ rows: 2, accuracy: 1 });
    expect(judges[2]).toMatchObject({ accuracy: 0.5 });
    expect(judges[4]).toMatchObject({ accuracy: 1 });
    expect(tables[4]).toMatchObject({ recall: 1 });
  });

  it('reads tables and packed files, and prints for people', async () => {
    const csv = write('b.csv', 'text,sentiment\n"I love it, excellent quality",positive\nTerrible,negative\n');
    const { printed } = await run([csv, write('c.jsonl.gz', gzipSync(jsonl))], false);
    const text = printed.join('\n');
    expect(text).toMatch(/^b\.csv +2 +1\.000/mu);
    expect(text).toMatch(/^c\.jsonl\.gz +2 +1\.000/mu);
    expect(text).toContain('all sentiment: 4 rows, accuracy 100.0 %');
  });

  it('tells which rows it cannot read, and measures the others', async () => {
    const { code, printed, told } = await run([write('d.jsonl', `${jsonl}\n{"text":"x","step":"delivery"}\n{broken`)]);
    expect(code).toBe(1);
    expect(told.join('\n')).toMatch(/line 4: step/u);
    expect(told.join('\n')).toMatch(/line 5/u);
    expect(printed).toHaveLength(5);
  });

  it('tells where there is no file', async () => {
    await expect(run([join(folder, 'missing.jsonl')])).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});
