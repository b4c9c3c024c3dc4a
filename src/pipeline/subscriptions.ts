import { createHash, randomBytes } from 'node:crypto';
import type { Subscription } from '../domain/notice.ts';
import type { Json } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';
import { destinationKey } from '../notifiers/index.ts';

const PREFIX = 'subscription/';

export type SubscriptionInput = Pick<Subscription, 'query' | 'notify'> & {
  /** Tell also of what was collected since this time. Default: only of what comes from now on. */
  since?: string | undefined;
};

export async function listSubscriptions(state: StateStore): Promise<Subscription[]> {
  return (await state.list(PREFIX)).map((entry) => entry.value as unknown as Subscription);
}

export async function getSubscription(state: StateStore, id: string): Promise<Subscription | undefined> {
  return (await state.get(PREFIX + id))?.value as unknown as Subscription | undefined;
}

export async function createSubscription(
  state: StateStore,
  input: SubscriptionInput,
  now: Date,
): Promise<Subscription> {
  const id = `sub_${randomBytes(12).toString('hex')}`;
  const subscription = begun(id, input, 'api', now.toISOString());
  await state.set(PREFIX + id, subscription as unknown as Json, null);
  return subscription;
}

export async function removeSubscription(state: StateStore, id: string): Promise<boolean> {
  await state.delete(caughtUpKey(id));
  return state.delete(PREFIX + id);
}

function begun(id: string, input: SubscriptionInput, origin: Subscription['origin'], createdAt: string): Subscription {
  const { query, notify, since = createdAt } = input;
  return { id, query, notify, createdAt, since, origin };
}

/**
 * Brings the subscriptions of the configuration into the store; those it no longer names go, the API's own stay. A
 * destination that was gone gets a new chance, because the configuration may have been mended.
 */
export async function syncSubscriptions(
  state: StateStore,
  configured: Record<string, SubscriptionInput>,
  now: Date,
): Promise<void> {
  const known = new Map((await listSubscriptions(state)).map((subscription) => [subscription.id, subscription]));
  for (const { id, origin } of known.values()) {
    if (origin === 'configuration' && !(id in configured)) await removeSubscription(state, id);
  }
  for (const [id, input] of Object.entries(configured)) {
    const subscription = begun(id, input, 'configuration', known.get(id)?.createdAt ?? now.toISOString());
    await state.set(PREFIX + id, subscription as unknown as Json);
  }
}

/** Nothing more is sent to a destination that said it is gone for good. */
export async function markGone(state: StateStore, id: string, destination: string): Promise<void> {
  for (;;) {
    const entry = await state.get(PREFIX + id);
    if (entry === undefined) return;
    const subscription = entry.value as unknown as Subscription;
    const gone = [...new Set([...(subscription.gone ?? []), destination])];
    if (await state.set(PREFIX + id, { ...subscription, gone } as unknown as Json, entry.version)) return;
  }
}

const caughtUpKey = (id: string) => `caught-up/${id}`;

/** What was asked for: another query, destination or time asks anew. */
function askedFor({ since, createdAt, query, notify }: Subscription): string {
  const asked = JSON.stringify([since, createdAt, query, notify.map(destinationKey)]);
  return createHash('sha256').update(asked).digest('hex');
}

/** Whether a subscription that asks for the past has been told of it. */
export async function isCaughtUp(state: StateStore, subscription: Subscription): Promise<boolean> {
  if (subscription.since >= subscription.createdAt) return true;
  return (await state.get(caughtUpKey(subscription.id)))?.value === askedFor(subscription);
}

/** Notes that it has been told, unless it was removed in the meantime. */
export async function markCaughtUp(state: StateStore, subscription: Subscription): Promise<void> {
  if (await getSubscription(state, subscription.id))
    await state.set(caughtUpKey(subscription.id), askedFor(subscription));
}
