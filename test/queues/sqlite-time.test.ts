import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { Job, JobQueue } from '../../src/domain/queue.ts';
import { sqliteQueue } from '../../src/queues/sqlite/index.ts';
import type { SqliteQueueOptions } from '../../src/queues/sqlite/index.ts';

const START = Date.parse('2026-01-05T00:00:00Z');
const MINUTE_MS = 60_000;

let folder: string;
let clock: number;
let handles: Database.Database[];
let queues: JobQueue[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-queue-'));
  clock = START;
  handles = [];
  queues = [];
});
afterEach(async () => {
  for (const queue of queues) await queue.close(0);
  for (const db of handles) db.close();
  rmSync(folder, { recursive: true });
});

function connect(busyMs = 5_000): Database.Database {
  const db = new Database(join(folder, 'queue.db'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA busy_timeout = ${busyMs}`);
  handles.push(db);
  return db;
}

/** A queue whose clock stands still until the test moves it. */
function open(options: Partial<SqliteQueueOptions> = {}, db = connect()): JobQueue {
  const queue = sqliteQueue(db, { now: () => new Date(clock), pollMs: 5, random: () => 0, ...options });
  queues.push(queue);
  return queue;
}

function record(queue: JobQueue, name: string, handler: (job: Job) => Promise<void> = async () => {}): Job[] {
  const jobs: Job[] = [];
  queue.work(name, (job) => {
    jobs.push(job);
    return handler(job);
  });
  return jobs;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 5_000) throw new Error(`Waited in vain for: ${holds}`);
    await sleep(2);
  }
}

const hang = () => new Promise<void>(() => {});
/** Several polls, for what must not happen. */
const aFewPolls = () => sleep(60);

describe('sqlite queue: waking', () => {
  it('does not wait for the poll after add, every, retry and the end of a job', async () => {
    const queue = open({ pollMs: 3_600_000, leaseMs: 36_000_000 });
    const jobs = record(queue, 'x', async ({ payload }) => {
      if (payload === 'bad') throw new AppError('REMOTE_GONE', 'Gone.');
    });
    await aFewPolls();
    await queue.add('x', 1);
    await until(() => jobs.length === 1);
    await queue.every({ key: 's', name: 'x', payload: 'beat', everySeconds: 60 });
    await until(() => jobs.length === 2);
    const id = await queue.add('x', 'bad');
    await until(async () => (await queue.counts()).dead === 1);
    await queue.retry(id ?? '');
    await until(() => jobs.length === 4);
    await Promise.all([queue.add('x', 2), queue.add('x', 3), queue.add('x', 4)]);
    await until(() => jobs.length === 7);
    expect(jobs.map((job) => job.payload)).toEqual([1, 'beat', 'bad', 'bad', 2, 3, 4]);
  });
});

describe('sqlite queue: order', () => {
  it('is that of adding also among jobs taken together, with earlier due times first', async () => {
    const queue = open();
    await queue.add('x', 'late', { delayMs: 1 });
    for (let number = 0; number < 8; number += 1) await queue.add('x', number);
    clock += 1;
    const started: unknown[] = [];
    queue.work('x', (job) => (started.push(job.payload), hang()), { concurrency: 9 });
    await until(() => started.length === 9);
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 'late']);
  });
});

describe('sqlite queue: leases', () => {
  it('does not take its own running job again after it was held up', async () => {
    const queue = open();
    const jobs: Job[] = [];
    queue.work('x', (job) => (jobs.push(job), hang()), { concurrency: 3 });
    await queue.add('x', 1);
    await until(() => jobs.length === 1);
    clock += 10 * MINUTE_MS;
    await aFewPolls();
    expect(jobs).toHaveLength(1);
    expect((await queue.counts()).running).toBe(1);
  });

  it('lasts ten seconds unless told otherwise, and is free after that', async () => {
    const [gone, alive] = [open({ pollMs: 3_600_000 }), open()];
    const lost = record(gone, 'x', hang);
    await gone.add('x', 1);
    await until(() => lost.length === 1);
    const found = record(alive, 'x');
    clock += 9_999;
    await aFewPolls();
    expect(found).toEqual([]);
    clock += 1;
    await until(() => found.length === 1);
  });

  it('takes neither pauses nor hand-backs for lost workers', async () => {
    const queue = open();
    let pauses = 0;
    const jobs = record(queue, 'x', async () => {
      pauses += 1;
      if (pauses <= 30) throw new AppError('REMOTE_RATE_LIMITED', 'Pause.', { retry: { afterMs: 0 } });
      if (pauses === 31) await hang();
    });
    await queue.add('x', 1);
    await until(() => jobs.length === 31);
    await queue.close(0);
    for (let round = 0; round < 12; round += 1) {
      const next = open();
      const again = record(next, 'x', hang);
      await until(() => again.length === 1);
      await next.close(0);
    }
    expect(await open().counts()).toEqual({ waiting: 1, delayed: 0, running: 0, dead: 0 });
  });

  it('sets a job aside when it would be started after ten lost workers', async () => {
    const path = connect();
    const queue = open({}, path);
    await queue.add('bad', 'payload', { attempts: 1 });
    path.exec('UPDATE queue_jobs SET open_starts = 9');
    const jobs = record(queue, 'bad', hang);
    await until(() => jobs.length === 1);
    await queue.close(0);
    path.exec('UPDATE queue_jobs SET open_starts = 10');
    const next = open();
    const again = record(next, 'bad');
    await until(async () => (await next.counts()).dead === 1);
    expect(again).toEqual([]);
    expect(await next.dead()).toMatchObject([{ code: 'POISON', reason: 'The job ended its worker 10 times.' }]);
  });
});

describe('sqlite queue: attempts', () => {
  it('are five unless told otherwise, at growing distances', async () => {
    const queue = open();
    const jobs = record(queue, 'x', async () => {
      throw new AppError('REMOTE_TIMEOUT', 'Slow.');
    });
    await queue.add('x', 1);
    for (const [index, waitMs] of [500, 1_000, 2_000, 4_000].entries()) {
      await until(async () => jobs.length === index + 1 && (await queue.counts()).delayed === 1);
      clock += waitMs - 1;
      await aFewPolls();
      expect(jobs).toHaveLength(index + 1);
      clock += 1;
    }
    await until(async () => (await queue.counts()).dead === 1);
    expect(jobs.map((job) => job.attempt)).toEqual([1, 2, 3, 4, 5]);
    expect(await queue.dead()).toMatchObject([{ attempts: 5, failedAt: '2026-01-05T00:00:07.500Z' }]);
  });
});

describe('sqlite queue: schedules', () => {
  const hourly = { key: 's', name: 'tick', payload: 1, everySeconds: 3_600 };

  it('do not drift when beats are noticed late', async () => {
    const queue = open();
    const times: number[] = [];
    record(queue, 'tick', async () => void times.push((clock - START) / MINUTE_MS));
    await queue.every(hourly);
    await until(() => times.length === 1);
    for (const minute of [60 + 7, 120 + 9, 179, 180, 600 + 59, 660]) {
      clock = START + minute * MINUTE_MS;
      await aFewPolls();
    }
    expect(times).toEqual([0, 67, 129, 180, 659, 660]);
  });

  it('count a changed interval from the last beat', async () => {
    const queue = open();
    const jobs = record(queue, 'tick');
    await queue.every(hourly);
    await until(() => jobs.length === 1);
    clock += 20 * MINUTE_MS;
    await queue.every({ ...hourly, everySeconds: 30 * 60 });
    await aFewPolls();
    expect(jobs).toHaveLength(1);
    clock += 10 * MINUTE_MS;
    await until(() => jobs.length === 2);
    await queue.every({ ...hourly, everySeconds: 86_400 });
    clock += 23 * 60 * MINUTE_MS;
    await aFewPolls();
    expect(jobs).toHaveLength(2);
  });

  it('share their key with add, so that what was asked for by hand is not done twice', async () => {
    const queue = open();
    await queue.add('tick', 'by hand', { dedupeKey: 's', delayMs: 1 });
    const jobs = record(queue, 'tick');
    await queue.every(hourly);
    await aFewPolls();
    expect(jobs).toEqual([]);
    clock += 1;
    await until(() => jobs.length === 1);
    expect(jobs[0]?.payload).toBe('by hand');
  });

  it('beat once, however many processes work', async () => {
    const all = [open(), open(), open()];
    const jobs = all.map((queue) => record(queue, 'tick'));
    await all[0]?.every(hourly);
    for (let hour = 1; hour <= 5; hour += 1) {
      await until(() => jobs.flat().length === hour);
      await aFewPolls();
      expect(jobs.flat()).toHaveLength(hour);
      clock += 60 * MINUTE_MS;
    }
  });

  it('refuse what is no interval', async () => {
    for (const everySeconds of [0, -1, Number.NaN])
      await expect(open().every({ ...hourly, everySeconds })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('sqlite queue: a file that cannot be written', () => {
  it('is waited for, and a job whose end was not written runs again', async () => {
    const logged: string[] = [];
    const queue = open({ log: (_level, message) => void logged.push(message) }, connect(1));
    const writer = connect();
    const jobs = record(queue, 'x', async ({ id }) => {
      if (jobs.length === 1) writer.exec(`BEGIN IMMEDIATE; UPDATE queue_jobs SET payload = '2' WHERE id = ${id}`);
    });
    await queue.add('x', 1);
    await until(() => logged.some((line) => line.startsWith('The end of a job could not be written')));
    clock += 10_000;
    await until(() => logged.some((line) => line.startsWith('The queue could not look for work')));
    expect(jobs).toHaveLength(1);
    writer.exec('COMMIT');
    await until(() => jobs.length === 2);
    await until(async () => (await queue.counts()).running === 0);
    expect(await queue.counts()).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 0 });
  });
});
