import { decide } from '../alerts/decide.ts';
import { toAppError } from '../domain/errors.ts';
import type { Log } from '../domain/log.ts';
import { storyOf } from '../domain/mention.ts';
import type { Mention } from '../domain/mention.ts';
import { noticeId } from '../domain/notice.ts';
import type { Destination, Notice, Subscription } from '../domain/notice.ts';
import type { MentionQuery } from '../domain/query.ts';
import type { Json, JobQueue } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';
import { understand } from '../journey/personas.ts';
import type { UnderstandPorts } from '../journey/personas.ts';
import { destinationKey } from '../notifiers/index.ts';
import { JOBS } from './jobs.ts';
import { listSubscriptions } from './subscriptions.ts';

export interface EvaluatePorts extends UnderstandPorts {
  state: StateStore;
  queue: JobQueue;
  log: Log;
  now(): Date;
}

/** Makes one notice for each new reason to tell somebody, and hands it to the deliveries. */
export async function evaluate(mentions: readonly Mention[], ports: EvaluatePorts): Promise<void> {
  const { personas } = ports;
  let listed: ReturnType<typeof personas.list> | undefined;
  // Asked for once, and only where a subscription names one.
  const once = { ...ports, personas: { list: () => (listed ??= personas.list()) } };
  for (const subscription of await listSubscriptions(ports.state)) {
    const query = await queryOf(subscription, once);
    if (query === undefined) continue;
    for (const mention of mentions) {
      if (decide(subscription, query, mention)) await announce(subscription, mention, ports);
    }
  }
}

/** A stage model or persona may have gone since the subscription was made; that stops this subscription and no other. */
async function queryOf({ id, query }: Subscription, ports: EvaluatePorts): Promise<MentionQuery | undefined> {
  try {
    return await understand(query, ports);
  } catch (thrown) {
    const { code, message, fix } = toAppError(thrown);
    if (code !== 'QUERY_INVALID') throw thrown;
    ports.log('error', 'a subscription cannot be understood', { subscription: id, reason: message, fix });
    return undefined;
  }
}

export async function announce(subscription: Subscription, mention: Mention, ports: EvaluatePorts): Promise<void> {
  const open = subscription.notify.filter((destination) => !subscription.gone?.includes(destinationKey(destination)));
  await Promise.all(open.map((destination) => announceAt(destination, subscription, mention, ports)));
}

/**
 * The log is written before the delivery is queued. Where a crash came in between, the batch is ingested again: the
 * entry is then found pending and queued; the dedupe key keeps it from being queued twice.
 */
async function announceAt(
  destination: Destination,
  subscription: Subscription,
  mention: Mention,
  ports: EvaluatePorts,
): Promise<void> {
  const notice = toNotice(destination, subscription, mention, ports.now());
  if (!(await isFirstOfStory(notice, ports.state))) return;
  const key = noticeKey(notice, mention);
  const created = await ports.state.set(key, notice as unknown as Json, null);
  if (created === null && !(await isPending(key, ports.state))) return;
  await ports.queue.add(JOBS.notify, { notice: key }, { dedupeKey: notice.id });
}

/** A story is told once to each destination, by the first of its mentions that fits: copies of it are no news. */
async function isFirstOfStory({ id, mentionId }: Notice, state: StateStore): Promise<boolean> {
  const [told] = await state.addAll([{ key: `told/${id}`, value: mentionId }]);
  return told!.value === mentionId;
}

function toNotice(destination: Destination, subscription: Subscription, mention: Mention, now: Date): Notice {
  const key = destinationKey(destination);
  const id = noticeId(subscription.id, storyOf(mention), key);
  const base = { id, subscription: subscription.id, mentionId: mention.id, destination: key };
  return { ...base, state: 'pending', createdAt: now.toISOString(), attempts: [] };
}

export const NOTICES = 'notice/';

/** Sorts the log by the time of collection; that time never changes for a mention, so neither does the key. */
function noticeKey(notice: Notice, mention: Mention): string {
  return `${NOTICES}${mention.collectedAt}/${notice.id}`;
}

async function isPending(key: string, state: StateStore): Promise<boolean> {
  const entry = await state.get(key);
  return (entry?.value as unknown as Notice | undefined)?.state === 'pending';
}
