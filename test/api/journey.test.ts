import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import { enrichAll } from '../../src/enrich/index.ts';
import { loadKnowledge } from '../../src/knowledge.ts';
import { readWorld } from '../../src/sample/world.ts';
import { aMention } from '../contracts/mentions.ts';
import { NOW, openWorld, told } from './world.ts';

interface Figure {
  of: Record<string, string>;
  change: string;
  now: { count: number };
  before: { count: number };
  voices: { now: string; before: string };
}
type World = Awaited<ReturnType<typeof openWorld>>;

const till = { step: 'purchase', touchpoint: 'point_of_sale' } as const;
const many = (count: number, name: string, facts: Parameters<typeof told>[1]) =>
  Array.from({ length: count }, (_, index) => told(`${name}-${index}`, { text: `${name} ${index} said so`, ...facts }));

/** Four weeks and those before: at the till cards begin to fail, deliveries get better, returns end. */
const period = [
  ...many(30, 'card', { ...till, sentiment: 'negative', pains: ['payment'], daysAgo: 5 }),
  ...many(10, 'paid', { ...till, sentiment: 'positive', daysAgo: 40 }),
  ...many(60, 'parcel', { step: 'fulfilment', touchpoint: 'delivery', sentiment: 'positive', daysAgo: 6 }),
  ...many(60, 'late', { step: 'fulfilment', touchpoint: 'delivery', sentiment: 'negative', daysAgo: 41 }),
  ...many(20, 'return', { step: 'support', touchpoint: 'help_desk', pains: ['returns'], daysAgo: 45 }),
  ...many(5, 'joke', { step: 'none', touchpoint: 'none', daysAgo: 7 }),
];

describe('GET /v1/compare', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(period);
  });
  afterAll(() => world.close());

  it('tells what is new, gone and how moods changed against the four weeks before', async () => {
    const { response, body } = await world.get('/v1/compare');
    expect(response.status).toBe(200);
    expect(body).toMatchObject({
      model: 'five-stage',
      level: 0.05,
      now: { days: 28, total: 95 },
      before: { total: 90 },
    });
    expect(body.pains.map(({ of, change }: Figure) => [of, change])).toEqual([
      [{ stage: 'purchase', touchpoint: 'point_of_sale', pain: 'payment' }, 'new'],
      [{ stage: 'retention', touchpoint: 'help_desk', pain: 'returns' }, 'gone'],
    ]);
    const deliveries = body.touchpoints.find(({ of }: Figure) => of.touchpoint === 'delivery');
    expect(deliveries).toMatchObject({ change: 'steady', mood: { change: 2, trend: 'better' } });
  });

  it('leads from every figure to as many voices', async () => {
    const filters = ['', '?source=shop&language=en', '?pain=payment&stage=purchase', '?q=card&model=funnel'];
    for (const filter of filters) {
      const { body } = await world.get(`/v1/compare${filter}`);
      const figures = ['stages', 'touchpoints', 'pains', 'topics', 'gaps'].flatMap((kind) => body[kind] as Figure[]);
      expect(figures.length).toBeGreaterThan(0);
      for (const { voices, now, before } of figures) {
        expect((await world.get(voices.now)).body.total).toBe(now.count);
        expect((await world.get(voices.before)).body.total).toBe(before.count);
      }
    }
  });

  it('tells only of the pains that were asked for, because no link would lead to the others as they are found', async () => {
    const both = await openWorld([
      ...many(6, 'both', { ...till, pains: ['payment', 'crash'] }),
      ...many(3, 'crash', { ...till, pains: ['crash'] }),
    ]);
    const { body } = await both.get('/v1/compare?pain=payment');
    both.close();
    expect(body.pains.map(({ of, now }: Figure) => [of.pain, now.count])).toEqual([['payment', 6]]);
  });

  it('compares with another period, and no more than is asked for', async () => {
    const { body } = await world.get('/v1/compare?against=half-year&from=2026-06-01&to=2026-06-30&limit=1');
    expect(body.before).toMatchObject({ from: '2025-12-01T00:00:00.000Z', to: '2025-12-30T00:00:00.000Z', total: 0 });
    expect(body.touchpoints).toMatchObject([{ change: 'thin', p: null }]);
  });

  it.each(['?against=decade', '?againstFrom=2026-01-01', '?from=2026-06-01&to=2026-05-01', '?limit=0', '?model=x'])(
    'refuses %s with what would fit',
    async (query) => {
      const { response, body } = await world.get(`/v1/compare${query}`);
      expect(response.status).toBe(400);
      expect(body).toMatchObject({ code: 'QUERY_INVALID', fix: expect.any(String) });
    },
  );
});

