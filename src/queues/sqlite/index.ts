import type Database from 'libsql';
import type { Log } from '../../domain/log.ts';
import type { JobQueue } from '../../domain/queue.ts';
import { deadJobs } from './dead.ts';
import { schedules as openSchedules } from './schedules.ts';
import { createTables } from './schema.ts';
import { waitingJobs } from './waiting.ts';
import { createWorker } from './worker.ts';

export interface SqliteQueueOptions {
  now: () => Date;
  /** How long a job stays with a worker that shows no sign of life; renewed after a third of it. Default 10,000. */
  leaseMs?: number;
  /** How often to look for what other processes added and for what has become due. Default 250. */
  pollMs?: number;
  /** 0 (included) to 1 (excluded), for the jitter of pauses. */
  random?: () => number;
  log?: Log;
}

const GRACE_MS = 10_000;
const DEAD_LIMIT = 100;

/**
 * The embedded job queue: leased rows in three `queue_` tables of a SQLite file that several processes may have open.
 * The handle comes with WAL and a busy time-out set, and is closed by its owner after `close`.
 *
 * A job added here starts at once; one added by another process, or due later, at the next poll.
 */
export function sqliteQueue(db: Database.Database, options: SqliteQueueOptions): JobQueue {
  createTables(db);
  const now = () => options.now().getTime();
  const { leaseMs = 10_000, pollMs = 250, random = Math.random, log = () => {} } = options;
  const jobs = waitingJobs(db);
  const dead = deadJobs(db);
  const schedules = openSchedules(db, jobs);
  const worker = createWorker({ jobs, dead, schedules, now, random, log, leaseMs, pollMs });
  const waking = <Result>(result: Result): Result => {
    worker.wake();
    return result;
  };

  return {
    add: async (name, payload, addOptions = {}) => waking(jobs.add(name, payload, addOptions, now())),
    every: async (schedule) => waking(schedules.set(schedule)),
    unschedule: async (key) => schedules.remove(key),
    schedules: async () => schedules.list(),
    work: (name, handler, { concurrency = 1 } = {}) => worker.post(name, handler, concurrency),
    counts: async (name) => ({ ...jobs.count(name, now()), dead: dead.count(name) }),
    dead: async (limit = DEAD_LIMIT) => dead.newest(limit),
    retry: async (id) => waking(dead.retry(id, now())),
    drop: async (id) => dead.drop(id),
    close: (graceMs = GRACE_MS) => worker.close(graceMs),
  };
}
