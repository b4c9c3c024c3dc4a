import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, told } from './world.ts';

type World = Awaited<ReturnType<typeof openWorld>>;

const original = told('1', { step: 'use', sentiment: 'negative', pains: ['crash'], daysAgo: 3 });
const copyOf = (externalId: string, daysAgo: number, source: string) => ({
  ...told(externalId, { step: 'use', sentiment: 'negative', pains: ['crash'], daysAgo, source }),
  story: original.id,
});
const first = copyOf('2', 2, 'blog');
const second = copyOf('3', 1, 'blog');
const other = told('4', { step: 'use', sentiment: 'positive', daysAgo: 4 });

describe('collapse=story', () => {
  let world: World;
  beforeAll(async () => void (world = await openWorld([original, first, second, other])));
  afterAll(() => world.close());

  const found = async (query: string) => {
    const { body } = await world.get(`/v1/mentions?${query}`);
    return [body.total, body.mentions.map(({ id }: { id: string }) => id)];
  };

  it('shows of each story the one that told it first', async () => {
    expect(await found('')).toEqual([4, [second.id, first.id, original.id, other.id]]);
    expect(await found('collapse=story')).toEqual([2, [original.id, other.id]]);
  });

  it('shows the oldest copy where the original is not found', async () => {
    expect(await found('collapse=story&source=blog')).toEqual([1, [first.id]]);
    expect(await found(`collapse=story&from=${second.at}`)).toEqual([1, [second.id]]);
    expect(await found(`collapse=story&sentiment=positive`)).toEqual([1, [other.id]]);
  });

  it('pages through stories, and leads to all who tell one', async () => {
    const { body } = await world.get('/v1/mentions?collapse=story&limit=1');
    expect(await found(`collapse=story&limit=1&cursor=${body.next}`)).toEqual([2, [other.id]]);
    expect((await found(`story=${original.id}`))[0]).toBe(3);
  });

  it('tells of each hit how many others found are of its story', async () => {
    const copies = async (query: string) =>
      (await world.get(`/v1/mentions?${query}`)).body.mentions.map((hit: { copies?: number }) => hit.copies);
    expect(await copies('collapse=story')).toEqual([2, 0]);
    expect(await copies('collapse=story&source=blog')).toEqual([1]);
    expect(await copies('collapse=story&sentiment=negative&limit=1&fields=text')).toEqual([2]);
    expect(await copies('source=blog')).toEqual([undefined, undefined]);
    expect(await copies('collapse=story&q=nowhere')).toEqual([]);
  });

  it('counts stories in facets and on the journey map', async () => {
    const { body } = await world.get('/v1/mentions?collapse=story&facets=sentiment,pain');
    expect(body.facets.sentiment).toMatchObject([
      { value: 'negative', count: 1 },
      { value: 'positive', count: 1 },
    ]);
    expect(body.facets.pain).toMatchObject([{ value: 'crash', count: 1 }]);
    expect((await world.get('/v1/journey?collapse=story')).body.total).toBe(2);
    expect((await world.get('/v1/journey')).body.total).toBe(4);
  });

  it('refuses what else it might mean', async () => {
    const { response, body } = await world.get('/v1/mentions?collapse=author');
    expect(response.status).toBe(400);
    expect(body.detail).toContain('collapse');
  });
});
