import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { StateStore } from '../../src/domain/store.ts';
import { forgetPause, readHealth } from '../../src/pipeline/health.ts';
import { isHandleOf } from '../../src/pipeline/brands.ts';
import { pull, pullOnSchedule } from '../../src/pipeline/pull.ts';
import { workIngests, workPulls, schedulePulls } from '../../src/pipeline/work.ts';
import { never, openHouse, raw, scripted, until } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.remove());

const cursors = async (state: StateStore) => (await state.list('cursor/')).map(({ value }) => value);
const queued = async () => {
  const seen: { items: { externalId: string; text: string; author?: { id: string; name?: string } }[] }[] = [];
  house.queue.work('ingest', async ({ payload }) => void seen.push(payload as never));
  await until(
    async () =>
      (await house.queue.counts('ingest')).waiting === 0 && (await house.queue.counts('ingest')).running === 0,
  );
  return seen.flatMap(({ items }) => items);
};

describe('pull', () => {
  it('saves a cursor only after its page is in the queue', async () => {
    const full = { ...house, queue: { ...house.queue, add: () => Promise.reject(new Error('the disk is full')) } };
    await expect(pull(scripted('a', [[raw('1')]]), full, never)).rejects.toThrow('the disk is full');
    expect(await cursors(house.state)).toEqual([]);
  });

  it('goes on behind the last page that was handed over', async () => {
    const pages = [[raw('1')], [raw('2')], [raw('3')]];
    await expect(pull(scripted('a', pages, { failAfter: 2 }), house, never)).rejects.toMatchObject({
      code: 'SOURCE_SHAPE',
    });
    expect(await cursors(house.state)).toEqual([2]);
    expect((await pull(scripted('a', pages), house, never)).fetched).toBe(1);
    expect((await queued()).map(({ externalId }) => externalId)).toEqual(['1', '2', '3']);
  });

  it('begins anew when something else is asked for under the same name', async () => {
    await pull(scripted('a', [[raw('1')]]), house, never);
    expect((await pull(scripted('a', [[raw('1')]], { asked: 'another hashtag' }), house, never)).fetched).toBe(1);
    expect((await pull(scripted('a', [[raw('1')]]), house, never)).fetched).toBe(0);
  });

  it('masks and hides the author before anything is queued', async () => {
    const said = raw('1', {
      text: 'Write to ana@example.com',
      title: 'Call +40 721 555 010',
      author: { id: 'ana', name: 'Ana Pop' },
    });
    await pull(scripted('a', [[said]]), house, never);
    await pull({ ...scripted('b', [[said]]), authors: 'keep' }, house, never);
    await pull({ ...scripted('c', [[said]]), authors: 'drop' }, house, never);
    const [a, b, c] = await queued();
    expect(a).toMatchObject({
      text: 'Write to [email]',
      title: 'Call [phone]',
      author: { id: expect.stringMatching(/^anon_/) },
    });
    expect(a!.author).not.toHaveProperty('name');
    expect(b!.author).toEqual({ id: 'ana', name: 'Ana Pop' });
    expect(c).not.toHaveProperty('author');
  });

  it('masks the names behind an @, but for the brand’s, where the source says so', async () => {
    const said = raw('1', { text: '@Velmora ask @maria_pop', title: '@maria_pop' });
    const keepsHandle = isHandleOf({ Velmora: { handles: ['@velmora'] }, Mint: null });
    await pull({ ...scripted('a', [[said]]), keepsHandle }, house, never);
    await pull(scripted('b', [[said]]), house, never);
    const [a, b] = await queued();
    expect(a).toMatchObject({ text: '@Velmora ask [handle]', title: '[handle]' });
    expect(b).toMatchObject({ text: '@Velmora ask @maria_pop', title: '@maria_pop' });
  });

  it('takes personal data out of links and ids', async () => {
    const url = 'https://example.com/r/1?mail=joe%40example.com&card=4111111111111111';
    const said = (externalId: string, link: string) => raw(externalId, { url: link });
    await pull(
      scripted('a', [
        [
          said('joe@example.com', url),
          said('2', 'https://example.com/joe@example.com'),
          said('3', 'https://example.com/20260401123456'),
        ],
      ]),
      house,
      never,
    );
    const items = (await queued()) as { externalId: string; url?: string }[];
    expect(items.map(({ url: link }) => link)).toEqual([
      'https://example.com/r/1',
      undefined,
      'https://example.com/20260401123456',
    ]);
    expect(items[0]!.externalId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('names an item that does not fit, and takes the others', async () => {
    const broken = raw('bad', { rating: 11 });
    const report = await pull(scripted('a', [[raw('1'), broken, raw('2')]]), house, never);
    expect(report).toMatchObject({
      fetched: 2,
      refused: [{ where: 'item bad', reason: expect.stringContaining('rating') }],
    });
    expect(await readHealth(house.state, 'a')).toMatchObject({ failures: 0, refusedCount: 1 });
  });

  it('gives up a page that another process has handed over in the meantime', async () => {
    const racing = {
      ...house,
      state: {
        ...house.state,
        set: async (key: string, value: never, expected?: string | null) =>
          key.startsWith('cursor/') ? null : house.state.set(key, value, expected),
      },
    };
    await expect(pull(scripted('a', [[raw('1')]]), racing, never)).rejects.toMatchObject({ code: 'CONFLICT' });
    await pullOnSchedule(scripted('a', [[raw('1')]]), racing, never);
    expect((await readHealth(house.state, 'a')).failures).toBe(0);
  });
});

describe('a source that fails', () => {
  const broken = (error?: AppError) => scripted('broken', [], error ? { error } : {});

  it('is noted with what to do, is left alone for a growing time, and is no dead letter', async () => {
    let clock = new Date('2026-05-01T10:00:00Z');
    const ports = { ...house, now: () => clock };
    const pauses: number[] = [];
    for (let round = 0; round < 4; round++) {
      await pullOnSchedule(broken(), ports, never);
      const { notBefore, failures, lastError } = await readHealth(house.state, 'broken');
      expect(lastError).toMatchObject({ code: 'SOURCE_SHAPE', message: 'an HTML page' });
      expect(failures).toBe(round + 1);
      pauses.push(new Date(notBefore!).getTime() - clock.getTime());
      // Asked again before its time, it is not asked at all.
      await pullOnSchedule(broken(), ports, never);
      expect((await readHealth(house.state, 'broken')).failures).toBe(round + 1);
      clock = new Date(notBefore!);
    }
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000]);
    expect(await house.queue.dead()).toEqual([]);
  });

  it('waits as long as the platform asks', async () => {
    const error = new AppError('REMOTE_RATE_LIMITED', 'slow down', { retry: { afterMs: 3_600_000 } });
    const clock = new Date('2026-05-01T10:00:00Z');
    await pullOnSchedule(broken(error), { ...house, now: () => clock }, never);
    expect((await readHealth(house.state, 'broken')).notBefore).toBe('2026-05-01T11:00:00.000Z');
  });

  it('is asked again and again by jobs of its own, whatever its schedule', async () => {
    const sources = [broken()];
    let asked = 0;
    const http = house.http;
    const start = Date.now();
    // A clock that runs a thousand times as fast, for the pauses of the health only.
    const now = () => new Date(start + (Date.now() - start) * 1_000);
    const queue = {
      ...house.queue,
      add: ((name, payload, options) =>
        house.queue.add(name, payload, {
          ...options,
          delayMs: (options?.delayMs ?? 0) / 1_000,
        })) as typeof house.queue.add,
    };
    workPulls(house.queue, {
      ...house,
      queue,
      sources,
      http,
      now,
      log: (level) => void (asked += level === 'warn' ? 1 : 0),
    });
    await schedulePulls(house.queue, house.state, sources);
    await until(() => asked >= 4);
    expect((await readHealth(house.state, 'broken')).failures).toBeGreaterThanOrEqual(4);
  });

  it('waits as long as the platform asked, across restarts', async () => {
    const error = new AppError('REMOTE_RATE_LIMITED', 'slow down', { retry: { afterMs: 3_600_000 } });
    await pullOnSchedule(broken(error), house, never);
    expect(await forgetPause(house.state, 'broken')).toBe(false);
  });

  it('keeps what it refused in sight until something is read again, without the personal data in it', async () => {
    const refusing = scripted('a', [[raw('joe@example.com', { rating: 11 })]]);
    await pull(refusing, house, never);
    await pull(refusing, house, never);
    expect(await readHealth(house.state, 'a')).toMatchObject({ refusedCount: 1, refused: [{ where: 'item [email]' }] });
  });

  it('gets a fresh chance after a restart, and is healthy once it answers', async () => {
    await pullOnSchedule(broken(), house, never);
    expect(await forgetPause(house.state, 'broken')).toBe(true);
    await pullOnSchedule(scripted('broken', [[raw('1')]]), house, never);
    expect(await readHealth(house.state, 'broken')).toMatchObject({ failures: 0, lastSuccessAt: expect.any(String) });
    expect((await readHealth(house.state, 'broken')).lastError).toBeUndefined();
  });

  it('stops no other', async () => {
    const sources = [broken(), scripted('fine', [[raw('1'), raw('2')]])];
    const app = { ...house, sources };
    workPulls(house.queue, app);
    workIngests(house.queue, app);
    await schedulePulls(house.queue, house.state, sources);
    await until(async () => (await house.mentions.search({}, { limit: 10 })).total === 2);
    await until(async () => (await readHealth(house.state, 'broken')).failures === 1);
    expect(await house.queue.dead()).toEqual([]);
  });

  it('leaves the schedule when the configuration no longer names it', async () => {
    await schedulePulls(house.queue, house.state, [scripted('a', []), scripted('b', [])]);
    await schedulePulls(house.queue, house.state, [scripted('b', [])]);
    expect((await house.queue.schedules()).map(({ key }) => key)).toEqual(['pull/b']);
  });
});
