import { randomBytes } from 'node:crypto';
import type { Subscription } from '../domain/notice.ts';
import type { Json } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';

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
  return state.delete(PREFIX + id);
}

function begun(id: string, input: SubscriptionInput, origin: Subscription['origin'], createdAt: string): Subscription {
  const { query, notify, since = createdAt } = input;
  return { id, query, notify, createdAt, since, origin };
}

/**
 * Brings the subscriptions of the configuration into the store; those it no longer names go, the API's own stay.
 * Gives those that are new.
 */
export async function syncSubscriptions(
  state: StateStore,
  configured: Record<string, SubscriptionInput>,
  now: Date,
): Promise<Subscription[]> {
  const known = new Map((await listSubscriptions(state)).map((subscription) => [subscription.id, subscription]));
  for (const { id, origin } of known.values()) {
    if (origin === 'configuration' && !(id in configured)) await removeSubscription(state, id);
  }
  const current = Object.entries(configured).map(([id, input]) =>
    begun(id, input, 'configuration', known.get(id)?.createdAt ?? now.toISOString()),
  );
  for (const subscription of current) await state.set(PREFIX + subscription.id, subscription as unknown as Json);
  return current.filter(({ id }) => !known.has(id));
}
