import type Database from 'libsql';
import { AppError } from '../../domain/errors.ts';
import type { Schedule } from '../../domain/queue.ts';
import { change, rows, write } from './schema.ts';
import type { WaitingJobs } from './waiting.ts';

/** What shall happen again and again. The database holds the rhythm, so restarts do not disturb it. */
export type Schedules = ReturnType<typeof schedules>;

interface Row {
  key: string;
  name: string;
  payload: string;
  every_ms: number;
  /** The beat last met; null before the first. */
  last_at: number | null;
}

export function schedules(db: Database.Database, jobs: WaitingJobs) {
  const upsert = db.prepare(
    `INSERT INTO queue_schedules (key, name, payload, every_ms) VALUES (?, ?, ?, ?) ON CONFLICT (key)
     DO UPDATE SET name = excluded.name, payload = excluded.payload, every_ms = excluded.every_ms`,
  );
  const remove = db.prepare('DELETE FROM queue_schedules WHERE key = ?');
  const list = db.prepare('SELECT * FROM queue_schedules ORDER BY key');
  const due = db.prepare('SELECT * FROM queue_schedules WHERE last_at IS NULL OR last_at + every_ms <= ? ORDER BY key');
  const beat = db.prepare('UPDATE queue_schedules SET last_at = ? WHERE key = ?');

  return {
    set({ key, name, payload, everySeconds }: Schedule): void {
      if (!(everySeconds > 0)) throw notAnInterval(key, everySeconds);
      change(db, upsert, key, name, JSON.stringify(payload), everySeconds * 1_000);
    },
    remove: (key: string): void => void change(db, remove, key),
    list: (): Schedule[] => rows<Row>(list).map(asSchedule),
    /**
     * Adds a job for each schedule that is due, under the schedule's key as `dedupeKey`: where the last one still
     * waits or runs, this beat is left out. Beats missed while nobody worked become one.
     */
    addDue(now: number): void {
      if (rows(due, now).length === 0) return;
      write(db, () => {
        for (const row of rows<Row>(due, now)) {
          jobs.add(row.name, JSON.parse(row.payload), { dedupeKey: row.key }, now);
          beat.run(latestBeat(row, now), row.key);
        }
      });
    },
  };
}

/** The newest point of the rhythm that has passed: counted from the first beat, so that delays do not add up. */
function latestBeat({ last_at, every_ms }: Row, now: number): number {
  return last_at === null ? now : last_at + Math.floor((now - last_at) / every_ms) * every_ms;
}

function asSchedule({ key, name, payload, every_ms }: Row): Schedule {
  return { key, name, payload: JSON.parse(payload), everySeconds: every_ms / 1_000 };
}

function notAnInterval(key: string, everySeconds: number): AppError {
  return new AppError('CONFIG_INVALID', `Schedule "${key}" asks for every ${everySeconds} seconds.`, {
    fix: 'Give it a number of seconds above zero.',
  });
}
