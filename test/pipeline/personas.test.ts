import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { understand } from '../../src/journey/personas.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { createPersonas } from '../../src/pipeline/personas.ts';
import { subscribe } from '../../src/pipeline/subscribe.ts';
import { workDeliveries } from '../../src/pipeline/work.ts';
import { openHouse, raw, until } from './house.ts';

const PERSONAS = `
personas:
  - { id: shop, name: From the shop, query: { source: shop } }
  - { id: fans, name: Fans, query: { sentiment: positive } }
`;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const notify = [{ type: 'webhook', url: 'https://example.com/hook', secret: SECRET }];

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse(PERSONAS)));
afterEach(() => house.remove());

const said = (source: string, collectedAt = new Date().toISOString()) =>
  ingest(
    {
      source,
      collectedAt,
      items: [
        raw(`${source} bad`, { text: 'My card was declined at the checkout, terrible.' }),
        raw(`${source} good`, { text: 'I love this guitar, it sounds wonderful.' }),
      ],
    },
    house,
  );
const told = async () => {
  const ids = (await house.state.list('notice/')).map(({ value }) => (value as { mentionId: string }).mentionId);
  const mentions = await Promise.all(ids.map((id) => house.mentions.get(id)));
  return mentions.map((mention) => mention?.externalId).toSorted();
};

describe('a subscription that names a persona', () => {
  it('tells of what both find, negative ones as always', async () => {
    await subscribe({ query: { persona: 'shop' }, notify }, house);
    await said('shop');
    await said('forum');
    expect(await told()).toEqual(['shop bad']);
  });

  it('takes the sentiment from the persona where that names one', async () => {
    await subscribe({ query: { persona: 'fans' }, notify }, house);
    await said('shop');
    expect(await told()).toEqual(['shop good']);
  });

  it('has the personas read once for all subscriptions, and only where one is named', async () => {
    let times = 0;
    const { list } = house.personas;
    house.personas.list = () => ((times += 1), list());
    await said('shop');
    expect(times).toBe(0);
    for (const persona of ['shop', 'fans']) await subscribe({ query: { persona }, notify }, house);
    times = 0;
    await said('shop');
    expect(times).toBe(1);
  });

  it('tells of the past in the same way', async () => {
    await said('shop', '2026-05-01T10:00:00.000Z');
    await said('forum', '2026-05-01T10:00:00.000Z');
    await subscribe({ query: { persona: 'shop' }, notify, since: '2026-05-01T00:00:00.000Z' }, house);
    workDeliveries(house.queue, house);
    await until(async () => (await house.state.list('caught-up/')).length > 0);
    expect(await told()).toEqual(['shop bad']);
  });

  it('waits for a store that is away instead of passing over what was said', async () => {
    await subscribe({ query: { persona: 'shop' }, notify }, house);
    const { list } = house.personas;
    house.personas.list = () => Promise.reject(new Error('away'));
    await expect(said('shop')).rejects.toThrow('away');
    house.personas.list = list;
    await said('shop');
    expect(await told()).toEqual(['shop bad']);
  });
});

describe('personas', () => {
  it('say that it is they who have to be mended when their stage model has gone', async () => {
    await house.personas.put({ id: 'mine', name: 'Mine', query: { stage: ['bottom'], model: 'funnel' } });
    const fewer = { ...house, models: house.models.filter(({ id }) => id !== 'funnel') };
    await expect(understand({ persona: 'mine' }, fewer)).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringMatching(/persona "mine" .*"funnel"/),
      fix: expect.stringMatching(/^Change that persona\. Known: /),
      details: { parameter: 'persona' },
    });
  });

  it('of the API live on, until the configuration takes their id', async () => {
    const mine = { id: 'mine', name: 'Mine', query: { step: ['use' as const] } };
    await house.personas.put(mine);
    expect((await house.personas.list()).map(({ id, origin }) => [id, origin])).toEqual([
      ['shop', 'configuration'],
      ['fans', 'configuration'],
      ['mine', 'api'],
    ]);
    const taken = createPersonas([{ ...mine, name: 'Ours' }], house);
    expect(await taken.list()).toEqual([{ ...mine, name: 'Ours', origin: 'configuration' }]);
  });
});
