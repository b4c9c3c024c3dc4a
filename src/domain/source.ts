import type { z } from 'zod';
import type { HttpClient } from './http.ts';
import type { Channel, RawMention } from './mention.ts';

/** Something in an answer that could not become a mention: named, so that nothing is lost in silence. */
export interface Refusal {
  /** Where it stands: `line 12`, `entry 3`, an id. */
  where: string;
  reason: string;
}

/** One answer of a platform as bytes, with what is needed to read it. */
export interface WireAnswer {
  body: Uint8Array;
  contentType?: string | undefined;
  /** Address that answered; base for relative links. */
  url?: string | undefined;
}

export interface Parsed {
  items: RawMention[];
  refused: Refusal[];
  /** externalIds that the platform says are deleted: they are erased here too. */
  gone?: string[];
  /**
   * Turns of the brand's own people, where they come without the customer's (a pushed event): they are no mentions, but
   * mark what is known of their thread as answered.
   */
  answered?: { thread: string; at: string }[];
}

/** What a platform's terms demand of whoever stores its content. Told in the reference, obeyed by the pipeline. */
export interface Terms {
  /** The terms themselves. */
  url: string;
  /** One sentence: what has to be deleted, shown or asked again. */
  demands: string;
  /** Everything stored is asked for again within this many hours, through `recheck`. */
  recheckHours?: number;
  /** What cannot be asked for again is erased after this many days. */
  keepDays?: number;
}

export interface Page<Cursor> extends Parsed {
  /** Where to go on after this page. Saved only once the page's items are in the durable queue. */
  cursor: Cursor;
}

export interface PullContext<Options, Cursor> {
  options: Options;
  /** As saved by the last pull; absent the first time. */
  cursor: Cursor | undefined;
  http: HttpClient;
  now(): Date;
  signal: AbortSignal;
}

/** What somebody sent to `/v1/inbound/<source>`, before anybody believes it. */
export interface PushRequest {
  method: string;
  /** As the sender asked for it, with the query. */
  url: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

/** What a genuine push holds. */
export interface Pushed extends Parsed {
  /** A word of the request that the platform wants to hear again, as plain text. */
  reply?: string;
  /** It only tells that there is something new: the source is pulled. */
  wakes?: boolean;
}

/** How a platform sends by itself. */
export interface Push<Options> {
  /** How it is set up at the platform, in one sentence. */
  about: string;
  /** The platform's own description of the signature. */
  docs: string;
  /**
   * Looks at the raw bytes, before anything of them is read.
   * @throws {AppError} `PUSH_REFUSED` where it is not signed as agreed, or no secret was agreed.
   */
  verify(request: PushRequest, options: Options, now: Date): void;
  /**
   * Reads a genuine push. Events that hold no words of a customer give nothing.
   * @throws {AppError} `SOURCE_SHAPE` where it is not in the platform's format.
   */
  read(request: PushRequest, options: Options): Pushed;
}

/**
 * A kind of place to listen to, as one self-describing object: the reference, the JSON Schema, the checks and the
 * redaction of secrets are made from it. Register it in `sources/index.ts`.
 */
export interface Source<Options = unknown, Cursor = unknown> {
  /** The `type` in the configuration. */
  readonly type: string;
  readonly channel: Channel;
  /** One sentence for the reference. */
  readonly about: string;
  /** The platform's own description of the format. */
  readonly docs: string;
  /** Options of one configured source; secrets are declared with `secret()`. */
  readonly options: z.ZodType<Options>;
  readonly cursor: z.ZodType<Cursor>;
  /** Options as a person would write them; shown in the reference, checked by a test. */
  readonly example?: Readonly<Record<string, unknown>>;
  /** How often it is pulled unless the configuration says otherwise. */
  readonly everySeconds: number;
  /** The platform's rules forbid to ask more often than this. Absent = as often as somebody likes. */
  readonly leastSeconds?: number;
  /** Base addresses that a pull may ask; nothing else is asked. Empty for local files. */
  hosts(options: Options): string[];
  /**
   * Yields what is new, page by page, oldest first where the platform allows, re-reading a bounded overlap so that
   * edits arrive. An empty platform yields pages without items; a broken answer throws `SOURCE_SHAPE`.
   */
  pull(context: PullContext<Options, Cursor>): AsyncIterable<Page<Cursor>>;
  /** Absent where the terms demand nothing. */
  readonly terms?: Terms;
  /**
   * How these mentions stand at the platform today: what is still there comes in `items`, what was deleted in `gone`.
   * Asked with at most `recheckBatch` ids.
   */
  recheck?(context: Omit<PullContext<Options, Cursor>, 'cursor'>, externalIds: string[]): Promise<Parsed>;
  /** Most ids that one `recheck` takes. Default 50. */
  readonly recheckBatch?: number;
  /** Absent where the platform does not send by itself. */
  readonly push?: Push<Options>;
  /** Reads one answer offline. Throws `SOURCE_SHAPE` where the whole answer is not in the platform's format. */
  parse(answer: WireAnswer): Parsed;
}

/** Keeps the types inside one definition and gives the registry a common one. */
export function defineSource<Options, Cursor>(source: Source<Options, Cursor>): Source {
  return source as Source;
}
