import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../src/domain/notice.ts';
import { createCircuits } from '../../src/pipeline/circuits.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { notify } from '../../src/pipeline/notify.ts';
import { erase } from '../../src/pipeline/erase.ts';
import { listNotices, redactSubscription } from '../../src/pipeline/reports.ts';
import { resumeCatchUps, subscribe, unsubscribe } from '../../src/pipeline/subscribe.ts';
import { listSubscriptions, syncSubscriptions } from '../../src/pipeline/subscriptions.ts';
import { workDeliveries } from '../../src/pipeline/work.ts';
import { never, openHouse, raw, serveLocally, until } from './house.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const bad = (id: string) => raw(id, { text: 'My card was declined at the checkout, terrible.' });
const good = (id: string) => raw(id, { text: 'I love this guitar, it sounds wonderful.' });

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.remove());

const to = (url: string) => ({ query: { stage: ['purchase'] }, notify: [{ type: 'webhook', url, secret: SECRET }] });
const job = (items: ReturnType<typeof raw>[], collectedAt = new Date().toISOString()) => ({
  source: 'a',
  collectedAt,
  items,
});
const notices = async () =>
  (await house.state.list('notice/')).map(({ key, value }) => ({ key, ...(value as unknown as Notice) }));

describe('evaluate', () => {
  it('makes one notice for each new match, however often the batch is repeated', async () => {
    await subscribe(to('https://example.com/hook'), house);
    const batch = job([bad('1'), good('2'), bad('3')]);
    await ingest(batch, house);
    await ingest(batch, house);
    expect(await notices()).toHaveLength(2);
    expect((await house.queue.counts('notify')).waiting).toBe(2);
  });

  it('queues what a crash left unqueued', async () => {
    await subscribe(to('https://example.com/hook'), house);
    const batch = job([bad('1')]);
    const crashing = { ...house, queue: { ...house.queue, add: () => Promise.reject(new Error('killed')) } };
    await expect(ingest(batch, crashing)).rejects.toThrow('killed');
    expect((await house.queue.counts('notify')).waiting).toBe(0);
    await ingest(batch, house);
    expect((await house.queue.counts('notify')).waiting).toBe(1);
  });

  it('of one subscription that cannot be understood stops no other', async () => {
    const broken = { query: { stage: ['gone'] }, notify: to('https://example.com/a').notify };
    await syncSubscriptions(
      house.state,
      { broken, fine: to('https://example.com/b') },
      new Date('2026-05-01T10:00:00Z'),
    );
    await ingest(job([bad('1')]), house);
    expect((await notices()).map(({ subscription }) => subscription)).toEqual(['fine']);
  });

  it('passes over what was collected before the subscription, also when it is read again', async () => {
    await ingest(job([bad('1')], '2026-05-01T10:00:00.000Z'), house);
    await subscribe(to('https://example.com/hook'), house);
    await ingest(job([bad('1')]), house);
    expect(await notices()).toEqual([]);
  });
});

