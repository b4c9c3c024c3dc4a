import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';
import { toAppError } from '../../domain/errors.ts';
import type { Log } from '../../domain/log.ts';
import type { Job } from '../../domain/queue.ts';
import { MAX_LOST_STARTS, afterFailure } from '../retry.ts';
import { tellDeath } from './dead.ts';
import type { JsonJob } from './queues.ts';

export type Handler = (job: Job) => Promise<void>;

export interface RunParts {
  /** Milliseconds since 1970. */
  now: () => number;
  random: () => number;
  log: Log;
}

/** One execution of one job, under one lock. */
export interface Run {
  job: JsonJob;
  /** Names this run in Redis: whatever a run does to its job needs it, so a late run changes nothing. */
  token: string;
  stop: AbortController;
  /** False once the lock is lost or the job handed back: how the handler ends then changes nothing. */
  ours: boolean;
  /** Ends the run without waiting for its handler. */
  leave: () => void;
  left: Promise<void>;
}

export function newRun(job: JsonJob, token: string): Run {
  const leaving = new AbortController();
  const left = new Promise<void>((resolve) => leaving.signal.addEventListener('abort', () => resolve()));
  return { job, token, stop: new AbortController(), ours: true, leave: () => leaving.abort(), left };
}

/**
 * Runs the handler and tells BullMQ by what it throws what becomes of the job.
 *
 * @throws UnrecoverableError: dead. DelayedError: pausing, not counted. WaitingError: no longer ours. Anything else:
 *   again after `backoff`, counted.
 */
export async function carryOut(parts: RunParts, run: Run, handler: Handler): Promise<void> {
  refusePoison(run.job);
  const failure = run.ours ? await Promise.race([failureOf(handler, asJob(run)), run.left]) : undefined;
  if (!run.ours) throw new WaitingError('This run is over already.');
  if (failure) await fail(parts, run, failure.thrown);
}

/** A stall is the end of a worker, or of its lease, that nobody has seen; see `MAX_LOST_STARTS`. */
function refusePoison({ stalledCounter }: JsonJob): void {
  if (stalledCounter < MAX_LOST_STARTS) return;
  throw new UnrecoverableError(tellDeath('POISON', `The job ended its worker ${stalledCounter} times.`));
}

async function failureOf(handler: Handler, job: Job): Promise<{ thrown: unknown } | undefined> {
  try {
    await handler(job);
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

function asJob({ job, stop }: Run): Job {
  return {
    id: job.id ?? '',
    name: job.name,
    payload: job.data,
    attempt: job.attemptsMade + 1,
    signal: stop.signal,
  };
}

async function fail({ now, random }: RunParts, { job, token }: Run, thrown: unknown): Promise<never> {
  const error = toAppError(thrown);
  const verdict = afterFailure(error, job.attemptsMade, job.opts.attempts ?? 1, random);
  if (verdict === 'dead') throw new UnrecoverableError(tellDeath(error.code, error.message));
  if (verdict.counted) throw error;
  await job.moveToDelayed(Math.ceil(now() + verdict.waitMs), token);
  throw new DelayedError();
}

/** BullMQ's question after a counted failure, this one included in `failed`: how many milliseconds to pause. */
export function backoff({ random }: RunParts, failed: number, thrown: unknown): number {
  const verdict = afterFailure(toAppError(thrown), failed - 1, Number.POSITIVE_INFINITY, random);
  // Whether it is dead was decided above.
  return verdict === 'dead' ? 0 : Math.round(verdict.waitMs);
}

/** Somebody else has the job, or will have it as soon as its stall is noticed. */
export function lose(run: Run, log: Log): void {
  if (!run.ours) return;
  run.ours = false;
  log('warn', 'A job outlived its lease and is taken by another worker.', about(run));
  run.stop.abort(new Error('The lease of this job is lost.'));
}

/** Gives up the run and makes its job takeable again at once, in its old place. */
export async function handBack(run: Run, log: Log): Promise<void> {
  const { job, token, stop, ours } = run;
  run.ours = false;
  stop.abort(new Error('The queue is closing.'));
  try {
    if (ours) await job.moveToWait(token);
  } catch (fault) {
    const cause = String(fault);
    log('error', 'A job could not be handed back; its lease has to run out.', { ...about(run), cause });
  }
  run.leave();
}

function about({ job }: Run): Record<string, unknown> {
  return { id: job.id, name: job.name };
}
