import type { Page, Parsed } from '../domain/source.ts';
import { latest } from './pages.ts';

/** Some entries of a list; `next` asks for those behind them and is absent at the end of the list. */
export interface ChangedPage {
  entries: unknown[];
  next?: string | undefined;
}

export interface ChangesOptions {
  /** How far behind the newest change the next pull begins, in milliseconds. */
  overlapMs: number;
  /** Most pages of one pull; the next pull goes on where this one ended. */
  maxPages: number;
  /** What changed since then (ISO 8601 UTC, inclusive), the oldest change first. */
  ask(since: string, next: string | undefined): Promise<ChangedPage>;
  /** When an entry changed, ISO 8601 UTC, and what it is told by. */
  changed(entry: unknown): { at: string | undefined; id: string | undefined };
  /** Reads entries that were not read in this pull. */
  read(fresh: unknown[]): Promise<Parsed> | Parsed;
}

const DAY_MS = 86_400_000;

/** Where a first pull begins, ISO 8601 UTC. */
export function daysBefore(now: Date, days: number): string {
  return new Date(now.getTime() - days * DAY_MS).toISOString();
}

/** Reads several lists, one after the other; each has a mark of its own in the cursor. */
export async function* readLists<List extends string>(
  from: Record<List, string>,
  lists: readonly List[],
  optionsOf: (list: List) => ChangesOptions,
): AsyncGenerator<Page<Record<List, string>>> {
  const marks = { ...from };
  for (const list of lists) {
    for await (const { parsed, since } of readChanges(marks[list], optionsOf(list))) {
      marks[list] = since;
      yield { ...parsed, cursor: { ...marks } };
    }
  }
}

/** How much longer a pull may last to get through a single moment. */
const MOMENT_FACTOR = 10;

/**
 * Reads a list in the order of its changes. The next page is asked for by the time of the last change and not by its
 * place, because an entry that changes meanwhile moves to the end, and everything behind it comes one place nearer.
 * `since` is where to go on.
 */
async function* readChanges(from: string, options: ChangesOptions): AsyncGenerator<{ parsed: Parsed; since: string }> {
  const { ask, changed, read, maxPages, overlapMs } = options;
  const known = new Set<string>();
  let since = from;
  let newest: string | undefined;
  let next: string | undefined;
  let isOrdered = true;
  for (let count = 1; ; count++) {
    const page = await ask(since, next);
    const changes = page.entries.map((entry) => ({ entry, ...changed(entry) }));
    const fresh = changes.filter(({ id, at }) => id === undefined || !known.has(`${id} ${at}`));
    for (const { id, at } of fresh) known.add(`${id} ${at}`);
    const parsed = await read(fresh.map(({ entry }) => entry));
    newest = changes.map(({ at }) => at).reduce(latest, newest);
    const isLast = page.next === undefined;
    isOrdered &&= isInOrder(changes);
    const moved = isOrdered && newest !== undefined && newest > since ? newest : undefined;
    next = moved === undefined ? page.next : undefined;
    since = isLast ? latest(from, earlier(newest, overlapMs))! : (moved ?? since);
    yield { parsed, since };
    // Not between two pages of one moment, where the next pull could not go on, unless it never ends.
    if (isLast || (count >= maxPages && next === undefined) || count >= maxPages * MOMENT_FACTOR) return;
  }
}

/** A platform that does not obey the order asked for is read from place to place. */
function isInOrder(changes: readonly { at: string | undefined }[]): boolean {
  const times = changes.flatMap(({ at }) => at ?? []);
  return times.every((time, index) => index === 0 || times[index - 1]! <= time);
}

function earlier(at: string | undefined, byMs: number): string | undefined {
  return at && new Date(Date.parse(at) - byMs).toISOString();
}
