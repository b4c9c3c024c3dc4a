import { performance } from 'node:perf_hooks';
import type { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import { bulkSender, indexing } from '../../src/stores/elasticsearch/bulk.ts';
import type { BulkOperation } from '../../src/stores/elasticsearch/bulk.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { stored, toDocument } from '../../src/stores/elasticsearch/document.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { WIDE, coalescingWriter } from '../../src/stores/elasticsearch/writer.ts';
import { aMention, judged } from '../contracts/mentions.ts';
import { serverUrl } from '../servers.ts';
import { newPrefix, removeIndices } from '../stores/elasticsearch-indices.ts';

const url = serverUrl('ELASTICSEARCH_URL');
const now = () => new Date('2024-05-10T12:00:00Z');
const COUNT = 20_000;
const REPEATS = 5;
/** What an ingest job hands over, and how many of them run at once. */
const BATCH = 100;
const WRITERS = 32;
/** The best that was measured: 1,000 documents in a request, four requests at a time. */
const REQUEST = 1_000;
const IN_FLIGHT = 4;

const SENTENCES = [
  'The parcel came three days late and nobody answered my calls',
  'checkout declined my card twice although there was money on it',
  'the new release finally fixed the crash after the last update',
  'staff at the branch were friendly and solved it within minutes',
  'I have been a customer for years but this price rise is too much',
];

/** Reviews of about 300 characters with judgements, all of one month, so that raw requests go to one index as well. */
const mentions: Mention[] = Array.from({ length: COUNT }, (_, index) =>
  aMention({
    externalId: String(index),
    at: new Date(Date.UTC(2024, 4, 1) + index * 1_000).toISOString(),
    text: [0, 1, 2, 3]
      .map((part) => `${SENTENCES[(index + part * 2) % 5]} ${(index * 7919 + part) % 9_973}`)
      .join('. '),
    author: { id: `author-${index % 5_000}` },
    rating: 1 + (index % 5),
    brands: ['acme'],
    judgements: {
      language: judged('en'),
      sentiment: { ...judged('negative' as const), score: -0.5 },
      step: judged('support' as const),
      touchpoint: judged('support_team' as const),
      topics: [{ ...judged('price'), sentiment: 'negative' }],
    },
  }),
);

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, index * size + size),
  );
}

/** `workers` take the tasks one after another. */
async function inParallel<T>(tasks: readonly T[], workers: number, work: (task: T) => Promise<unknown>): Promise<void> {
  const left = [...tasks];
  const worker = async () => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) await work(task);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

describe.skipIf(url === undefined)('writing to Elasticsearch (skipped without ELASTICSEARCH_URL)', () => {
  let client: Client;
  beforeAll(() => {
    client = connectElasticsearch({ url: url! });
  });
  afterAll(() => client.close());

  /** Documents per second of `write` over new indices, which are made before the clock runs. */
  async function measure(write: (prefix: string, operations: BulkOperation[]) => Promise<() => Promise<unknown>>) {
    const prefix = newPrefix();
    const store = elasticsearchMentions(client, { prefix, now });
    await store.put([{ ...mentions[0]!, id: 'f'.repeat(32) }]);
    const index = `${prefix}-mentions-v1-2024-05`;
    const operations = mentions.map((mention) => indexing(index, mention.id, toDocument(mention, stored(mention))));
    const run = await write(prefix, operations);
    const from = performance.now();
    await run();
    const seconds = (performance.now() - from) / 1_000;
    await client.indices.refresh({ index });
    expect((await client.count({ index })).count).toBe(COUNT + 1);
    await removeIndices(client, prefix);
    return COUNT / seconds;
  }

  const ways = {
    'raw _bulk, serialised before': async (_prefix: string, operations: BulkOperation[]) => {
      const bodies = chunks(operations, REQUEST).map((chunk) => chunk.map(({ lines }) => lines).join(''));
      const querystring = { filter_path: 'errors,items.*.status' };
      return () =>
        inParallel(bodies, IN_FLIGHT, (bulkBody) =>
          client.transport.request({ method: 'POST', path: '/_bulk', querystring, bulkBody }),
        );
    },
    'coalescing writer, same operations': async (_prefix: string, operations: BulkOperation[]) => {
      const write = coalescingWriter(bulkSender(client), WIDE);
      return () => inParallel(chunks(operations, BATCH), WRITERS, write);
    },
    'whole put: check, hash, fold, registry': async (prefix: string) => {
      const store = elasticsearchMentions(client, { prefix, now });
      await store.get('x');
      return () => inParallel(chunks(mentions, BATCH), WRITERS, (batch) => store.put(batch));
    },
  };

  it('is told in documents per second', async () => {
    const rates = Object.fromEntries(Object.keys(ways).map((way) => [way, [] as number[]]));
    for (let round = -1; round < REPEATS; round++)
      for (const [way, write] of Object.entries(ways)) {
        const rate = await measure(write);
        if (round >= 0) rates[way]!.push(rate);
      }
    const medians = Object.entries(rates).map(
      ([way, all]) => [way, all.toSorted((a, b) => a - b)[REPEATS >> 1]!] as const,
    );
    const bytes = indexing('index', 'id', toDocument(mentions[0]!, stored(mentions[0]!))).lines.length;
    process.stdout.write(`${COUNT} documents of about ${bytes} bytes, median of ${REPEATS} interleaved runs\n`);
    for (const [way, rate] of medians)
      process.stdout.write(
        `${way.padEnd(40)} ${Math.round(rate).toString().padStart(7)} docs/s ${(rate / medians[0]![1]).toFixed(2)}\n`,
      );
  });
});
