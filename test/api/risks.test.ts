import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Judgements } from '../../src/domain/enrichment.ts';
import type { Outcome } from '../../src/domain/journey.ts';
import type { Mention } from '../../src/domain/mention.ts';
import type { MentionQuery } from '../../src/domain/query.ts';
import { MAX_AUTHORS, MAX_READ } from '../../src/journey/risk-reader.ts';
import { NOW, openWorld, told } from './world.ts';

type World = Awaited<ReturnType<typeof openWorld>>;
interface Reason {
  code: string;
  weight: number;
  says: string;
  mentions: string[];
}

const by = { by: 'test@1', confidence: 1 };
/** One mention of an author, with what they did. */
function did(
  externalId: string,
  author: string,
  outcome: Outcome | undefined,
  facts: Parameters<typeof told>[1],
): Mention {
  const mention = told(externalId, { ...(author && { author: { id: author } }), ...facts });
  const more: Judgements = outcome === undefined ? {} : { outcome: { value: outcome, ...by } };
  return { ...mention, judgements: { ...mention.judgements, ...more } };
}

const unhappy = { sentiment: 'negative' } as const;
const ann = [
  did('a1', 'ann', 'warned', { ...unhappy, step: 'advocacy', daysAgo: 70 }),
  did('a2', 'ann', 'churned', { ...unhappy, step: 'loyalty', daysAgo: 3 }),
];
const bob = [
  did('b1', 'bob', 'warned', { ...unhappy, daysAgo: 9 }),
  did('b2', 'bob', 'renewed', { sentiment: 'positive', step: 'loyalty', daysAgo: 2 }),
];
const cyd = [
  did('c1', 'cyd/ü?', 'warned', { ...unhappy, source: 'blog', author: { id: 'cyd/ü?', name: 'Cyd' }, daysAgo: 5 }),
];
const dan = [did('d1', 'dan', undefined, { sentiment: 'positive', step: 'use' })];
const eve = [did('e1', 'eve', undefined, { ...unhappy, step: 'use', pains: ['price'] })];
const nobody = [1, 2, 3].map((number) => did(`n${number}`, '', 'warned', unhappy));
const leavers = { id: 'leavers', name: 'Leavers', query: { outcome: ['churned' as const, 'purchased' as const] } };

describe('GET /v1/risks', () => {
  let world: World;
  beforeAll(
    async () =>
      void (world = await openWorld([...ann, ...bob, ...cyd, ...dan, ...eve, ...nobody], { personas: [leavers] })),
  );
  afterAll(() => world.close());

  const authors = async (query: string) =>
    (await world.get(`/v1/risks?${query}`)).body.risks.map(({ author }: { author: string }) => author);

  it('tells who is most at risk and why, and how many words are nobody’s', async () => {
    const { response, body } = await world.get('/v1/risks');
    expect(response.status).toBe(200);
    expect(body).toMatchObject({
      at: NOW.toISOString(),
      read: 8,
      withoutAuthor: 3,
      authors: 4,
      weighed: 4,
      complete: true,
    });
    expect(body.risks).toMatchObject([
      { author: 'ann', level: 'churned', mentions: 2, since: ann[1]!.at },
      { author: 'cyd/ü?', name: 'Cyd', level: 'raised', mentions: 1 },
      { author: 'bob', level: 'low', mentions: 2 },
    ]);
    expect(body.risks[0].reasons[0]).toMatchObject({ code: 'churned', says: expect.stringMatching(/^Told .*\.$/) });
    expect(body.risks[0].trend.map(({ month, level }: { month: string; level: string }) => [month, level])).toEqual([
      ['2026-04', 'raised'],
      ['2026-05', 'low'],
      ['2026-06', 'churned'],
    ]);
  });

  it('leads from every figure to its voices', async () => {
    for (const { author, mentions, voices, reasons } of (await world.get('/v1/risks')).body.risks) {
      const { body } = await world.get(voices);
      expect(body.total).toBe(mentions);
      const ids = new Set(body.mentions.map(({ id }: { id: string }) => id));
      for (const reason of reasons as Reason[]) expect(reason.mentions.every((id) => ids.has(id))).toBe(true);
      expect(new Set(body.mentions.map((one: Mention) => one.author?.id))).toEqual(new Set([author]));
    }
  });

  it.each([
    ['limit=1', ['ann']],
    ['source=blog', ['cyd/ü?']],
    ['author=bob,dan', ['bob']],
    ['step=advocacy', ['ann']],
    ['outcome=churned,purchased', ['ann']],
    ['sentiment=positive', []],
    ['sentiment=positive&outcome=warned', []],
    ['stage=advocacy&q=a1', ['ann']],
    ['persona=leavers', ['ann']],
    ['persona=leavers&outcome=warned', []],
    ['from=2026-06-25', ['ann', 'cyd/ü?']],
    ['to=2026-06-01', ['ann']],
    ['brand=acme', []],
  ])('looks at whom %s finds', async (query, expected) => {
    expect(await authors(query)).toEqual(expected);
  });

  it('weighs nothing that was said later than it is asked for', async () => {
    const { body } = await world.get('/v1/risks?to=2026-06-24');
    expect(body).toMatchObject({ at: '2026-06-24T00:00:00.000Z', risks: [{ author: 'bob' }, { author: 'ann' }] });
    expect(body.risks[0].reasons.map(({ code }: Reason) => code)).toEqual(['warned']);
    expect((await world.get(body.risks[0].voices)).body.total).toBe(1);
    expect((await world.get('/v1/risks?to=2030-01-01')).body.at).toBe(NOW.toISOString());
  });

  it('refuses what it cannot do', async () => {
    for (const query of ['limit=101', 'limit=0', 'months=25', 'outcome=left', 'account=x', 'stage=nowhere'])
      expect((await world.get(`/v1/risks?${query}`)).response.status).toBe(400);
  });
});

