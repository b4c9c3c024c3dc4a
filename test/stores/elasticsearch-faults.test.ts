import type { Client } from '@elastic/elasticsearch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aMention, sampleMentions } from '../contracts/mentions.ts';
import { serverUrl } from '../servers.ts';
import type { Mention } from '../../src/domain/mention.ts';
import type { Change, MentionStore } from '../../src/domain/store.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { elasticsearchState } from '../../src/stores/elasticsearch/state.ts';
import { newPrefix, removeIndices } from './elasticsearch-indices.ts';
import { proxyTo } from './proxy.ts';
import type { Seen, Verdict } from './proxy.ts';

/** What needs the store waits for it; that is no failure of the job. */
const WAITS = { afterMs: expect.any(Number) };

const url = serverUrl('ELASTICSEARCH_URL');
const now = () => new Date('2024-05-10T12:00:00Z');
const MAY = '2024-05-02T08:00:00.000Z';
const MARCH = '2024-03-02T08:00:00.000Z';

describe.skipIf(url === undefined)('Elasticsearch under faults (skipped without ELASTICSEARCH_URL)', () => {
  let client: Client;
  let prefix: string;
  let store: MentionStore;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(() => {
    client = connectElasticsearch({ url: url! });
    prefix = newPrefix();
    store = elasticsearchMentions(client, { prefix, now, fresh: true });
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    await removeIndices(client, prefix);
    await client.close();
  });

  const isBulk = ({ path }: Seen) => path.startsWith('/_bulk');
  const ofRegistry = (seen: Seen) => isBulk(seen) && seen.body.includes(`"${prefix}-registry-v1"`);
  const ofDocuments = (seen: Seen) => isBulk(seen) && !ofRegistry(seen) && seen.body.includes('"index"');
  const deletions = (seen: Seen) => isBulk(seen) && seen.body.startsWith('{"delete"');

  /** Another process's store over the same indices, whose requests pass through `decide`. */
  async function through(decide: (seen: Seen) => Verdict, attempts = 2): Promise<MentionStore> {
    const proxy = await proxyTo(url!, decide);
    const other = connectElasticsearch({ url: proxy.url });
    ends.push(async () => {
      await other.close();
      await proxy.close();
    });
    return elasticsearchMentions(other, { prefix, now, fresh: true, attempts, random: () => 0.01 });
  }

  const changes = async (): Promise<Change[]> => (await store.changes(undefined, 1_000)).changes;
  const everything = async () => (await store.search({}, { limit: 200 })).mentions;
  const put = async (mention: Mention, into = store) => (await into.put([mention]))[0]!;

  it.each<[string, Verdict]>([
    ['before the registry hears of it', 'cut'],
    ['while the registry writes it', 'lose'],
  ])('stores, tells and counts once what was interrupted %s', async (_, verdict) => {
    const broken = await through((seen) => (ofRegistry(seen) ? verdict : 'pass'));
    await expect(broken.put([aMention()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retry: WAITS });
    expect(await put(aMention())).toMatchObject({ outcome: verdict === 'cut' ? 'new' : 'same' });
    expect(await everything()).toEqual([aMention()]);
    expect(await changes()).toMatchObject([{ kind: 'stored', mention: aMention() }]);
  });

  it('does not mind an answer that is lost once', async () => {
    let documents = 0;
    let entries = 0;
    const shaky = await through((seen) => {
      const first = (ofDocuments(seen) && documents++ === 0) || (ofRegistry(seen) && entries++ === 0);
      return first ? 'lose' : 'pass';
    });
    const all = sampleMentions(50);
    expect((await shaky.put(all)).every((outcome) => 'collectedAt' in outcome)).toBe(true);
    expect((await everything()).length).toBe(50);
    expect((await changes()).map(({ mentionId }) => mentionId)).toEqual(all.map(({ id }) => id));
  });

  it('brings a document back in line with the registry after an interrupted change', async () => {
    const edited = aMention({ text: 'Edited.' });
    await put(aMention());
    const broken = await through((seen) => (ofRegistry(seen) ? 'cut' : 'pass'));
    await expect(broken.put([edited])).rejects.toMatchObject({ retry: WAITS });
    expect(await put(aMention())).toMatchObject({ outcome: 'changed' });
    expect(await everything()).toEqual([aMention()]);
    expect(await put(edited)).toMatchObject({ outcome: 'changed' });
    expect(await everything()).toEqual([edited]);
    expect(await changes()).toMatchObject([{ mention: edited }]);
  });

  it('ends with one document where two writers give one id two dates at once', async () => {
    const [inMay, inMarch] = [aMention({ at: MAY, text: 'May' }), aMention({ at: MARCH, text: 'March' })];
    await put(aMention({ externalId: 'other', at: MAY }));
    let held = false;
    const slow = await through((seen) => {
      if (!ofRegistry(seen) || held) return 'pass';
      held = true;
      return async () => void (await put(inMarch));
    });
    expect(await put(inMay, slow)).toMatchObject({ outcome: 'changed' });
    expect((await everything()).map(({ text }) => text).toSorted()).toEqual(['May', aMention().text]);
    expect((await changes()).length).toBe(2);
    expect(await store.get(inMay.id)).toEqual(inMay);
    expect(await put(aMention({ at: MARCH, text: 'again' }))).toMatchObject({ outcome: 'changed' });
    expect((await everything()).length).toBe(2);
  });

  it('removes what an interrupted put left in another partition', async () => {
    const broken = await through((seen) => (ofRegistry(seen) ? 'cut' : 'pass'));
    await expect(broken.put([aMention({ at: MAY, text: 'May' })])).rejects.toMatchObject({ retry: WAITS });
    await put(aMention({ at: MARCH, text: 'March' }));
    await put(aMention({ at: MAY, text: 'May' }));
    expect(await everything()).toEqual([aMention({ at: MAY, text: 'May' })]);
  });

  it('leaves nothing of a mention that is erased while it is being stored', async () => {
    await put(aMention({ externalId: 'other' }));
    const slow = await through((seen) =>
      ofDocuments(seen) ? async () => void (await store.forget([aMention().id])) : 'pass',
    );
    expect(await put(aMention(), slow)).toEqual({ id: aMention().id, outcome: 'erased' });
    expect((await everything()).map(({ externalId }) => externalId)).toEqual(['other']);
    await put(aMention());
    expect((await everything()).length).toBe(1);
    const other = aMention({ externalId: 'other', text: 'Edited.' });
    const late = await through((seen) =>
      ofDocuments(seen) ? async () => void (await store.forget([other.id])) : 'pass',
    );
    expect(await put(other, late)).toMatchObject({ outcome: 'erased' });
    expect(await everything()).toEqual([]);
  });

  it('erases also what an interrupted put left, before and after', async () => {
    const broken = await through((seen) => (ofRegistry(seen) ? 'cut' : 'pass'));
    const [early, late] = [aMention({ externalId: 'early', at: MAY }), aMention({ externalId: 'late', at: MAY })];
    await expect(broken.put([early])).rejects.toMatchObject({ retry: WAITS });
    expect((await everything()).length).toBe(1);
    await store.forget([early.id, late.id]);
    expect(await everything()).toEqual([]);
    const unaware = await through((seen) => {
      if (ofRegistry(seen)) return 'cut';
      return seen.path.startsWith('/_mget') ? 404 : 'pass';
    });
    await expect(unaware.put([late])).rejects.toMatchObject({ code: expect.any(String) });
    expect(await put(late)).toMatchObject({ outcome: 'erased' });
    expect(await everything()).toEqual([]);
  });

  it('ends an erasure that was interrupted', async () => {
    await put(aMention({ at: MAY }));
    const broken = await through((seen) => (deletions(seen) ? 'cut' : 'pass'));
    await expect(broken.forget([aMention().id])).rejects.toMatchObject({ retry: WAITS });
    expect(await store.get(aMention().id)).toBeUndefined();
    await store.forget([aMention().id]);
    expect(await everything()).toEqual([]);
  });

  it.each([429, 503])('tries a whole request of status %i again, then gives the job back', async (status) => {
    let times = 0;
    const full = await through((seen) => (isBulk(seen) && times++ < 3 ? status : 'pass'), 5);
    expect((await full.put(sampleMentions(30))).every((outcome) => 'collectedAt' in outcome)).toBe(true);
    const down = await through((seen) => (isBulk(seen) ? status : 'pass'));
    await expect(down.put([aMention()])).rejects.toMatchObject({
      code: status === 429 ? 'STORE_BUSY' : 'STORE_UNAVAILABLE',
      retry: WAITS,
    });
  });

  it('gives up at once where it has no right, and blames no document', async () => {
    const refused = await through((seen) => (isBulk(seen) ? 403 : 'pass'));
    await expect(refused.put([aMention()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retry: WAITS });
    await put(aMention({ at: MAY }));
    await client.indices.close({ index: `${prefix}-mentions-v1-2024-05` });
    await expect(store.put([aMention({ at: MAY, text: 'Edited.' })])).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });

  it('refuses one document in the words of Elasticsearch, and stores the others', async () => {
    const bad = aMention({ source: 'x'.repeat(40_000) });
    const good = aMention({ externalId: 'good' });
    const outcomes = await store.put([bad, good]);
    expect(outcomes).toMatchObject([
      { id: bad.id, outcome: 'refused', reason: expect.stringMatching(/field \[source\].*immense term/) },
      { outcome: 'new' },
    ]);
    expect((outcomes[0] as { reason: string }).reason.length).toBeLessThan(1_000);
    expect(await everything()).toEqual([good]);
    expect((await changes()).map(({ mentionId }) => mentionId)).toEqual([good.id]);
    expect(await store.get(bad.id)).toBeUndefined();
  });

  it('says that nobody answers, without telling the password', async () => {
    const proxy = await proxyTo(url!, () => 'pass');
    await proxy.close();
    const secret = 'pass%2Fword';
    const nobody = connectElasticsearch({ url: proxy.url.replace('//', `//elastic:${secret}@`) });
    const failure: unknown = await elasticsearchMentions(nobody, { prefix, now })
      .search({}, { limit: 1 })
      .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', retry: WAITS });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toMatch(/pass(?:%2F|\/)word|ZWxhc3RpYz/);
    await nobody.close();
  });

  it('takes a compare-and-set whose answer is lost for no success of somebody else', async () => {
    let written = 0;
    const proxy = await proxyTo(url!, ({ method, path }) =>
      method === 'PUT' && path.includes('/_doc/') && written++ === 0 ? 'lose' : 'pass',
    );
    const other = connectElasticsearch({ url: proxy.url });
    ends.push(async () => {
      await other.close();
      await proxy.close();
    });
    const state = elasticsearchState(client, { prefix });
    const version = await state.set('key', 1);
    await expect(elasticsearchState(other, { prefix }).set('key', 2, version)).rejects.toMatchObject({
      retry: WAITS,
    });
    expect(await state.get('key')).toMatchObject({ value: 2 });
  });

  it('shows what was put after a while, also where no read asks for it', async () => {
    const ordinary = elasticsearchMentions(client, { prefix, now });
    await ordinary.put([aMention()]);
    await expect.poll(async () => (await ordinary.search({}, { limit: 1 })).total, { timeout: 15_000 }).toBe(1);
  });

  it('can be started by many at once', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      const writers = await Promise.all(Array.from({ length: 8 }, () => through(() => 'pass')));
      const all = writers.map((_, index) => aMention({ externalId: String(index), at: index % 2 ? MAY : MARCH }));
      const outcomes = await Promise.all(writers.map((writer, index) => put(all[index]!, writer)));
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(all.map(() => 'new'));
      expect((await everything()).length).toBe(8);
      await removeIndices(client, prefix);
      prefix = newPrefix();
      store = elasticsearchMentions(client, { prefix, now, fresh: true });
    }
    await put(aMention());
  });

  it('misses no change while many write at once', { timeout: 120_000 }, async () => {
    const writers = await Promise.all(Array.from({ length: 6 }, () => through(() => 'pass')));
    const seen = new Set<string>();
    let place: string | undefined;
    let writing = true;
    const follow = async () => {
      for (let last = false; !last;) {
        last = !writing;
        for (let more = true; more;) {
          const page = await store.changes(place, 500);
          for (const { mentionId } of page.changes) seen.add(mentionId);
          more = page.next !== place && page.changes.length > 0;
          place = page.next;
        }
      }
    };
    const following = follow();
    await Promise.all(
      writers.map(async (writer, who) => {
        for (let batch = 0; batch < 25; batch++)
          await writer.put(
            Array.from({ length: 40 }, (_, index) => aMention({ externalId: `${who} ${batch} ${index}` })),
          );
      }),
    );
    writing = false;
    await following;
    expect(seen.size).toBe(6_000);
  });
});

