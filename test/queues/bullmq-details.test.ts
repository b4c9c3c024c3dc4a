import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, it as base } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { Job, JobQueue } from '../../src/domain/queue.ts';
import { assertInfoFit } from '../../src/queues/bullmq/fit.ts';
import { bullQueue } from '../../src/queues/bullmq/index.ts';
import type { BullQueueOptions } from '../../src/queues/bullmq/index.ts';
import { serverUrl } from '../servers.ts';
import { emptyPrefix } from './redis.ts';

const url = serverUrl('REDIS_URL') ?? '';
/** Long enough for something forbidden to happen, if it is going to. */
const A_WHILE_MS = 700;

interface Visit {
  open(options?: Partial<BullQueueOptions>): Promise<JobQueue>;
  redis: Redis;
  /** The queue as BullMQ has it, for what nobody does through the port. */
  raw(name: string): Queue;
  key(name: string): string;
}

const it = base.extend<{ here: Visit }>({
  // oxlint-disable-next-line no-empty-pattern -- fixtures are told apart by their destructured parameters
  here: async ({}, use) => {
    const prefix = `test-${randomUUID()}`;
    const redis = new Redis(url, { maxRetriesPerRequest: null });
    const queues: JobQueue[] = [];
    await use({
      redis,
      async open(options = {}) {
        const queue = await bullQueue({
          url,
          prefix,
          now: () => new Date(),
          leaseMs: 1_500,
          random: () => 0,
          ...options,
        });
        queues.push(queue);
        return queue;
      },
      raw: (name) => new Queue(name, { connection: redis, prefix }),
      key: (name) => `${prefix}:${name}`,
    });
    await Promise.all(queues.map((queue) => queue.close(0)));
    redis.disconnect();
    await emptyPrefix(url, prefix);
  },
});

