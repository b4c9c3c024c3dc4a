import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import { openWorld, told } from './world.ts';

type World = Awaited<ReturnType<typeof openWorld>>;

const till = { step: 'purchase', touchpoint: 'point_of_sale' } as const;
const about = (brands: string[], mention: Mention): Mention => ({ ...mention, brands });
/** Brand A is cursed and praised, brand B only cursed. */
const MENTIONS = [
  about(['A'], told('a1', { ...till, sentiment: 'negative', author: { id: 'ann' }, daysAgo: 3 })),
  about(['A'], told('a2', { step: 'use', touchpoint: 'product', sentiment: 'positive', author: { id: 'ann' } })),
  about(['B'], told('b1', { ...till, sentiment: 'negative', author: { id: 'ben' } })),
  about(['A', 'B'], told('ab', { ...till, sentiment: 'negative', text: 'the card was declined' })),
];

const PERSONAS = [
  { id: 'of-a', name: 'Of A', query: { brand: ['A'] } },
  { id: 'buyers', name: 'Buyers', query: { stage: ['bottom'], model: 'funnel', step: ['purchase' as const] } },
];

const send = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('persona=', () => {
  let world: World;
  beforeAll(async () => void (world = await openWorld(MENTIONS, { personas: PERSONAS })));
  afterAll(() => world.close());

  const texts = async (filter: string) => {
    const { body } = await world.get(`/v1/mentions?${filter}`);
    return body.mentions.map(({ externalId }: { externalId: string }) => externalId).toSorted();
  };

  it('finds what its query finds', async () => {
    expect(await texts('persona=of-a')).toEqual(['a1', 'a2', 'ab']);
    expect(await texts('persona=buyers')).toEqual(['a1', 'ab', 'b1']);
  });

  it('must hold as well as the filters beside it, also over the same field', async () => {
    expect(await texts('persona=of-a&brand=B')).toEqual(['ab']);
    expect(await texts('persona=buyers&step=use')).toEqual([]);
    expect(await texts('persona=buyers&stage=retention')).toEqual([]);
    expect(await texts('persona=of-a&q=declined&sentiment=negative,positive')).toEqual(['ab']);
  });

  it('stands in whatever takes filters', async () => {
    const map = async (filter: string) => (await world.get(`/v1/journey?${filter}`)).body;
    const full = ({ stages }: { stages: { id: string; count: number }[] }) =>
      Object.fromEntries(stages.filter(({ count }) => count > 0).map(({ id, count }) => [id, count]));
    expect(full(await map('persona=of-a'))).toEqual({ purchase: 2, retention: 1 });
    expect(full(await map('persona=buyers'))).toEqual({ purchase: 3 });
    expect((await map('persona=of-a&against=before')).now.total).toBe(3);
    expect((await world.get('/v1/compare?persona=of-a')).body.now.total).toBe(3);
    expect((await world.get('/v1/paths?persona=of-a')).body).toMatchObject({ travellers: 1, moved: 1 });
    expect((await world.get('/v1/themes?persona=of-a')).body.now.total).toBe(3);
    expect((await world.get('/v1/review?persona=of-a')).body.review).toHaveLength(3);
    const { facets } = (await world.get('/v1/mentions?persona=of-a&facets=brand')).body;
    expect(facets.brand.map(({ value, count }: { value: string; count: number }) => [value, count])).toEqual([
      ['A', 3],
      ['B', 1],
    ]);
  });

  it('goes along to the voices behind a figure', async () => {
    const { body } = await world.get('/v1/compare?persona=of-a');
    const figure = body.stages.find(({ of }: { of: { stage: string } }) => of.stage === 'purchase');
    expect((await world.get(figure.voices.now)).body.total).toBe(figure.now.count);
    expect(figure.now.count).toBe(2);
  });

  it.each(['mentions', 'journey', 'compare', 'paths', 'themes', 'brands', 'review'])(
    'of nobody is refused by /v1/%s, naming those that are known',
    async (path) => {
      const { body } = await world.get(`/v1/${path}?persona=of-aa`);
      expect(body).toMatchObject({ status: 400, code: 'QUERY_INVALID', parameter: 'persona' });
      expect(body).toMatchObject({ known: ['of-a', 'buyers'], nearest: 'of-a', fix: 'Known: of-a, buyers.' });
    },
  );
});

