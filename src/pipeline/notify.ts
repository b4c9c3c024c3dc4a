import { AppError, toAppError } from '../domain/errors.ts';
import type { HttpClient } from '../domain/http.ts';
import type { Log } from '../domain/log.ts';
import type { Notice } from '../domain/notice.ts';
import type { Json } from '../domain/queue.ts';
import type { MentionStore, StateStore } from '../domain/store.ts';
import { notifierOf } from '../notifiers/index.ts';

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

/** Delivers one notice. Each attempt is in the log; what cannot be delivered stays there as failed. */
export async function notify(key: string, ports: NotifyPorts, signal: AbortSignal): Promise<void> {
  const entry = await ports.state.get(key);
  const notice = entry?.value as unknown as Notice | undefined;
  if (notice === undefined || notice.state !== 'pending') return;
  const mention = await ports.mentions.get(notice.mentionId);
  const error =
    mention === undefined
      ? erased()
      : await attempt(notice, { notice, mention, http: ports.http, now: ports.now(), signal });
  const pause = error && pauseAfter(error, notice.attempts.length, ports.random());
  await record(key, concluded(notice, error, pause, ports.now()), ports);
  if (error && pause !== undefined) throw new AppError(error.code, error.message, { retry: { afterMs: pause } });
  ports.log(error ? 'warn' : 'info', error ? `a notice was not delivered: ${error.message}` : 'notice delivered', {
    notice: notice.id,
  });
}

async function attempt(
  notice: Notice,
  delivery: Parameters<ReturnType<typeof notifierOf>['send']>[0],
): Promise<AppError | undefined> {
  try {
    await notifierOf(notice.destination.type).send(delivery, notice.destination);
    return undefined;
  } catch (thrown) {
    if (delivery.signal.aborted) throw thrown;
    return toAppError(thrown);
  }
}

function erased(): AppError {
  return new AppError('NOT_FOUND', 'the mention has been erased in the meantime');
}

/** Milliseconds until the next attempt; absent when there is none. A quarter of each pause is jitter. */
function pauseAfter(error: AppError, attempts: number, random: number): number | undefined {
  const pause = PAUSES[attempts];
  if (error.retry === 'never' || pause === undefined) return undefined;
  const asked = typeof error.retry === 'object' ? error.retry.afterMs : 0;
  return Math.max(asked, pause * 1_000 * (1 + random / 4));
}

function concluded(notice: Notice, error: AppError | undefined, pause: number | undefined, now: Date): Notice {
  const told = error && { error: { code: error.code, message: error.message } };
  const state = error === undefined ? 'delivered' : pause === undefined ? 'failed' : 'pending';
  return { ...notice, state, attempts: [...notice.attempts, { at: now.toISOString(), ...told }] };
}

async function record(key: string, notice: Notice, ports: NotifyPorts): Promise<void> {
  await ports.state.set(key, notice as unknown as Json);
}
