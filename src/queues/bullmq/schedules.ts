import { AppError } from '../../domain/errors.ts';
import type { Log } from '../../domain/log.ts';
import type { Json, Schedule } from '../../domain/queue.ts';
import { openQueue } from './queues.ts';
import type { Place, Queues } from './queues.ts';

/** Neither can be the name of a queue for jobs, see `queueName`. */
export const TICKS = '@ticks';
const SCHEDULES = '@schedules';

/** A tick that meets a fault of Redis is tried again so often, so far apart; its schedule shall not lose the beat. */
const TICK_ATTEMPTS = 100;

export interface ScheduleParts extends Place {
  queues: Queues;
  /** Milliseconds since 1970. */
  now: () => number;
  /** A beat that is so late that nobody will come for it. */
  lateMs: number;
  log: Log;
}

/**
 * What shall happen again and again. A hash in Redis says what is wanted; BullMQ's job schedulers
 * (https://docs.bullmq.io/guide/job-schedulers) keep the rhythm in a queue of ticks. A tick only adds the job, under
 * the schedule's key as `dedupeKey`: where the last one still waits or runs, this beat is left out. So a full queue
 * holds up no rhythm, and a tick that comes twice after a crash does no harm.
 */
export function schedules({ redis, prefix, queues, now, lateMs, log }: ScheduleParts) {
  const ticks = openQueue({ redis, prefix }, TICKS);
  const wanted = `${prefix}:${SCHEDULES}`;

  /** Sets the rhythm where there is none, another one, or one that has stopped. An unchanged one is left alone. */
  async function ensure({ key, everySeconds }: Schedule): Promise<void> {
    const every = Math.max(1, Math.round(everySeconds * 1_000));
    const id = encodeURIComponent(key);
    const found = await ticks.getJobScheduler(id);
    if (found?.every === every && (found.next ?? 0) + lateMs > now()) return;
    await ticks.upsertJobScheduler(id, { every }, { name: TICKS, data: key, opts: tickOptions });
  }

  async function list(): Promise<Schedule[]> {
    const texts = await redis.hvals(wanted);
    return texts.map((text): Schedule => JSON.parse(text)).toSorted((one, other) => (one.key < other.key ? -1 : 1));
  }

  async function remove(key: string): Promise<void> {
    await redis.hdel(wanted, key);
    await ticks.removeJobScheduler(encodeURIComponent(key));
  }

  return {
    async set(schedule: Schedule): Promise<void> {
      const { key, name, payload, everySeconds } = schedule;
      await redis.hset(wanted, key, JSON.stringify({ key, name, payload, everySeconds } satisfies Schedule));
      await ensure(schedule);
    },
    remove,
    list,
    /** What a tick does. */
    async tick(key: Json): Promise<void> {
      const text = await redis.hget(wanted, String(key));
      if (text === null) return;
      const { name, payload }: Schedule = JSON.parse(text);
      await queues.add(name, payload, { dedupeKey: String(key) });
    },
    /** Makes the rhythms those that are wanted, whatever was lost in between. */
    async reconcile(): Promise<void> {
      const listed = await list();
      for (const schedule of listed) await ensure(schedule);
      const keys = new Set(listed.map(({ key }) => encodeURIComponent(key)));
      for (const { key } of await ticks.getJobSchedulers()) {
        // It may have been set since the list was read.
        if (keys.has(key) || (await redis.hexists(wanted, decodeURIComponent(key)))) continue;
        await ticks.removeJobScheduler(key);
        log('info', 'A rhythm that nobody wants any more was removed.', { key });
      }
    },
  };
}

const tickOptions = {
  attempts: TICK_ATTEMPTS,
  backoff: { type: 'fixed', delay: 1_000 },
  removeOnFail: true,
};

/** @throws AppError `CONFIG_INVALID` */
export function assertInterval({ key, everySeconds }: Schedule): void {
  if (everySeconds > 0) return;
  throw new AppError('CONFIG_INVALID', `Schedule "${key}" asks for every ${everySeconds} seconds.`, {
    fix: 'Give it a number of seconds above zero.',
  });
}
