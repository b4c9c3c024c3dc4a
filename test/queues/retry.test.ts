import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { DEFAULT_ATTEMPTS, afterFailure } from '../../src/queues/retry.ts';

const HOUR_MS = 3_600_000;
const passing = new AppError('REMOTE_TIMEOUT', 'Slow.');
const least = () => 0;
const most = () => 1 - Number.EPSILON;

const asked = (afterMs: number) => new AppError('REMOTE_RATE_LIMITED', 'Pause.', { retry: { afterMs } });

describe('retry policy', () => {
  it.each([
    [0, 500, 1_000],
    [1, 1_000, 2_000],
    [2, 2_000, 4_000],
    [8, 128_000, 256_000],
    [9, 150_000, 300_000],
    [60, 150_000, 300_000],
    [5_000, 150_000, 300_000],
  ])('after %i failures waits %i to %i ms', (failures, shortest, longest) => {
    expect(afterFailure(passing, failures, 10_000, least)).toEqual({ waitMs: shortest, counted: true });
    const verdict = afterFailure(passing, failures, 10_000, most);
    expect(verdict).toEqual({ waitMs: expect.closeTo(longest, 3), counted: true });
  });

  it('ends with the last counted failure', () => {
    expect(DEFAULT_ATTEMPTS).toBe(5);
    const verdicts = [0, 1, 2, 3, 4].map((failures) => afterFailure(passing, failures, DEFAULT_ATTEMPTS, least));
    expect(verdicts.map((verdict) => verdict === 'dead')).toEqual([false, false, false, false, true]);
  });

  it('ends at once where trying again is no use', () => {
    expect(afterFailure(new AppError('REMOTE_GONE', 'Gone.'), 0, 5, least)).toBe('dead');
  });

  it.each([
    [1_500, 1_500],
    [0, 0],
    [-5, 0],
    [Number.NaN, 0],
    [48 * HOUR_MS, 24 * HOUR_MS],
    [Number.POSITIVE_INFINITY, 24 * HOUR_MS],
  ])('asked for a pause of %d ms waits %d and counts nothing', (afterMs, waitMs) => {
    expect(afterFailure(asked(afterMs), 4, 5, most)).toEqual({ waitMs, counted: false });
  });
});