describe('/v1/personas', () => {
  let world: World;
  beforeAll(async () => void (world = await openWorld(MENTIONS, { personas: PERSONAS })));
  afterAll(() => world.close());

  const mine = { name: 'The disappointed', description: 'They leave.', query: { sentiment: ['negative'] } };

  it('keeps, shows, changes and forgets what is saved', async () => {
    const made = await world.get('/v1/personas/mine', send('PUT', mine));
    expect(made.response.status).toBe(201);
    expect(made.body).toEqual({ id: 'mine', ...mine, origin: 'api' });
    expect((await world.get('/v1/mentions?persona=mine')).body.total).toBe(3);

    const less = { name: 'Of B', query: { brand: ['B'], sentiment: ['negative'] } };
    const changed = await world.get('/v1/personas/mine', send('PUT', less));
    expect(changed.response.status).toBe(200);
    expect((await world.get('/v1/personas/mine')).body).toEqual({ id: 'mine', ...less, origin: 'api' });
    expect((await world.get('/v1/mentions?persona=mine')).body.total).toBe(2);
    expect((await world.get('/v1/personas')).body.personas).toEqual([
      ...PERSONAS.map((one) => ({ ...one, origin: 'configuration' })),
      { id: 'mine', ...less, origin: 'api' },
    ]);

    expect((await world.get('/v1/personas/mine', { method: 'DELETE' })).response.status).toBe(204);
    expect((await world.get('/v1/personas/mine', { method: 'DELETE' })).response.status).toBe(404);
    expect((await world.get('/v1/personas/mine')).response.status).toBe(404);
    expect((await world.get('/v1/mentions?persona=mine')).response.status).toBe(400);
  });

  it('leaves those of the configuration to the configuration', async () => {
    for (const init of [send('PUT', mine), { method: 'DELETE' }]) {
      const { body } = await world.get('/v1/personas/of-a', init);
      expect(body).toMatchObject({ status: 409, code: 'CONFLICT', fix: expect.stringContaining('Change it there') });
    }
    expect((await world.get('/v1/personas/of-a')).body).toMatchObject(PERSONAS[0]!);
  });

  it.each([
    ['another persona', 'x', { ...mine, query: { persona: 'of-a' } }, 'BODY_INVALID', 'cannot hold another'],
    ['folding, which is no condition', 'x', { ...mine, query: { collapse: 'story' } }, 'BODY_INVALID', 'collapse'],
    ['a word that is no filter', 'x', { ...mine, query: { age: ['young'] } }, 'BODY_INVALID', 'age'],
    ['an unknown stage', 'x', { ...mine, query: { stage: ['purchace'] } }, 'QUERY_INVALID', 'Did you mean "purchase"'],
    ['an id that no address could hold', 'Young%20ones', mine, 'QUERY_INVALID', 'small letters'],
  ])('refuses %s', async (_what, id, body, code, words) => {
    const answer = await world.get(`/v1/personas/${id}`, send('PUT', body));
    expect(answer.body).toMatchObject({ status: 400, code, detail: expect.stringContaining(words) });
    expect((await world.get('/v1/personas')).body.personas).toHaveLength(PERSONAS.length);
  });

  it('keeps one as long as a subscription asks for it', async () => {
    await world.get('/v1/personas/held', send('PUT', mine));
    const wanted = { query: { persona: 'held' }, notify: [{ type: 'webhook', url: 'https://example.org/' }] };
    const { body } = await world.get('/v1/subscriptions', send('POST', wanted));
    const refused = await world.get('/v1/personas/held', { method: 'DELETE' });
    expect(refused.body).toMatchObject({ code: 'CONFLICT', detail: expect.stringContaining(body.subscription.id) });
    await world.get(`/v1/subscriptions/${body.subscription.id}`, { method: 'DELETE' });
    expect((await world.get('/v1/personas/held', { method: 'DELETE' })).response.status).toBe(204);
    const gone = await world.get('/v1/subscriptions', send('POST', wanted));
    expect(gone.body).toMatchObject({ code: 'QUERY_INVALID', parameter: 'persona' });
  });
});
