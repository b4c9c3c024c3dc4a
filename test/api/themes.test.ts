import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createThemeReader } from '../../src/pipeline/themes.ts';
import { NOW, openWorld, told } from './world.ts';

type World = Awaited<ReturnType<typeof openWorld>>;

const everyday = (index: number, daysAgo: number) =>
  told(`e${index}-${daysAgo}`, {
    text: `The ${['guitar', 'shop', 'neck', 'case'][index % 4]} is fine, number ${index}.`,
    step: 'use',
    sentiment: 'positive',
    daysAgo,
  });
const declined = (index: number, source = 'shop') =>
  told(`d${index}`, {
    text: `My card was declined at the till, try ${index}.`,
    step: 'purchase',
    sentiment: 'negative',
    source,
    daysAgo: 2,
  });
const past = Array.from({ length: 60 }, (_, index) => everyday(index, 40));
const present = Array.from({ length: 60 }, (_, index) => everyday(index, 3));
const bad = Array.from({ length: 12 }, (_, index) => declined(index, index < 9 ? 'shop' : 'blog'));
const copies = [1, 2, 3].map((index) => ({ ...declined(100 + index), story: bad[0]!.id }));

describe('GET /v1/themes', () => {
  let world: World;
  beforeAll(async () => void (world = await openWorld([...past, ...present, ...bad, ...copies])));
  afterAll(() => world.close());

  it('tells what rose, with the way to its voices', async () => {
    const { response, body } = await world.get('/v1/themes');
    expect(response.status).toBe(200);
    expect(body).toMatchObject({ complete: true, before: { total: 60, days: 28 }, now: { total: 72, days: 28 } });
    expect(body.themes).toHaveLength(1);
    const [theme] = body.themes;
    expect(theme).toMatchObject({ language: 'en', now: 12, before: 0, rise: null, negative: 12, netSentiment: -1 });
    expect(theme.name).toContain('card was declined');
    for (const { now, before, voices } of [theme, ...theme.phrases]) {
      expect((await world.get(voices.now)).body.total).toBe(now);
      expect((await world.get(voices.before)).body.total).toBe(before);
    }
  });

  it.each([
    ['stage=purchase', 0],
    ['source=shop', 9],
    ['q=till', 0],
    ['q=declined -guitar&limit=1', 0],
    ['sentiment=positive', 0],
    ['against=before&from=2026-06-01&to=2026-06-30', 12],
  ])('under %s', async (query, now) => {
    const { body } = await world.get(`/v1/themes?${query}`);
    expect(body.themes.map((theme: { now: number }) => theme.now)).toEqual(now === 0 ? [] : [now]);
  });

  it('refuses what it cannot do', async () => {
    for (const query of ['limit=51', `q=${'long '.repeat(70)}`, 'from=2026-06-02&to=2026-06-01', 'than=x'])
      expect((await world.get(`/v1/themes?${query}`)).response.status).toBe(400);
  });
});

describe('the reader of themes', () => {
  const periods = {
    before: { from: '2026-05-05T00:00:00.000Z', to: '2026-06-02T00:00:00.000Z' },
    now: { from: '2026-06-02T00:00:00.000Z', to: '2026-07-01T00:00:00.000Z' },
  };
  let world: World;
  afterEach(() => world.close());

  it('reads only what is new when it is asked again, and misses nothing of it', async () => {
    world = await openWorld([...past, ...present]);
    const asked: unknown[] = [];
    const mentions: Pick<World['store'], 'search'> = {
      search: (query, options) => {
        asked.push(query.collectedFrom);
        return world.store.search(query, options);
      },
    };
    const read = createThemeReader({ mentions, now: () => NOW });
    expect((await read({}, periods, 5)).themes).toEqual([]);
    await world.store.put(bad.map((mention) => ({ ...mention, collectedAt: NOW.toISOString() })));
    const [again, other] = await Promise.all([read({}, periods, 5), read({ source: ['blog'] }, periods, 5)]);
    expect(again).toMatchObject({ read: { before: 60, now: 72 }, themes: [{ now: 12 }] });
    expect(other).toMatchObject({ read: { before: 0, now: 3 }, themes: [] });
    const overlap = '2026-06-30T11:00:00.000Z';
    expect(asked.toSorted()).toEqual([overlap, overlap, undefined, undefined, undefined, undefined]);
  });

  it('says where it read only the newest', async () => {
    world = await openWorld([...past, ...Array.from({ length: 300 }, (_, index) => everyday(index, 3)), ...bad]);
    const read = createThemeReader({ mentions: world.store, now: () => NOW }, 200);
    expect(await read({}, periods, 5)).toMatchObject({ complete: false, read: { before: 60, now: 200 } });
  });

  it('forgets a reading that broke off', async () => {
    world = await openWorld([...past, ...present, ...bad]);
    let broken = true;
    const read = createThemeReader({
      mentions: {
        search: (query, options) => (broken ? Promise.reject(new Error('away')) : world.store.search(query, options)),
      },
      now: () => NOW,
    });
    await expect(read({}, periods, 5)).rejects.toThrow('away');
    broken = false;
    expect((await read({}, periods, 5)).themes).toHaveLength(1);
  });
});
