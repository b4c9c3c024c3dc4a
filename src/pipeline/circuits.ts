import type { AppError, ErrorCode } from '../domain/errors.ts';

/** Remembers which destinations are away, so that nobody waits for them again and again. */
export interface Circuits {
  /** How long to leave this destination alone, in milliseconds; 0 = ask. */
  waitMs(destination: string, now: Date): number;
  /** How the last attempt ended. */
  note(destination: string, error: AppError | undefined, now: Date): void;
}

/** Faults that cost the time of a time-out and concern the destination, not the single notice. */
const AWAY: ReadonlySet<ErrorCode> = new Set([
  'REMOTE_TIMEOUT',
  'REMOTE_UNREACHABLE',
  'REMOTE_UNAVAILABLE',
  'REMOTE_RATE_LIMITED',
]);
const CLOSED_BELOW = 3;
const FIRST_MS = 10_000;
const LONGEST_MS = 10 * 60_000;

/** Opens after three faults in a row, for 10 s, doubled with each further one up to 10 min. One success closes it. */
export function createCircuits(): Circuits {
  const faults = new Map<string, { inARow: number; until: number }>();
  return {
    waitMs: (destination, now) => Math.max(0, (faults.get(destination)?.until ?? 0) - now.getTime()),
    note(destination, error, now) {
      if (!error || !AWAY.has(error.code)) return void faults.delete(destination);
      const inARow = (faults.get(destination)?.inARow ?? 0) + 1;
      const pause = inARow < CLOSED_BELOW ? 0 : Math.min(FIRST_MS * 2 ** (inARow - CLOSED_BELOW), LONGEST_MS);
      faults.set(destination, { inARow, until: now.getTime() + pause });
    },
  };
}
