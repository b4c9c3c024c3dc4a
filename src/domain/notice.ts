import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';
import type { HttpClient } from './http.ts';
import type { Mention } from './mention.ts';
import type { MentionFilter } from './query.ts';

/** Where a notice goes: a notifier's type with that notifier's own options. */
export interface Destination {
  type: string;
  [option: string]: unknown;
}

/** Somebody who wants to hear of new mentions that match a query. Negative ones, unless the query says otherwise. */
export interface Subscription {
  id: string;
  query: MentionFilter;
  notify: Destination[];
  createdAt: string;
  /** Only what was collected from then on is told: its creation, or an earlier time that was asked for. */
  since: string;
  /** Destinations (by type and key) that said they are gone for good; nothing more is sent there. */
  gone?: string[] | undefined;
  origin: 'configuration' | 'api';
}

export interface DeliveryAttempt {
  at: string;
  /** Absent when it was delivered. */
  error?: { code: ErrorCode; message: string };
}

/** One mention to be told to one destination, and what became of it. Holds no secret: those stay with the subscription. */
export interface Notice {
  id: string;
  subscription: string;
  mentionId: string;
  /** `type key` of the destination, as `destinationKey` gives it. */
  destination: string;
  state: 'pending' | 'delivered' | 'failed';
  createdAt: string;
  attempts: DeliveryAttempt[];
}

/** The same story told to the same destination has the same id for ever, so that nobody is told twice. */
export function noticeId(subscriptionId: string, story: string, destinationKey: string): string {
  const hash = createHash('sha256').update([subscriptionId, story, destinationKey].join('\0')).digest('hex');
  return `ntc_${hash.slice(0, 32)}`;
}

export interface Delivery {
  notice: Notice;
  mention: Mention;
  http: HttpClient;
  now: Date;
  signal: AbortSignal;
}

/** A way to tell people, as one self-describing object. Register it in `notifiers/index.ts`. */
export interface Notifier<Options = unknown> {
  readonly type: string;
  readonly about: string;
  readonly docs: string;
  readonly options: z.ZodType<Options>;
  /** What makes two destinations the same one, for instance its address; never a secret. */
  key(options: Options): string;
  /** Delivers, or throws an `AppError` whose `retry` says what the queue does next. */
  send(delivery: Delivery, options: Options): Promise<void>;
}

export function defineNotifier<Options>(notifier: Notifier<Options>): Notifier {
  return notifier as Notifier;
}
