import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { openApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { IngestJob } from '../../src/pipeline/jobs.ts';
import { workIngests } from '../../src/pipeline/work.ts';
import { readWorld } from '../../src/sample/world.ts';
import { readEnvironment } from '../../src/settings/environment.ts';
import { readSettings } from '../../src/settings/load.ts';
import { packageRoot } from '../../src/settings/shipped.ts';

const ROUNDS = 5;
const ITEMS = 6_000;
const BATCH = 100;
const CONCURRENCY = 2;
const say = (line: string) => process.stdout.write(`${line}\n`);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The sample world's sentences over and over, each time as another mention, in batches as a pull hands them over. */
function jobs(): IngestJob[] {
  const world = readWorld(join(packageRoot(), 'config/sample'), new Date('2026-05-01T00:00:00Z'));
  const items = Array.from({ length: ITEMS }, (_, index) => {
    const { text, said } = world[index % world.length]!;
    return { externalId: randomUUID(), channel: 'review' as const, text, publishedAt: said.toISOString() };
  });
  const batches = Array.from({ length: ITEMS / BATCH }, (_, index) => items.slice(index * BATCH, (index + 1) * BATCH));
  return batches.map((batch) => ({ source: 'bench', collectedAt: '2026-05-01T00:00:00.000Z', items: batch }));
}

/** The same work as the queue's workers do, at the same concurrency, without the queue. */
async function withoutQueue(app: App): Promise<void> {
  const left = jobs();
  const worker = async () => {
    for (let job = left.shift(); job; job = left.shift()) await ingest(job, app);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function withQueue(app: App): Promise<void> {
  for (const job of jobs()) await app.queue.add('ingest', job as never);
  for (;;) {
    const { waiting, delayed, running } = await app.queue.counts('ingest');
    if (waiting + delayed + running === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1_000;
}

async function compare(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
  const environment = { ...readEnvironment({ ...env, EARSHOT_PREFIX: `bench-${randomUUID().slice(0, 8)}` }), dataDir };
  const app = await openApp({ settings: readSettings('', 'bench', {}), environment, log: () => {} });
  workIngests(app.queue, { ...app, sources: [] });
  const rates: { plain: number[]; queued: number[] } = { plain: [], queued: [] };
  await withoutQueue(app);
  for (let round = 0; round < ROUNDS; round++) {
    rates.plain.push(ITEMS / (await seconds(() => withoutQueue(app))));
    rates.queued.push(ITEMS / (await seconds(() => withQueue(app))));
  }
  const ratios = rates.queued.map((rate, round) => rate / rates.plain[round]!);
  say(
    `${name}: ${Math.round(median(rates.plain))} items/s without a queue, ${Math.round(median(rates.queued))} through it, ratio ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`,
  );
  await app.close();
  rmSync(dataDir, { recursive: true, force: true });
}

describe('the pipeline from a batch of facts to stored mentions', () => {
  it('embedded: SQLite queue and store', () => compare('embedded', {}));

  it('scaled: BullMQ and Elasticsearch', async () => {
    const { REDIS_URL, ELASTICSEARCH_URL } = process.env;
    if (!REDIS_URL || !ELASTICSEARCH_URL) return say('scaled NOT RUN: REDIS_URL and ELASTICSEARCH_URL are not set.');
    await compare('scaled', { REDIS_URL, ELASTICSEARCH_URL });
  });
});
