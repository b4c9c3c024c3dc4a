import { AppError, OWN_FAULTS, toAppError } from '../domain/errors.ts';
import type { HttpClient } from '../domain/http.ts';
import type { Log } from '../domain/log.ts';
import type { Destination, Notice } from '../domain/notice.ts';
import type { Json } from '../domain/queue.ts';
import type { MentionStore, StateStore } from '../domain/store.ts';
import { destinationKey, notifierOf } from '../notifiers/index.ts';
import type { Circuits } from './circuits.ts';
import { getSubscription, markGone } from './subscriptions.ts';

export interface NotifyPorts {
  state: StateStore;
  mentions: MentionStore;
  http: HttpClient;
  log: Log;
  now(): Date;
  random(): number;
}

/**
 * Pauses between the attempts of one delivery, in seconds: about three days in all, as Standard Webhooks advises
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability).
 */
const PAUSES = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** After these nothing will change by waiting; any other refusal may be a receiver that is being mended. */
const FINAL = new Set(['REMOTE_GONE', 'ADDRESS_BLOCKED', 'CONFIG_INVALID', 'NOT_FOUND']);

/**
 * Delivers one notice. Each attempt is in the log; what cannot be delivered stays there as failed. While a destination
 * is known to be away, its notices wait without an attempt, so that they do not hold up those of others.
 */
export async function notify(key: string, ports: NotifyPorts, circuits: Circuits, signal: AbortSignal): Promise<void> {
  const notice = (await ports.state.get(key))?.value as unknown as Notice | undefined;
  if (notice === undefined || notice.state !== 'pending') return;
  const wait = circuits.waitMs(notice.destination, ports.now());
  if (wait > 0) throw new AppError('REMOTE_UNAVAILABLE', 'the destination is away', { retry: { afterMs: wait } });
  const began = ports.now();
  const error = await attempt(notice, ports, signal);
  circuits.note(notice.destination, error, began, ports.now());
  if (error?.code === 'REMOTE_GONE') await markGone(ports.state, notice.subscription, notice.destination);
  const pause = error && pauseAfter(error, notice.attempts.length, ports.random());
  await ports.state.set(key, concluded(notice, error, pause, ports.now()) as unknown as Json);
  if (error && pause !== undefined) throw new AppError(error.code, error.message, { retry: { afterMs: pause } });
  ports.log(error ? 'warn' : 'info', error ? `a notice was not delivered: ${error.message}` : 'notice delivered', {
    notice: notice.id,
  });
}

async function attempt(notice: Notice, ports: NotifyPorts, signal: AbortSignal): Promise<AppError | undefined> {
  try {
    const mention = await ports.mentions.get(notice.mentionId);
    if (mention === undefined) throw new AppError('NOT_FOUND', 'The mention has been erased in the meantime.');
    const destination = await findDestination(notice, ports.state);
    const { http } = ports;
    await notifierOf(destination.type).send({ notice, mention, http, now: ports.now(), signal }, destination);
    return undefined;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (signal.aborted || OWN_FAULTS.has(error.code)) throw thrown;
    return error;
  }
}

/** As the subscription has it now, so that a new secret reaches notices that are still on their way. */
async function findDestination(
  { subscription: id, destination: key }: Notice,
  state: StateStore,
): Promise<Destination> {
  const subscription = await getSubscription(state, id);
  if (subscription?.gone?.includes(key)) throw new AppError('REMOTE_GONE', 'The destination said it is gone for good.');
  const found = subscription?.notify.find((destination) => destinationKey(destination) === key);
  if (found) return found;
  const what = subscription === undefined ? 'The subscription' : 'This destination';
  throw new AppError('NOT_FOUND', `${what} has been removed in the meantime.`);
}

/** Milliseconds until the next attempt; absent when there is none. Up to a quarter of each pause is jitter. */
function pauseAfter(error: AppError, attempts: number, random: number): number | undefined {
  const pause = PAUSES[attempts];
  if (FINAL.has(error.code) || pause === undefined) return undefined;
  const asked = typeof error.retry === 'object' ? error.retry.afterMs : 0;
  return Math.max(asked, pause * 1_000 * (1 + random / 4));
}

function concluded(notice: Notice, error: AppError | undefined, pause: number | undefined, now: Date): Notice {
  const told = error && { error: { code: error.code, message: error.message } };
  const state = error === undefined ? 'delivered' : pause === undefined ? 'failed' : 'pending';
  return { ...notice, state, attempts: [...notice.attempts, { at: now.toISOString(), ...told }] };
}
