import { toAppError } from '../../domain/errors.ts';
import type { Log } from '../../domain/log.ts';
import type { Job } from '../../domain/queue.ts';
import { MAX_LOST_STARTS, afterFailure } from '../retry.ts';
import type { DeadJobs } from './dead.ts';
import type { LeasedJob, WaitingJobs } from './waiting.ts';

export interface RunParts {
  jobs: WaitingJobs;
  dead: DeadJobs;
  /** Milliseconds since 1970. */
  now: () => number;
  random: () => number;
  log: Log;
}

export type Handler = (job: Job) => Promise<void>;

/** One execution of one job, under one lease. */
export interface Run {
  job: LeasedJob;
  stop: AbortController;
  /** False once the lease is lost or handed back: how the handler ends then changes nothing. */
  ours: boolean;
  /** Never rejects. */
  ended: Promise<void>;
}

export function startRun(parts: RunParts, job: LeasedJob, handler: Handler): Run {
  const run: Run = { job, stop: new AbortController(), ours: true, ended: Promise.resolve() };
  run.ended = carryOut(parts, run, handler);
  return run;
}

async function carryOut(parts: RunParts, run: Run, handler: Handler): Promise<void> {
  let settle = () => parts.jobs.finish(run.job);
  try {
    await handler(asJob(run));
  } catch (thrown) {
    settle = () => fail(parts, run.job, thrown);
  }
  if (!run.ours) return;
  try {
    if (!settle()) lose(parts, run);
  } catch (fault) {
    parts.log('error', 'The end of a job could not be written; the job will run again.', about(run.job, fault));
  }
}

function asJob({ job, stop }: Run): Job {
  const { id, name, payload, failures } = job;
  return { id: String(id), name, payload: JSON.parse(payload), attempt: failures + 1, signal: stop.signal };
}

/** False where the lease is lost. */
function fail(parts: RunParts, job: LeasedJob, thrown: unknown): boolean {
  const error = toAppError(thrown);
  const verdict = afterFailure(error, job.failures, job.attempts, parts.random);
  if (verdict !== 'dead') return parts.jobs.putBack(job, parts.now() + verdict.waitMs, verdict.counted);
  const buried = parts.dead.bury(job, { code: error.code, reason: error.message, counted: true }, parts.now());
  if (buried) parts.log('warn', 'A job failed for good.', { ...about(job), code: error.code });
  return buried;
}

/** Buries a job that was started too often without ever ending; true where it was one. */
export function buryPoison(parts: RunParts, job: LeasedJob): boolean {
  const lostStarts = job.openStarts - 1;
  if (lostStarts < MAX_LOST_STARTS) return false;
  const reason = `The job ended its worker ${lostStarts} times.`;
  parts.dead.bury(job, { code: 'POISON', reason, counted: false }, parts.now());
  parts.log('error', 'A job kept ending its worker and was set aside.', { ...about(job), code: 'POISON' });
  return true;
}

/** Holds on to the job until then, or notices that somebody else has it. */
export function renew(parts: RunParts, run: Run, until: number): void {
  if (run.ours && !parts.jobs.extend(run.job, until)) lose(parts, run);
}

function lose(parts: RunParts, run: Run): void {
  run.ours = false;
  parts.log('warn', 'A job outlived its lease and was taken by another worker.', about(run.job));
  run.stop.abort(new Error('The lease of this job is lost.'));
}

/** Gives up the run and makes its job takeable again at once, in its old place. */
export function handBack(parts: RunParts, run: Run): void {
  if (!run.ours) return;
  run.ours = false;
  run.stop.abort(new Error('The queue is closing.'));
  try {
    parts.jobs.putBack(run.job, 0, false);
  } catch (fault) {
    parts.log('error', 'A job could not be handed back; its lease has to run out.', about(run.job, fault));
  }
}

function about({ id, name }: LeasedJob, fault?: unknown): Record<string, unknown> {
  return { id, name, ...(fault === undefined ? {} : { cause: String(fault) }) };
}
