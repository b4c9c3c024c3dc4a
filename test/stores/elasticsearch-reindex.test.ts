import type { Client } from '@elastic/elasticsearch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aMention, sampleMentions } from '../contracts/mentions.ts';
import { serverUrl } from '../servers.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Mention } from '../../src/domain/mention.ts';
import type { MentionStore } from '../../src/domain/store.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { reindex } from '../../src/stores/elasticsearch/reindex.ts';
import { newPrefix, removeIndices } from './elasticsearch-indices.ts';
import { proxyTo } from './proxy.ts';
import type { Seen } from './proxy.ts';

const url = serverUrl('ELASTICSEARCH_URL');
const now = () => new Date('2024-05-10T12:00:00Z');

describe.skipIf(url === undefined)('re-indexing (skipped without ELASTICSEARCH_URL)', { timeout: 120_000 }, () => {
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

  async function everything(): Promise<Map<string, Mention>> {
    const all = new Map<string, Mention>();
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await store.search({}, { limit: 200, cursor });
      for (const mention of page.mentions) all.set(mention.id, mention);
      cursor = page.next;
    }
    return all;
  }

  const indices = async () =>
    Object.keys(await client.indices.get({ index: `${prefix}-mentions-v*` })).map((index) =>
      index.slice(prefix.length),
    );
  const versions = async () => new Set((await indices()).map((index) => index.split('-')[2]));

  /** As a queue repeats a job: again and again, until it is done. */
  async function insisting<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.retry === 'never') throw thrown;
      }
    }
  }

  it('moves everything into new indices while puts, erasures and searches go on', async () => {
    const all = sampleMentions(3_000);
    await store.put(all);
    const { next: place } = await store.changes(undefined, 1);
    const expected = new Map(all.map((mention) => [mention.id, mention]));
    const progress = { moving: true };
    let rounds = 0;
    const write = async () => {
      for (let more = true; more; rounds++) {
        more = progress.moving;
        const fresh = Array.from({ length: 20 }, (_, index) =>
          aMention({
            externalId: `${rounds} ${index}`,
            at: new Date(Date.UTC(2024, rounds % 12, 1 + index)).toISOString(),
          }),
        );
        const edited = all
          .slice(rounds * 5, rounds * 5 + 5)
          .map((mention) => ({ ...mention, text: `Edited in ${rounds}.` }));
        const liked = all
          .slice(2_000 + rounds * 5, 2_005 + rounds * 5)
          .map((mention) => ({ ...mention, engagement: { likes: 9 } }));
        const gone = all.slice(1_000 + rounds * 5, 1_003 + rounds * 5).map(({ id }) => id);
        await insisting(() => store.put([...fresh, ...edited, ...liked]));
        await insisting(() => store.forget(gone));
        for (const mention of [...fresh, ...edited, ...liked]) expected.set(mention.id, mention);
        for (const id of gone) expected.delete(id);
      }
    };
    const searched: number[] = [];
    const search = async () => {
      while (progress.moving) {
        searched.push(
          (await store.search({ channel: ['review', 'social', 'news', 'ticket', 'survey'] }, { limit: 1 })).total,
        );
        expect(await store.get(all[2_999]!.id)).toEqual(all[2_999]);
        expect((await store.changes(place, 50)).changes.length).toBe(50);
      }
    };
    const others = [write(), search()];
    const report = await reindex(client, { prefix, graceMs: 2_000 }).finally(() => (progress.moving = false));
    await Promise.all(others);
    expect(await everything()).toEqual(expected);
    expect(await versions()).toEqual(new Set(['v2']));
    expect(report).toMatchObject({ version: 2, mentions: expect.any(Number) });
    expect(report.copied).toBeGreaterThanOrEqual(2_900);
    expect(Math.min(...searched)).toBeGreaterThan(2_800);
    expect(rounds).toBeGreaterThan(1);
    const again = elasticsearchMentions(client, { prefix, now, fresh: true });
    expect((await again.put([all[2_999]!]))[0]).toMatchObject({ outcome: 'same' });
    expect((await again.put([aMention({ externalId: 'later', at: '2023-11-11T00:00:00.000Z' })]))[0]).toMatchObject({
      outcome: 'new',
    });
    expect((await everything()).size).toBe(expected.size + 1);
    expect((await reindex(client, { prefix, graceMs: 0 })).version).toBe(3);
    expect((await everything()).size).toBe(expected.size + 1);
  });

  /** A run that is ended at the n-th request that `where` picks. */
  async function endedAt(where: (seen: Seen) => boolean, nth = 1): Promise<unknown> {
    let count = 0;
    const proxy = await proxyTo(url!, (seen) => (count >= nth || (where(seen) && ++count >= nth) ? 'cut' : 'pass'));
    const other = connectElasticsearch({ url: proxy.url });
    const outcome: unknown = await reindex(other, { prefix, graceMs: 0 }).catch((thrown: unknown) => thrown);
    await other.close();
    await proxy.close();
    return outcome;
  }

  it.each<[string, (seen: Seen) => boolean, number]>([
    ['while it copies', ({ path }) => path.startsWith('/_bulk'), 4],
    ['before the old indices are closed', ({ path }) => path.includes('/_block/'), 1],
    ['while it counts', ({ path }) => path.includes('/_count'), 2],
    ['before the alias is moved', ({ path }) => path.startsWith('/_aliases'), 1],
    ['before the layout is written down', ({ path, method }) => method === 'PUT' && path.includes('/_doc/layout'), 1],
    ['before the old indices are removed', ({ path, method }) => method === 'DELETE' && path.includes('-v1-'), 1],
  ])('goes on after an end %s', async (_, where, nth) => {
    const all = sampleMentions(2_500);
    await store.put(all);
    await store.forget([all[0]!.id]);
    expect(await endedAt(where, nth)).toBeInstanceOf(AppError);
    expect((await store.search({}, { limit: 1 })).total).toBe(2_499);
    expect(await store.get(all[1]!.id)).toEqual(all[1]);
    const report = await reindex(client, { prefix, graceMs: 0 });
    expect(report.version).toBe(2);
    expect(report.copied).toBeLessThan(2_000);
    expect(await everything()).toEqual(new Map(all.slice(1).map((mention) => [mention.id, mention])));
    expect(await versions()).toEqual(new Set(['v2']));
    expect((await store.put([{ ...all[1]!, text: 'Edited.' }, all[0]!])).map(({ outcome }) => outcome)).toEqual([
      'changed',
      'erased',
    ]);
  });

  it('finds and repairs what differs in the copy', async () => {
    const all = sampleMentions(1_200).map((mention) =>
      aMention({ externalId: mention.externalId, text: mention.text }),
    );
    await store.put(all);
    expect(await endedAt(({ path }) => path.includes('/_block/'))).toBeInstanceOf(AppError);
    const index = `${prefix}-mentions-v2-undated`;
    const { _source: document } = await client.get<{ body: string }>({ index, id: all[5]!.id });
    await client.index({
      index,
      id: all[5]!.id,
      document: { ...document!, body: document!.body.replace('review', 'survey') },
    });
    await client.delete({ index, id: all[6]!.id });
    await client.index({ index, id: 'stray', document: { ...document!, id: 'stray' } });
    expect((await reindex(client, { prefix, graceMs: 0 })).repaired).toBe(3);
    expect(await everything()).toEqual(new Map(all.map((mention) => [mention.id, mention])));
  });

  it('refuses a version that does not follow, and writers of another format', async () => {
    await store.put([aMention()]);
    for (const toVersion of [0, 1, 1.5])
      await expect(reindex(client, { prefix, toVersion })).rejects.toMatchObject({ code: 'USAGE' });
    expect((await reindex(client, { prefix, toVersion: 7, graceMs: 0 })).version).toBe(7);
    expect(await store.get(aMention().id)).toEqual(aMention());
    await client.index({ index: `${prefix}-registry-v1`, id: 'layout', document: { version: 7, format: 99 } });
    await expect(elasticsearchMentions(client, { prefix, now }).put([aMention()])).rejects.toMatchObject({
      code: 'STAGE_UNAVAILABLE',
      fix: expect.stringMatching(/newer/),
    });
  });
});
