import { UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { AppError } from '../../domain/errors.ts';
import type { Json } from '../../domain/queue.ts';
import { settledWithin } from './connection.ts';
import { queueName } from './queues.ts';
import type { JsonJob } from './queues.ts';
import { backoff, carryOut, handBack, lose, newRun } from './run.ts';
import type { Handler, Run, RunParts } from './run.ts';

export interface WorkerParts extends RunParts {
  prefix: string;
  leaseMs: number;
  /** Opens the connection that works; called once, with the first post. */
  connect: () => Redis;
}

interface State extends WorkerParts {
  redis: Redis | undefined;
  /** By BullMQ's name of the queue. */
  posts: Map<string, Worker<Json, void, string>>;
  runs: Set<Run>;
  /** From here on what still arrives is handed back unseen. */
  closing: boolean;
}

/** After an outage BullMQ would sleep 15 s before it goes on. */
const PAUSE_AFTER_FAULT_MS = 1_000;
/** How long each step of closing may take after the grace when Redis does not answer. */
const STEP_MS = 2_000;

/** BullMQ workers, one per job name, on one connection and one blocking connection each. */
export function createWorker(parts: WorkerParts) {
  const state: State = { ...parts, redis: undefined, posts: new Map(), runs: new Set(), closing: false };
  let closed: Promise<void> | undefined;

  return {
    post(name: string, handler: Handler, concurrency: number): void {
      if (state.closing || state.posts.has(queueName(name))) throw notPostable(name);
      employ(state, queueName(name), handler, concurrency);
    },
    /** For a queue of our own, which is nobody's job name. */
    postInternally: (bullName: string, handler: Handler): void => employ(state, bullName, handler, 1),
    close: (graceMs: number): Promise<void> => (closed ??= shutDown(state, graceMs)),
  };
}

function employ(state: State, bullName: string, handler: Handler, concurrency: number): void {
  state.redis ??= state.connect();
  const runs = new Map<string, Run>();
  const worker = new Worker<Json, void, string>(bullName, (job, token) => execute(state, runs, job, token, handler), {
    connection: state.redis,
    prefix: state.prefix,
    concurrency,
    lockDuration: state.leaseMs,
    // A stall shows at the second look: a lost job is free again at the latest two leases after its last renewal.
    stalledInterval: Math.max(1, Math.round(state.leaseMs / 2)),
    // A stall is no attempt. BullMQ's default of 1 loses jobs; whoever stalls for ever is stopped in `carryOut`.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: PAUSE_AFTER_FAULT_MS,
    settings: { backoffStrategy: (failed, _type, thrown) => backoff(state, failed, thrown) },
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) loseRun(runs.get(id), state);
  });
  worker.on('failed', (job, error) => tellDeath(state, job, error));
  worker.on('error', (fault) => state.log('debug', 'A worker met a fault and goes on.', { cause: fault.message }));
  state.posts.set(bullName, worker);
}

async function execute(state: State, runs: Map<string, Run>, job: JsonJob, token = '', handler: Handler) {
  const run = newRun(job, token);
  const id = job.id ?? '';
  // Where the process was held up for long, it may be given its own job once more.
  loseRun(runs.get(id), state);
  runs.set(id, run);
  state.runs.add(run);
  try {
    if (state.closing) await handBack(run, state.log);
    await carryOut(state, run, handler);
  } finally {
    state.runs.delete(run);
    if (runs.get(id) === run) runs.delete(id);
  }
}

function loseRun(run: Run | undefined, { log }: State): void {
  if (run) lose(run, log);
}

function tellDeath({ log }: State, job: JsonJob | undefined, error: Error): void {
  if (!(error instanceof UnrecoverableError) || !job) return;
  log('warn', 'A job failed for good.', { id: job.id, name: job.name, code: error.message.split(':', 1)[0] });
}

async function shutDown(state: State, graceMs: number): Promise<void> {
  state.closing = true;
  const endings = [...state.posts.values()].map((worker) => worker.close());
  if (!(await settledWithin(graceMs, endings))) {
    await settledWithin(
      STEP_MS,
      [...state.runs].map((run) => handBack(run, state.log)),
    );
    for (const run of state.runs) run.leave();
    await settledWithin(STEP_MS, endings);
  }
  // Ends whatever still waits for a Redis that is gone.
  state.redis?.disconnect();
  await settledWithin(STEP_MS, endings);
}

function notPostable(name: string): AppError {
  return new AppError('INTERNAL', `Nobody can start to work on "${name}": somebody does, or the queue is closing.`, {
    retry: 'never',
    fix: 'Call work() once for each name, before close().',
  });
}