describe('GET /v1/journey', () => {
  let world: World;
  beforeAll(async () => {
    const moment = { value: true, by: 'test@1', confidence: 1 };
    const judged = (mention: Mention, more: Partial<Mention['judgements']>) => ({
      ...mention,
      judgements: { ...mention.judgements, ...more },
    });
    const tag = (value: string) => ({ value, by: 'test@1', confidence: 1 });
    world = await openWorld([
      ...period,
      ...many(4, 'bought', till).map((one) => judged(one, { outcome: { ...moment, value: 'purchased' } })),
      ...many(2, 'left', till).map((one) => judged(one, { outcome: { ...moment, value: 'abandoned' } })),
      ...many(3, 'none', till).map((one) => judged(one, { outcome: { ...moment, value: 'none' } })),
      ...many(3, 'never again', till).map((one) =>
        judged(one, { momentOfTruth: moment, gap: { ...moment, value: 'device' } }),
      ),
      ...many(2, 'wallet', till).map((one) => judged(one, { opportunities: [tag('payment'), tag('price')] })),
    ]);
  });
  afterAll(() => world.close());

  const place = async (query: string) => {
    const { body } = await world.get(`/v1/journey${query}`);
    const stage = body.stages.find(({ id }: { id: string }) => id === 'purchase');
    return { body, stage, at: stage.touchpoints.find(({ id }: { id: string }) => id === 'point_of_sale') };
  };

  it('tells wishes, gaps, moments of truth, and what was done beside what is desired', async () => {
    const { stage, at } = await place('');
    expect(stage).toMatchObject({ desired: ['purchased'], goal: expect.any(String), completed: 4, momentsOfTruth: 3 });
    expect(at).toMatchObject({
      count: 54,
      opportunities: [
        { topic: 'payment', count: 2 },
        { topic: 'price', count: 2 },
      ],
      gaps: [{ between: 'device', count: 3 }],
      momentsOfTruth: 3,
      outcomes: [
        { outcome: 'purchased', count: 4 },
        { outcome: 'abandoned', count: 2 },
      ],
      completed: 4,
    });
  });

  it('tells the change of every place only where another period is asked for', async () => {
    const { body, stage, at } = await place('?against=before');
    expect(body).toMatchObject({ total: 109, now: { total: 109 }, before: { total: 90 } });
    expect(at.change).toMatchObject({ change: 'rose', now: { count: 44 }, before: { count: 10 } });
    expect(stage.change).toMatchObject({ change: 'rose', mood: { trend: 'worse' } });
    const plain = await place('');
    expect(plain.at).not.toHaveProperty('change');
    expect(plain.body).not.toHaveProperty('before');
  });

  it('quotes what is typical, each in other words, and never the same person twice', async () => {
    const facts = { ...till, sentiment: 'negative' as const, pains: ['payment'] };
    const odd = await openWorld([
      told('copy1', { ...facts, text: 'My card was declined at the checkout again today' }),
      told('copy2', { ...facts, text: 'My card was declined at the checkout again, today!' }),
      told('other', { ...facts, text: 'Three times the bank window closed and no order came of it' }),
      told('long', { ...facts, text: 'And then another thing happened to me there. '.repeat(40) }),
      told('short', { ...facts, text: 'Ugh.' }),
      told('glad', { ...till, sentiment: 'positive', text: 'Paying took five seconds and everything was fine' }),
      told('same1', { ...facts, text: 'Paypal sends me back to an empty page', author: { id: 'x' }, daysAgo: 2 }),
      told('same2', { ...facts, text: 'Instalments are refused without any reason', author: { id: 'x' }, daysAgo: 3 }),
    ]);
    const { body } = await odd.get('/v1/journey');
    odd.close();
    const quotes: string[] = body.stages[2].touchpoints[0].quotes.map(({ text }: { text: string }) => text);
    expect(quotes).toHaveLength(3);
    expect(quotes.filter((text) => text.startsWith('My card'))).toHaveLength(1);
    expect(quotes.filter((text) => /bank window/.test(text))).toHaveLength(1);
    expect(quotes.filter((text) => /Paypal|Instalments/.test(text))).toHaveLength(1);
  });
});

