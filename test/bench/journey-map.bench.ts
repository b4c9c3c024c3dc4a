import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { createApi } from '../../src/api/app.ts';
import type { ApiPorts } from '../../src/api/ports.ts';
import type { MentionStore } from '../../src/domain/store.ts';
import { loadModels } from '../../src/knowledge.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { sqliteMentions } from '../../src/stores/sqlite/mentions.ts';
import { closeDatabase, openDatabase } from '../../src/stores/sqlite/open.ts';
import { serverUrl } from '../servers.ts';
import { newPrefix, removeIndices } from '../stores/elasticsearch-indices.ts';
import { LAST_DAY, manyMentions } from './many-mentions.ts';

const COUNT = Number(process.env.EARSHOT_BENCH_MENTIONS ?? 1_000_000);
/** A folder and a prefix that are kept, so that a second run has nothing to load. */
const { EARSHOT_BENCH_DATA: keptFolder, EARSHOT_BENCH_PREFIX: keptPrefix } = process.env;
const ROUNDS = Number(process.env.EARSHOT_BENCH_ROUNDS ?? 30);
const BATCH = 500;
const WRITERS = 8;
const now = () => new Date(LAST_DAY);
const say = (line: string) => process.stdout.write(`${line}\n`);

async function load(store: MentionStore): Promise<void> {
  if ((await store.search({}, { limit: 1 })).total === COUNT) return;
  const start = performance.now();
  let running: Promise<unknown>[] = [];
  for (const batch of manyMentions(COUNT, BATCH)) {
    running.push(store.put(batch));
    if (running.length < WRITERS) continue;
    await Promise.all(running);
    running = [];
  }
  await Promise.all(running);
  const seconds = (performance.now() - start) / 1_000;
  say(`  loaded ${COUNT} mentions in ${seconds.toFixed(0)} s, ${(COUNT / seconds).toFixed(0)} a second`);
}

/** What is asked; `day` makes every question another one, so that no cache knows its answer. */
const QUESTIONS: Record<string, (day: string) => string> = {
  'map of everything': (day) => `/v1/journey?collectedTo=${day}`,
  'map of a brand, 90 days': (day) => `/v1/journey?brand=acme&from=${day.slice(0, 4)}-04-01&collectedTo=${day}`,
  'map of a language and a pain': (day) => `/v1/journey?language=it,ro&pain=payment&collectedTo=${day}`,
  'map of a frequent word': (day) => `/v1/journey?q=parcel&brand=bolt&collectedTo=${day}`,
  'map with change against': (day) => `/v1/journey?against=quarter&from=2026-04-01&collectedTo=${day}`,
  'comparison, 28 days': (day) => `/v1/compare?collectedTo=${day}`,
  'paths of authors, 28 days': (day) => `/v1/paths?from=2026-06-01&collectedTo=${day}`,
  'paths of authors': (day) => `/v1/paths?collectedTo=${day}`,
};

/** Milliseconds of processor time since the start, on a machine that does other things too the fairer measure. */
type Clock = () => Promise<number>;

const ownClock: Clock = () => {
  const { user, system } = process.cpuUsage();
  return Promise.resolve((user + system) / 1_000);
};

async function measure(name: string, store: MentionStore, clock: Clock): Promise<void> {
  const unused = () => Promise.reject(new Error('is not asked here'));
  const ports = { mentions: store, models: loadModels(), now, brands: [], log: () => {}, erase: unused };
  const app = createApi(ports as unknown as ApiPorts);
  say(`${name}, ${COUNT} mentions, ${ROUNDS} different questions each: milliseconds p50 / p95 (of processor time)`);
  for (const [question, path] of Object.entries(QUESTIONS)) {
    const times: number[] = [];
    const busy: number[] = [];
    for (let round = -3; round < ROUNDS; round++) {
      const day = new Date(LAST_DAY - (round + 3) * 3_600_000).toISOString();
      const used = await clock();
      const start = performance.now();
      const { status } = await app.request(path(day));
      if (status !== 200) throw new Error(`${path(day)} was answered with ${status}`);
      const passed = performance.now() - start;
      const worked = (await clock()) - used;
      if (round < 0) continue;
      times.push(passed);
      busy.push(worked);
    }
    const at = (values: number[], share: number) =>
      values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!;
    const figures = [at(times, 0.5), at(times, 0.95), at(busy, 0.5), at(busy, 0.95)].map((ms) =>
      Math.round(ms).toString().padStart(5),
    );
    say(`  ${question.padEnd(32)} ${figures[0]} / ${figures[1]} (${figures[2]} / ${figures[3]})`);
  }
}

describe('the journey map at scale', { timeout: 3_600_000 }, () => {
  it('embedded: SQLite', async () => {
    const folder = keptFolder ?? mkdtempSync(join(tmpdir(), 'earshot-map-'));
    const db = openDatabase(join(folder, 'bench.db'));
    const store = sqliteMentions(db, { now });
    await load(store);
    const start = performance.now();
    await store.aggregate({}, ['step']);
    say(`  columns read in ${Math.round(performance.now() - start)} ms`);
    await measure('SQLite', store, ownClock);
    closeDatabase(db);
    if (keptFolder === undefined) rmSync(folder, { recursive: true });
  });

  it('scaled: Elasticsearch', async () => {
    const url = serverUrl('ELASTICSEARCH_URL');
    if (url === undefined) return say('scaled NOT RUN: ELASTICSEARCH_URL is not set.');
    const client = connectElasticsearch({ url });
    const prefix = keptPrefix ?? newPrefix();
    const store = elasticsearchMentions(client, { prefix, now });
    await load(store);
    await client.indices.refresh({ index: `${prefix}-mentions` });
    const serverClock: Clock = async () => {
      const { nodes } = await client.nodes.stats({ metric: 'process' });
      const server = Object.values(nodes).reduce(
        (sum, node) => sum + Number(node.process?.cpu?.total_in_millis ?? 0),
        0,
      );
      return server + (await ownClock());
    };
    await measure('Elasticsearch', store, serverClock);
    if (keptPrefix === undefined) await removeIndices(client, prefix);
    await client.close();
  });
});
