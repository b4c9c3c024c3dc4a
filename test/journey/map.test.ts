import { assert, constantFrom, nat, property, string, tuple, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE, STEPS, TOUCHPOINTS } from '../../src/domain/journey.ts';
import type { Bucket } from '../../src/domain/store.ts';
import { compareMaps } from '../../src/journey/compare.ts';
import { EMOTIONS, emotionOf } from '../../src/journey/emotion.ts';
import { journeyMap } from '../../src/journey/map.ts';
import { shorten } from '../../src/journey/quotes.ts';
import { shipped, shippedModels } from './models.ts';

const bucket = (key: (string | null)[], negative: number, neutral: number, positive: number, untold = 0): Bucket => ({
  key,
  count: negative + neutral + positive + untold,
  negative,
  neutral,
  positive,
});

const buckets = uniqueArray(
  tuple(
    constantFrom(...STEPS, NONE, null),
    constantFrom(...TOUCHPOINTS, NONE, null),
    nat(50),
    nat(50),
    nat(50),
    nat(50),
  ).map(([step, touchpoint, ...counts]) => bucket([step, touchpoint], ...counts)),
  { selector: ({ key }) => key.join('/') },
);

describe('journeyMap', () => {
  it('loses no mention and counts none twice, in every model', () => {
    assert(
      property(buckets, constantFrom(...shippedModels), (places, model) => {
        const map = journeyMap(model, places);
        const inStages = map.stages.reduce((sum, stage) => sum + stage.count, 0);
        expect(inStages + map.unplaced + map.unknown).toBe(map.total);
        expect(map.total).toBe(places.reduce((sum, { count }) => sum + count, 0));
        for (const stage of map.stages)
          expect(stage.touchpoints.reduce((sum, { count }) => sum + count, 0)).toBe(stage.count);
        const shares = map.stages.reduce((sum, { share }) => sum + share, 0);
        expect(shares).toBeCloseTo(inStages > 0 ? 1 : 0);
      }),
    );
  });

  it('gives net sentiment, emotion and leading pains per stage and touchpoint', () => {
    const map = journeyMap(
      shipped('five-stage'),
      [
        bucket(['fulfilment', 'delivery'], 6, 1, 1, 2),
        bucket(['support', 'delivery'], 2, 0, 0),
        bucket(['purchase', null], 0, 1, 3),
        bucket([NONE, NONE], 0, 5, 0),
        bucket([null, null], 0, 0, 0, 4),
      ],
      [
        bucket(['fulfilment', 'delivery', 'packaging'], 3, 0, 0),
        bucket(['fulfilment', 'delivery', 'delivery_time'], 2, 0, 0),
        bucket(['support', 'delivery', 'delivery_time'], 2, 0, 0),
        bucket(['purchase', null, null], 0, 1, 3),
      ],
    );
    const retention = map.stages[3]!;
    expect(retention).toMatchObject({ id: 'retention', count: 12, negative: 8, positive: 1, emotion: 'disappointed' });
    expect(retention.netSentiment).toBeCloseTo(-7 / 12);
    expect(retention.share).toBeCloseTo(12 / 16);
    expect(retention.pains).toEqual([
      { topic: 'delivery_time', count: 4 },
      { topic: 'packaging', count: 3 },
    ]);
    expect(retention.touchpoints.map(({ id, count }) => [id, count])).toEqual([['delivery', 12]]);
    expect(map.stages[2]).toMatchObject({ count: 4, emotion: 'delighted', pains: [] });
    expect(map.stages[2]!.touchpoints.map(({ id }) => id)).toEqual(['unknown']);
    expect(map.stages[0]).toMatchObject({ count: 0, netSentiment: null, emotion: null, touchpoints: [] });
    expect(map).toMatchObject({ total: 25, unplaced: 5, unknown: 4 });
  });
});

const mirrored = (value: number) => EMOTIONS[EMOTIONS.length - 1 - EMOTIONS.indexOf(emotionOf(value))];

describe('emotionOf', () => {
  it('is symmetric, so that no mood is favoured', () => {
    for (const value of [0, 0.1, 0.2, 0.21, 0.59, 0.61, 1]) expect(emotionOf(-value)).toBe(mirrored(value));
    expect([-1, -0.4, 0, 0.4, 1].map(emotionOf)).toEqual(EMOTIONS);
  });
});

describe('compareMaps', () => {
  const model = shipped('funnel');
  const mapOf = (negative: number, positive: number) =>
    journeyMap(model, [bucket(['awareness', 'press'], negative, 0, positive)]);
  const trend = (before: [number, number], now: [number, number]) =>
    compareMaps(mapOf(...before), mapOf(...now), { before: 60, now: 20 })[0]!;

  it('tells worse, better and steady, with counts per day', () => {
    expect(trend([10, 50], [30, 10])).toMatchObject({ trend: 'worse', perDayBefore: 1, perDayNow: 2 });
    expect(trend([50, 10], [10, 30]).trend).toBe('better');
    expect(trend([30, 30], [15, 15]).trend).toBe('steady');
  });

  it('calls a change that chance alone may have made unclear, and too few mentions thin', () => {
    expect(trend([30, 30], [4, 2]).trend).toBe('unclear');
    expect(trend([30, 30], [4, 0]).trend).toBe('thin');
    expect(trend([0, 0], [40, 0])).toMatchObject({ trend: 'thin', sentimentChange: null });
  });
});

describe('shorten', () => {
  it('cuts between words, never inside a surrogate pair, and never over the limit', () => {
    expect(shorten('one  two\nthree four', 12)).toBe('one two…');
    expect(shorten('short', 12)).toBe('short');
    expect(shorten('😀'.repeat(20), 12)).toBe(`${'😀'.repeat(5)}…`);
    assert(property(string({ unit: 'grapheme', maxLength: 300 }), (text) => shorten(text, 40).length <= 40));
  });
});
