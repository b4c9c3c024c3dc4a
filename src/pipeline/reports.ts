import type { Channel } from '../domain/mention.ts';
import { redact } from '../domain/secret.ts';
import type { Destination, Notice, Subscription } from '../domain/notice.ts';
import type { StateStore } from '../domain/store.ts';
import { notifierOf } from '../notifiers/index.ts';
import { NOTICES } from './evaluate.ts';
import { readHealth } from './health.ts';
import type { SourceHealth } from './health.ts';
import type { ConfiguredSource } from './pull.ts';

export interface SourceReport extends SourceHealth {
  name: string;
  type: string;
  channel: Channel;
  everySeconds: number;
  state: 'waiting' | 'healthy' | 'failing';
}

/** How every configured source is doing, in the order of the configuration. */
export async function reportSources(state: StateStore, sources: readonly ConfiguredSource[]): Promise<SourceReport[]> {
  return Promise.all(
    sources.map(async ({ name, source: { type, channel }, options, everySeconds }) => {
      const health = await readHealth(state, name);
      return { name, type, channel: channelOf(options) ?? channel, everySeconds, ...health, state: stateOf(health) };
    }),
  );
}

/** Some kinds of source can be told what kind of place they read. */
function channelOf(options: unknown): Channel | undefined {
  return (options as { channel?: Channel }).channel;
}

function stateOf({ failures, lastSuccessAt }: SourceHealth): SourceReport['state'] {
  if (failures > 0) return 'failing';
  return lastSuccessAt === undefined ? 'waiting' : 'healthy';
}

/** A destination as it may be shown. */
export function redactDestination(destination: Destination): Destination {
  const { type, ...options } = destination;
  return { type, ...(redact(notifierOf(type).options, options) as Record<string, unknown>) };
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
  let after = query.cursor && NOTICES + Buffer.from(query.cursor, 'base64url').toString();
  for (;;) {
    const entries = await state.list(NOTICES, { reverse: true, after, limit: PAGE });
    for (const { key, value } of entries) {
      const notice = value as unknown as Notice;
      if (!isWanted(notice, query)) continue;
      if (found.length === query.limit) return { notices: shown(found), next: cursorOf(found.at(-1)!.key) };
      found.push({ key, notice });
    }
    if (entries.length < PAGE) return { notices: shown(found) };
    after = entries.at(-1)!.key;
  }
}

function isWanted(notice: Notice, { subscription, state }: NoticeQuery): boolean {
  return (
    (subscription === undefined || notice.subscription === subscription) &&
    (state === undefined || notice.state === state)
  );
}

const shown = (found: readonly { notice: Notice }[]) =>
  found.map(({ notice }) => ({ ...notice, destination: redactDestination(notice.destination) }));
const cursorOf = (key: string) => Buffer.from(key.slice(NOTICES.length)).toString('base64url');
