import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnswers } from '../../src/answers.ts';
import { openApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import type { Log } from '../../src/domain/log.ts';
import { mentionId } from '../../src/domain/mention.ts';
import { erase } from '../../src/pipeline/erase.ts';
import { withIdentities } from '../../src/pipeline/identities.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { AuthorPolicy } from '../../src/pipeline/person.ts';
import { pseudonym } from '../../src/pipeline/person.ts';
import { enqueue } from '../../src/pipeline/pull.ts';
import { seal } from '../../src/pipeline/seal.ts';
import { workIngests } from '../../src/pipeline/work.ts';
import { readEnvironment } from '../../src/settings/environment.ts';
import { readSettings } from '../../src/settings/load.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { emptyPrefix } from '../queues/redis.ts';
import { serverUrl } from '../servers.ts';
import { newPrefix, removeIndices } from '../stores/elasticsearch-indices.ts';
import { raw, scripted, until } from './house.ts';

/** Where a house is kept, whole: its files, or what stands in its servers. */
interface Place {
  environment: NodeJS.ProcessEnv;
  everything(): Promise<string>;
  remove(): Promise<void>;
}

function embeddedPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-identities-'));
  return {
    environment: { EARSHOT_DATA: folder },
    everything: async () =>
      readdirSync(folder)
        .filter((name) => !name.endsWith('-shm'))
        .map((name) => readFileSync(join(folder, name)).toString('latin1'))
        .join('\n'),
    remove: async () => rmSync(folder, { recursive: true }),
  };
}

const redisUrl = serverUrl('REDIS_URL');
const elasticsearchUrl = serverUrl('ELASTICSEARCH_URL');

function scaledPlace(): Place {
  const prefix = newPrefix();
  const environment = { REDIS_URL: redisUrl, ELASTICSEARCH_URL: elasticsearchUrl, EARSHOT_PREFIX: prefix };
  const client = connectElasticsearch({ url: elasticsearchUrl! });
  const redis = new Redis(redisUrl!);
  const documents = async () => {
    const index = `${prefix}-*`;
    await client.indices.refresh({ index });
    return (await client.search({ index, size: 1_000 })).hits.hits.map((hit) => JSON.stringify(hit)).join('\n');
  };
  const jobs = async () => {
    const keys = await redis.keys(`${prefix}:*`);
    const hashes = keys.map(async (key) => ((await redis.type(key)) === 'hash' ? redis.hgetall(key) : {}));
    return JSON.stringify(await Promise.all(hashes));
  };
  return {
    environment,
    everything: async () => `${await documents()}\n${await jobs()}`,
    remove: async () => {
      await removeIndices(client, prefix);
      await client.close();
      redis.disconnect();
      await emptyPrefix(redisUrl!, prefix);
    },
  };
}

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
const author = { id: 'user-marguerite', name: 'Marguerite Okonkwo' };
const NAMED = /marguerite|okonkwo/i;
const id = mentionId('desk', '1');

