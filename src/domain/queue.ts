import type { AppError } from './errors.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface AddOptions {
  /** At most one waiting or running job has this key; the key is free again after success and after final failure. */
  dedupeKey?: string | undefined;
  /** Earliest start, counted from now. */
  delayMs?: number | undefined;
  /** How many counted failures end it in the dead letters. Default 5. */
  attempts?: number | undefined;
}

export interface Job<Payload = Json> {
  id: string;
  name: string;
  payload: Payload;
  /** 1 on the first run; a pause that the other side asked for does not count. */
  attempt: number;
  /** Aborted when the queue closes or the lease is lost. */
  signal: AbortSignal;
}

export interface DeadJob {
  id: string;
  name: string;
  payload: Json;
  code: AppError['code'];
  reason: string;
  attempts: number;
  /** ISO 8601. */
  failedAt: string;
}

export interface JobCounts {
  waiting: number;
  /** Waiting for a later time: delayed, or pausing between attempts. */
  delayed: number;
  running: number;
  dead: number;
}

export interface Schedule {
  key: string;
  name: string;
  payload: Json;
  everySeconds: number;
}

/**
 * Durable jobs, at least once: a handler must be safe to run twice. A thrown `AppError` decides by its `retry`;
 * anything else counts as `backoff`.
 */
export interface JobQueue {
  /** The new job's id, or `null` where a job with that `dedupeKey` is already waiting or running. */
  add(name: string, payload: Json, options?: AddOptions): Promise<string | null>;
  /** Sets or changes a schedule; the first run is due at once, an unchanged schedule keeps its rhythm. */
  every(schedule: Schedule): Promise<void>;
  unschedule(key: string): Promise<void>;
  schedules(): Promise<Schedule[]>;
  /** Starts taking jobs of this name. */
  work(name: string, handler: (job: Job) => Promise<void>, options?: { concurrency?: number }): void;
  /** Counts over all names, or of one. */
  counts(name?: string): Promise<JobCounts>;
  /** Dead letters, newest first. */
  dead(limit?: number): Promise<DeadJob[]>;
  /** Puts a dead job back with its attempts forgotten; false where there is none of that id. */
  retry(id: string): Promise<boolean>;
  /** Forgets a dead job. */
  drop(id: string): Promise<boolean>;
  /** Stops taking, lets running handlers finish for up to `graceMs`, then hands back what is left. */
  close(graceMs?: number): Promise<void>;
}
