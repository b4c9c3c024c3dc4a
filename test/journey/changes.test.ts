import { describe, expect, it } from 'vitest';
import type { Count } from '../../src/domain/store.ts';
import { comparePeriods } from '../../src/journey/changes.ts';
import type { Figure, Subject } from '../../src/journey/changes.ts';
import { shipped } from './models.ts';

const model = shipped('five-stage');
const count = (key: (string | null)[], times: number): Count => ({ key, count: times });

/** Two periods of `total` mentions each, told by what is said of the till, the rest is about the product. */
function compare(before: Partial<Told>, now: Partial<Told>, total = 400) {
  return comparePeriods(model, period(before, total, 60), period(now, total, 30));
}

interface Told {
  till: number;
  angry: number;
  pain: number;
  gap: number;
  topic: number;
}

function period({ till = 40, angry = 20, pain = 0, gap = 0, topic = 0 }: Partial<Told>, total: number, days: number) {
  return {
    days,
    counts: [
      [
        count(['purchase', 'point_of_sale', 'negative'], angry),
        count(['purchase', 'point_of_sale', 'positive'], till - angry),
        count(['use', 'product', null], total - till - 10),
        count(['none', 'none', 'negative'], 5),
        count([null, null, 'negative'], 5),
      ],
      [count(['payment', 'negative'], topic)],
      [count(['purchase', 'point_of_sale', 'payment'], pain), count([null, null, 'payment'], 3)],
      [count(['purchase', 'point_of_sale', 'channel'], gap), count(['purchase', 'point_of_sale', 'none'], 30)],
    ].map((list) => list.filter((one) => one.count > 0)),
  };
}

const find = (figures: readonly Figure[], of: Subject) =>
  figures.find((figure) => JSON.stringify(figure.of) === JSON.stringify(of));
const till = { stage: 'purchase', touchpoint: 'point_of_sale' };

describe('comparePeriods', () => {
  it('tells what rose, fell, is new and is gone, each in the words of a filter', () => {
    const risen = compare({ pain: 4, topic: 30, gap: 20 }, { till: 90, pain: 40, topic: 5 });
    expect(find(risen.stages, { stage: 'purchase' })).toMatchObject({ change: 'rose', times: 2.25 });
    expect(find(risen.touchpoints, till)).toMatchObject({
      change: 'rose',
      now: { count: 90, share: 0.225, perDay: 3 },
    });
    expect(find(risen.pains, { ...till, pain: 'payment' })).toMatchObject({ change: 'rose', before: { count: 4 } });
    expect(find(risen.topics, { topic: 'payment' })).toMatchObject({ change: 'fell' });
    expect(find(risen.gaps, { stage: 'purchase', gap: 'channel' })).toMatchObject({
      change: 'gone',
      now: { count: 0 },
    });
    const fresh = compare({}, { pain: 25, gap: 12 });
    expect(find(fresh.pains, { ...till, pain: 'payment' })).toMatchObject({ change: 'new', times: null });
    expect(find(fresh.gaps, { stage: 'purchase', gap: 'channel' })).toMatchObject({ change: 'new' });
    expect(fresh.pains).toHaveLength(1);
    expect(fresh.gaps).toHaveLength(1);
  });

  it('calls the same share steady, chance unclear, and few mentions thin', () => {
    const { pains } = compare({ pain: 20 }, { pain: 20 });
    expect(pains[0]).toMatchObject({ change: 'steady', p: 1 });
    expect(compare({ pain: 8 }, { pain: 13 }).pains[0]).toMatchObject({ change: 'unclear' });
    expect(compare({}, { pain: 4 }).pains[0]).toMatchObject({ change: 'thin', p: null });
    expect(
      comparePeriods(model, { counts: [[], [], [], []], days: 30 }, period({ pain: 40 }, 400, 30)).pains[0],
    ).toMatchObject({
      change: 'thin',
      before: { count: 0, share: 0 },
    });
  });

  it('asks for more where many figures are looked at', () => {
    const change = { before: { pain: 8 }, now: { pain: 26 } };
    const alone = compare(change.before, change.now).pains[0]!;
    const crowd = Array.from({ length: 200 }, (_, index) => count([`topic ${index}`, 'neutral'], 50));
    const among = [change.before, change.now].map((told) => {
      const plain = period(told, 400, 30);
      return { ...plain, counts: plain.counts.map((list, index) => (index === 1 ? crowd : list)) };
    });
    const crowded = comparePeriods(model, among[0]!, among[1]!).pains[0]!;
    expect(alone.change).toBe('rose');
    expect(crowded.change).toBe('unclear');
    expect(crowded.surprise).toBe(alone.surprise);
    expect(crowded.p).toBeGreaterThan(alone.p!);
  });

  it('tells how the mood changed, and the most surprising change first', () => {
    const { stages } = compare({ till: 60, angry: 10 }, { till: 60, angry: 50 });
    const mood = find(stages, { stage: 'purchase' })!.mood!;
    expect(mood).toMatchObject({ trend: 'worse' });
    expect(mood.change).toBeCloseTo(-80 / 60);
    expect(compare({ angry: 20 }, { angry: 24 }).touchpoints[0]!.mood).toMatchObject({ trend: 'unclear' });
    expect(compare({ till: 4, angry: 4 }, {}).touchpoints.at(0)!.mood).toMatchObject({ trend: 'thin' });
    const surprises = compare({ till: 20 }, { till: 90 }).touchpoints.map(({ surprise }) => surprise);
    expect(surprises).toEqual(surprises.toSorted((a, b) => b - a));
  });
});
