import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import type { Similar } from '../../src/domain/similar.ts';
import { similar } from '../../src/pipeline/similar.ts';
import type { OpenMentionStore } from './mention-store.ts';
import { aMention, judged } from './mentions.ts';

const TEXT = 'The courier dropped my dishwasher and the warranty refuses it.';
const LABELS: Mention['judgements'] = {
  step: judged('fulfilment' as const),
  touchpoint: judged('delivery' as const),
  sentiment: { ...judged('negative' as const), score: -0.5 },
  topics: [{ ...judged('damage'), sentiment: 'negative' }],
};
const day = (number: number) => `2024-03-${String(number).padStart(2, '0')}T00:00:00.000Z`;
const said = (externalId: string, text: string, more: Partial<Mention> = {}) =>
  aMention({ externalId, text, at: day(1), ...more });

/** Mentions like one another are found in every store alike. */
export function similarContract(open: () => Promise<OpenMentionStore>): void {
  let current: OpenMentionStore;
  beforeEach(async () => {
    current = await open();
  });
  afterEach(() => current.close());

  const asked = said('asked', TEXT, { at: day(9), judgements: LABELS });
  const like = async (mention: Mention, limit = 50) => (await similar(mention.id, limit, { mentions: current.store }))!;
  const told = ({ kind, mention }: Similar) => `${kind} ${mention.externalId}`;

  it('copies come first, from the newest, then the nearest', async () => {
    await current.store.put([
      asked,
      said('old copy', TEXT, { at: day(2), story: asked.id }),
      said('new copy', 'RT: nothing alike', { at: day(10), story: asked.id }),
      said('one word', 'My dishwasher is blue.'),
      said('two words', 'The dishwasher has a warranty.'),
      said('nothing', 'Blue is a colour.'),
    ]);
    const found = await like(asked);
    expect(found.copies).toBe(2);
    expect(found.similar.map(told)).toEqual(['copy new copy', 'copy old copy', 'near two words', 'near one word']);
    expect(found.similar[2]).toMatchObject({ words: ['dishwasher', 'warranty', 'the'], labels: [] });
    expect((await like(asked, 1)).similar.map(told)).toEqual(['copy new copy']);
    expect((await like(asked, 1)).copies).toBe(2);
  });

  it('a copy leads to the original and to the other copies, not to itself', async () => {
    const copies = ['1', '2'].map((name) => said(name, TEXT, { story: asked.id }));
    await current.store.put([asked, ...copies]);
    const found = await like(copies[0]!);
    expect(found.copies).toBe(2);
    expect(found.similar.map(told)).toEqual(['copy asked', 'copy 2']);
  });

  it('a rare word weighs more than a common one, and labels a third', async () => {
    await current.store.put([
      asked,
      said('rare', 'A courier came.'),
      said('common', 'A dishwasher is here.'),
      said('labelled', 'A dishwasher was here.', { judgements: LABELS }),
      ...['1', '2', '3'].map((name) => said(name, 'Dishwasher!', { story: said('common', '').id })),
    ]);
    const { similar: found } = await like(asked);
    expect(found.map(told)).toEqual(['near labelled', 'near rare', expect.stringMatching(/^near (?:common|[123])$/)]);
    const [labelled, rare] = found;
    // Weights: log(1 + 7/6) for dishwasher, log(1 + 7/2) for courier.
    const [common, uncommon] = [Math.log(1 + 7 / 6), Math.log(1 + 7 / 2)];
    expect(rare).toMatchObject({ words: ['courier'], labels: [] });
    expect(rare!.nearness).toBeCloseTo(((2 / 3) * uncommon) / (common + uncommon), 3);
    expect(labelled!.nearness).toBeCloseTo(((2 / 3) * common) / (common + uncommon) + 1 / 3, 3);
    expect(labelled!.labels).toEqual(['step:fulfilment', 'touchpoint:delivery', 'sentiment:negative', 'topic:damage']);
  });

  it('finds by topic at the same step where no word is shared', async () => {
    await current.store.put([
      asked,
      said('there', 'Tout est cassé.', { judgements: LABELS }),
      said('elsewhere', 'Tout est cassé.', { judgements: { ...LABELS, step: judged('use' as const) } }),
    ]);
    expect((await like(asked)).similar).toMatchObject([{ kind: 'near', nearness: 0.333, words: [] }]);
  });

  it('looks for the eight longest words and no others', async () => {
    const words = Array.from({ length: 9 }, (_, index) => 'abcdefghi'[index]!.repeat(12 - index));
    await current.store.put([
      said('asked', words.join(' '), { at: day(9) }),
      ...words.map((word, index) => said(`${index}`, `${word}!`)),
    ]);
    const names = (await like(asked)).similar.map(told).toSorted();
    expect(names).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((index) => `near ${index}`));
  });

  it('passes over whoever has a word only in a link', async () => {
    await current.store.put([asked, said('linked', 'See https://example.com/dishwasher'), said('near', 'Dishwasher.')]);
    expect((await like(asked)).similar.map(told)).toEqual(['near near']);
  });

  it('finds by topic the newest at each touchpoint', async () => {
    const broken = (touchpoint: 'delivery' | 'product') =>
      Array.from({ length: 7 }, (_, index) =>
        said(`${touchpoint} ${index}`, 'Cassé.', {
          at: day(index + 1),
          judgements: { ...LABELS, touchpoint: judged(touchpoint) },
        }),
      );
    await current.store.put([asked, ...broken('delivery'), ...broken('product')]);
    const names = (await like(asked)).similar.map(told);
    // Itself is among the newest of its own place.
    const newest = (touchpoint: string, ...days: number[]) => days.map((index) => `near ${touchpoint} ${index}`);
    expect(names).toEqual([...newest('delivery', 6, 5, 4, 3), ...newest('product', 6, 5, 4, 3, 2)]);
  });

  it('shows of stories that are near one mention each', async () => {
    const near = said('near', 'My dishwasher, again.');
    await current.store.put([
      asked,
      near,
      ...['1', '2', '3'].map((name) => said(name, 'My dishwasher, once more.', { story: near.id })),
      said('other', 'Our dishwasher hums.'),
    ]);
    const { similar: found } = await like(asked);
    expect(found.map(({ mention: { id, story } }) => story ?? id).toSorted()).toEqual(
      [near.id, said('other', '').id].toSorted(),
    );
  });

  it('looks at the newest that have a word, and takes any text', async () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      said(String(index), 'Dishwasher', { at: `2024-02-01T00:00:${String(index).padStart(2, '0')}.000Z` }),
    );
    await current.store.put([asked, ...many, said('odd', `😡 -" ${'a'.repeat(70_000)} *`)]);
    const { similar: found } = await like(asked);
    expect(found.map(told)).toEqual(
      many
        .toReversed()
        .slice(0, 39)
        .map(({ externalId }) => `near ${externalId}`),
    );
    expect(await like(said('odd', ''))).toEqual({ copies: 0, similar: [] });
  });

  it('knows nothing of other ids', async () => {
    expect(await similar(asked.id, 5, { mentions: current.store })).toBeUndefined();
  });
}
