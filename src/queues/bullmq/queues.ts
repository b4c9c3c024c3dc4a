import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { AddOptions, JobCounts, Json } from '../../domain/queue.ts';
import { DEFAULT_ATTEMPTS } from '../retry.ts';

/** Where in Redis this Earshot keeps its jobs. */
export interface Place {
  redis: Redis;
  prefix: string;
}

export type JsonQueue = Queue<Json, void, string>;
export type JsonJob = Job<Json, void, string>;

/** The one key in which our own bookkeeping lives beside BullMQ's; no queue is called like this, see `queueName`. */
const NAMES = '@names';
/** BullMQ tells every step in a stream per queue. Nobody here listens. */
const EVENTS_KEPT = 100;

/** Ours in a queue's options: tells BullMQ to ask `settings.backoffStrategy` of the worker. */
const OUR_BACKOFF = 'earshot';

/** BullMQ allows no colon in names. */
export function queueName(name: string): string {
  return encodeURIComponent(name);
}

export function openQueue({ redis, prefix }: Place, bullName: string): JsonQueue {
  const queue: JsonQueue = new Queue(bullName, {
    connection: redis,
    prefix,
    streams: { events: { maxLen: EVENTS_KEPT } },
    defaultJobOptions: {
      backoff: { type: OUR_BACKOFF },
      removeOnComplete: true,
      removeOnFail: false,
      stackTraceLimit: 0,
    },
  });
  // Faults of the connection are told by the connection, those of a command by whoever gave it.
  queue.on('error', () => {});
  return queue;
}

/** One BullMQ queue per job name, and the list of all names, so that every process knows of every queue. */
export type Queues = ReturnType<typeof openQueues>;

export function openQueues(place: Place) {
  const opened = new Map<string, Promise<JsonQueue>>();
  const namesKey = `${place.prefix}:${NAMES}`;

  async function register(name: string): Promise<JsonQueue> {
    const queue = openQueue(place, queueName(name));
    await queue.waitUntilReady();
    await place.redis.sadd(namesKey, name);
    return queue;
  }

  function named(name: string): Promise<JsonQueue> {
    const known = opened.get(name);
    if (known) return known;
    const queue = register(name);
    opened.set(name, queue);
    // One that could not be opened stays broken: the next call opens another.
    queue.catch(() => opened.delete(name));
    return queue;
  }

  async function all(): Promise<JsonQueue[]> {
    return Promise.all((await place.redis.smembers(namesKey)).toSorted().map(named));
  }

  return {
    named,
    all,
    /** Writes the names down again, in case Redis lost the last second before a crash. */
    async remember(): Promise<void> {
      if (opened.size > 0) await place.redis.sadd(namesKey, ...opened.keys());
    },
    /**
     * The new id, or `null` where a job of this name has the key. BullMQ's plain deduplication lets the key go exactly
     * when the job is completed or finally failed (https://docs.bullmq.io/guide/jobs/deduplication). The id is made
     * here, so that a command that is sent twice around a lost connection adds one job.
     */
    async add(name: string, payload: Json, options: AddOptions): Promise<string | null> {
      const { dedupeKey, delayMs = 0, attempts = DEFAULT_ATTEMPTS } = options;
      const jobId = randomUUID();
      const queue = await named(name);
      const added = await queue.add(name, payload, {
        jobId,
        attempts,
        delay: Math.max(0, Math.ceil(delayMs)),
        ...(dedupeKey === undefined ? {} : { deduplication: { id: dedupeKey } }),
      });
      return added.id === jobId ? jobId : null;
    },
    async counts(name: string | undefined): Promise<JobCounts> {
      const counted = await Promise.all((name === undefined ? await all() : [await named(name)]).map(countsOf));
      return counted.reduce(sum, { waiting: 0, delayed: 0, running: 0, dead: 0 });
    },
  };
}

async function countsOf(queue: JsonQueue): Promise<JobCounts> {
  const {
    wait = 0,
    delayed = 0,
    active = 0,
    failed = 0,
  } = await queue.getJobCounts('wait', 'delayed', 'active', 'failed');
  return { waiting: wait, delayed, running: active, dead: failed };
}

function sum(one: JobCounts, other: JobCounts): JobCounts {
  return {
    waiting: one.waiting + other.waiting,
    delayed: one.delayed + other.delayed,
    running: one.running + other.running,
    dead: one.dead + other.dead,
  };
}
