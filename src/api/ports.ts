import type { ErrorCode } from '../domain/errors.ts';
import type { Log } from '../domain/log.ts';
import type { LabelChanges } from '../domain/labels.ts';
import type { Channel, Mention, RawMention } from '../domain/mention.ts';
import type { Destination, Notice, Subscription } from '../domain/notice.ts';
import type { Personas } from '../domain/persona.ts';
import type { MentionFilter, MentionQuery } from '../domain/query.ts';
import type { JobQueue } from '../domain/queue.ts';
import type { Doubtful } from '../domain/review.ts';
import type { SimilarMentions } from '../domain/similar.ts';
import type { PushRequest, Refusal } from '../domain/source.ts';
import type { MentionStore } from '../domain/store.ts';
import type { Period } from '../journey/periods.ts';
import type { StageModel } from '../journey/stage-model.ts';
import type { Theme } from '../journey/themes.ts';

export interface ThemeReport {
  /** The most surprising first. */
  themes: Theme[];
  /** Stories that were read. */
  read: { before: number; now: number };
  /** False where there are more mentions than were read: the newest speak for them. */
  complete: boolean;
}

/** All that the API is given. It chooses no driver and reads no settings. */
export interface ApiPorts {
  mentions: Pick<
    MentionStore,
    'get' | 'search' | 'countStories' | 'aggregate' | 'countAll' | 'newestByPlace' | 'visits' | 'changes'
  >;
  /**
   * Who wrote these mentions, by their id: only of sources whose configuration says so, for the link to the CRM alone.
   * null = it is kept, and the key at hand does not open it.
   */
  identities(mentions: readonly Mention[]): Promise<ReadonlyMap<string, RawMention['author'] | null>>;
  /** Its copies, then the nearest of other stories, up to `limit` (1…50). Undefined where there is none of that id. */
  similar(id: string, limit: number): Promise<SimilarMentions | undefined>;
  /** Erases one mention everywhere; false where there was none. */
  erase(id: string): Promise<boolean>;
  /**
   * Writes down what somebody says against the judgements of a mention. Undefined where there is none of that id.
   * @throws {AppError} `BODY_INVALID` for a touchpoint without a step.
   */
  label(id: string, changes: LabelChanges): Promise<Mention | undefined>;
  /** The least sure of the newest mentions that the query finds and nobody has labelled. */
  review(query: MentionQuery, limit: number): Promise<Doubtful[]>;
  queue: Pick<JobQueue, 'dead'>;
  models: readonly StageModel[];
  personas: Personas;
  /** What rose in a query's words from one period to the other. */
  themes(query: MentionQuery, periods: { before: Period; now: Period }, limit: number): Promise<ThemeReport>;
  now(): Date;
  /** Every configured source, in the order of the configuration. */
  sourcesHealth(): Promise<SourceReport[]>;
  /**
   * Pulls one source now instead of at its next time. False where there is none of that name.
   * @throws {AppError} `CONFLICT` while its platform asks to be left alone.
   */
  pullNow(source: string): Promise<boolean>;
  /**
   * Takes what a platform sent by itself. Undefined where there is no source of that name.
   * @throws {AppError} `PUSH_REFUSED` where it is not signed as agreed; `BODY_INVALID` where it cannot be read.
   */
  receive(source: string, request: PushRequest): Promise<InboundReport | undefined>;
  brands: readonly { name: string; competitor: boolean }[];
  subscriptions: Subscriptions;
  notices: Notices;
  readiness(): Promise<Readiness>;
  /** Told of faults of our own; the same `id` stands in the answer. */
  log: Log;
}

export interface InboundReport {
  /** What is safe in the queue now. */
  accepted: number;
  refused: Refusal[];
  /** A word of the request that the platform wants to hear again. */
  reply?: string | undefined;
}

/** One configured source and how it is doing. Times are ISO 8601 UTC. */
export interface SourceReport {
  name: string;
  type: string;
  channel: Channel;
  everySeconds: number;
  /** `waiting` = not pulled yet; `quiet` = works, but has had nothing new for far longer than usual. */
  state: 'waiting' | 'healthy' | 'failing' | 'quiet';
  /** How long ago the next pull was due, in seconds. */
  overdueSeconds?: number | undefined;
  lastNewAt?: string | undefined;
  /** New mentions a day. */
  perDay?: number | undefined;
  /** How late mentions usually reach us, in seconds. */
  delaySeconds?: number | undefined;
  /** Mentions that spoke of no brand. */
  unmatched: number;
  /** What to look at where it is quiet. */
  quiet?: string | undefined;
  lastPullAt?: string | undefined;
  lastSuccessAt?: string | undefined;
  lastError?: { code: ErrorCode; message: string; fix?: string | undefined; at: string } | undefined;
  /** Since the last success. */
  failures: number;
  /** Not pulled before this time. */
  notBefore?: string | undefined;
  /** The first of what the last pull could not take. */
  refused: Refusal[];
  refusedCount: number;
}

export interface NewSubscription {
  query: MentionFilter;
  notify: Destination[];
  /** Tell also of what was collected since this time (ISO 8601 UTC). Default: only of what comes from now on. */
  since?: string | undefined;
}

/** Whatever leaves this service has its secrets replaced already (`redact`). */
export interface Subscriptions {
  list(): Promise<Subscription[]>;
  get(id: string): Promise<Subscription | undefined>;
  /**
   * `secret` = one that was generated for this subscription; shown this once.
   * @throws {AppError} `BODY_INVALID` for destinations that do not fit their notifier.
   */
  create(input: NewSubscription): Promise<{ subscription: Subscription; secret?: string | undefined }>;
  /**
   * False where there is none of that id.
   * @throws {AppError} `CONFLICT` where it comes from the configuration and can only be removed there.
   */
  remove(id: string): Promise<boolean>;
}

export interface NoticeQuery {
  subscription?: string | undefined;
  state?: Notice['state'] | undefined;
  /** 1…200. */
  limit: number;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

export interface Notices {
  /** Newest first; the secrets of destinations are replaced. */
  list(query: NoticeQuery): Promise<{ notices: Notice[]; next?: string | undefined }>;
}

export interface Readiness {
  ready: boolean;
  /** What stands in the way; empty when ready. */
  problems: string[];
}
