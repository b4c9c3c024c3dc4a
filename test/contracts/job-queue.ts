import { setTimeout as sleep } from 'node:timers/promises';
import { it as base, describe, expect } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { Job, JobQueue, Json } from '../../src/domain/queue.ts';
import type { WorkerProcess } from '../queues/worker-process.ts';
import type { Order } from '../queues/worker-to-kill.ts';

/** One empty place for jobs. */
export interface QueuePlace {
  /** Another queue on the same jobs each time, as another process would have. Its lease is `leaseMs`. */
  open(): Promise<JobQueue>;
  leaseMs: number;
  /** A real process that works on jobs of that name; `leaseMs` where it shall differ. */
  startWorker(name: string, leaseMs?: number): WorkerProcess;
  /** Called when every queue is closed and every worker gone. */
  remove(): Promise<void>;
}

/** Gives up after so long; generous, because the machine may be busy. */
const PATIENCE_MS = 25_000;
/** Long enough for something forbidden to happen, if it is going to. */
const A_WHILE_MS = 700;

/** What every driver of `JobQueue` promises. */
export function jobQueueContract(name: string, place: () => Promise<QueuePlace>): void {
  const it = base.extend<{ here: Visit }>({
    // oxlint-disable-next-line no-empty-pattern -- fixtures are told apart by their destructured parameters
    here: async ({}, use) => {
      const visit = visitOf(await place());
      await use(visit);
      await visit.leave();
    },
  });

  describe.concurrent(`JobQueue: ${name}`, () => {
    describe('adding', () => {
      it('hands over the payload unchanged', async ({ here }) => {
        const queue = await here.open();
        const payload: Json = {
          text: 'naïve „łódź” سلام 👩‍👩‍👧 \u0000 "\\',
          numbers: [0, -1, 1.5, 1e21, 1_732_586_400_123],
          nothing: null,
          nested: { list: [[], {}, [true, false]] },
          long: 'ș'.repeat(200_000),
        };
        const { jobs } = record(queue, 'echo');
        for (const value of [payload, null, 0, '', false, []] as Json[]) await queue.add('echo', value);
        await until(() => jobs.length === 6);
        expect(jobs.map((job) => job.payload)).toEqual([payload, null, 0, '', false, []]);
        expect(jobs.map((job) => [job.name, job.attempt])).toEqual(jobs.map(() => ['echo', 1]));
      });

      it('gives each job an id of its own', async ({ here }) => {
        const queue = await here.open();
        const ids = [await queue.add('x', 1), await queue.add('x', 1), await queue.add('y', 1)];
        expect(new Set(ids).size).toBe(3);
        const { jobs } = record(queue, 'x');
        await until(() => jobs.length === 2);
        expect(jobs.map((job) => job.id)).toEqual(ids.slice(0, 2));
      });

      it('starts due jobs in the order in which they were added', async ({ here }) => {
        const queue = await here.open();
        for (let number = 0; number < 60; number += 1) await queue.add('line', number);
        const { jobs } = record(queue, 'line');
        await until(() => jobs.length === 60);
        expect(jobs.map((job) => job.payload)).toEqual(Array.from({ length: 60 }, (_, number) => number));
      });

      it('keeps a delayed job back', async ({ here }) => {
        const queue = await here.open();
        const { jobs } = record(queue, 'later');
        const from = Date.now();
        await queue.add('later', 1, { delayMs: 900 });
        expect(await queue.counts('later')).toEqual({ waiting: 0, delayed: 1, running: 0, dead: 0 });
        await queue.add('later', 2);
        await until(() => jobs.length === 2);
        expect(Date.now() - from).toBeGreaterThanOrEqual(890);
        expect(jobs.map((job) => job.payload)).toEqual([2, 1]);
      });

      it('notices what another process adds', async ({ here }) => {
        const [near, far] = [await here.open(), await here.open()];
        const { jobs } = record(near, 'far');
        await far.add('far', 1);
        await until(() => jobs.length === 1);
        expect(jobs).toMatchObject([{ payload: 1 }]);
      });

      it('survives reopening', async ({ here }) => {
        const before = await here.open();
        await before.add('kept', 'payload', { dedupeKey: 'k' });
        await before.add('kept', 'later', { delayMs: 500 });
        await before.close();
        const after = await here.open();
        expect(await after.add('kept', 'other', { dedupeKey: 'k' })).toBeNull();
        const { jobs } = record(after, 'kept');
        await until(() => jobs.length === 2);
        expect(jobs.map((job) => job.payload)).toEqual(['payload', 'later']);
      });
    });

    describe('dedupeKey', () => {
      it('lets one job wait, whoever adds', async ({ here }) => {
        const [one, other] = [await here.open(), await here.open()];
        expect(await one.add('pull', 1, { dedupeKey: 'a' })).toBeTypeOf('string');
        expect(await one.add('pull', 2, { dedupeKey: 'a' })).toBeNull();
        expect(await other.add('pull', 3, { dedupeKey: 'a' })).toBeNull();
        expect(await other.add('pull', 4, { dedupeKey: 'b' })).toBeTypeOf('string');
        expect((await one.counts()).waiting).toBe(2);
      });

      it('also while it is delayed and while it runs, and is free after success', async ({ here }) => {
        const queue = await here.open();
        const gate = closedGate();
        await queue.add('pull', 1, { dedupeKey: 'a', delayMs: 300 });
        expect(await queue.add('pull', 2, { dedupeKey: 'a' })).toBeNull();
        const { jobs } = record(queue, 'pull', () => gate.opened);
        await until(() => jobs.length === 1);
        expect(await queue.add('pull', 3, { dedupeKey: 'a' })).toBeNull();
        gate.open();
        await until(async () => (await queue.add('pull', 4, { dedupeKey: 'a' })) !== null);
        await until(() => jobs.length === 2);
        expect(jobs.map((job) => job.payload)).toEqual([1, 4]);
      });

      it('is taken between attempts and free after final failure', async ({ here }) => {
        const queue = await here.open();
        const { jobs } = record(queue, 'pull', async ({ attempt }) => {
          throw new AppError('REMOTE_UNAVAILABLE', 'Down.', attempt === 2 ? { retry: 'never' } : {});
        });
        await queue.add('pull', 1, { dedupeKey: 'a' });
        await until(async () => jobs.length === 1 && (await queue.counts()).delayed === 1);
        expect(await queue.add('pull', 2, { dedupeKey: 'a' })).toBeNull();
        await until(async () => (await queue.counts()).dead === 1);
        expect(await queue.add('pull', 3, { dedupeKey: 'a', delayMs: 60_000 })).toBeTypeOf('string');
      });
    });

    describe('failing', () => {
      it('sets a job aside at once when trying again is no use', async ({ here }) => {
        const queue = await here.open();
        const { jobs } = record(queue, 'x', async () => {
          throw new AppError('REMOTE_UNAUTHORIZED', 'The key is refused.');
        });
        const from = Date.now();
        const id = await queue.add('x', { some: 'payload' });
        await until(async () => (await queue.counts()).dead === 1);
        expect(jobs).toHaveLength(1);
        const [dead] = await queue.dead();
        expect(dead).toEqual({
          id,
          name: 'x',
          payload: { some: 'payload' },
          code: 'REMOTE_UNAUTHORIZED',
          reason: 'The key is refused.',
          attempts: 1,
          failedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        });
        expect(Math.abs(Date.parse(dead?.failedAt ?? '') - from)).toBeLessThan(60_000);
        expect(await queue.counts('x')).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 1 });
        expect((await queue.counts('y')).dead).toBe(0);
      });

      it('counts passing failures, pauses between them and ends after so many', async ({ here }) => {
        const queue = await here.open();
        const times: number[] = [];
        const { jobs } = record(queue, 'x', async () => {
          times.push(Date.now());
          throw new AppError('REMOTE_TIMEOUT', 'Slow.');
        });
        await queue.add('x', 1, { attempts: 3 });
        await until(async () => (await queue.counts()).dead === 1);
        expect(jobs.map((job) => job.attempt)).toEqual([1, 2, 3]);
        expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(490);
        expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(990);
        expect(await queue.dead()).toMatchObject([{ code: 'REMOTE_TIMEOUT', attempts: 3 }]);
      });

      it('takes whatever else is thrown for a passing fault of our own', async ({ here }) => {
        const queue = await here.open();
        const { jobs } = record(queue, 'x', ({ attempt }) => {
          if (attempt === 1) throw new TypeError('at once');
          // oxlint-disable-next-line no-throw-literal -- handlers may throw anything
          return Promise.reject('not even an error');
        });
        await queue.add('x', 1, { attempts: 2 });
        await until(async () => (await queue.counts()).dead === 1);
        expect(jobs.map((job) => job.attempt)).toEqual([1, 2]);
        expect(await queue.dead()).toMatchObject([{ code: 'INTERNAL', reason: 'not even an error', attempts: 2 }]);
      });

      it('does not count a pause that the other side asked for', async ({ here }) => {
        const queue = await here.open();
        const times: number[] = [];
        const { jobs } = record(queue, 'x', async () => {
          times.push(Date.now());
          if (times.length <= 3) throw new AppError('REMOTE_RATE_LIMITED', 'Pause.', { retry: { afterMs: 400 } });
        });
        await queue.add('x', 1, { attempts: 1 });
        await until(() => jobs.length === 4);
        expect(jobs.map((job) => job.attempt)).toEqual([1, 1, 1, 1]);
        for (const [index, time] of times.slice(1).entries())
          expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(390);
        await until(async () => (await queue.counts()).running === 0);
        expect(await queue.counts()).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 0 });
      });

      it('lists the dead newest first, puts them back with attempts forgotten, and drops them', async ({ here }) => {
        const queue = await here.open();
        let failing = true;
        const { jobs } = record(queue, 'x', async () => {
          if (failing) throw new AppError('REMOTE_GONE', 'Gone.');
        });
        const ids: (string | null)[] = [];
        for (const payload of ['a', 'b', 'c']) {
          ids.push(await queue.add('x', payload));
          await until(async () => (await queue.counts()).dead === ids.length);
          await sleep(5);
        }
        expect((await queue.dead()).map((job) => job.payload)).toEqual(['c', 'b', 'a']);
        expect((await queue.dead(2)).map((job) => job.payload)).toEqual(['c', 'b']);
        failing = false;
        expect(await queue.retry(ids[0] ?? '')).toBe(true);
        await until(() => jobs.length === 4);
        expect(jobs.at(-1)).toMatchObject({ payload: 'a', attempt: 1 });
        expect(await queue.drop(ids[1] ?? '')).toBe(true);
        for (const id of [ids[0], ids[1], 'nobody', ''])
          expect([await queue.retry(id ?? ''), await queue.drop(id ?? '')]).toEqual([false, false]);
        await until(async () => (await queue.counts()).running === 0);
        expect(await queue.counts()).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 1 });
      });

      it('shows the dead to a process that works on nothing, which may put them back and drop them', async ({
        here,
      }) => {
        const [working, looking] = [await here.open(), await here.open()];
        let failing = true;
        const handler = async () => {
          if (failing) throw new AppError('REMOTE_GONE', 'Gone.');
        };
        const { jobs } = record(working, 'x', handler);
        record(working, 'y', handler);
        const ids = [await working.add('x', 'a'), await working.add('y', 'b')];
        await until(async () => (await looking.counts()).dead === 2);
        expect((await looking.dead()).map((job) => job.name).toSorted()).toEqual(['x', 'y']);
        failing = false;
        expect([await looking.retry(ids[0] ?? ''), await looking.drop(ids[1] ?? '')]).toEqual([true, true]);
        await until(() => jobs.length === 2);
        await until(async () => Object.values(await looking.counts()).every((count) => count === 0));
      });

      it('gives a job that was put back its key again', async ({ here }) => {
        const queue = await here.open();
        const gate = closedGate();
        const { jobs } = record(queue, 'x', async () => {
          if (jobs.length === 1) throw new AppError('REMOTE_GONE', 'Gone.');
          await gate.opened;
        });
        const id = await queue.add('x', 'old', { dedupeKey: 'a' });
        await until(async () => (await queue.counts()).dead === 1);
        await queue.retry(id ?? '');
        expect(await queue.add('x', 'new', { dedupeKey: 'a' })).toBeNull();
        gate.open();
        await until(async () => (await queue.add('x', 'new', { dedupeKey: 'a' })) !== null);
      });

      it('leaves a dead job where it is while a newer one has its key', async ({ here }) => {
        const queue = await here.open();
        record(queue, 'x', async () => {
          throw new AppError('REMOTE_GONE', 'Gone.');
        });
        const id = await queue.add('x', 'old', { dedupeKey: 'a' });
        await until(async () => (await queue.counts()).dead === 1);
        await queue.add('x', 'new', { dedupeKey: 'a', delayMs: 60_000 });
        await expect(queue.retry(id ?? '')).rejects.toMatchObject({ code: 'CONFLICT' });
        expect(await queue.counts()).toEqual({ waiting: 0, delayed: 1, running: 0, dead: 1 });
      });
    });

    describe('working', () => {
      it('runs as many at a time as allowed and no more, each name on its own', async ({ here }) => {
        const queue = await here.open();
        const gate = closedGate();
        let running = 0;
        let most = 0;
        queue.work(
          'slow',
          async () => {
            running += 1;
            most = Math.max(most, running);
            await gate.opened;
            running -= 1;
          },
          { concurrency: 3 },
        );
        const { jobs } = record(queue, 'other');
        for (let number = 0; number < 9; number += 1) await queue.add('slow', number);
        await until(() => running === 3);
        await queue.add('other', 1);
        await until(() => jobs.length === 1);
        await sleep(A_WHILE_MS);
        expect([running, most]).toEqual([3, 3]);
        expect(await queue.counts('slow')).toEqual({ waiting: 6, delayed: 0, running: 3, dead: 0 });
        gate.open();
        await until(async () => (await queue.counts('slow')).waiting + running === 0);
        expect(most).toBe(3);
      });

      it('keeps a job that runs longer than its lease to itself', async ({ here }) => {
        const [one, other] = [await here.open(), await here.open()];
        const runs = [one, other].map((queue) =>
          record(queue, 'long', async () => void (await sleep(here.leaseMs * 2.5))),
        );
        await one.add('long', 1);
        await until(async () => (await one.counts()).running === 1);
        await until(async () => Object.values(await one.counts()).every((count) => count === 0));
        expect(runs.flatMap(({ jobs }) => jobs)).toHaveLength(1);
      });

      it('shares the work between processes, each job done once', async ({ here }) => {
        const queue = await here.open();
        const processes = [here.startWorker('share'), here.startWorker('share')];
        const numbers = Array.from({ length: 300 }, (_, number) => number);
        for (const number of numbers) await queue.add('share', order(number, 'finish'));
        const ended = () => processes.flatMap((worker) => numbersOf(worker, 'ended'));
        await until(() => ended().length >= 300);
        await sleep(A_WHILE_MS);
        expect(ended().toSorted((a, b) => a - b)).toEqual(numbers);
        expect(await queue.counts()).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 0 });
      });
    });

    describe('closing', () => {
      it('lets running handlers finish and takes nothing more', async ({ here }) => {
        const [queue, other] = [await here.open(), await here.open()];
        const gate = closedGate();
        const { jobs } = record(queue, 'x', () => gate.opened, 5);
        await queue.add('x', 1);
        await until(() => jobs.length === 1);
        let closed = false;
        const closing = queue.close(PATIENCE_MS).then(() => (closed = true));
        await other.add('x', 2);
        await sleep(A_WHILE_MS);
        expect(closed).toBe(false);
        gate.open();
        await closing;
        expect(jobs.map((job) => [job.payload, job.signal.aborted])).toEqual([[1, false]]);
        expect(await other.counts()).toEqual({ waiting: 1, delayed: 0, running: 0, dead: 0 });
      });

      it('takes nothing more from the moment it is told, however busy it is', async ({ here }) => {
        const [queue, other] = [await here.open(), await here.open()];
        await Promise.all(Array.from({ length: 300 }, (_, number) => queue.add('x', number)));
        let closing: Promise<void> | undefined;
        const handler = async () => void (jobs.length === 50 && (closing = queue.close(PATIENCE_MS)));
        const { jobs } = record(queue, 'x', handler, 5);
        await until(() => closing !== undefined);
        await closing;
        expect(jobs).toHaveLength(50);
        expect(await other.counts()).toEqual({ waiting: 250, delayed: 0, running: 0, dead: 0 });
      });

      it('keeps the leases of handlers that finish late', async ({ here }) => {
        const [one, other] = [await here.open(), await here.open()];
        const slow = record(one, 'x', async () => void (await sleep(here.leaseMs * 2.5)));
        await one.add('x', 1);
        await until(() => slow.jobs.length === 1);
        const second = record(other, 'x');
        await one.close(PATIENCE_MS);
        expect(second.jobs).toEqual([]);
        expect((await other.counts()).waiting).toBe(0);
      });

      it('after the grace aborts what is left and hands it back', async ({ here }) => {
        const queue = await here.open();
        const { jobs } = record(queue, 'x', () => new Promise(() => {}));
        await queue.add('x', 1);
        await until(() => jobs.length === 1);
        await queue.close(100);
        expect(jobs[0]?.signal.aborted).toBe(true);
        const other = await here.open();
        expect(await other.counts()).toEqual({ waiting: 1, delayed: 0, running: 0, dead: 0 });
        const again = record(other, 'x');
        await until(() => again.jobs.length === 1);
        expect(again.jobs).toMatchObject([{ payload: 1, attempt: 1 }]);
      });

      it('leaves the end of a handed-back run without effect', async ({ here }) => {
        const [one, other] = [await here.open(), await here.open()];
        const gate = closedGate();
        const first = record(one, 'x', () => gate.opened);
        await one.add('x', 1);
        await until(() => first.jobs.length === 1);
        await one.close(0);
        const second = record(other, 'x', () => new Promise(() => {}));
        await until(() => second.jobs.length === 1);
        gate.open();
        await sleep(A_WHILE_MS);
        expect(await other.counts()).toEqual({ waiting: 0, delayed: 0, running: 1, dead: 0 });
      });
    });

    describe('closed', () => {
      it('holds no process back', async ({ here }) => {
        const queue = await here.open();
        const worker = here.startWorker('x');
        await queue.add('x', order(1, 'finish'));
        await until(() => numbersOf(worker, 'ended').length === 1);
        worker.process.kill('SIGTERM');
        await worker.exited;
        expect([worker.process.exitCode, worker.process.signalCode]).toEqual([0, null]);
      });
    });

    describe('schedules', () => {
      it('run at once, then in their rhythm', async ({ here }) => {
        const queue = await here.open();
        const times: number[] = [];
        const { jobs } = record(queue, 'tick', async () => void times.push(Date.now()));
        await queue.every({ key: 's', name: 'tick', payload: { source: 'x' }, everySeconds: 1 });
        await until(() => times.length >= 4);
        const span = (times[3] ?? 0) - (times[0] ?? 0);
        expect(span).toBeGreaterThan(2_000);
        expect(jobs[0]?.payload).toEqual({ source: 'x' });
        expect(await queue.schedules()).toEqual([
          { key: 's', name: 'tick', payload: { source: 'x' }, everySeconds: 1 },
        ]);
      });

      it('keep their rhythm when set again unchanged, also after reopening', async ({ here }) => {
        const schedule = { key: 's', name: 'tick', payload: 1, everySeconds: 3_600 };
        const before = await here.open();
        const first = record(before, 'tick');
        await before.every(schedule);
        await until(() => first.jobs.length === 1);
        await before.every(schedule);
        await sleep(A_WHILE_MS);
        await before.close();
        const after = await here.open();
        const second = record(after, 'tick');
        await after.every(schedule);
        await sleep(A_WHILE_MS);
        expect([first.jobs.length, second.jobs.length]).toEqual([1, 0]);
        expect(await after.schedules()).toEqual([schedule]);
      });

      it('follow a change', async ({ here }) => {
        const queue = await here.open();
        const { jobs } = record(queue, 'tick');
        await queue.every({ key: 's', name: 'tick', payload: 'old', everySeconds: 3_600 });
        await until(() => jobs.length === 1);
        await queue.every({ key: 's', name: 'tick', payload: 'new', everySeconds: 1 });
        await until(() => jobs.length >= 3);
        expect(jobs.slice(0, 3).map((job) => job.payload)).toEqual(['old', 'new', 'new']);
        expect(await queue.schedules()).toMatchObject([{ payload: 'new', everySeconds: 1 }]);
      });

      it('stop when unscheduled', async ({ here }) => {
        const queue = await here.open();
        const { jobs } = record(queue, 'tick');
        await queue.every({ key: 's', name: 'tick', payload: 1, everySeconds: 1 });
        await until(() => jobs.length >= 1);
        await queue.unschedule('s');
        await sleep(A_WHILE_MS);
        const seen = jobs.length;
        await sleep(2_500);
        expect(jobs).toHaveLength(seen);
        expect(await queue.schedules()).toEqual([]);
        await queue.unschedule('s');
      });

      it('leave a beat out while the one before still runs, and go on after it', async ({ here }) => {
        const queue = await here.open();
        const gate = closedGate();
        const { jobs } = record(queue, 'tick', () => gate.opened, 5);
        await queue.every({ key: 's', name: 'tick', payload: 1, everySeconds: 1 });
        await until(() => jobs.length === 1);
        await sleep(2_500);
        expect(jobs).toHaveLength(1);
        expect((await queue.counts()).waiting).toBe(0);
        gate.open();
        await until(() => jobs.length >= 3);
      });

      it('make up for beats missed while nobody worked with one', async ({ here }) => {
        const before = await here.open();
        const first = record(before, 'tick');
        await before.every({ key: 's', name: 'tick', payload: 1, everySeconds: 1 });
        await until(() => first.jobs.length === 1);
        await before.close();
        await sleep(3_500);
        const after = await here.open();
        const second = record(after, 'tick');
        await until(() => second.jobs.length >= 1);
        await sleep(300);
        expect(second.jobs.length).toBeLessThanOrEqual(2);
      });
    });

    describe('lost workers', () => {
      it('run a job again whose worker was killed in the middle, without counting an attempt', async ({ here }) => {
        const queue = await here.open();
        const worker = here.startWorker('x');
        await queue.add('x', order(1, 'hang'), { attempts: 1 });
        await until(() => numbersOf(worker, 'started').length === 1);
        worker.process.kill('SIGKILL');
        await worker.exited;
        const { jobs } = record(queue, 'x');
        await until(() => jobs.length === 1);
        expect(jobs).toMatchObject([{ payload: order(1, 'hang'), attempt: 1 }]);
        await until(async () => Object.values(await queue.counts()).every((count) => count === 0));
      });

      for (const does of ['finish-when-aborted', 'fail-when-aborted'] as const)
        it(`hear their signal and change nothing when they wake up late (${does})`, async ({ here }) => {
          const queue = await here.open();
          const worker = here.startWorker('x');
          await queue.add('x', order(1, does));
          await until(() => numbersOf(worker, 'started').length === 1);
          worker.process.kill('SIGSTOP');
          const gate = closedGate();
          const { jobs } = record(queue, 'x', async ({ signal }) => {
            await gate.opened;
            if (!signal.aborted) throw new AppError('REMOTE_REFUSED', 'The second run decides.');
          });
          await until(() => jobs.length === 1);
          worker.process.kill('SIGCONT');
          await until(() => numbersOf(worker, 'ended').length === 1);
          expect(numbersOf(worker, 'aborted')).toEqual([1]);
          await sleep(A_WHILE_MS);
          expect(await queue.counts()).toEqual({ waiting: 0, delayed: 0, running: 1, dead: 0 });
          gate.open();
          await until(async () => (await queue.counts()).dead === 1);
          expect(await queue.dead()).toMatchObject([{ reason: 'The second run decides.', attempts: 1 }]);
        });

      for (const does of ['finish-late', 'fail-late'] as const)
        it(`cannot end another's run although they never heard that theirs is lost (${does})`, async ({ here }) => {
          const queue = await here.open();
          const worker = here.startWorker('x');
          await queue.add('x', order(1, does));
          await until(() => numbersOf(worker, 'started').length === 1);
          const { jobs } = record(queue, 'x', () => new Promise(() => {}));
          await until(() => jobs.length === 1);
          expect(numbersOf(worker, 'ended')).toEqual([]);
          await until(() => numbersOf(worker, 'ended').length === 1);
          await sleep(A_WHILE_MS);
          expect(await queue.counts()).toEqual({ waiting: 0, delayed: 0, running: 1, dead: 0 });
        });

      it('lose nothing, whenever they are killed', { timeout: 60_000 }, async ({ here }) => {
        const queue = await here.open();
        const numbers = Array.from({ length: 400 }, (_, number) => number);
        for (const number of numbers) await queue.add('x', order(number, 'finish'));
        for (const afterMs of [0, 3, 9, 20]) {
          const worker = here.startWorker('x');
          await until(() => worker.events.length > 0);
          await sleep(afterMs);
          worker.process.kill('SIGKILL');
          await worker.exited;
        }
        here.startWorker('x');
        await until(async () => Object.values(await queue.counts()).every((count) => count === 0));
        await sleep(A_WHILE_MS);
        const ended = new Set(here.workers.flatMap((worker) => numbersOf(worker, 'ended')));
        expect([...ended].toSorted((a, b) => a - b)).toEqual(numbers);
      });

      it('are spared a job that ends them every time; the others go on', { timeout: 120_000 }, async ({ here }) => {
        const queue = await here.open();
        const id = await queue.add('x', order(13, 'die'));
        let starts = 0;
        while ((await queue.counts()).dead === 0) {
          const worker = here.startWorker('x', 300);
          await Promise.race([worker.exited, until(async () => (await queue.counts()).dead === 1, 60_000)]);
          starts += numbersOf(worker, 'started').length;
          expect(starts).toBeLessThan(20);
        }
        expect(starts).toBeGreaterThanOrEqual(10);
        const [dead] = await queue.dead();
        expect(dead).toMatchObject({ id, code: 'POISON', payload: order(13, 'die'), attempts: 0 });
        expect(dead?.reason).toMatch(/ended its worker \d+ times/);
        await queue.add('x', order(1, 'finish'));
        await until(() => here.workers.some((worker) => numbersOf(worker, 'ended').includes(1)));
      });
    });
  });
}

