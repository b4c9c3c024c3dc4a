import { AppError } from '../domain/errors.ts';
import type { HttpClient } from '../domain/http.ts';
import { rawMention } from '../domain/mention.ts';
import type { RawMention } from '../domain/mention.ts';
import type { Parsed, PushRequest, Refusal, Source } from '../domain/source.ts';
import { inBatches } from './jobs.ts';

/** What a source is to do: `Source.pull`, `Source.recheck` or `Push.read`. */
export type Ask = { pull: { cursor: unknown } } | { recheck: string[] } | { push: PushRequest };

export interface Call {
  source: Source;
  options: unknown;
  signal: AbortSignal;
}

/** What a page or push says beside its items. */
export interface PartEnd {
  /** Where to go on: of a pull only. */
  cursor?: unknown;
  reply?: string;
  wakes?: boolean;
}

/** A piece of what a source hands over: one job's worth of checked mentions, or of what was deleted or answered. */
export interface Part extends Parsed {
  /** With the last part of a page or push. */
  end?: PartEnd;
}

/** Asks platforms and reads what they say: here, or where it cannot hold up anything else. */
export interface Listener {
  listen(ask: Ask, call: Call): AsyncIterable<Part>;
}

/** Asks in this very thread. */
export function listenHere({ http, now }: { http: HttpClient; now(): Date }): Listener {
  async function* parts(ask: Ask, { source, options, signal }: Call): AsyncGenerator<Part> {
    const context = { options, http, now, signal };
    if ('push' in ask) return yield* partsOf(source.push!.read(ask.push, options));
    if ('recheck' in ask) return yield* partsOf(await source.recheck!(context, ask.recheck));
    for await (const page of source.pull({ ...context, cursor: ask.pull.cursor })) {
      signal.throwIfAborted();
      yield* partsOf(page);
    }
  }
  return {
    async *listen(ask, call) {
      try {
        yield* parts(ask, call);
      } catch (thrown) {
        throw thrown instanceof URIError ? brokenId(thrown) : thrown;
      }
    },
  };
}

/** Halves of characters are allowed in JSON, but in no address, and ids become parts of addresses. */
function brokenId(cause: URIError): AppError {
  return new AppError('SOURCE_SHAPE', 'An id in the answer holds half a character.', {
    fix: 'Report it to the platform: no address can be made of such an id.',
    cause,
  });
}

const SLICE = 1_000;

/** Items first, then what was deleted or answered, so that the order is kept; the end with the last part. */
function partsOf({ items, refused, gone = [], answered = [], ...end }: Parsed & PartEnd): Part[] {
  const { fit, unfit } = checked(items);
  const nothing = { items: [], refused: [] };
  const parts: Part[] = [
    ...inBatches(fit).map((batch) => ({ items: batch, refused: [] })),
    ...slices(gone).map((ids) => ({ ...nothing, gone: ids })),
    ...slices(answered).map((turns) => ({ ...nothing, answered: turns })),
  ];
  const last = parts.pop() ?? nothing;
  return [...parts, { ...last, refused: countable([...refused, ...unfit]), end }];
}

/** A source is trusted with shapes as little as a platform is: what does not fit is named, the rest is taken. */
function checked(items: readonly RawMention[]): { fit: RawMention[]; unfit: Refusal[] } {
  const unfit: Refusal[] = [];
  const fit = items.filter((item) => {
    const issue = rawMention.safeParse(item).error?.issues[0];
    if (issue) unfit.push({ where: `item ${item.externalId}`, reason: `${issue.path.join('.')}: ${issue.message}` });
    return issue === undefined;
  });
  return { fit, unfit };
}

/** Nobody reads a hundred thousand reasons: the first are told one by one, the others by their number. */
function countable(refused: Refusal[]): Refusal[] {
  if (refused.length <= SLICE) return refused;
  const rest = { where: 'what follows', reason: `${refused.length - SLICE} more were not taken.` };
  return [...refused.slice(0, SLICE), rest];
}

function slices<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / SLICE) }, (_, at) => list.slice(at * SLICE, (at + 1) * SLICE));
}
