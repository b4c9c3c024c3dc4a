import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../src/domain/errors.ts';
import { mentionFilter } from '../../src/domain/query.ts';
import { filterParams, readParams } from '../../src/journey/filter-params.ts';
import type { RawParams } from '../../src/journey/filter-params.ts';
import { editDistance, nearest } from '../../src/text/nearest.ts';

const schema = z.strictObject(filterParams);
function refusal(raw: RawParams): AppError {
  try {
    readParams(schema, raw);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('nothing was refused');
}

describe('readParams', () => {
  it('knows every field of a mention filter', () => {
    expect(Object.keys(schema.shape)).toEqual(Object.keys(mentionFilter.shape));
  });

  it('reads lists comma-separated, repeated, or both', () => {
    const wanted = { step: ['use', 'support', 'purchase'] };
    for (const step of ['use,support,purchase', ['use', 'support', 'purchase'], ['use,support', 'purchase']])
      expect(readParams(schema, { step })).toEqual(wanted);
    expect(readParams(schema, { rating: '1,2', from: '2026-05-01', q: 'a,b' })).toEqual({
      rating: [1, 2],
      from: '2026-05-01T00:00:00.000Z',
      q: 'a,b',
    });
  });

  it('names the known parameters and the nearest where one is unknown', () => {
    const error = refusal({ sentimnt: 'negative' });
    expect(error.code).toBe('QUERY_INVALID');
    expect(error.details).toEqual({ parameter: 'sentimnt', known: Object.keys(schema.shape), nearest: 'sentiment' });
  });

  it('names the allowed values and the nearest where one is bad', () => {
    const error = refusal({ sentiment: ['positive', 'negativ'] });
    expect(error.message).toContain('"negativ"');
    expect(error.details).toMatchObject({ parameter: 'sentiment', nearest: 'negative' });
    expect(error.details['known']).toContain('unknown');
  });

  it('explains dates, empty lists and numbers', () => {
    expect(refusal({ from: 'yesterday' }).message).toMatch(/from: "yesterday" .*2026-05-31/);
    expect(refusal({ from: '2026-02-30' }).code).toBe('QUERY_INVALID');
    expect(refusal({ source: '' }).details).toEqual({ parameter: 'source' });
    expect(refusal({ rating: '9' }).details).toEqual({ parameter: 'rating' });
  });
});

describe('nearest', () => {
  it('finds what was meant and gives no silly hint', () => {
    const known = ['negative', 'neutral', 'positive'];
    expect(nearest('negatvie', known)).toBe('negative');
    expect(nearest('NEUTRAL', known)).toBe('neutral');
    expect(nearest('elephant', known)).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  it('measures a metric-like distance', () => {
    assert(
      property(string({ maxLength: 12 }), string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('ab', 'ba')).toBe(1);
  });
});