describe('notify', () => {
  const once = async (url: string) => {
    await subscribe(to(url), house);
    await ingest(job([bad('1')]), house);
    return (await notices())[0]!.key;
  };
  const attempt = (key: string, circuits = createCircuits()) =>
    notify(key, { ...house, random: () => 0 }, circuits, never);

  it('tries again at the pauses of Standard Webhooks, then stands as failed with every attempt', async () => {
    const server = await serveLocally((_request, response) => void response.writeHead(500).end());
    const key = await once(server.url);
    const pauses: unknown[] = [];
    for (let round = 0; round < 9; round++)
      pauses.push(await attempt(key).catch((error: { retry: { afterMs: number } }) => error.retry.afterMs / 1_000));
    expect(pauses).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    await attempt(key);
    expect((await notices())[0]).toMatchObject({ state: 'failed' });
    expect((await notices())[0]!.attempts).toHaveLength(10);
    await server.close();
  });

  it('believes a receiver that says it is gone, for this and for every other notice', async () => {
    let asked = 0;
    const server = await serveLocally((_request, response) => {
      asked += 1;
      response.writeHead(410).end();
    });
    await attempt(await once(server.url));
    expect((await notices())[0]).toMatchObject({ state: 'failed', attempts: [{ error: { code: 'REMOTE_GONE' } }] });
    await ingest(job([bad('2')]), house);
    expect(await notices()).toHaveLength(1);
    expect(asked).toBe(1);
    await server.close();
  });

  it('asks it no more for notices that were queued before', async () => {
    let asked = 0;
    const server = await serveLocally((_request, response) => {
      asked += 1;
      response.writeHead(410).end();
    });
    await subscribe(to(server.url), house);
    await ingest(job([bad('1'), bad('2')]), house);
    for (const { key } of await notices()) await attempt(key);
    expect(asked).toBe(1);
    expect((await notices()).map(({ state }) => state)).toEqual(['failed', 'failed']);
    await server.close();
  });

  it.each([404, 302, 401])('tries again after %i: a receiver may be being mended', async (status) => {
    const server = await serveLocally(
      (_request, response) => void response.writeHead(status, { location: 'https://example.com/' }).end(),
    );
    await expect(attempt(await once(server.url))).rejects.toMatchObject({ retry: { afterMs: 5_000 } });
    expect((await notices())[0]).toMatchObject({ state: 'pending', attempts: [{ error: expect.anything() }] });
    await server.close();
  });

  it('leaves a destination alone that is away, without spending attempts', async () => {
    const key = await once('http://127.0.0.1:1/nobody');
    const circuits = createCircuits();
    for (let round = 0; round < 3; round++) await attempt(key, circuits).catch(() => {});
    expect((await notices())[0]!.attempts).toHaveLength(3);
    await expect(attempt(key, circuits)).rejects.toMatchObject({ retry: { afterMs: expect.any(Number) } });
    expect((await notices())[0]!.attempts).toHaveLength(3);
  });

  it('ends with its subscription', async () => {
    const key = await once('http://127.0.0.1:1/nobody');
    await unsubscribe((await listSubscriptions(house.state))[0]!.id, house.state);
    await attempt(key);
    expect((await notices())[0]).toMatchObject({
      state: 'failed',
      attempts: [{ error: { message: expect.stringMatching(/removed/) } }],
    });
  });

  it('signs with the secret of today, and tells a place once whatever its login', async () => {
    const input = (token: string, secret: string) => ({
      mine: { query: {}, notify: [{ type: 'webhook', url: `https://u:p@example.com/hook?token=${token}`, secret }] },
    });
    await syncSubscriptions(house.state, input('1', SECRET), new Date('2026-05-01T10:00:00Z'));
    await ingest(job([bad('1')]), house);
    await syncSubscriptions(house.state, input('2', SECRET), new Date());
    await ingest(job([bad('1')]), house);
    expect(await notices()).toHaveLength(1);
    expect(JSON.stringify(await notices())).not.toMatch(/token|u:p|whsec/);
    expect(JSON.stringify(redactSubscription((await listSubscriptions(house.state))[0]!))).not.toMatch(
      /token|u:p|whsec/,
    );
  });

  it('tells nobody of what has been erased', async () => {
    let asked = 0;
    const server = await serveLocally((_request, response) => {
      asked += 1;
      response.end();
    });
    const key = await once(server.url);
    await erase({ ids: [(await notices())[0]!.mentionId] }, house);
    await attempt(key);
    expect(asked).toBe(0);
    expect((await notices())[0]).toMatchObject({ state: 'failed', attempts: [{ error: { code: 'NOT_FOUND' } }] });
    await server.close();
  });

  it('delivers once', async () => {
    let asked = 0;
    const server = await serveLocally((_request, response) => {
      asked += 1;
      response.writeHead(204).end();
    });
    const key = await once(server.url);
    await attempt(key);
    await attempt(key);
    expect(asked).toBe(1);
    await server.close();
  });
});

