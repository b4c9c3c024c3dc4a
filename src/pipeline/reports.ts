import { AppError } from '../domain/errors.ts';
import type { Channel } from '../domain/mention.ts';
import { REDACTED, redact } from '../domain/secret.ts';
import type { Destination, Notice, Subscription } from '../domain/notice.ts';
import type { StateStore } from '../domain/store.ts';
import { notifierOf } from '../notifiers/index.ts';
import { readArrivals, rhythmOf } from './arrivals.ts';
import type { Rhythm } from './arrivals.ts';
import { NOTICES } from './evaluate.ts';
import { readHealth } from './health.ts';
import type { SourceHealth } from './health.ts';
import { channelOf } from './pull.ts';
import { beatSeconds } from './schedules.ts';
import type { ConfiguredSource } from './pull.ts';

export interface SourceReport extends SourceHealth {
  name: string;
  type: string;
  channel: Channel;
  everySeconds: number;
  state: 'waiting' | 'healthy' | 'failing' | 'quiet';
  /** How long ago the next pull was due, in seconds; absent while it is in time. */
  overdueSeconds?: number;
  lastNewAt?: string;
  perDay?: number;
  delaySeconds?: number;
  unmatched: number;
  quiet?: string;
}

/** How every configured source is doing, in the order of the configuration. */
export async function reportSources(
  state: StateStore,
  sources: readonly ConfiguredSource[],
  now: Date,
): Promise<SourceReport[]> {
  return Promise.all(
    sources.map(async (configured) => {
      const { name, source, everySeconds } = configured;
      const health = await readHealth(state, name);
      const rhythm = rhythmOf(await readArrivals(state, name), now);
      return {
        name,
        type: source.type,
        channel: channelOf(configured),
        everySeconds,
        ...health,
        ...rhythm,
        ...overdue(health, beatSeconds(configured), now),
        state: stateOf(health, rhythm),
      };
    }),
  );
}

function stateOf({ failures, lastSuccessAt }: SourceHealth, { quiet }: Rhythm): SourceReport['state'] {
  if (failures > 0) return 'failing';
  if (quiet !== undefined) return 'quiet';
  return lastSuccessAt === undefined ? 'waiting' : 'healthy';
}

function overdue({ lastPullAt, notBefore }: SourceHealth, beat: number, now: Date): { overdueSeconds?: number } {
  if (lastPullAt === undefined) return {};
  const due = Math.max(Date.parse(lastPullAt) + beat * 1_000, Date.parse(notBefore ?? lastPullAt));
  const seconds = Math.round((now.getTime() - due) / 1_000);
  return seconds > 0 ? { overdueSeconds: seconds } : {};
}

/** A destination as it may be shown: no secret, and no login or token inside an address. */
export function redactDestination(destination: Destination): Destination {
  const { type, ...options } = destination;
  const shown = redact(notifierOf(type).options, options) as Record<string, unknown>;
  return { type, ...shown, ...(typeof shown['url'] === 'string' ? { url: place(shown['url']) } : {}) };
}

function place(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search === '' ? '' : `?${REDACTED}`}`;
}

export function redactSubscription(subscription: Subscription): Subscription {
  return { ...subscription, notify: subscription.notify.map(redactDestination) };
}

export interface NoticeQuery {
  subscription?: string | undefined;
  state?: Notice['state'] | undefined;
  limit: number;
  cursor?: string | undefined;
}

const PAGE = 200;

/** The notification log, newest collection first, secrets replaced. The cursor is the key of the last notice shown. */
export async function listNotices(
  state: StateStore,
  query: NoticeQuery,
): Promise<{ notices: Notice[]; next?: string }> {
  const found: { key: string; notice: Notice }[] = [];
  let after = query.cursor && keyOf(query.cursor);
  for (;;) {
    const entries = await state.list(NOTICES, { reverse: true, after, limit: PAGE });
    for (const { key, value } of entries) {
      const notice = value as unknown as Notice;
      if (!isWanted(notice, query)) continue;
      if (found.length === query.limit)
        return { notices: found.map((one) => one.notice), next: cursorOf(found.at(-1)!.key) };
      found.push({ key, notice });
    }
    if (entries.length < PAGE) return { notices: found.map((one) => one.notice) };
    after = entries.at(-1)!.key;
  }
}

function isWanted(notice: Notice, { subscription, state }: NoticeQuery): boolean {
  return (
    (subscription === undefined || notice.subscription === subscription) &&
    (state === undefined || notice.state === state)
  );
}

const cursorOf = (key: string) => Buffer.from(key.slice(NOTICES.length)).toString('base64url');

function keyOf(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z\/ntc_[0-9a-f]{32}$/.test(key)) return NOTICES + key;
  throw new AppError('QUERY_INVALID', 'This cursor was not given by this list.', {
    fix: 'Start again without a cursor.',
  });
}
