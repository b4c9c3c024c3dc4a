import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { instant } from '../domain/query.ts';

/** A time from its beginning up to, but without, its end. ISO 8601 UTC. */
export interface Period {
  from: string;
  to: string;
}

/** With what a period is compared: the one of the same length before it, or the same one so long ago. */
export const AGAINST = ['before', 'month', 'quarter', 'half-year', 'year'] as const;
export type Against = (typeof AGAINST)[number];

const MONTHS: Record<Exclude<Against, 'before'>, number> = { month: 1, quarter: 3, 'half-year': 6, year: 12 };
const DAY_MS = 86_400_000;
/** Whole weeks, so that weekends weigh the same in both periods. */
const DEFAULT_DAYS = 28;

export const periodParams = {
  against: z.enum(AGAINST).optional().describe('before = the period of the same length before; else so long ago.'),
  againstFrom: instant.optional().describe('Or exactly: the other period begins here …'),
  againstTo: instant.optional().describe('… and ends before this.'),
};
export interface PeriodChoice {
  from?: string | undefined;
  to?: string | undefined;
  against?: Against | undefined;
  againstFrom?: string | undefined;
  againstTo?: string | undefined;
}

/**
 * The two periods that are meant. Without `to` the present one ends now; without `from` it is four weeks long.
 * @throws {AppError} `QUERY_INVALID` for periods without length, or half of an exact one.
 */
export function choosePeriods(chosen: PeriodChoice, at: Date): { now: Period; before: Period } {
  const to = chosen.to ?? at.toISOString();
  const now = { from: chosen.from ?? earlierByDays(to, DEFAULT_DAYS), to };
  checkLength(now, 'from');
  const before = exactPeriod(chosen) ?? periodAgainst(now, chosen.against ?? 'before');
  checkLength(before, 'againstFrom');
  return { now, before };
}

/** Length in days; parts of days count as such. */
export const daysOf = ({ from, to }: Period) => (Date.parse(to) - Date.parse(from)) / DAY_MS;

function exactPeriod({ against, againstFrom: from, againstTo: to }: PeriodChoice): Period | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from !== undefined && to !== undefined && against === undefined) return { from, to };
  throw new AppError('QUERY_INVALID', 'The period to compare with is told by halves, or twice.', {
    fix: 'Give againstFrom and againstTo together, or against alone.',
    details: { parameter: 'againstFrom' },
  });
}

function periodAgainst({ from, to }: Period, against: Against): Period {
  if (against === 'before') return { from: new Date(2 * Date.parse(from) - Date.parse(to)).toISOString(), to: from };
  return { from: earlierByMonths(from, MONTHS[against]), to: earlierByMonths(to, MONTHS[against]) };
}

const earlierByDays = (time: string, days: number) => new Date(Date.parse(time) - days * DAY_MS).toISOString();

/** The same day of an earlier month, or the last day of a shorter one. */
function earlierByMonths(time: string, months: number): string {
  const date = new Date(time);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.toISOString();
}

function checkLength(period: Period, parameter: string): void {
  if (period.from < period.to) return;
  throw new AppError('QUERY_INVALID', `${parameter}: the period from ${period.from} to ${period.to} has no length.`, {
    fix: 'Let it begin before it ends.',
    details: { parameter },
  });
}
