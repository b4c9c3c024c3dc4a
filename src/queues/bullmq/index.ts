import type { Redis } from 'ioredis';
import type { Log } from '../../domain/log.ts';
import type { JobQueue } from '../../domain/queue.ts';
import { ask, connectToAsk, connectToWork } from './connection.ts';
import { deadJobs } from './dead.ts';
import { assertRedisFit } from './fit.ts';
import { openQueues } from './queues.ts';
import { TICKS, assertInterval, schedules as openSchedules } from './schedules.ts';
import { createWorker } from './worker.ts';

export interface BullQueueOptions {
  /** `redis://` or `rediss://`, with user and password where needed. */
  url: string;
  /** Begins every key in Redis; several Earshots may share one server under different ones. Default `earshot`. */
  prefix?: string;
  /** Must tell the machine's time, because BullMQ reads that itself. */
  now: () => Date;
  /** How long a job stays with a worker that shows no sign of life; renewed after half of it. Default 20,000. */
  leaseMs?: number;
  /** How often a process that works looks whether every schedule still has its rhythm. Default 30,000. */
  reconcileMs?: number;
  /** 0 (included) to 1 (excluded), for the jitter of pauses. */
  random?: () => number;
  log?: Log;
}

const GRACE_MS = 10_000;
const DEAD_LIMIT = 100;
/** For what may take many questions. */
const LONG_MS = 60_000;

/**
 * The job queue of the scaled stage: BullMQ on Redis, for any number of processes. Every call but `work` fails within
 * two seconds with `QUEUE_UNAVAILABLE` while Redis is away; workers wait, and both go on by themselves when it is back.
 * A call that failed so may have been carried out all the same.
 *
 * A `dedupeKey` counts among the jobs of one name. A job whose time has come counts as delayed until a worker looks.
 *
 * @throws AppError `QUEUE_UNAVAILABLE`, or `STAGE_UNAVAILABLE` where this Redis could lose jobs.
 */
export async function bullQueue(options: BullQueueOptions): Promise<JobQueue> {
  const { log = () => {} } = options;
  const redis = await connectToAsk(options.url, log);
  try {
    await assertRedisFit(redis, log);
  } catch (fault) {
    redis.disconnect();
    throw fault;
  }
  return queueOn(redis, { ...options, log });
}

function queueOn(redis: Redis, options: BullQueueOptions & { log: Log }): JobQueue {
  const { url, prefix = 'earshot', leaseMs = 20_000, random = Math.random, log } = options;
  const now = () => options.now().getTime();
  const queues = openQueues({ redis, prefix });
  const dead = deadJobs({ redis, prefix }, queues);
  const schedules = openSchedules({ redis, prefix, queues, now, lateMs: 2 * leaseMs, log });
  const worker = createWorker({ prefix, leaseMs, now, random, log, connect: () => connectToWork(url) });
  const reach = <Answer>(question: () => Promise<Answer>, limitMs?: number) => ask(redis, question, limitMs);
  let reconciling: NodeJS.Timeout | undefined;

  function reconcile(): void {
    reach(async () => {
      await queues.remember();
      await schedules.reconcile();
    }, LONG_MS).catch((fault) =>
      log('warn', 'Schedules could not be looked after; that is tried again.', { cause: String(fault) }),
    );
  }

  function lookAfterSchedules(): void {
    if (reconciling) return;
    worker.postInternally(TICKS, ({ payload }) => reach(() => schedules.tick(payload)));
    reconciling = setInterval(reconcile, options.reconcileMs ?? 30_000);
  }

  return {
    add: (name, payload, addOptions = {}) => reach(() => queues.add(name, payload, addOptions)),
    async every(schedule) {
      assertInterval(schedule);
      await reach(() => schedules.set(schedule));
    },
    unschedule: (key) => reach(() => schedules.remove(key)),
    schedules: () => reach(() => schedules.list()),
    work(name, handler, { concurrency = 1 } = {}) {
      worker.post(name, handler, concurrency);
      reach(() => queues.named(name)).catch(() => {});
      lookAfterSchedules();
    },
    counts: (name) => reach(() => queues.counts(name)),
    dead: (limit = DEAD_LIMIT) => reach(() => dead.newest(limit), LONG_MS),
    retry: (id) => reach(() => dead.retry(id)),
    drop: (id) => reach(() => dead.drop(id)),
    async close(graceMs = GRACE_MS) {
      clearInterval(reconciling);
      await worker.close(graceMs);
      redis.disconnect();
    },
  };
}
