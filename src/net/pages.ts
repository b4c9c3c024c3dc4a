import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Page, Parsed } from '../domain/source.ts';

/**
 * How far a list that begins with the newest has been read. `newest` moves only when a reading has come through to what
 * was known, so that a crash in between skips nothing; `next` is where a reading was left off, `seen` the newest it met.
 */
export const mark = z.strictObject({
  newest: z.string().optional(),
  next: z.string().optional(),
  seen: z.string().optional(),
});
export type Mark = z.infer<typeof mark>;

/** One page of a list; `next` asks for the following one and is absent on the last. */
export interface ListPage extends Parsed {
  next?: string | undefined;
}

/** A page as it is read offline, where nobody asks for the next. */
export function withoutNext({ next: _next, ...parsed }: ListPage): Parsed {
  return parsed;
}

export interface ListOptions {
  /** How far behind the newest known date is read again, in milliseconds: edits and late items arrive within it. */
  overlapMs: number;
  /** Most pages of one pull; the next pull goes on where this one ended. */
  maxPages: number;
  /** False where the list is in another order: then it is read to its end. Default true. */
  newestFirst?: boolean | undefined;
  /** `newest` less the overlap: for platforms that can leave out what is older. */
  ask(next: string | undefined, until: string | undefined): Promise<ListPage>;
}

/** A place in a list that the platform no longer knows. */
const LOST = new Set(['REMOTE_REFUSED', 'REMOTE_NOT_FOUND', 'REMOTE_GONE']);

/** Reads a list page by page until everything of a page is older than what is known, less the overlap. */
export async function* readList(from: Mark | undefined, options: ListOptions): AsyncGenerator<Page<Mark>> {
  const { newest, next: left, seen: metBefore } = from ?? {};
  const until = newest === undefined ? undefined : new Date(Date.parse(newest) - options.overlapMs).toISOString();
  let seen = latest(metBefore, newest);
  let next = left;
  for (let count = 1; ; count++) {
    const { next: following, ...page } = await askOrBegin(options, next, until, count === 1);
    const dates = page.items
      .flatMap(({ publishedAt }) => publishedAt ?? [])
      .map((date) => new Date(date).toISOString());
    seen = dates.reduce<string | undefined>(latest, seen);
    const isKnown =
      options.newestFirst !== false && until !== undefined && dates.length > 0 && dates.every((date) => date < until);
    next = isKnown || following === next ? undefined : following;
    yield { ...page, cursor: next === undefined ? given({ newest: seen }) : given({ newest, next, seen }) };
    if (next === undefined || count === options.maxPages) return;
  }
}

/** Places in a list do not last for ever: where a saved one is refused, the list is read from its beginning. */
async function askOrBegin(
  { ask }: ListOptions,
  next: string | undefined,
  until: string | undefined,
  isFirst: boolean,
): Promise<ListPage> {
  try {
    return await ask(next, until);
  } catch (thrown) {
    const isLost = isFirst && next !== undefined && thrown instanceof AppError && LOST.has(thrown.code);
    if (!isLost) throw thrown;
    return ask(undefined, until);
  }
}

/** The later of two times in ISO 8601 and UTC, whose order is the order of the texts; one may be unknown. */
export function latest(one: string | undefined, other: string | undefined): string | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one;
}

/** The pull of platforms that only push: there is nothing to ask. */
export async function* nothingToAsk({ signal }: { signal: AbortSignal }): AsyncGenerator<Page<null>> {
  signal.throwIfAborted();
  yield { items: [], refused: [], cursor: null };
}

function given(fields: { [Name in keyof Mark]: string | undefined }): Mark {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Mark;
}
