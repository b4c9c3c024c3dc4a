import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, told } from './world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
const asked = told('asked', { text: 'My parcel came broken.', step: 'fulfilment', sentiment: 'negative' });
const copy = { ...told('copy', { text: 'My parcel came broken!', source: 'blog', daysAgo: 2 }), story: asked.id };
const near = told('near', { text: 'A broken parcel.', step: 'fulfilment', daysAgo: 3 });
const other = told('other', { text: 'Lovely blue.' });
beforeAll(async () => void (world = await openWorld([asked, copy, near, other])));
afterAll(() => world.close());

describe('GET /v1/mentions/{id}/similar', () => {
  it('tells copies, then what is near and why', async () => {
    const { body } = await world.get(`/v1/mentions/${asked.id}/similar`);
    expect(body.copies).toBe(1);
    expect(body.similar).toMatchObject([
      { kind: 'copy', nearness: 1, mention: { id: copy.id } },
      { kind: 'near', words: ['parcel', 'broken'], labels: ['step:fulfilment'], mention: { id: near.id } },
    ]);
    expect(body.similar[1].nearness).toBeGreaterThan(0.3);
    expect(body.similar[1].nearness).toBeLessThan(1);
  });

  it('takes a limit up to 50, and nothing else', async () => {
    expect((await world.get(`/v1/mentions/${asked.id}/similar?limit=1`)).body.similar).toHaveLength(1);
    for (const query of ['limit=0', 'limit=51', 'lmit=5']) {
      const { response, body } = await world.get(`/v1/mentions/${asked.id}/similar?${query}`);
      expect([response.status, body.code]).toEqual([400, 'QUERY_INVALID']);
    }
  });

  it('knows nothing of other ids', async () => {
    for (const id of ['0'.repeat(32), 'x'])
      expect((await world.get(`/v1/mentions/${id}/similar`)).response.status).toBe(404);
  });
});
