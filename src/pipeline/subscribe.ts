import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Destination, Subscription } from '../domain/notice.ts';
import type { JobQueue } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';
import { understand } from '../journey/personas.ts';
import type { UnderstandPorts } from '../journey/personas.ts';
import { NOTIFIERS, notifierOf, repeatedDestination } from '../notifiers/index.ts';
import { JOBS } from './jobs.ts';
import {
  createSubscription,
  getSubscription,
  isCaughtUp,
  listSubscriptions,
  removeSubscription,
} from './subscriptions.ts';
import type { SubscriptionInput } from './subscriptions.ts';

/** By then the store shows what was put before the subscription was known everywhere. */
const SHOWN_MS = 3_000;

export interface SubscribePorts extends UnderstandPorts {
  state: StateStore;
  queue: JobQueue;
  now(): Date;
}

/**
 * Checks and keeps a new subscription; a destination that needs a secret and brings none gets one, given back this once.
 * @throws {AppError} `BODY_INVALID` for a destination that does not fit, `QUERY_INVALID` for an unknown stage or persona.
 */
export async function subscribe(
  input: SubscriptionInput,
  ports: SubscribePorts,
): Promise<{ subscription: Subscription; secret?: string }> {
  await understand(input.query, ports);
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const given = input.notify.map((destination) => withSecret(destination, secret));
  const notify = given.map(({ destination }) => checked(destination));
  const repeated = repeatedDestination(notify);
  if (repeated) throw new AppError('BODY_INVALID', `notify: ${repeated}.`);
  const subscription = await createSubscription(ports.state, { ...input, notify }, ports.now());
  try {
    await startCatchUp(subscription, ports);
  } catch (thrown) {
    // Whoever gets an error has no subscription, or the next try would make a second one.
    await removeSubscription(ports.state, subscription.id);
    throw thrown;
  }
  return given.some(({ generated }) => generated) ? { subscription, secret } : { subscription };
}

/** Lets a subscriber hear also of what is there already, where that was asked for and has not been done. */
async function startCatchUp(
  subscription: Subscription,
  { queue, state }: Pick<SubscribePorts, 'queue' | 'state'>,
): Promise<void> {
  if (await isCaughtUp(state, subscription)) return;
  await queue.add(
    JOBS.catchUp,
    { subscription: subscription.id },
    { dedupeKey: `catch-up/${subscription.id}`, delayMs: SHOWN_MS },
  );
}

/** Goes on where a crash, or a changed configuration, left subscribers without what they asked for. */
export async function resumeCatchUps(ports: Pick<SubscribePorts, 'queue' | 'state'>): Promise<void> {
  for (const subscription of await listSubscriptions(ports.state)) await startCatchUp(subscription, ports);
}

/** @throws {AppError} `CONFLICT` where it comes from the configuration. */
export async function unsubscribe(id: string, state: StateStore): Promise<boolean> {
  if ((await getSubscription(state, id))?.origin === 'configuration') {
    throw new AppError('CONFLICT', `${id} comes from the configuration.`, {
      fix: 'Remove it from the configuration and start again.',
    });
  }
  return removeSubscription(state, id);
}

function withSecret(destination: Destination, secret: string): { destination: Destination; generated: boolean } {
  const shape = (kindOf(destination).options as z.ZodObject).shape;
  const generated = 'secret' in shape && destination['secret'] === undefined;
  return { destination: generated ? { ...destination, secret } : destination, generated };
}

function kindOf({ type }: Destination): ReturnType<typeof notifierOf> {
  if (!NOTIFIERS.some((notifier) => notifier.type === type)) {
    throw new AppError('BODY_INVALID', `"${type}" is no kind of destination.`, {
      fix: `Known: ${NOTIFIERS.map((notifier) => notifier.type).join(', ')}.`,
    });
  }
  return notifierOf(type);
}

function checked({ type, ...options }: Destination): Destination {
  const result = kindOf({ type }).options.safeParse(options);
  if (result.success) return { type, ...(result.data as Record<string, unknown>) };
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || type}: ${issue.message}`);
  throw new AppError('BODY_INVALID', `The ${type} destination does not fit: ${problems.join('; ')}`);
}
