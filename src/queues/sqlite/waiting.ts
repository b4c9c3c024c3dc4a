import type Database from 'libsql';
import type { AddOptions, JobCounts, Json } from '../../domain/queue.ts';
import { DEFAULT_ATTEMPTS } from '../retry.ts';
import { change, rows, write } from './schema.ts';

/** A job with the lease under which it runs. */
export interface LeasedJob {
  id: number;
  name: string;
  payload: string;
  /** How many counted failures end it. */
  attempts: number;
  /** Counted failures so far. */
  failures: number;
  /** Starts whose end nobody has seen, this one included. */
  openStarts: number;
  token: string;
}

export interface Lease {
  token: string;
  /** Milliseconds since 1970. */
  until: number;
}

/** Jobs that wait or run. Everything a run does to its job needs the lease's token, so a late run changes nothing. */
export type WaitingJobs = ReturnType<typeof waitingJobs>;

export function waitingJobs(db: Database.Database) {
  const leases = leaseStatements(db);
  const insert = db.prepare(
    `INSERT INTO queue_jobs (name, payload, dedupe_key, attempts, due_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING RETURNING id`,
  );
  const count = db.prepare(
    `SELECT count(*) FILTER (WHERE leased_until <= ?1 AND due_at <= ?1) AS waiting,
            count(*) FILTER (WHERE leased_until <= ?1 AND due_at > ?1) AS delayed,
            count(*) FILTER (WHERE leased_until > ?1) AS running
     FROM queue_jobs WHERE ?2 IS NULL OR name = ?2`,
  );

  return {
    ...leases,
    /** The new id, or `null` where the key is taken. */
    add(name: string, payload: Json, options: AddOptions, now: number): string | null {
      const dueAt = now + Math.max(0, options.delayMs ?? 0);
      const { dedupeKey = null, attempts = DEFAULT_ATTEMPTS } = options;
      const values = [name, JSON.stringify(payload), dedupeKey, attempts, dueAt];
      const [added] = write(db, () => rows<{ id: number }>(insert, ...values));
      return added === undefined ? null : String(added.id);
    },
    count(name: string | undefined, now: number): Omit<JobCounts, 'dead'> {
      const [counted] = rows<Omit<JobCounts, 'dead'>>(count, now, name ?? null);
      return counted ?? { waiting: 0, delayed: 0, running: 0 };
    },
  };
}

function leaseStatements(db: Database.Database) {
  const takeable = `FROM queue_jobs WHERE name = ? AND due_at <= ? AND leased_until <= ?`;
  const peek = db.prepare(`SELECT 1 ${takeable} LIMIT 1`);
  const lease = db.prepare(
    `UPDATE queue_jobs SET token = ?, leased_until = ?, open_starts = open_starts + 1
     WHERE id IN (SELECT id ${takeable} ORDER BY due_at, id LIMIT ?)
     RETURNING id, name, payload, attempts, failures, open_starts AS openStarts, token, due_at AS dueAt`,
  );
  const extend = db.prepare('UPDATE queue_jobs SET leased_until = ? WHERE id = ? AND token = ?');
  const finish = db.prepare('DELETE FROM queue_jobs WHERE id = ? AND token = ?');
  const release = db.prepare(
    `UPDATE queue_jobs SET token = NULL, leased_until = 0, open_starts = open_starts - 1,
       failures = failures + ?, due_at = max(due_at, ?) WHERE id = ? AND token = ?`,
  );

  return {
    /** Leases up to `limit` due jobs, oldest first. Looks before it takes the write lock: mostly nothing is due. */
    take(name: string, limit: number, now: number, { token, until }: Lease): LeasedJob[] {
      if (rows(peek, name, now, now).length === 0) return [];
      const taken = write(db, () => rows<LeasedJob & { dueAt: number }>(lease, token, until, name, now, now, limit));
      return taken.toSorted((a, b) => a.dueAt - b.dueAt || a.id - b.id);
    },
    /** False where the lease is lost. */
    extend: (job: LeasedJob, until: number): boolean => change(db, extend, until, job.id, job.token),
    /** False where the lease is lost. */
    finish: (job: LeasedJob): boolean => change(db, finish, job.id, job.token),
    /** Puts it back, takeable from `dueAt`; `counted` adds a failure. False where the lease is lost. */
    putBack: (job: LeasedJob, dueAt: number, counted: boolean): boolean =>
      change(db, release, counted ? 1 : 0, dueAt, job.id, job.token),
  };
}
