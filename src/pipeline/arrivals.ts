import { z } from 'zod';
import type { StateStore } from '../domain/store.ts';

/** What came of a source and when: counted once per batch that was stored, kept for the last `KEPT_DAYS`. */
const arrivals = z.strictObject({
  lastNewAt: z.string().optional(),
  /** New mentions of each day (UTC), and the longest silence that ended on it, in milliseconds. */
  days: z.record(z.string(), z.strictObject({ added: z.int(), silenceMs: z.number() })),
  /** How late the last dated ones came: collected − published, in milliseconds. */
  delaysMs: z.array(z.number()),
  /** Mentions that spoke of no brand, since the beginning. */
  unmatched: z.int(),
});
export type Arrivals = z.infer<typeof arrivals>;

const NONE: Arrivals = { days: {}, delaysMs: [], unmatched: 0 };
const KEPT_DAYS = 28;
const KEPT_DELAYS = 51;
const DAY_MS = 86_400_000;
/** Fewer days than this say nothing about what is usual. */
const KNOWN_DAYS = 7;
const SHORTEST_SILENCE_MS = 3_600_000;
/** Of two processes one is first; more than a few are never at the same source. */
const TRIES = 8;

const keyOf = (source: string) => `arrivals/${source}`;

export async function readArrivals(state: StateStore, source: string): Promise<Arrivals> {
  return arrivals.safeParse((await state.get(keyOf(source)))?.value).data ?? NONE;
}

export interface Arrival {
  /** New mentions of the batch. */
  added: number;
  unmatched: number;
  /** Collected − published of the new ones that are dated, in milliseconds. */
  delaysMs: number[];
}

/** Counts a batch. Repeated by a crash, a batch brings nothing new, so at worst its `unmatched` are counted twice. */
export async function noteArrival(state: StateStore, source: string, arrival: Arrival, now: Date): Promise<void> {
  if (arrival.added === 0 && arrival.unmatched === 0) return;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const entry = await state.get(keyOf(source));
    const before = arrivals.safeParse(entry?.value).data ?? NONE;
    const after = added(before, arrival, now);
    if ((await state.set(keyOf(source), after as never, entry?.version ?? null)) !== null) return;
  }
}

/** What is known after a batch. */
export function added(before: Arrivals, { added: count, unmatched, delaysMs }: Arrival, now: Date): Arrivals {
  const total = { ...before, unmatched: before.unmatched + unmatched };
  if (count === 0) return total;
  const day = now.toISOString().slice(0, 10);
  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10);
  const known = before.days[day] ?? { added: 0, silenceMs: 0 };
  const silenceMs = before.lastNewAt === undefined ? 0 : now.getTime() - Date.parse(before.lastNewAt);
  const today = { added: known.added + count, silenceMs: Math.max(known.silenceMs, silenceMs) };
  const days = Object.fromEntries(Object.entries({ ...before.days, [day]: today }).filter(([name]) => name > oldest));
  return {
    ...total,
    lastNewAt: now.toISOString(),
    days,
    delaysMs: [...before.delaysMs, ...delaysMs].slice(-KEPT_DELAYS),
  };
}

export interface Rhythm {
  lastNewAt?: string;
  /** New mentions a day over the days that are known; one decimal. */
  perDay?: number;
  /** Median of how late mentions reach us, in seconds. */
  delaySeconds?: number;
  unmatched: number;
  /** A sentence where nothing has come for far longer than usual. */
  quiet?: string;
}

/**
 * How a source usually speaks. It is quiet when its silence is more than twice the longest of the last four weeks;
 * where fewer than seven days with mentions are known, nobody can say what is usual.
 */
export function rhythmOf({ lastNewAt, days, delaysMs, unmatched }: Arrivals, now: Date): Rhythm {
  const known = Object.entries(days);
  if (lastNewAt === undefined || known.length === 0) return { unmatched };
  const first = known.map(([day]) => day).toSorted()[0]!;
  const spanDays = Math.max(1, Math.ceil((now.getTime() - Date.parse(first)) / DAY_MS));
  const total = known.reduce((sum, [, { added: count }]) => sum + count, 0);
  const median = delaysMs.toSorted((a, b) => a - b)[Math.floor(delaysMs.length / 2)];
  const longest = Math.max(...known.map(([, { silenceMs }]) => silenceMs), SHORTEST_SILENCE_MS);
  const silence = now.getTime() - Date.parse(lastNewAt);
  const quiet = known.length >= KNOWN_DAYS && silence > 2 * longest;
  return {
    lastNewAt,
    perDay: Math.round((total / spanDays) * 10) / 10,
    ...(median === undefined ? {} : { delaySeconds: Math.round(median / 1000) }),
    unmatched,
    ...(quiet && { quiet: quietSentence(silence, longest) }),
  };
}

function quietSentence(silenceMs: number, longestMs: number): string {
  return `Nothing new for ${span(silenceMs)}; the longest silence of four weeks was ${span(longestMs)}. See that its address, search words and rights are still right.`;
}

function span(ms: number): string {
  const hours = Math.round(ms / 3_600_000);
  return hours < 48 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${Math.round(hours / 24)} days`;
}
