import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, told } from './world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
const sure = told('sure', { step: 'use', touchpoint: 'product', sentiment: 'negative' });
const unsure = told('unsure', { step: 'use', sentiment: 'negative', daysAgo: 9 });
beforeEach(async () => {
  world = await openWorld([sure, unsure]);
});
afterEach(() => world.close());

const patch = (id: string, body: unknown) =>
  world.app.request(`/v1/mentions/${id}/labels`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
interface Review {
  review: { mention: { id: string } }[];
}
const get = async (path: string) => (await (await world.app.request(path)).json()) as Review;

describe('PATCH /v1/mentions/{id}/labels', () => {
  it('corrects what was judged, and the map follows', async () => {
    const answer = await patch(sure.id, { step: 'support', sentiment: 'positive' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      labels: { step: 'support', sentiment: 'positive' },
      judgements: { step: { value: 'support', by: 'people' } },
    });
    expect(await get('/v1/mentions?step=support')).toMatchObject({ total: 1, mentions: [{ id: sure.id }] });
  });

  it('takes a touchpoint away with its step, and refuses one without a step', async () => {
    expect(await (await patch(sure.id, { step: 'none' })).json()).toMatchObject({
      labels: { step: 'none', touchpoint: 'none' },
    });
    const refused = await patch(sure.id, { step: 'none', touchpoint: 'staff' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'BODY_INVALID' });
  });

  it.each([
    [{ step: 'dreaming' }, 400],
    [{ mood: 'good' }, 400],
    ['negative', 400],
  ])('refuses %j', async (body, status) => expect((await patch(sure.id, body)).status).toBe(status));

  it('knows nothing of other ids', async () => expect((await patch('0'.repeat(32), { step: 'use' })).status).toBe(404));
});

describe('GET /v1/review', () => {
  it('shows the least sure first, and no more once somebody has looked', async () => {
    const before = await get('/v1/review');
    expect(before.review.map(({ mention }) => mention.id)).toEqual([unsure.id, sure.id]);
    expect(before.review[0]).toMatchObject({ about: 'touchpoint', doubt: expect.closeTo(0.4667, 3) });
    await patch(unsure.id, { touchpoint: 'product' });
    expect((await get('/v1/review')).review).toMatchObject([{ mention: { id: sure.id } }]);
  });

  it('takes every filter and a limit', async () => {
    expect((await get('/v1/review?limit=1')).review).toHaveLength(1);
    expect((await get('/v1/review?touchpoint=product')).review).toMatchObject([{ mention: { id: sure.id } }]);
    expect((await world.app.request('/v1/review?limit=0')).status).toBe(400);
  });
});
