import type { HttpClient } from '../domain/http.ts';
import type { Parsed, Source } from '../domain/source.ts';

/** Whom to ask, and for what. */
export interface Call {
  source: Source;
  options: unknown;
  signal: AbortSignal;
}

/** A page of a pull, or the first part of a long one. */
export type PagePart = Parsed & ({ isWhole: true; cursor: unknown } | { isWhole: false });

/** Asks platforms: here, or where their answers cannot hold up anything else. */
export interface Listener {
  /** Pages as of `Source.pull`; a long one may come in several parts, the cursor with the last. */
  pull(call: Call & { cursor: unknown }): AsyncIterable<PagePart>;
  /** As of `Source.recheck`. */
  recheck(call: Call, externalIds: string[]): Promise<Parsed>;
}

/** Asks in this very thread. */
export function listenHere({ http, now }: { http: HttpClient; now(): Date }): Listener {
  return {
    async *pull({ source, options, cursor, signal }) {
      for await (const page of source.pull({ options, cursor, http, now, signal })) yield { ...page, isWhole: true };
    },
    recheck: ({ source, options, signal }, externalIds) => source.recheck!({ options, http, now, signal }, externalIds),
  };
}
