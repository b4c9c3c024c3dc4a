import { AppError, ERRORS } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { DeadJob } from '../../domain/queue.ts';
import type { JsonJob, JsonQueue, Place, Queues } from './queues.ts';

/**
 * Puts a dead job back in one step, so that no crash leaves it in two places or in none. BullMQ's own `retry` neither
 * takes the deduplication key again nor forgets the lost starts.
 *
 * KEYS: failed, wait, marker, the job, the prefix of deduplication keys, the prefix of jobs. ARGV: the id.
 * Gives 1, 0 where there is no such dead job, -1 where a newer job has its key.
 */
const REVIVE = `
  local id = ARGV[1]
  if not redis.call('ZSCORE', KEYS[1], id) then return 0 end
  local dedupe = redis.call('HGET', KEYS[4], 'deid')
  if dedupe then
    local holder = redis.call('GET', KEYS[5] .. dedupe)
    if holder and redis.call('EXISTS', KEYS[6] .. holder) == 1 then return -1 end
    redis.call('SET', KEYS[5] .. dedupe, id)
  end
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[4], 'finishedOn', 'processedOn', 'failedReason', 'stacktrace', 'atm', 'ats', 'stc')
  redis.call('LPUSH', KEYS[2], id)
  redis.call('ZADD', KEYS[3], 0, '0')
  return 1`;

/** KEYS: failed, the job. ARGV: the id. Gives 1, or 0 where there is no such dead job. */
const DROP = `
  if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
  redis.call('DEL', KEYS[2], KEYS[2] .. ':logs')
  return 1`;

/** BullMQ keeps one text about a failure: the code stands before the reason. */
export function tellDeath(code: ErrorCode, reason: string): string {
  return `${code}: ${reason}`;
}

function readDeath(told: string): { code: ErrorCode; reason: string } {
  const [code = ''] = told.split(': ', 1);
  // A text that is not ours is BullMQ's own.
  return code in ERRORS
    ? { code: code as ErrorCode, reason: told.slice(code.length + 2) }
    : { code: 'INTERNAL', reason: told };
}

/** The dead letters of all queues: BullMQ's failed jobs, kept until somebody puts them back or drops them. */
export function deadJobs({ redis }: Place, queues: Queues) {
  /** Runs it on each queue until one gives something; ids are unique over all queues. */
  async function firstAnswer(run: (queue: JsonQueue) => Promise<unknown>): Promise<unknown> {
    for (const queue of await queues.all()) {
      const answer = await run(queue);
      if (answer !== 0) return answer;
    }
    return 0;
  }

  return {
    async newest(limit: number): Promise<DeadJob[]> {
      if (limit < 1) return [];
      const graves = await Promise.all((await queues.all()).map((queue) => gravesIn(redis, queue, limit)));
      const newest = graves.flat().toSorted((one, other) => other.failedAt - one.failedAt);
      const found: DeadJob[] = [];
      for (const grave of newest.slice(0, limit)) found.push(...(await open(grave)));
      return found;
    },
    async retry(id: string): Promise<boolean> {
      const answer = await firstAnswer((queue) => {
        const keys = ['failed', 'wait', 'marker', id, 'de:', ''].map((type) => queue.toKey(type));
        return redis.eval(REVIVE, keys.length, ...keys, id);
      });
      if (answer === -1) throw keyTaken(id);
      return answer === 1;
    },
    drop: async (id: string): Promise<boolean> =>
      (await firstAnswer((queue) => redis.eval(DROP, 2, queue.toKey('failed'), queue.toKey(id), id))) === 1,
  };
}

/** Where a dead job lies. */
interface Grave {
  queue: JsonQueue;
  id: string;
  /** Milliseconds since 1970. */
  failedAt: number;
}

async function gravesIn(redis: Place['redis'], queue: JsonQueue, limit: number): Promise<Grave[]> {
  const listed = await redis.zrevrange(queue.toKey('failed'), 0, limit - 1, 'WITHSCORES');
  return listed.flatMap((id, index) => (index % 2 === 0 ? [{ queue, id, failedAt: Number(listed[index + 1]) }] : []));
}

/** One at a time, because each may hold a hundred mentions. Nothing where somebody put it back or dropped it since. */
async function open({ queue, id }: Grave): Promise<DeadJob[]> {
  const job: JsonJob | undefined = await queue.getJob(id);
  return job?.finishedOn === undefined ? [] : [asDeadJob(job)];
}

function asDeadJob(job: JsonJob): DeadJob {
  const { code, reason } = readDeath(job.failedReason);
  return {
    id: job.id ?? '',
    name: job.name,
    payload: job.data,
    code,
    reason,
    // BullMQ counts the setting aside as one more, but nothing was tried.
    attempts: code === 'POISON' ? job.attemptsMade - 1 : job.attemptsMade,
    failedAt: new Date(job.finishedOn ?? 0).toISOString(),
  };
}

function keyTaken(id: string): AppError {
  return new AppError('CONFLICT', `Dead job ${id} cannot be put back: a newer job with the same key waits or runs.`, {
    fix: 'Put it back when the newer one is through, or drop it.',
  });
}