describe.skipIf(url === undefined)('connecting to Elasticsearch (skipped without ELASTICSEARCH_URL)', () => {
  async function headersOf(credentials: string, options: { apiKey?: string } = {}): Promise<Record<string, unknown>> {
    let headers: Record<string, unknown> = {};
    const proxy = await proxyTo(url!, (seen) => {
      headers = seen.headers;
      return 'pass';
    });
    const connected = connectElasticsearch({ url: proxy.url.replace('//', `//${credentials}`), ...options });
    await connected.cluster.health();
    await connected.close();
    await proxy.close();
    return headers;
  }

  it('takes name and password out of the address, or an API key', async () => {
    const basic = `Basic ${Buffer.from('elastic:p/w').toString('base64')}`;
    expect(await headersOf('elastic:p%2Fw@')).toMatchObject({ authorization: basic });
    expect(await headersOf('', { apiKey: 'abc' })).toMatchObject({ authorization: 'ApiKey abc' });
    expect(await headersOf('')).not.toHaveProperty('authorization');
  });

  it('asks for JSON that servers of version 8 and 9 speak', async () => {
    expect(await headersOf('')).toMatchObject({ accept: 'application/json' });
  });

  it.each(['', 'localhost:9200', 'ftp://localhost', 'redis://localhost'])('refuses the address %j', (address) => {
    expect(() => connectElasticsearch({ url: address })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it.each(['', 'Upper', '_x', '-x', 'a b', 'a/b', 'a*'])('refuses the prefix %j', (prefix) => {
    const connected = connectElasticsearch({ url: url! });
    for (const make of [
      () => elasticsearchMentions(connected, { prefix, now }),
      () => elasticsearchState(connected, { prefix }),
    ])
      expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
