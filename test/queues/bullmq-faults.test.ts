import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it as base } from 'vitest';
import type { JobQueue } from '../../src/domain/queue.ts';
import { bullQueue } from '../../src/queues/bullmq/index.ts';
import type { BullQueueOptions } from '../../src/queues/bullmq/index.ts';
import { canStartRedis, ownRedis } from './redis.ts';
import type { OwnRedis } from './redis.ts';
import { startWorkerProcess } from './worker-process.ts';

const possible = canStartRedis();
/** A call that has not come back after so long hangs; the promise is two seconds, the machine may be busy. */
const HANGS_MS = 5_000;
const PATIENCE_MS = 60_000;

interface Visit {
  redis: OwnRedis;
  open(options?: Partial<BullQueueOptions>): Promise<JobQueue>;
}

const it = base.extend<{ here: Visit }>({
  // oxlint-disable-next-line no-empty-pattern -- fixtures are told apart by their destructured parameters
  here: async ({}, use) => {
    const redis = await ownRedis();
    const queues: JobQueue[] = [];
    const open = async (options: Partial<BullQueueOptions> = {}) => {
      const queue = await bullQueue({ url: redis.url, now: () => new Date(), leaseMs: 2_000, ...options });
      queues.push(queue);
      return queue;
    };
    await use({ redis, open });
    redis.signal('SIGCONT');
    await Promise.all(queues.map((queue) => queue.close(0)));
    await redis.remove();
  },
});

describe.skipIf(!possible)(
  `bullmq queue: faults of Redis${possible ? '' : ' (skipped: redis-server is not installed)'}`,
  { concurrent: true },
  () => {
    it('loses no job that it accepted when Redis is killed again and again', { timeout: 180_000 }, async ({ here }) => {
      const [producer, worker] = [await here.open(), await here.open()];
      const [accepted, ran] = [new Set<number>(), new Set<number>()];
      let [refusals, longestMs] = [0, 0];
      worker.work('x', async ({ payload }) => void ran.add(payload as number), { concurrency: 10 });

      const addAll = async (first: number) => {
        for (let number = first; number < 2_000; number += 4) {
          while (!accepted.has(number)) {
            const from = Date.now();
            const fault = await producer.add('x', number).then(
              () => accepted.add(number) && undefined,
              (thrown: unknown) => thrown,
            );
            longestMs = Math.max(longestMs, Date.now() - from);
            if (fault === undefined) continue;
            expect(fault).toMatchObject({ code: 'QUEUE_UNAVAILABLE', retry: { afterMs: 3_000 } });
            refusals += 1;
            await sleep(20);
          }
        }
      };
      const killing = async () => {
        for (let round = 1; round <= 10; round += 1) {
          await until(() => accepted.size >= round * 190);
          await here.redis.kill();
          await sleep(50 * round);
          await here.redis.start();
        }
      };
      await Promise.all([killing(), ...[0, 1, 2, 3].map(addAll)]);
      await until(() => ran.size === 2_000);
      await until(async () => Object.values(await producer.counts()).every((count) => count === 0));
      expect([...ran].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2_000 }, (_, number) => number));
      expect(refusals).toBeGreaterThan(0);
      expect(longestMs).toBeLessThan(HANGS_MS);
    });

    it('refuses at once while Redis is gone, also names it has not used yet, and goes on when it is back', async ({
      here,
    }) => {
      const queue = await here.open();
      const seen: unknown[] = [];
      queue.work('x', async ({ payload }) => void seen.push(payload));
      await queue.add('x', 'before');
      await until(() => seen.length === 1);
      await here.redis.kill();
      queue.work('y', async ({ payload }) => void seen.push(payload));
      const calls: (() => Promise<unknown>)[] = [
        () => queue.add('x', 'during'),
        () => queue.add('new', 'during'),
        () => queue.every({ key: 's', name: 'x', payload: 1, everySeconds: 60 }),
        () => queue.unschedule('s'),
        () => queue.schedules(),
        () => queue.counts(),
        () => queue.counts('other'),
        () => queue.dead(),
        () => queue.retry('1'),
        () => queue.drop('1'),
        () => here.open(),
      ];
      for (const call of calls) await expect(inTime(call())).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      await here.redis.start();
      await until(async () => (await queue.add('x', 'after').catch(() => null)) !== null);
      await queue.add('y', 'started while it was gone');
      await until(() => seen.length >= 3);
      expect(seen).toEqual(['before', 'after', 'started while it was gone']);
      await queue.add('new', 1);
      // A call that failed may have been carried out all the same.
      expect((await queue.counts('new')).waiting).toBeGreaterThanOrEqual(1);
    });

    it('refuses in time while Redis holds the connection but does not answer', async ({ here }) => {
      const queue = await here.open();
      await queue.add('x', 1);
      here.redis.signal('SIGSTOP');
      await expect(inTime(queue.add('x', 2))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      await expect(inTime(queue.add('new', 2))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      here.redis.signal('SIGCONT');
      await until(async () => (await queue.add('x', 3).catch(() => null)) !== null);
      await until(async () => (await queue.add('new', 3).catch(() => null)) !== null);
    });

    it('closes while Redis is gone, with a handler that does not end, and holds no process back', async ({
      here,
      onTestFinished,
    }) => {
      const queue = await here.open();
      let signal: AbortSignal | undefined;
      queue.work('x', (job) => {
        signal = job.signal;
        return new Promise(() => {});
      });
      await queue.add('x', 1);
      await until(() => signal !== undefined);
      const idle = startWorkerProcess('bullmq', `${here.redis.url} earshot`, 'idle', 2_000);
      onTestFinished(() => void idle.process.kill('SIGKILL'));
      await queue.add('idle', { number: 1, does: 'finish' });
      await until(() => idle.events.some(({ event }) => event === 'ended'));
      await here.redis.kill();
      idle.process.kill('SIGTERM');
      await queue.close(100);
      expect(signal?.aborted).toBe(true);
      await idle.exited;
      expect([idle.process.exitCode, idle.process.signalCode]).toEqual([0, null]);
      await here.redis.start();
      const other = await here.open();
      const again: unknown[] = [];
      other.work('x', async ({ payload }) => void again.push(payload));
      await until(() => again.length === 1);
    });

    it('says once that Redis went and once that it is back', async ({ here }) => {
      const logged: string[] = [];
      const queue = await here.open({ log: (level, message) => level !== 'debug' && void logged.push(message) });
      queue.work('x', async () => {});
      await here.redis.kill();
      await until(() => logged.length > 0);
      await sleep(1_500);
      await here.redis.start();
      await until(() => logged.length > 1);
      expect(logged).toEqual([
        'The connection to Redis is lost; nothing can be added until it is back.',
        'The connection to Redis is back.',
      ]);
    });
  },
);