const noServers = redisUrl === undefined || elasticsearchUrl === undefined;
describe.each([
  { stage: 'embedded', open: embeddedPlace, skipped: false },
  { stage: 'scaled (skipped without REDIS_URL and ELASTICSEARCH_URL)', open: scaledPlace, skipped: noServers },
])('identities of authors, $stage', { timeout: 60_000 }, ({ open, skipped }) => {
  let place: Place;
  let app: App | undefined;
  let logged: Parameters<Log>[];
  beforeEach(() => {
    if (skipped) return;
    place = open();
    logged = [];
  });
  afterEach(async () => {
    if (skipped) return;
    await app?.close(0);
    app = undefined;
    await place.remove();
  });

  /** The house as it is after a new start. */
  async function start(authors: `${AuthorPolicy}${'' | ', enabled: false'}` = 'reversible', key = KEY): Promise<App> {
    await app?.close(0);
    const settings = readSettings(
      `sources: { desk: { type: rss, url: https://example.com/feed, authors: ${authors} } }`,
      'test',
      {},
    );
    const environment = readEnvironment({ ...place.environment, EARSHOT_AUTHOR_KEY: key });
    app = await openApp({ settings, environment, log: (...line) => void logged.push(line), fresh: true });
    return app;
  }
  const send = (house: App, more: Parameters<typeof raw>[1] = {}) =>
    enqueue([raw('1', { author, ...more })], { ...scripted('desk', []), authors: 'reversible' }, house);
  const settled = (house: App) =>
    until(async () => {
      const { waiting, running, delayed } = await house.queue.counts('ingest');
      return waiting + running + delayed === 0;
    });
  async function startWithOne(): Promise<App> {
    const house = await start();
    workIngests(house.queue, { ...house, sources: [] });
    await send(house);
    await settled(house);
    return house;
  }
  const ask = async (house: App, path: string, method = 'GET') =>
    (await createAnswers(house, '127.0.0.1').request(`http://127.0.0.1${path}`, { method })).text();
  const feed = async (house: App) =>
    (await ask(house, '/v1/feed'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { identity?: unknown; mention?: { author: unknown } })
      .slice(0, -1);
  const kept = async (house: App) => (await house.identities.getAll([`identity/${id}`]))[0];

  it.skipIf(skipped)('stand nowhere in plain words, neither on their way nor stored', async () => {
    const house = await start();
    await send(house);
    const before = await place.everything();
    expect(before).toContain('A good guitar, number 1.');
    expect(before).not.toMatch(NAMED);
    workIngests(house.queue, { ...house, sources: [] });
    await settled(house);
    const after = await place.everything();
    expect(after).toContain(`identity/${id}`);
    expect(after).not.toMatch(NAMED);
  });

  it.skipIf(skipped)('are told by the feed, and by nothing else', async () => {
    const house = await startWithOne();
    const stored = { id: pseudonym(author.id, house.personKey) };
    expect(await feed(house)).toMatchObject([{ identity: author, mention: { author: stored } }]);
    for (const path of ['/v1/mentions', `/v1/mentions/${id}`, `/v1/mentions?author=${stored.id}`, '/']) {
      const answer = await ask(house, path);
      expect(answer).toContain('number 1.');
      expect(answer).not.toMatch(NAMED);
      expect(answer).not.toContain('identity');
    }
    expect(JSON.stringify(logged)).not.toMatch(NAMED);
    expect(logged.filter(([level]) => level === 'warn')).toEqual([]);
  });

  it.skipIf(skipped)('are closed once the source says otherwise', async () => {
    await startWithOne();
    expect(await feed(await start('pseudonym'))).toEqual([
      expect.not.objectContaining({ identity: expect.anything() }),
    ]);
    expect(await feed(await start('reversible'))).toMatchObject([{ identity: author }]);
  });

  it.skipIf(skipped)('are told also of a source that is switched off', async () => {
    await startWithOne();
    expect(await feed(await start('reversible, enabled: false'))).toMatchObject([{ identity: author }]);
  });

  it.skipIf(skipped)('are those of the last where one page has a mention twice', async () => {
    const house = await start();
    workIngests(house.queue, { ...house, sources: [] });
    const twice = [raw('1', { author: undefined }), raw('1', { author })];
    await enqueue(twice, { ...scripted('desk', []), authors: 'reversible' }, house);
    await settled(house);
    expect(await feed(house)).toMatchObject([{ identity: author }]);
    await enqueue(twice.toReversed(), { ...scripted('desk', []), authors: 'reversible' }, house);
    await settled(house);
    expect(await kept(house)).toBeUndefined();
  });

  it.skipIf(skipped)('go once the platform names nobody', async () => {
    const house = await startWithOne();
    await send(house, { author: undefined });
    await settled(house);
    const [change, ...more] = await feed(house);
    expect([change!.mention!.author, change!.identity, more]).toEqual([undefined, undefined, []]);
    expect(await kept(house)).toBeUndefined();
    // As whoever reads the feed finds it between the two.
    await house.identities.set(`identity/${id}`, 'sealed');
    expect((await feed(house))[0]!.identity).toBeUndefined();
  });

  it.skipIf(skipped)('are there before their mention, so that the feed has both', async () => {
    const house = await start();
    const keptAtPut: boolean[] = [];
    const put: typeof house.mentions.put = async (mentions) => {
      keptAtPut.push((await kept(house)) !== undefined);
      return house.mentions.put(mentions);
    };
    workIngests(house.queue, { ...house, mentions: { ...house.mentions, put }, sources: [] });
    await send(house);
    await settled(house);
    expect(keptAtPut).toEqual([true]);
  });

  it.skipIf(skipped)('are null and a warning under another key, until they come again', async () => {
    await startWithOne();
    const house = await start('reversible', OTHER_KEY);
    expect(await feed(house)).toMatchObject([{ identity: null }]);
    expect(logged).toContainEqual([
      'warn',
      expect.stringContaining('cannot be opened'),
      expect.objectContaining({ mentions: 1 }),
    ]);
    workIngests(house.queue, { ...house, sources: [] });
    await send(house);
    await settled(house);
    expect(await feed(house)).toMatchObject([{ identity: author }]);
  });

  it.skipIf(skipped)('are written once, and anew when they change', async () => {
    const house = await startWithOne();
    const { version } = (await kept(house))!;
    await send(house);
    await settled(house);
    expect((await kept(house))!.version).toBe(version);
    await send(house, { author: { ...author, name: 'M. Okonkwo' } });
    await settled(house);
    expect(await feed(house)).toMatchObject([{ identity: { name: 'M. Okonkwo' } }]);
  });

  it.skipIf(skipped)('are not kept of what the store refuses, unless it has an older state of it', async () => {
    const house = await start();
    const stored = { id: pseudonym(author.id, house.personKey) };
    const item = { ...raw('1', { author: stored }), identity: seal(author, stored.id, house.personKey) };
    const job = { source: 'desk', collectedAt: '2026-05-01T10:00:00.000Z', items: [item] };
    const refusing = { ...house, brandsOf: () => [7 as unknown as string] };
    await expect(ingest(job, refusing)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    expect(await kept(house)).toBeUndefined();
    await ingest(job, house);
    await expect(ingest(job, refusing)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    expect(await feed(house)).toMatchObject([{ identity: author }]);
  });

  it.skipIf(skipped)('go with an erasure that is cut off, and where they come in between', async () => {
    const house = await startWithOne();
    const away = async () => Promise.reject(new Error('away'));
    await expect(withIdentities({ ...house.mentions, forget: away }, house.identities).forget([id])).rejects.toThrow(
      'away',
    );
    expect(await kept(house)).toBeUndefined();
    const between = async () => {
      await house.identities.set(`identity/${id}`, 'sealed');
      return 0;
    };
    await withIdentities({ ...house.mentions, forget: between }, house.identities).forget([id]);
    expect(await kept(house)).toBeUndefined();
  });

  it.skipIf(skipped).each([
    ['the mention', (house: App) => ask(house, `/v1/mentions/${id}`, 'DELETE')],
    ['the author', (house: App) => erase({ author: pseudonym(author.id, house.personKey) }, house)],
    ['the source', (house: App) => erase({ source: 'desk' }, house)],
    [
      'the post at its platform',
      async (house: App) => {
        await enqueue([], scripted('desk', []), house, { gone: ['1'] });
        await settled(house);
      },
    ],
  ])('go with %s, and do not come back', async (_, eraseIt) => {
    const house = await startWithOne();
    expect(await kept(house)).toBeDefined();
    await eraseIt(house);
    expect(await kept(house)).toBeUndefined();
    await send(house);
    await settled(house);
    expect(await kept(house)).toBeUndefined();
    await house.compact();
    expect(await place.everything()).not.toContain(`identity/${id}`);
  });
});
