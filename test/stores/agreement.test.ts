import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@elastic/elasticsearch';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aMention, queriesOfAny, sampleMentions } from '../contracts/mentions.ts';
import { lexiconFiles, loadLexicon } from '../enrich/lexicons.ts';
import { serverUrl } from '../servers.ts';
import { readRisks } from '../../src/journey/risk-reader.ts';
import type { Mention } from '../../src/domain/mention.ts';
import { DIMENSIONS } from '../../src/domain/query.ts';
import type { Dimension, MentionQuery } from '../../src/domain/query.ts';
import type { MentionStore } from '../../src/domain/store.ts';
import { createEnrichers, enrichAll } from '../../src/enrich/index.ts';
import { similar } from '../../src/pipeline/similar.ts';
import { readWorld } from '../../src/sample/world.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { sqliteMentions } from '../../src/stores/sqlite/mentions.ts';
import { closeDatabase, openDatabase } from '../../src/stores/sqlite/open.ts';
import type { Database } from '../../src/stores/sqlite/open.ts';
import { terms } from '../../src/text/fold.ts';
import { newPrefix, removeIndices } from './elasticsearch-indices.ts';

const url = serverUrl('ELASTICSEARCH_URL');
const root = join(import.meta.dirname, '../..');
const now = () => new Date('2024-05-10T12:00:00Z');
/** `EARSHOT_FULL=1` asks for the large comparison, which takes a minute longer. */
const GENERATED = process.env.EARSHOT_FULL === '1' ? 20_000 : 4_000;
const QUERIES = 200;
const MAX_PAGES = 3;

/** The sample world as the pipeline would store it, understood by the real enrichers. */
async function worldMentions(): Promise<Mention[]> {
  const enrichers = createEnrichers({ lexicons: lexiconFiles.map(loadLexicon) });
  const mentions = readWorld(join(root, 'config/sample'), now()).map(({ id, via, said, text, title, author, rating }) =>
    aMention({
      source: via,
      externalId: id,
      channel: via === 'zendesk' ? 'ticket' : 'review',
      at: said.toISOString(),
      text,
      author: { id: author },
      ...(title !== undefined && { title }),
      ...(rating !== undefined && { rating }),
    }),
  );
  const judgements = await enrichAll(enrichers, mentions);
  return mentions.map((mention, index) => ({ ...mention, judgements: judgements[index]! }));
}

/** What people would look for in these texts: one to three words, some begun, some not wanted. */
function wordQueries(mentions: readonly Mention[]): fc.Arbitrary<MentionQuery> {
  const said = [...new Set(mentions.flatMap(({ text }) => terms(text)))].toSorted();
  const word = fc.constantFrom(...said);
  const phrase = fc.constantFrom(...mentions.map(({ text }) => text.split(/\s+/).slice(1, 3).join(' ')));
  const part = fc.oneof(
    word,
    word.map((one) => `${[...one].slice(0, 2).join('')}*`),
    word.map((one) => `-${one}`),
    phrase.map((words) => `"${words}"`),
    phrase.map((words) => `"${words.slice(0, -1)}*"`),
  );
  return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => ({ q: parts.join(' ') }));
}

describe.skipIf(url === undefined)('both stores (skipped without ELASTICSEARCH_URL)', { timeout: 300_000 }, () => {
  const prefix = newPrefix();
  const folder = mkdtempSync(join(tmpdir(), 'earshot-agreement-'));
  let client: Client;
  let db: Database;
  let stores: [MentionStore, MentionStore];
  let world: Mention[];

  beforeAll(async () => {
    client = connectElasticsearch({ url: url! });
    db = openDatabase(join(folder, 'earshot.db'));
    stores = [sqliteMentions(db, { now }), elasticsearchMentions(client, { prefix, now })];
    world = await worldMentions();
    const all = [...world, ...sampleMentions(GENERATED)];
    for (const store of stores)
      for (let from = 0; from < all.length; from += 1_000) await store.put(all.slice(from, from + 1_000));
    await client.indices.refresh({ index: `${prefix}-mentions` });
  }, 300_000);
  afterAll(async () => {
    closeDatabase(db);
    rmSync(folder, { recursive: true });
    await removeIndices(client, prefix);
    await client.close();
  });

  /** Ids in their order and the total, page by page. */
  async function found(store: MentionStore, query: MentionQuery, pages = MAX_PAGES): Promise<(string | number)[]> {
    const all: (string | number)[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < pages && (page === 0 || cursor !== undefined); page++) {
      const { total, mentions, next } = await store.search(query, { limit: 200, cursor });
      all.push(total, ...mentions.map(({ id }) => id));
      cursor = next;
    }
    return all;
  }

  it(`give the same ids, totals and counts for ${QUERIES} queries over ${GENERATED} mentions and the sample world`, async () => {
    const query = fc.oneof(queriesOfAny(1), queriesOfAny(2), wordQueries(world));
    const dimensions = fc.uniqueArray(fc.constantFrom<Dimension>(...DIMENSIONS), { minLength: 1, maxLength: 3 });
    const asked = fc.sample(fc.tuple(query, dimensions), { numRuns: QUERIES, seed: 20_240_510 });
    let answered = 0;
    for (const [one, by] of asked) {
      const [first, second] = stores;
      const answers = async (store: MentionStore) => ({
        query: one,
        found: await found(store, one),
        counted: await store.aggregate(one, by),
      });
      const expected = await answers(first);
      expect(await answers(second)).toEqual(expected);
      if (expected.found.length > 1) answered++;
    }
    expect(answered).toBeGreaterThan(QUERIES / 2);
  });

  it('give the same mentions, all of them', async () => {
    const [one, other] = await Promise.all(stores.map((store) => found(store, {}, Infinity)));
    expect(other).toEqual(one);
    const id = world[0]!.id;
    expect(await stores[1].get(id)).toEqual(await stores[0].get(id));
  });

  it('find the same mentions like another', async () => {
    for (const { id } of [...world.slice(0, 20), ...sampleMentions(20)]) {
      const [one, other] = await Promise.all(stores.map((mentions) => similar(id, 50, { mentions })));
      expect(other).toEqual(one);
      expect(one!.similar.length).toBeGreaterThan(0);
    }
  });

  it('find the same people at risk', async () => {
    const at = new Date('2024-06-01T00:00:00Z');
    for (const query of [{}, { sentiment: ['negative' as const], outcome: ['churned' as const] }, { q: 'late' }]) {
      const [one, other] = await Promise.all(stores.map((store) => readRisks(query, {}, at, store)));
      expect(other).toEqual(one);
      expect(one!.risks.length).toBeGreaterThan(0);
    }
  });
});
