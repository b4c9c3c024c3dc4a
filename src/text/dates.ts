/**
 * Dates as platforms write them, read strictly: what is not a complete instant with a zone is no date, because an
 * invented one would put a mention into the wrong period.
 */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Zone names of https://www.rfc-editor.org/rfc/rfc822#section-5 in hours; military letters were never reliable. */
const ZONES: Record<string, number> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

const RFC_822 =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s+)?(\d{1,2})[\s-]+([a-z]{3,9})\.?[\s-]+(\d{2}|\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([a-z]{1,3}|[+-]\d{2}:?\d{2})(?:\s*\([^)]{0,40}\))?$/i;
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(z|utc|[+-]\d{2}(?::?\d{2})?)$/i;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
/** Longer than any date: nothing longer is even looked at. */
const MAX_LENGTH = 80;
/** Programs write "unknown" as the year 1 or 1601. */
const FIRST_YEAR = 1900;

/**
 * An instant in RFC 822 (with two- or four-digit years) or RFC 3339 / ISO 8601 with a zone, as ISO 8601 in UTC.
 * @see https://www.rfc-editor.org/rfc/rfc2822#section-4.3 for two-digit years and zone names
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function readInstant(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '' || trimmed.length > MAX_LENGTH) return undefined;
  return /^\d{4}-/.test(trimmed) ? readRfc3339(trimmed) : readRfc822(trimmed);
}

/** As `readInstant`, and a plain ISO day, which is its midnight in UTC. */
export function readDayOrInstant(text: string | undefined): string | undefined {
  const parts = DAY.exec(text?.trim() ?? '');
  if (!parts) return readInstant(text);
  const [, year, month, day] = parts;
  return toIso({ year: Number(year), month: Number(month), day: Number(day) }, 0);
}

function readRfc3339(text: string): string | undefined {
  const parts = RFC_3339.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '0', zone] = parts;
  return toIso(
    {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      ms: Math.trunc(Number(`0.${fraction}`) * 1000),
    },
    minutesOf(zone!),
  );
}

function readRfc822(text: string): string | undefined {
  const parts = RFC_822.exec(text);
  if (!parts) return undefined;
  const [, day, name, year, hour, minute, second = '0', zone] = parts;
  const month = monthOf(name!.toLowerCase());
  if (month === undefined) return undefined;
  return toIso(
    {
      year: fullYear(year!),
      month,
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
    },
    minutesOf(zone!),
  );
}

const FULL_MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

function monthOf(name: string): number | undefined {
  const index = name.length === 3 ? MONTHS.indexOf(name) : FULL_MONTHS.indexOf(name === 'sept' ? 'september' : name);
  return index < 0 ? undefined : index + 1;
}

function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  return Number(year) + (Number(year) < 50 ? 2000 : 1900);
}

/** East of Greenwich, in minutes, of a name or `+hh`, `+hhmm`, `+hh:mm`; undefined for what is unknown or impossible. */
function minutesOf(zone: string): number | undefined {
  const sign = zone.startsWith('+') ? 1 : zone.startsWith('-') ? -1 : undefined;
  if (sign === undefined) {
    const hours = ZONES[zone.toLowerCase()];
    return hours === undefined ? undefined : hours * 60;
  }
  const hours = Number(zone.slice(1, 3));
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0;
  return hours > 23 || minutes > 59 ? undefined : sign * (hours * 60 + minutes);
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour?: number;
  minute?: number;
  second?: number;
  ms?: number;
}

function toIso(parts: Parts, zone: number | undefined): string | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0, ms = 0 } = parts;
  const impossible = year < FIRST_YEAR || hour > 23 || minute > 59 || second > 60;
  if (zone === undefined || impossible || !isDay(year, month, day)) return undefined;
  return new Date(Date.UTC(year, month - 1, day, hour, minute - zone, second, ms)).toISOString();
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0));
}
