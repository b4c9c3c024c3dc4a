import { describe, expect, it } from 'vitest';
import { readDayOrInstant, readInstant } from '../../src/text/dates.ts';

describe('instants', () => {
  it.each([
    ['2026-01-31T10:00:00Z', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31t10:00:00.1239z', '2026-01-31T10:00:00.123Z'],
    ['2026-01-31 10:00+02:00', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T23:30:00-0130', '2026-02-01T01:00:00.000Z'],
    ['2024-02-29T00:00:00+14', '2024-02-28T10:00:00.000Z'],
    ['2000-02-29T12:00:00Z', '2000-02-29T12:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['Tue, 03 Feb 2026 09:15:00 +0100', '2026-02-03T08:15:00.000Z'],
    ['3 Feb 26 09:15 GMT', '2026-02-03T09:15:00.000Z'],
    ['03 Feb 99 09:15:00 UT', '1999-02-03T09:15:00.000Z'],
    ['Tuesday, 03 February 2026 09:15:00 EST', '2026-02-03T14:15:00.000Z'],
    ['Tue 3-Feb-2026 09:15:00 pdt', '2026-02-03T16:15:00.000Z'],
    ['  Tue, 03 Feb 2026 09:15:00 -0800 (PST) ', '2026-02-03T17:15:00.000Z'],
  ])('%s', (text, iso) => expect(readInstant(text)).toBe(iso));

  it.each([
    '',
    '2026',
    '2026-01-31',
    '2026-01-31T10:00:00',
    '2026-02-30T10:00:00Z',
    '2025-02-29T10:00:00Z',
    '2100-02-29T10:00:00Z',
    '2026-04-31T10:00:00Z',
    '2026-04-00T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T10:60:00Z',
    '2026-01-31T10:00:00+24:00',
    '0001-01-01T00:00:00Z',
    '1601-01-01T00:00:00Z',
    '1770000000',
    'yesterday',
    '03/02/2026 10:00:00 GMT',
    'Tue, 03 Feb 2026 09:15:00',
    'Tue, 03 Feb 2026 09:15:00 CEST',
    'Tue, 03 Feb 2026 09:15:00 A',
    'Tue, 31 Feb 2026 09:15:00 GMT',
    'Die, 03 Fév 2026 09:15:00 GMT',
    'Tue, 03 Feb 2026 25:15:00 GMT',
    'Tue, 03 Feb 226 09:15:00 GMT',
    'Feb 3, 2026 9:15 AM GMT',
    'now 2026-01-31T10:00:00Z',
    '2026-01-31T10:00:00Z2026-01-31T10:00:00Z',
  ])('nothing is invented from %j', (text) => expect(readInstant(text)).toBeUndefined());

  it('nothing is nothing', () => expect(readInstant(undefined)).toBeUndefined());
});

describe('days', () => {
  it('are midnight in UTC', () => expect(readDayOrInstant(' 2026-01-31 ')).toBe('2026-01-31T00:00:00.000Z'));
  it('may be instants', () => expect(readDayOrInstant('2026-01-31T10:00:00Z')).toBe('2026-01-31T10:00:00.000Z'));
  it.each(['2026-02-30', '31-01-2026', '2026-1-31', '20260131', undefined])('%s is none', (text) => {
    expect(readDayOrInstant(text)).toBeUndefined();
  });
});
