import type Database from 'libsql';
import { AppError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { DeadJob } from '../../domain/queue.ts';
import { change, rows, write } from './schema.ts';
import type { LeasedJob } from './waiting.ts';

/** Why a job is dead; `counted` adds the last failure to its attempts. */
export interface Death {
  code: ErrorCode;
  reason: string;
  counted: boolean;
}

/** The dead letters: kept until somebody puts them back or drops them. */
export type DeadJobs = ReturnType<typeof deadJobs>;

export function deadJobs(db: Database.Database) {
  const copy = db.prepare(
    `INSERT INTO queue_dead (id, name, payload, dedupe_key, attempts, failures, code, reason, failed_at)
     SELECT id, name, payload, dedupe_key, attempts, failures + ?, ?, ?, ? FROM queue_jobs WHERE id = ? AND token = ?`,
  );
  const leave = db.prepare('DELETE FROM queue_jobs WHERE id = ?');
  const newest = db.prepare('SELECT * FROM queue_dead ORDER BY failed_at DESC, id DESC LIMIT ?');
  const count = db.prepare('SELECT count(*) AS dead FROM queue_dead WHERE ?1 IS NULL OR name = ?1');
  const drop = db.prepare('DELETE FROM queue_dead WHERE id = ?');

  return {
    /** Moves a running job here. False where the lease is lost. */
    bury: (job: LeasedJob, { code, reason, counted }: Death, now: number): boolean =>
      write(db, () => {
        const copied = copy.run(counted ? 1 : 0, code, reason, now, job.id, job.token).changes > 0;
        if (copied) leave.run(job.id);
        return copied;
      }),
    newest: (limit: number): DeadJob[] => rows<DeadRow>(newest, limit).map(asDeadJob),
    count: (name: string | undefined): number => rows<{ dead: number }>(count, name ?? null)[0]?.dead ?? 0,
    drop: (id: string): boolean => change(db, drop, id),
    retry: retryStatement(db, (id) => void drop.run(id)),
  };
}

/** Back among the waiting, with its failures and lost starts forgotten; false where there is none of that id. */
function retryStatement(db: Database.Database, drop: (id: string) => void) {
  const find = db.prepare('SELECT 1 FROM queue_dead WHERE id = ?');
  const revive = db.prepare(
    `INSERT INTO queue_jobs (id, name, payload, dedupe_key, attempts, due_at)
     SELECT id, name, payload, dedupe_key, attempts, ? FROM queue_dead WHERE id = ?
     ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING RETURNING id`,
  );
  return (id: string, now: number): boolean =>
    write(db, () => {
      if (rows(find, id).length === 0) return false;
      if (rows(revive, now, id).length === 0) throw keyTaken(id);
      drop(id);
      return true;
    });
}

function keyTaken(id: string): AppError {
  return new AppError('CONFLICT', `Dead job ${id} cannot be put back: a newer job with the same key waits or runs.`, {
    fix: 'Put it back when the newer one is through, or drop it.',
  });
}

interface DeadRow {
  id: number;
  name: string;
  payload: string;
  failures: number;
  code: ErrorCode;
  reason: string;
  failed_at: number;
}

function asDeadJob({ id, name, payload, failures, code, reason, failed_at }: DeadRow): DeadJob {
  return {
    id: String(id),
    name,
    payload: JSON.parse(payload),
    code,
    reason,
    attempts: failures,
    failedAt: new Date(failed_at).toISOString(),
  };
}
