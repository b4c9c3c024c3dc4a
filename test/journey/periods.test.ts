import { describe, expect, it } from 'vitest';
import { choosePeriods, daysOf } from '../../src/journey/periods.ts';

const NOW = new Date('2026-05-31T12:00:00.000Z');
const day = (text: string) => `${text}T00:00:00.000Z`;

describe('choosePeriods', () => {
  it('means the last four weeks and those before, where nothing is said', () => {
    const { now, before } = choosePeriods({}, NOW);
    expect(now).toEqual({ from: '2026-05-03T12:00:00.000Z', to: NOW.toISOString() });
    expect(before).toEqual({ from: '2026-04-05T12:00:00.000Z', to: now.from });
    expect([daysOf(now), daysOf(before)]).toEqual([28, 28]);
  });

  it.each([
    ['month', '2026-04-30', '2026-05-01'],
    ['quarter', '2026-02-28', '2026-03-01'],
    ['half-year', '2025-11-30', '2025-12-01'],
    ['year', '2025-05-31', '2025-06-01'],
  ] as const)('goes back by a %s, to the last day where a month is shorter', (against, from, to) => {
    const chosen = { from: day('2026-05-31'), to: day('2026-06-01'), against };
    expect(choosePeriods(chosen, NOW).before).toEqual({ from: day(from), to: day(to) });
  });

  it('takes an exact other period', () => {
    const chosen = { from: day('2026-05-01'), againstFrom: day('2025-01-01'), againstTo: day('2025-03-01') };
    expect(choosePeriods(chosen, NOW)).toEqual({
      now: { from: day('2026-05-01'), to: NOW.toISOString() },
      before: { from: day('2025-01-01'), to: day('2025-03-01') },
    });
  });

  it.each([
    [{ from: day('2026-06-01'), to: day('2026-06-01') }, 'from'],
    [{ againstFrom: day('2026-01-01') }, 'againstFrom'],
    [{ againstFrom: day('2026-01-01'), againstTo: day('2026-02-01'), against: 'year' as const }, 'againstFrom'],
    [{ againstFrom: day('2026-02-01'), againstTo: day('2026-01-01') }, 'againstFrom'],
  ])('refuses %j', (chosen, parameter) => {
    expect(() => choosePeriods(chosen, NOW)).toThrow(
      expect.objectContaining({ code: 'QUERY_INVALID', details: { parameter }, fix: expect.any(String) }),
    );
  });
});