describe('a subscription', () => {
  it('that asks for the past is told of what is there already', async () => {
    const seen: string[] = [];
    const server = await serveLocally((request, response) => {
      seen.push(String(request.headers['webhook-id']));
      response.end();
    });
    await ingest(job([bad('1'), good('2'), bad('3')], '2026-05-01T10:00:00.000Z'), house);
    await ingest(job([bad('4')], '2026-03-01T10:00:00.000Z'), house);
    workDeliveries(house.queue, { ...house, sources: [] });
    await subscribe({ ...to(server.url), since: '2026-04-01T00:00:00.000Z' }, house);
    await until(() => seen.length === 2);
    expect(await notices()).toHaveLength(2);
    await server.close();
  });

  it('that asks for the past later, in the configuration, is told once', async () => {
    await ingest(job([bad('1')], '2026-05-01T10:00:00.000Z'), house);
    workDeliveries(house.queue, { ...house, sources: [] });
    const configured = (since?: string) => ({
      mine: { query: {}, since, notify: [{ type: 'webhook', url: 'http://127.0.0.1:1/x', secret: SECRET }] },
    });
    await syncSubscriptions(house.state, configured(), new Date());
    await resumeCatchUps(house);
    expect(await notices()).toHaveLength(0);
    const start = async () => {
      await syncSubscriptions(house.state, configured('2026-04-01T00:00:00.000Z'), new Date());
      await resumeCatchUps(house);
      return house.queue.counts('catch-up');
    };
    expect((await start()).delayed).toBe(1);
    await until(async () => (await notices()).length === 1);
    await until(async () => (await house.queue.counts('catch-up')).running === 0);
    expect(await start()).toMatchObject({ waiting: 0, delayed: 0 });
  });

  it('gets a secret when it brings none, and shows it this once', async () => {
    const { secret, subscription } = await subscribe(
      { query: {}, notify: [{ type: 'webhook', url: 'https://example.com' }] },
      house,
    );
    expect(secret).toMatch(/^whsec_/);
    expect(subscription.notify[0]).toMatchObject({ secret });
  });

  it.each([
    [{ query: {}, notify: [{ type: 'pigeon' }] }, 'BODY_INVALID'],
    [{ query: {}, notify: [{ type: 'webhook', url: 'nowhere', secret: SECRET }] }, 'BODY_INVALID'],
    [
      {
        query: {},
        notify: ['a', 'b'].map((team) => ({
          type: 'webhook',
          url: `https://example.com?team=${team}`,
          secret: SECRET,
        })),
      },
      'BODY_INVALID',
    ],
    [{ query: { stage: ['purchas'] }, notify: [{ type: 'webhook', url: 'https://example.com' }] }, 'QUERY_INVALID'],
  ])('that does not fit is refused: %j', async (input, code) => {
    await expect(subscribe(input, house)).rejects.toMatchObject({ code });
    expect(await listSubscriptions(house.state)).toEqual([]);
  });

  it('of the configuration keeps its beginning over restarts, goes with the configuration, and only there', async () => {
    const input = { mine: { query: {}, notify: [] } };
    await syncSubscriptions(house.state, input, new Date('2026-05-01T10:00:00Z'));
    await syncSubscriptions(house.state, input, new Date('2026-06-01T10:00:00Z'));
    expect((await listSubscriptions(house.state))[0]).toMatchObject({ id: 'mine', since: '2026-05-01T10:00:00.000Z' });
    await expect(unsubscribe('mine', house.state)).rejects.toMatchObject({ code: 'CONFLICT' });
    await syncSubscriptions(house.state, {}, new Date());
    expect(await listSubscriptions(house.state)).toEqual([]);
  });
});

describe('the notification log', () => {
  it('is shown newest first, page by page, each notice once, without secrets', async () => {
    await subscribe(to('https://example.com/hook'), house);
    for (const [id, day] of [
      ['1', 'T10'],
      ['2', 'T11'],
      ['3', 'T12'],
    ] as const) {
      await ingest(job([bad(id)], new Date(Date.now() + 1_000 * Number(day.slice(1))).toISOString()), house);
    }
    const first = await listNotices(house.state, { limit: 2 });
    const second = await listNotices(house.state, { limit: 2, cursor: first.next });
    expect(second.next).toBeUndefined();
    const all = [...first.notices, ...second.notices].map(({ id }) => id);
    expect(all).toEqual((await notices()).map(({ id }) => id).toReversed());
    expect(JSON.stringify([first, second])).not.toContain(SECRET);
    expect((await listNotices(house.state, { limit: 9, state: 'delivered' })).notices).toEqual([]);
    await expect(listNotices(house.state, { limit: 2, cursor: 'abc' })).rejects.toMatchObject({
      code: 'QUERY_INVALID',
    });
  });
});