describe.skipIf(!possible)(
  `bullmq queue: at start${possible ? '' : ' (skipped: redis-server is not installed)'}`,
  { concurrent: true },
  () => {
    base('refuses a Redis that evicts', async ({ onTestFinished }) => {
      const redis = await ownRedis(['--appendonly', 'yes', '--maxmemory-policy', 'allkeys-lru']);
      onTestFinished(redis.remove);
      const opening = bullQueue({ url: redis.url, now: () => new Date() });
      await expect(opening).rejects.toMatchObject({
        code: 'STAGE_UNAVAILABLE',
        message: expect.stringContaining('allkeys-lru'),
        fix: expect.stringContaining('noeviction'),
      });
    });

    base('has one that refuses when it is full and keeps what it accepted', async ({ onTestFinished }) => {
      const redis = await ownRedis(['--appendonly', 'yes', '--maxmemory', '6mb', '--maxmemory-policy', 'noeviction']);
      onTestFinished(redis.remove);
      const queue = await bullQueue({ url: redis.url, now: () => new Date() });
      let accepted = 0;
      const fill = async () => {
        for (; accepted < 1_000; accepted += 1) await queue.add('x', 'x'.repeat(100_000));
      };
      await expect(fill()).rejects.toMatchObject({
        code: 'QUEUE_UNAVAILABLE',
        message: expect.stringContaining('maxmemory'),
      });
      expect(accepted).toBeGreaterThan(0);
      expect((await queue.counts()).waiting).toBe(accepted);
      await queue.close();
    });

    base('warns of a Redis that keeps snapshots only', async ({ onTestFinished }) => {
      const redis = await ownRedis(['--appendonly', 'no', '--maxmemory-policy', 'noeviction']);
      onTestFinished(redis.remove);
      const logged: string[] = [];
      const log = (level: string, message: string) => void logged.push(`${level}: ${message}`);
      const queue = await bullQueue({ url: redis.url, now: () => new Date(), log });
      expect(logged).toEqual([expect.stringMatching(/^warn: REDIS KEEPS NO APPEND-ONLY FILE/)]);
      await queue.close();
    });

    base('warns of a Redis that flushes once a second', async ({ onTestFinished }) => {
      const redis = await ownRedis(['--appendonly', 'yes', '--maxmemory-policy', 'noeviction']);
      onTestFinished(redis.remove);
      const logged: string[] = [];
      const log = (level: string, message: string) => void logged.push(`${level}: ${message}`);
      const queue = await bullQueue({ url: redis.url, now: () => new Date(), log });
      expect(logged).toEqual([expect.stringMatching(/^warn: Redis flushes its log everysec/)]);
      await queue.close();
    });

    it('says nothing of one that fits', async ({ here }) => {
      const logged: string[] = [];
      await here.open({ log: (_level, message) => void logged.push(message) });
      expect(logged).toEqual([]);
    });
  },
);

async function inTime<Result>(call: Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const hang = sleep(HANGS_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Error('The call hangs.');
  });
  hang.catch(() => {});
  return Promise.race([call, hang]).finally(() => stop.abort());
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await Promise.resolve(holds()).catch(() => false))) {
    if (Date.now() > end) throw new Error(`Waited ${PATIENCE_MS} ms in vain for: ${holds}`);
    await sleep(10);
  }
}
