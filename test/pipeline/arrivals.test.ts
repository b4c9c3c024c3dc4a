import { describe, expect, it } from 'vitest';
import { added, noteArrival, readArrivals, rhythmOf } from '../../src/pipeline/arrivals.ts';
import type { Arrivals } from '../../src/pipeline/arrivals.ts';
import { openHouse } from './house.ts';

const HOUR = 3_600_000;
const start = Date.parse('2026-03-01T00:00:00Z');
const after = (hours: number) => new Date(start + hours * HOUR);
const NOTHING: Arrivals = { days: {}, delaysMs: [], unmatched: 0 };
const one = { added: 1, unmatched: 0, delaysMs: [] };

/** Something new at each of these hours. */
const spoken = (hours: number[]) => hours.reduce((known, hour) => added(known, one, after(hour)), NOTHING);
const everyHours = (hours: number, days: number) =>
  Array.from({ length: (days * 24) / hours }, (_, index) => index * hours);

describe('how a source usually speaks', () => {
  it('is quiet after more than twice its longest silence', () => {
    const known = spoken(everyHours(6, 10));
    expect(rhythmOf(known, after(234 + 12)).quiet).toBeUndefined();
    expect(rhythmOf(known, after(234 + 13)).quiet).toMatch(
      /^Nothing new for 13 hours; the longest silence.* 6 hours\./,
    );
  });

  it('knows nights and weekends as silences', () => {
    const hours = everyHours(2, 10).filter((hour) => hour < 96 || hour > 156);
    const known = spoken(hours);
    expect(rhythmOf(known, after(238 + 100)).quiet).toBeUndefined();
    expect(rhythmOf(known, after(238 + 130)).quiet).toBeDefined();
  });

  it('cannot be told quiet before a week of days is known, nor where nothing ever came', () => {
    expect(rhythmOf(spoken(everyHours(6, 6)), after(900)).quiet).toBeUndefined();
    expect(rhythmOf(NOTHING, after(900))).toEqual({ unmatched: 0 });
  });

  it('forgets what is older than four weeks', () => {
    const known = spoken([0, ...everyHours(6, 30).map((hour) => hour + 500)]);
    expect(Object.keys(known.days)).toHaveLength(28);
    expect(rhythmOf(known, after(500 + 714 + 13)).quiet).toBeDefined();
  });

  it('tells items a day and the median delay', () => {
    const known = [1, 2, 3].reduce(
      (before, day) => added(before, { added: 10, unmatched: 2, delaysMs: [day * 60_000] }, after(day * 24)),
      NOTHING,
    );
    expect(rhythmOf(known, after(4 * 24))).toEqual({
      lastNewAt: '2026-03-04T00:00:00.000Z',
      perDay: 10,
      delaySeconds: 120,
      unmatched: 6,
    });
  });

  it('loses no count when two write at once', async () => {
    const house = await openHouse();
    try {
      await Promise.all(Array.from({ length: 5 }, () => noteArrival(house.state, 's', one, after(0))));
      expect((await readArrivals(house.state, 's')).days).toEqual({ '2026-03-01': { added: 5, silenceMs: 0 } });
    } finally {
      await house.remove();
    }
  });
});
