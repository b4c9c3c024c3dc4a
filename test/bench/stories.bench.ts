import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withStories } from '../../src/pipeline/stories.ts';
import { sqliteMentions } from '../../src/stores/sqlite/mentions.ts';
import { closeDatabase, openDatabase } from '../../src/stores/sqlite/open.ts';
import { sqliteState } from '../../src/stores/sqlite/state.ts';
import { manyMentions } from './many-mentions.ts';

const COUNT = Number(process.env.EARSHOT_BENCH_MENTIONS ?? 20_000);
const ms = (from: number) => performance.now() - from;

it(`folds ${COUNT} mentions in one SQLite file, every tenth a copy`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-stories-'));
  const db = openDatabase(join(folder, 'earshot.db'));
  const mentions = sqliteMentions(db, { now: () => new Date() });
  const ports = { stories: sqliteState(db), personKey: Buffer.alloc(32, 7) };
  let [telling, storing, again] = [0, 0, 0];
  for (const batch of manyMentions(COUNT, 100)) {
    const given = batch.map((mention, index) =>
      index % 10 === 9 ? { ...mention, text: batch[index - 1]!.text } : mention,
    );
    let start = performance.now();
    const told = await withStories(given, ports);
    telling += ms(start);
    start = performance.now();
    await mentions.put(told);
    storing += ms(start);
    start = performance.now();
    await withStories(given, ports);
    again += ms(start);
  }
  const each = (total: number) => `${((total * 1_000) / COUNT).toFixed(0)} µs`;
  process.stdout.write(
    `stories ${each(telling)} a mention, again ${each(again)}, put ${each(storing)}; ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB resident\n`,
  );
  for (const query of [{}, { collapse: 'story' as const }]) {
    let start = performance.now();
    const { total } = await mentions.search(query, { limit: 20 });
    const searched = ms(start);
    start = performance.now();
    await mentions.aggregate(query, ['step', 'touchpoint']);
    process.stdout.write(
      `${JSON.stringify(query)}: ${total} found in ${searched.toFixed(0)} ms, map in ${ms(start).toFixed(0)} ms\n`,
    );
  }
  const { total } = await mentions.search({ collapse: 'story' }, { limit: 1 });
  expect(total).toBeLessThan(COUNT * 0.95);
  closeDatabase(db);
  rmSync(folder, { recursive: true });
});
