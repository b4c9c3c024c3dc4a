import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { AppError } from '../../src/domain/errors.ts';
import type { Job, JobQueue } from '../../src/domain/queue.ts';
import { bullQueue } from '../../src/queues/bullmq/index.ts';
import { sqliteQueue } from '../../src/queues/sqlite/index.ts';

/** What a job's payload tells this program to do. */
export interface Order {
  number: number;
  does: 'finish' | 'hang' | 'die' | 'finish-when-aborted' | 'fail-when-aborted' | 'finish-late' | 'fail-late';
}

/** What it tells on stdout, one JSON object a line. */
export interface WorkerEvent {
  event: 'started' | 'aborted' | 'ended';
  number: number;
  attempt: number;
}

/** A worker that the tests stop, wake and kill. Arguments: driver, address, job name, lease in milliseconds. */
const [driver = '', address = '', name = '', leaseMs = ''] = process.argv.slice(2);
const queue = await open();
queue.work(name, carryOut, { concurrency: 2 });
process.once('SIGTERM', () => void queue.close());

async function open(): Promise<JobQueue> {
  if (driver === 'bullmq') return openBull();
  if (driver !== 'sqlite') throw new Error(`No driver "${driver}".`);
  const db = new Database(address);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL');
  return sqliteQueue(db, { now: () => new Date(), leaseMs: Number(leaseMs), pollMs: 50 });
}

/** The address: URL and prefix, with a space between. */
function openBull(): Promise<JobQueue> {
  const [url = '', prefix = ''] = address.split(' ');
  return bullQueue({ url, prefix, now: () => new Date(), leaseMs: Number(leaseMs) });
}

async function carryOut(job: Job): Promise<void> {
  const order = job.payload as unknown as Order;
  tell('started', job);
  if (order.does === 'hang') await sleep(3_600_000);
  if (order.does === 'die') process.kill(process.pid, 'SIGKILL');
  if (order.does.endsWith('when-aborted')) await aborted(job);
  if (order.does.endsWith('late')) holdUp(3 * Number(leaseMs));
  tell('ended', job);
  if (order.does.startsWith('fail')) throw new AppError('REMOTE_GONE', 'Told to fail.');
}

/** Blocks the whole process, heartbeat included, so that the handler ends before anybody notices the lost lease. */
function holdUp(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

async function aborted(job: Job): Promise<void> {
  await new Promise((done) => job.signal.addEventListener('abort', done));
  tell('aborted', job);
}

/** Written at once: what was told has happened, also when the process is killed right after. */
function tell(event: WorkerEvent['event'], { payload, attempt }: Job): void {
  const { number } = payload as unknown as Order;
  writeSync(1, `${JSON.stringify({ event, number, attempt } satisfies WorkerEvent)}\n`);
}