describe.skipIf(!url)(
  `bullmq queue${url ? '' : ' (skipped: REDIS_URL is not set)'}`,
  { concurrent: true, timeout: 60_000 },
  () => {
    describe('attempts', () => {
      it('are five unless told otherwise, at growing distances', async ({ here }) => {
        const queue = await here.open();
        const times: number[] = [];
        queue.work('x', async () => {
          times.push(Date.now());
          throw new AppError('REMOTE_TIMEOUT', 'Slow: very.');
        });
        await queue.add('x', 1);
        await until(async () => (await queue.counts()).dead === 1);
        expect(times).toHaveLength(5);
        for (const [index, waitMs] of [500, 1_000, 2_000, 4_000].entries())
          expect((times[index + 1] ?? 0) - (times[index] ?? 0)).toBeGreaterThanOrEqual(waitMs - 10);
        expect(await queue.dead()).toMatchObject([{ code: 'REMOTE_TIMEOUT', reason: 'Slow: very.', attempts: 5 }]);
      });
    });

    describe('lost starts', () => {
      it('are neither pauses nor hand-backs', async ({ here }) => {
        const queue = await here.open();
        const jobs = record(queue, 'x', async () => {
          if (jobs.length <= 30) throw new AppError('REMOTE_RATE_LIMITED', 'Pause.', { retry: { afterMs: 0 } });
          await hang();
        });
        await queue.add('x', 1);
        await until(() => jobs.length === 31);
        await queue.close(0);
        for (let round = 0; round < 12; round += 1) {
          const next = await here.open();
          const again = record(next, 'x', hang);
          await until(() => again.length === 1);
          await next.close(0);
        }
        expect(await (await here.open()).counts()).toEqual({ waiting: 1, delayed: 0, running: 0, dead: 0 });
      });

      it('set a job aside when they were ten, and are forgotten when it is put back', async ({ here }) => {
        const queue = await here.open();
        const id = await queue.add('bad', 'payload', { attempts: 1 });
        await here.redis.hset(here.key(`bad:${id}`), 'stc', 9);
        const jobs = record(queue, 'bad', hang);
        await until(() => jobs.length === 1);
        await queue.close(0);
        await here.redis.hset(here.key(`bad:${id}`), 'stc', 10);
        const next = await here.open();
        const again = record(next, 'bad');
        await until(async () => (await next.counts()).dead === 1);
        expect(again).toEqual([]);
        expect(await next.dead()).toMatchObject([
          { code: 'POISON', reason: 'The job ended its worker 10 times.', attempts: 0 },
        ]);
        await next.retry(id ?? '');
        await until(() => again.length === 1);
      });
    });

    describe('schedules', () => {
      const often = { key: 'pull/a:b', name: 'tick', payload: 1, everySeconds: 1 };

      it('come back when their rhythm is lost', async ({ here }) => {
        const queue = await here.open({ reconcileMs: 200 });
        const jobs = record(queue, 'tick');
        await queue.every(often);
        await until(() => jobs.length === 1);
        const ticks = here.raw('@ticks');
        expect(await ticks.removeJobScheduler(encodeURIComponent(often.key))).toBe(true);
        const seen = jobs.length;
        await until(() => jobs.length >= seen + 2);
      });

      it('come back when only the next beat is lost', async ({ here }) => {
        const queue = await here.open({ reconcileMs: 200, leaseMs: 600 });
        const jobs = record(queue, 'tick');
        await queue.every(often);
        await until(() => jobs.length === 1);
        const ticks = here.raw('@ticks');
        await until(async () => (await ticks.getDelayedCount()) === 1);
        expect(await here.redis.del(ticks.toKey('delayed'))).toBe(1);
        const seen = jobs.length;
        await until(() => jobs.length >= seen + 2);
      });

      it('that nobody wants any more lose their rhythm', async ({ here }) => {
        const queue = await here.open({ reconcileMs: 200 });
        const jobs = record(queue, 'tick');
        await queue.every(often);
        await until(() => jobs.length === 1);
        await here.redis.hdel(here.key('@schedules'), often.key);
        await until(async () => (await here.raw('@ticks').getJobSchedulersCount()) === 0);
        const seen = jobs.length;
        await sleep(2_000);
        expect(jobs).toHaveLength(seen);
      });

      it('keep their rhythm while they are looked after', async ({ here }) => {
        const queue = await here.open({ reconcileMs: 20 });
        const jobs = record(queue, 'tick');
        await queue.every({ ...often, everySeconds: 3_600 });
        await until(() => jobs.length === 1);
        await sleep(A_WHILE_MS);
        expect(jobs).toHaveLength(1);
      });

      it('take a tick that comes twice for one', async ({ here }) => {
        const queue = await here.open();
        const jobs = record(queue, 'tick', hang);
        await queue.every({ ...often, everySeconds: 3_600 });
        await until(() => jobs.length === 1);
        const ticks = here.raw('@ticks');
        await ticks.add('@ticks', often.key);
        await until(async () =>
          Object.values(await ticks.getJobCounts('wait', 'active')).every((count) => count === 0),
        );
        expect(await queue.counts()).toEqual({ waiting: 0, delayed: 0, running: 1, dead: 0 });
      });

      it('share their key with add, so that what was asked for by hand is not done twice', async ({ here }) => {
        const queue = await here.open();
        await queue.add('tick', 'by hand', { dedupeKey: often.key, delayMs: 1_000 });
        const jobs = record(queue, 'tick');
        await queue.every({ ...often, everySeconds: 3_600 });
        await sleep(A_WHILE_MS);
        expect(jobs).toEqual([]);
        await until(() => jobs.length === 1);
        expect(jobs[0]?.payload).toBe('by hand');
      });

      it('may change the name of their jobs', async ({ here }) => {
        const queue = await here.open();
        const [old, changed] = [record(queue, 'old'), record(queue, 'new')];
        await queue.every({ ...often, name: 'old' });
        await until(() => old.length === 1);
        await queue.every({ ...often, name: 'new' });
        await until(() => changed.length >= 2);
        const seen = old.length;
        await until(() => changed.length >= 4);
        expect(old).toHaveLength(seen);
      });

      it('refuse what is no interval', async ({ here }) => {
        const queue = await here.open();
        for (const everySeconds of [0, -1, Number.NaN])
          await expect(queue.every({ ...often, everySeconds })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
        expect(await queue.schedules()).toEqual([]);
      });
    });

    describe('names', () => {
      it('may hold what BullMQ forbids, and never meet our own keys', async ({ here }) => {
        const [queue, other] = [await here.open(), await here.open()];
        const names = ['a:b', 'a', '@ticks', '@names', 'ø/%3A'];
        const seen = names.map((name) => record(queue, name));
        for (const name of names) await queue.add(name, name, { dedupeKey: 'k:1:2' });
        await until(() => seen.every((jobs) => jobs.length === 1));
        expect(seen.map(([job]) => [job?.name, job?.payload])).toEqual(names.map((name) => [name, name]));
        expect(await other.counts()).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 0 });
      });

      it('are written down again when Redis has lost them', async ({ here }) => {
        const [queue, other] = [await here.open({ reconcileMs: 100 }), await here.open()];
        record(queue, 'x', async () => {
          throw new AppError('REMOTE_GONE', 'Gone.');
        });
        await queue.add('x', 1);
        await until(async () => (await queue.counts('x')).dead === 1);
        expect(await here.redis.del(here.key('@names'))).toBe(1);
        await until(async () => (await other.dead()).length === 1);
      });
    });

    it('leaves nothing of a finished or dropped job behind', async ({ here }) => {
      const queue = await here.open();
      record(queue, 'x', async ({ payload }) => {
        if (payload === 'bad') throw new AppError('REMOTE_GONE', 'Gone.');
      });
      await queue.add('x', 'good', { dedupeKey: 'a' });
      const id = await queue.add('x', 'bad', { dedupeKey: 'b' });
      await until(async () => (await queue.counts()).dead === 1);
      await queue.drop(id ?? '');
      await queue.close();
      const keys = (await here.redis.keys(here.key('x:*'))).map((key) => key.slice(here.key('x:').length));
      expect(keys.filter((key) => !['meta', 'events', 'id', 'marker', 'stalled-check'].includes(key))).toEqual([]);
    });
  },
);

describe('bullmq queue: which Redis', () => {
  const info = (version: string) =>
    `# Server\r\nredis_version:${version}\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n`;

  it.for(['6.2.0', '7.0.15', '8.2.1', '10.0.0'])('%s is fit', (version) => {
    assertInfoFit(info(version), () => expect.unreachable());
  });

  it.for(['6.0.16', '5.0.7', ''])('%s is too old', (version) => {
    expect(() => assertInfoFit(info(version), () => {})).toThrow(
      expect.objectContaining({ code: 'STAGE_UNAVAILABLE' }),
    );
  });

  it('that does not tell its policy is refused', () => {
    expect(() => assertInfoFit('redis_version:7.0.15\r\n', () => {})).toThrow(/unknown/);
  });
});

function record(queue: JobQueue, name: string, handler: (job: Job) => Promise<void> = async () => {}): Job[] {
  const jobs: Job[] = [];
  queue.work(name, (job) => {
    jobs.push(job);
    return handler(job);
  });
  return jobs;
}

const hang = () => new Promise<void>(() => {});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 25_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Waited in vain for: ${holds}`);
    await sleep(10);
  }
}