describe('GET /v1/authors/{id}/risk', () => {
  let world: World;
  const brands = (mention: Mention, ...names: string[]) => ({ ...mention, brands: names });
  const fay = [
    brands(did('f1', 'fay', 'churned', { ...unhappy, daysAgo: 3 }), 'rival'),
    brands(did('f2', 'fay', 'recommended', { sentiment: 'positive', daysAgo: 2 }), 'acme'),
  ];
  beforeAll(async () => void (world = await openWorld([...ann, ...cyd, ...dan, ...eve, ...fay])));
  afterAll(() => world.close());

  const risk = async (author: string, query = '') =>
    world.get(`/v1/authors/${encodeURIComponent(author)}/risk${query}`);

  it('tells the same of an author as the list does', async () => {
    const { at, risks } = (await world.get('/v1/risks?months=3')).body;
    expect(risks).toHaveLength(3);
    for (const one of risks) expect((await risk(one.author, '?months=3')).body).toEqual({ at, ...one });
  });

  it('claims nothing where nothing was said, and finds nobody where there is nobody', async () => {
    for (const author of ['dan', 'eve'])
      expect((await risk(author)).body).toMatchObject({ risk: 0, level: 'low', reasons: [], mentions: 1 });
    for (const [author, query] of [
      ['nobody', ''],
      ['ann', '?to=2020-01-01'],
      ['ann', '?brand=acme'],
    ] as const) {
      const { response, body } = await risk(author, query);
      expect([response.status, body.code, body.detail]).toEqual([404, 'NOT_FOUND', expect.stringContaining(author)]);
    }
  });

  it('keeps brands apart where one is asked for', async () => {
    expect((await risk('fay', '?brand=rival')).body).toMatchObject({ level: 'churned', mentions: 1 });
    const { body } = await risk('fay', '?brand=acme');
    expect(body).toMatchObject({ level: 'low', mentions: 1, voices: '/v1/mentions?brand=acme&author=fay' });
    expect((await world.get('/v1/risks?brand=acme')).body.risks).toEqual([]);
    expect((await world.get('/v1/risks?brand=rival')).body.risks).toMatchObject([{ author: 'fay', mentions: 1 }]);
  });

  it('looks back from a time', async () => {
    const { body } = await risk('ann', '?to=2026-05-15&months=2');
    expect(body).toMatchObject({ at: '2026-05-15T00:00:00.000Z', mentions: 1, reasons: [{ code: 'warned' }] });
    expect(body.trend.map(({ month }: { month: string }) => month)).toEqual(['2026-04', '2026-05']);
  });

  it('refuses filters that it does not have', async () => {
    for (const query of ['?sentiment=negative', '?months=0', '?to=soon'])
      expect((await risk('ann', query)).response.status).toBe(400);
  });
});

describe('the search for people at risk', () => {
  let world: World;
  afterEach(() => world.close());

  it('reads no more than it says, and says so', async () => {
    const warnings = Array.from({ length: MAX_READ + 1 }, (_, index) =>
      did(`w${index}`, `author ${index % (MAX_AUTHORS + 1)}`, 'warned', { daysAgo: 1 + index / 100 }),
    );
    const loud = Array.from({ length: MAX_READ + 1 }, (_, index) =>
      did(`l${index}`, 'loud', 'returned', { source: 'blog', daysAgo: 1 + index / 100 }),
    );
    world = await openWorld([...warnings, ...loud]);
    const asked: MentionQuery[] = [];
    const search: World['store']['search'] = (query, options) => {
      asked.push(query);
      return world.store.search(query, options);
    };
    const counting = await openWorld([], {}, { mentions: { ...world.store, search } });
    const { body } = await counting.get('/v1/risks?limit=100&source=shop');
    counting.close();
    expect(body).toMatchObject({ read: MAX_READ, authors: MAX_AUTHORS + 1, weighed: MAX_AUTHORS, complete: false });
    expect(body.risks).toHaveLength(100);
    expect(asked.filter(({ author }) => author !== undefined)).toHaveLength(MAX_AUTHORS);
    const cut = { read: MAX_AUTHORS + 1, authors: MAX_AUTHORS + 1, complete: false };
    expect((await world.get(`/v1/risks?source=shop&from=${warnings[MAX_AUTHORS]!.at}`)).body).toMatchObject(cut);
    expect((await world.get('/v1/risks?source=blog')).body).toMatchObject({
      read: MAX_READ,
      authors: 1,
      complete: false,
      risks: [{ author: 'loud', mentions: MAX_READ + 1 }],
    });
    expect((await world.get('/v1/risks?author=author 1')).body).toMatchObject({ authors: 1, complete: true });
  });
});
