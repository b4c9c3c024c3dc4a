import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadBaselines } from '../../src/commands/baselines.ts';
import type { Draft } from '../../src/domain/enricher.ts';
import { enrichAll } from '../../src/enrich/index.ts';
import { loadKnowledge } from '../../src/knowledge.ts';

/** In UTF-16 units. */
const LENGTH = 300;
const BATCH = 100;
const ROUNDS = 12;
/** Batches that are judged again and again, so that their words are known; all others are judged once, at the end. */
const KNOWN = 20;
const FOLDER = new URL('../../config/training/', import.meta.url);

const draft = (text: string): Draft => ({ text, channel: 'social', judgements: {} });
const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;

/** Texts of one length in all nine languages, mixed. */
function textsOfOneLength(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.tsv'));
  const byLanguage = files.map((file) => {
    const lines = readFileSync(new URL(file, FOLDER), 'utf8').split('\n').slice(1);
    const all = lines.map((line) => line.split('\t')[4] ?? '').join(' ');
    return Array.from({ length: Math.floor(all.length / LENGTH) }, (_, at) => all.substr(at * LENGTH, LENGTH));
  });
  const most = Math.max(...byLanguage.map(({ length }) => length));
  const texts = Array.from({ length: most }, (_, at) => byLanguage.flatMap((all) => all[at] ?? [])).flat();
  // As they come out of an answer: each in one piece of memory, not cut out of a long one.
  return JSON.parse(JSON.stringify(texts)) as string[];
}

const batchesOf = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.floor(items.length / BATCH) }, (_, at) => items.slice(at * BATCH, (at + 1) * BATCH));

it(`judges texts of ${LENGTH} characters`, async () => {
  const { enrichers } = loadKnowledge();
  const [language, sentiment] = enrichers;
  const afinn = loadBaselines().found.find(({ name }) => name === 'AFINN')!;
  const all = batchesOf(textsOfOneLength());
  const [batches, unseen] = [all.slice(0, KNOWN), all.slice(KNOWN)];
  const told = await Promise.all(batches.map((batch) => language!.enrich(batch.map(draft))));
  const ways: Record<string, (batch: string[], place: number) => unknown> = {
    everything: (batch) => enrichAll(enrichers, batch.map(draft)),
    language: (batch) => language!.enrich(batch.map(draft)),
    'sentiment alone': (batch, place) =>
      sentiment!.enrich(batch.map((text, index) => ({ ...draft(text), judgements: { ...told[place]![index] } }))),
    AFINN: (batch) => batch.map((text) => afinn.feel(text, 'en')),
  };
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  // All ways by turns, so that whatever else the machine does hits them alike.
  for (let round = 0; round < ROUNDS; round++)
    for (const [place, batch] of batches.entries())
      for (const [name, way] of Object.entries(ways)) {
        const start = performance.now();
        await way(batch, place);
        if (round > 0) times.get(name)!.push(((performance.now() - start) * 1000) / BATCH);
      }
  times.set('everything, texts not seen before', []);
  for (const batch of unseen) {
    const start = performance.now();
    await ways['everything']!(batch, 0);
    times.get('everything, texts not seen before')!.push(((performance.now() - start) * 1000) / BATCH);
  }
  const one = median(times.get('AFINN')!);
  for (const [name, each] of [...times].map(([way, measured]) => [way, median(measured)] as const)) {
    process.stdout.write(
      `${name}: ${each.toFixed(1)} µs a text, ${(1e6 / each).toFixed(0)} texts/s, ${(each / one).toFixed(1)} × AFINN\n`,
    );
  }
  expect(unseen.length).toBeGreaterThan(5);
});

const HOSTILE: Record<string, string> = {
  'one endless word': 'a'.repeat(200_000),
  negators: 'not '.repeat(50_000),
  'feelings and contrasts': 'good but bad, not very good but '.repeat(6_000),
  questions: '? '.repeat(100_000),
  emoji: '😡🙂'.repeat(50_000),
  apostrophes: "l'a".repeat(60_000),
  marks: `e${'\u0301'.repeat(200_000)}`,
  'Arabic letters': 'ب'.repeat(200_000),
  addresses: 'https://a.b/@c '.repeat(15_000),
};

it('judges hostile texts', async () => {
  const { enrichers } = loadKnowledge();
  // Words are read when first asked for.
  await enrichAll(enrichers, textsOfOneLength().slice(0, BATCH).map(draft));
  await enrichAll(enrichers, [draft('zzz')]);
  for (const [name, text] of Object.entries(HOSTILE)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      await enrichAll(enrichers, [draft(text)]);
      times.push(performance.now() - start);
    }
    process.stdout.write(`${name}: ${median(times).toFixed(1)} ms, ${Math.max(...times).toFixed(1)} ms at most\n`);
  }
  expect(Object.keys(HOSTILE).length).toBeGreaterThan(5);
});
