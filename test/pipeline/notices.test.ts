import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../src/domain/notice.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { notify } from '../../src/pipeline/notify.ts';
import { erase } from '../../src/pipeline/erase.ts';
import { listNotices } from '../../src/pipeline/reports.ts';
import { subscribe, unsubscribe } from '../../src/pipeline/subscribe.ts';
import { listSubscriptions, syncSubscriptions } from '../../src/pipeline/subscriptions.ts';
import { workDeliveries } from '../../src/pipeline/work.ts';
import { never, openHouse, raw, serveLocally, until } from './house.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const bad = (id: string) => raw(id, { text: 'My card was declined at the checkout, terrible.' });
const good = (id: string) => raw(id, { text: 'I love this guitar, it sounds wonderful.' });

let house: ReturnType<typeof openHouse>;
beforeEach(() => void (house = openHouse()));
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
  const attempt = (key: string) => notify(key, { ...house, random: () => 0 }, never);

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

  it.each([410, 404, 302])('does not try again after %i', async (status) => {
    const server = await serveLocally(
      (_request, response) => void response.writeHead(status, { location: 'https://example.com/' }).end(),
    );
    await attempt(await once(server.url));
    expect((await notices())[0]).toMatchObject({ state: 'failed', attempts: [{ error: expect.anything() }] });
    await server.close();
  });

  it('tells nobody of what has been erased', async () => {
    let asked = 0;
    const server = await serveLocally((_request, response) => {
      asked += 1;
      response.end();
    });
    const key = await once(server.url);
    await erase([(await notices())[0]!.mentionId], house);
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
    [{ query: { stage: ['purchas'] }, notify: [{ type: 'webhook', url: 'https://example.com' }] }, 'QUERY_INVALID'],
  ])('that does not fit is refused: %j', async (input, code) => {
    await expect(subscribe(input, house)).rejects.toMatchObject({ code });
    expect(await listSubscriptions(house.state)).toEqual([]);
  });

  it('of the configuration keeps its beginning over restarts, goes with the configuration, and only there', async () => {
    const input = { mine: { query: {}, notify: [] } };
    expect(await syncSubscriptions(house.state, input, new Date('2026-05-01T10:00:00Z'))).toHaveLength(1);
    expect(await syncSubscriptions(house.state, input, new Date('2026-06-01T10:00:00Z'))).toHaveLength(0);
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
  });
});
