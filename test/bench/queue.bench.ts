/**
 * What the queues cost: items/s of batch jobs of 100 items through each queue, beside a plain loop over the same
 * handler, with light work (serialise, parse and hash each item) and with real work (also find its language).
 * One process adds and works. All three take turns within one run; medians of five rounds.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { eld } from 'eld/small';
import Database from 'libsql';
import type { JobQueue, Json } from '../../src/domain/queue.ts';
import { bullQueue } from '../../src/queues/bullmq/index.ts';
import { sqliteQueue } from '../../src/queues/sqlite/index.ts';
import { emptyPrefix } from '../queues/redis.ts';

const ROUNDS = 5;
const BATCH = 100;
const TEXT = 'The courier left the parcel at the wrong door, and nobody at the shop answers my calls. '.repeat(9);

type Work = (batch: Json) => void;
/** Gives the seconds from the first batch handed in to the last one done; opening and cleaning up are not counted. */
type Runner = (batches: Json[], work: Work) => Promise<number>;

function light(batch: Json): void {
  for (const item of batch as Json[]) {
    const text = JSON.stringify(item);
    createHash('sha256')
      .update(JSON.stringify(JSON.parse(text)))
      .digest('hex');
  }
}

function real(batch: Json): void {
  light(batch);
  for (const item of batch as { text: string }[]) eld.detect(item.text.slice(0, 300));
}

function batchesOf(items: number): Json[] {
  const item = (number: number) => ({ id: randomUUID(), number, at: '2026-01-05T00:00:00Z', text: TEXT, rating: 3 });
  return Array.from({ length: items / BATCH }, () => Array.from({ length: BATCH }, (_, number) => item(number)));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

const plainLoop: Runner = (batches, work) =>
  timed(async () => {
    for (const batch of batches) work(batch);
  });

async function through(queue: JobQueue, batches: Json[], work: Work): Promise<void> {
  let left = batches.length;
  const finished = new Promise<void>((done) => {
    queue.work(
      'batch',
      async ({ payload }) => {
        work(payload);
        left -= 1;
        if (left === 0) done();
      },
      { concurrency: 2 },
    );
  });
  for (let from = 0; from < batches.length; from += 10)
    await Promise.all(batches.slice(from, from + 10).map((batch) => queue.add('batch', batch)));
  await finished;
}

const onSqlite: Runner = async (batches, work) => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
  const db = new Database(join(folder, 'queue.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL');
  const queue = sqliteQueue(db, { now: () => new Date() });
  const seconds = await timed(() => through(queue, batches, work));
  await queue.close();
  db.close();
  rmSync(folder, { recursive: true });
  return seconds;
};

const onRedis =
  (url: string): Runner =>
  async (batches, work) => {
    const prefix = `bench-${randomUUID()}`;
    const queue = await bullQueue({ url, prefix, now: () => new Date() });
    const seconds = await timed(() => through(queue, batches, work));
    await queue.close();
    await emptyPrefix(url, prefix);
    return seconds;
  };

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const say = (line: string) => process.stdout.write(`${line}\n`);

async function compare(name: string, items: number, work: Work, runners: Record<string, Runner>): Promise<void> {
  const rates = new Map(Object.keys(runners).map((key): [string, number[]] => [key, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [key, run] of Object.entries(runners)) rates.get(key)?.push(items / (await run(batchesOf(items), work)));
  const loop = rates.get('plain loop') ?? [];
  say(`${name}, ${items} items, ${JSON.stringify(batchesOf(BATCH)[0]).length / BATCH} bytes each`);
  for (const [key, values] of rates) {
    const ratios = values.map((value, round) => value / (loop[round] ?? value));
    say(
      `  ${key.padEnd(12)} ${Math.round(median(values)).toLocaleString('en')} items/s, ${median(ratios).toFixed(2)} of the loop`,
    );
  }
}

describe('queues', () => {
  it('print items per second and the ratio to a plain loop', async () => {
    const { REDIS_URL: url } = process.env;
    if (!url) say('bullmq NOT RUN: REDIS_URL is not set.');
    const runners = { 'plain loop': plainLoop, sqlite: onSqlite, ...(url ? { bullmq: onRedis(url) } : {}) };
    await compare('light work', 20_000, light, runners);
    await compare('real work', 10_000, real, runners);
  });
});
