import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { AppError } from '../../domain/errors.ts';
import type { Log } from '../../domain/log.ts';

const LONGEST_RECONNECT_PAUSE_MS = 2_000;
const CONNECT_MS = 1_500;
/** How long anybody who asks the queue for something waits for Redis before being told that it is away. */
const ANSWER_MS = 1_500;

const RECONNECTING = {
  connectTimeout: CONNECT_MS,
  retryStrategy: (times: number) => Math.min(times * 100, LONGEST_RECONNECT_PAUSE_MS),
} satisfies RedisOptions;

/** For whoever must not be kept waiting: what cannot be done now fails now, instead of queueing up in this process. */
const IMPATIENT = {
  ...RECONNECTING,
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  socketTimeout: 5_000,
} satisfies RedisOptions;

/**
 * For workers, which sit an outage out. BullMQ insists on `null`, and lets Redis be silent for up to ten seconds. Not
 * lazy, because BullMQ gives up for ever on a lazy connection whose first attempt fails.
 */
const PATIENT = { ...RECONNECTING, maxRetriesPerRequest: null, socketTimeout: 30_000 } satisfies RedisOptions;

/**
 * The connection that adds, counts and lists. Fails fast while Redis is away, comes back by itself.
 *
 * @throws AppError `QUEUE_UNAVAILABLE` where Redis cannot be reached at all.
 */
export async function connectToAsk(url: string, log: Log): Promise<Redis> {
  const redis = new Redis(url, IMPATIENT);
  redis.on('error', () => {});
  try {
    await within(CONNECT_MS, redis.connect());
  } catch (fault) {
    redis.disconnect();
    throw unavailable(fault);
  }
  tellOutages(redis, log);
  return redis;
}

/** The connection that works. Waits through outages; BullMQ adds a blocking one of its own for each worker. */
export function connectToWork(url: string): Redis {
  return endable(new Redis(url, PATIENT));
}

/**
 * ioredis never ends when it is told to disconnect while it pauses between two attempts: whoever waits for an answer
 * or for the end waits for ever, BullMQ among them. One more attempt, after which it ends either way.
 */
function endable(redis: Redis): Redis {
  const disconnect = redis.disconnect.bind(redis);
  redis.on('error', () => {});
  redis.disconnect = (reconnect = false) => {
    disconnect(reconnect);
    if (!reconnect && redis.status === 'reconnecting')
      redis.connect().then(
        () => disconnect(),
        () => {},
      );
  };
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = ((override?: Partial<RedisOptions>) => endable(duplicate(override))) as Redis['duplicate'];
  return redis;
}

/** Once when it goes and once when it is back, however many attempts lie between. */
function tellOutages(redis: Redis, log: Log): void {
  let away = false;
  redis.on('close', () => {
    if (away || redis.status === 'end') return;
    away = true;
    log('warn', 'The connection to Redis is lost; nothing can be added until it is back.');
  });
  redis.on('ready', () => {
    if (away) log('info', 'The connection to Redis is back.');
    away = false;
  });
}

/**
 * Asks Redis for something, by default within two seconds.
 *
 * @throws AppError `QUEUE_UNAVAILABLE` while Redis is away, does not answer in time or refuses.
 */
export async function ask<Answer>(
  redis: Redis,
  question: () => Promise<Answer>,
  limitMs: number = ANSWER_MS,
): Promise<Answer> {
  if (redis.status !== 'ready') throw unavailable(`the connection is ${redis.status}`);
  try {
    return await within(limitMs, question());
  } catch (fault) {
    throw fault instanceof AppError ? fault : unavailable(fault);
  }
}

/** @throws Error where it takes longer than that; what was begun is then left to itself. */
async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: stop.signal }).then(async () => {
    // In a process that was busy for long, the answer may have arrived without having been read.
    await turn();
    throw new Error(`no answer within ${milliseconds} ms`);
  });
  late.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

/** True where all of it settles in time. */
export async function settledWithin(milliseconds: number, work: readonly Promise<unknown>[]): Promise<boolean> {
  return within(milliseconds, Promise.allSettled(work)).then(
    () => true,
    () => false,
  );
}

function unavailable(fault: unknown): AppError {
  const why = fault instanceof Error ? fault.message : String(fault);
  return new AppError('QUEUE_UNAVAILABLE', `Redis, which holds the jobs, cannot be used: ${why}.`, {
    fix: 'Nothing to do if Redis comes back; otherwise look at its log and at REDIS_URL.',
    cause: fault,
  });
}
