import type { AppError, ErrorCode } from '../domain/errors.ts';

/** Remembers which destinations are away, so that nobody waits for them again and again. */
export interface Circuits {
  /** How long to leave this destination alone, in milliseconds; 0 = ask, and after a pause one asks for all. */
  waitMs(destination: string, now: Date): number;
  /** How an attempt ended that began at that time. */
  note(destination: string, error: AppError | undefined, began: Date, now: Date): void;
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
/** As long as a delivery may take, and a little. */
const PROBE_MS = 15_000;

interface Fault {
  inARow: number;
  at: number;
  until: number;
}

/** Opens after three faults in a row, for 10 s, doubled with each further one up to 10 min. One success closes it. */
export function createCircuits(): Circuits {
  const faults = new Map<string, Fault>();
  return {
    waitMs(destination, now) {
      const fault = faults.get(destination);
      if (fault === undefined || fault.inARow < CLOSED_BELOW) return 0;
      const wait = fault.until - now.getTime();
      if (wait > 0) return wait;
      fault.until = now.getTime() + PROBE_MS;
      return 0;
    },
    note(destination, error, began, now) {
      if (error === undefined) return void faults.delete(destination);
      const before = faults.get(destination) ?? { inARow: 0, at: -1, until: 0 };
      // What began before the last fault was known is the same fault seen again.
      if (!AWAY.has(error.code) || began.getTime() < before.at) return;
      const inARow = before.inARow + 1;
      const pause = inARow < CLOSED_BELOW ? 0 : Math.min(FIRST_MS * 2 ** (inARow - CLOSED_BELOW), LONGEST_MS);
      faults.set(destination, { inARow, at: now.getTime(), until: now.getTime() + pause });
    },
  };
}
