import type { AppError } from '../domain/errors.ts';

/** Counted failures after which a job is dead, unless it was added with a number of its own. */
export const DEFAULT_ATTEMPTS = 5;

/**
 * How often a job may be started without that start ever ending before it is taken for poison. A lost worker is no
 * attempt, but a job that takes its worker down every time must not do so for ever.
 */
export const MAX_LOST_STARTS = 10;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_BACKOFF_MS = 5 * 60_000;
const LONGEST_ASKED_PAUSE_MS = 24 * 3_600_000;

/** What becomes of a job whose run failed: dead, or again after a pause that counts as an attempt or does not. */
export type Verdict = 'dead' | { waitMs: number; counted: boolean };

/**
 * The retry policy, the same for every driver. `failures` are the counted ones before this one, `attempts` how many
 * are allowed, `random` gives 0 (included) to 1 (excluded).
 */
export function afterFailure(error: AppError, failures: number, attempts: number, random: () => number): Verdict {
  if (error.retry === 'never') return 'dead';
  if (error.retry !== 'backoff') return { waitMs: clamp(error.retry.afterMs, LONGEST_ASKED_PAUSE_MS), counted: false };
  const failed = failures + 1;
  return failed >= attempts ? 'dead' : { waitMs: backoffMs(failed, random), counted: true };
}

/** Doubles from one second up to five minutes; the upper half of each pause is left to chance, against herds. */
function backoffMs(failed: number, random: () => number): number {
  const full = Math.min(FIRST_PAUSE_MS * 2 ** (failed - 1), LONGEST_BACKOFF_MS);
  return full / 2 + random() * (full / 2);
}

function clamp(milliseconds: number, longest: number): number {
  return Math.min(Math.max(milliseconds || 0, 0), longest);
}