describe('GET /v1/paths', () => {
  it('follows authors or conversations through the stages', async () => {
    const by = (id: string) => ({ author: { id }, thread: 't1' });
    const world = await openWorld([
      told('1', { step: 'consideration', touchpoint: 'website', daysAgo: 9, ...by('a') }),
      told('2', { step: 'purchase', touchpoint: 'point_of_sale', daysAgo: 7, ...by('a') }),
      told('3', { step: 'consideration', touchpoint: 'website', daysAgo: 6, ...by('b') }),
      told('4', { step: 'none', touchpoint: 'none', daysAgo: 5, ...by('b') }),
      told('5', { step: 'advocacy', touchpoint: 'product', daysAgo: 4 }),
    ]);
    const authors = (await world.get('/v1/paths')).body;
    expect(authors).toMatchObject({
      model: 'five-stage',
      by: 'author',
      visits: 3,
      complete: true,
      travellers: 2,
      moved: 1,
    });
    expect(authors.transitions).toEqual([{ from: 'consideration', to: 'purchase', count: 1, share: 1, medianDays: 2 }]);
    const threads = (await world.get('/v1/paths?by=thread&model=sale')).body;
    expect(threads).toMatchObject({ model: 'sale', by: 'thread', travellers: 1, moved: 0 });
    expect((await world.get('/v1/paths?by=planet')).response.status).toBe(400);
    world.close();
  });
});

describe('the sample world on the map', () => {
  let world: World;
  beforeAll(async () => {
    const said = readWorld(join(import.meta.dirname, '../../config/sample'), NOW);
    const mentions = said.map(({ id, via, said: at, text, title, author, rating }) =>
      aMention({
        source: via,
        externalId: id,
        channel: via === 'zendesk' ? 'ticket' : 'review',
        at: at.toISOString(),
        text,
        author: { id: author },
        ...(title !== undefined && { title }),
        ...(rating !== undefined && { rating }),
      }),
    );
    const judgements = await enrichAll(loadKnowledge().enrichers, mentions);
    world = await openWorld(mentions.map((mention, index) => ({ ...mention, judgements: judgements[index]! })));
  }, 60_000);
  afterAll(() => world.close());

  it('shows failing card payments as the top new pain at purchase × point of sale', async () => {
    const periods = 'from=2026-06-09&againstFrom=2026-03-09&againstTo=2026-06-09';
    const { body } = await world.get(`/v1/compare?${periods}&limit=500`);
    const top = (body.pains as Figure[]).find(
      ({ of }) => of.stage === 'purchase' && of.touchpoint === 'point_of_sale',
    )!;
    expect(top).toMatchObject({ of: { pain: 'payment' }, change: 'new', before: { count: 0 } });
    const voices = (await world.get(top.voices.now)).body;
    expect(voices.total).toBe(top.now.count);
    expect(voices.total).toBeGreaterThanOrEqual(5);
    const map = (await world.get('/v1/journey?from=2026-06-09')).body;
    const purchase = map.stages.find(({ id }: { id: string }) => id === 'purchase');
    const at = purchase.touchpoints.find(({ id }: { id: string }) => id === 'point_of_sale');
    expect([purchase.pains[0].topic, at.pains[0].topic, at.emotion]).toEqual(['payment', 'payment', 'frustrated']);
    expect(at.quotes.length).toBeGreaterThan(1);
  });
});