/** A place with everything that one test opened there. */
interface Visit extends Pick<QueuePlace, 'open' | 'startWorker' | 'leaseMs'> {
  workers: WorkerProcess[];
  leave(): Promise<void>;
}

function visitOf(place: QueuePlace): Visit {
  const queues: JobQueue[] = [];
  const workers: WorkerProcess[] = [];
  return {
    leaseMs: place.leaseMs,
    workers,
    async open() {
      const queue = await place.open();
      queues.push(queue);
      return queue;
    },
    startWorker(name, leaseMs) {
      const worker = place.startWorker(name, leaseMs);
      workers.push(worker);
      return worker;
    },
    async leave() {
      for (const { process } of workers) process.kill('SIGKILL');
      await Promise.all(workers.map((worker) => worker.exited));
      await Promise.all(queues.map((queue) => queue.close(0)));
      await place.remove();
    },
  };
}

/** Works on jobs of that name and keeps what it was given. */
function record(
  queue: JobQueue,
  name: string,
  handler: (job: Job) => Promise<void> = async () => {},
  concurrency = 1,
): { jobs: Job[] } {
  const jobs: Job[] = [];
  queue.work(
    name,
    (job) => {
      jobs.push(job);
      return handler(job);
    },
    { concurrency },
  );
  return { jobs };
}

/** Holds handlers up until it is opened. */
function closedGate(): { opened: Promise<void>; open(): void } {
  const gate = new AbortController();
  const opened = new Promise<void>((resolve) => gate.signal.addEventListener('abort', () => resolve()));
  return { opened, open: () => gate.abort() };
}

function order(number: number, does: Order['does']): Json {
  return { number, does };
}

function numbersOf(worker: WorkerProcess, event: string): number[] {
  return worker.events.filter((told) => told.event === event).map((told) => told.number);
}

async function until(holds: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Waited ${patienceMs} ms in vain for: ${holds}`);
    await sleep(10);
  }
}
