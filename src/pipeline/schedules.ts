import type { JobQueue } from '../domain/queue.ts';

/** Ends the schedules under this prefix that the configuration no longer names. */
export async function unscheduleOthers(
  queue: JobQueue,
  prefix: string,
  wanted: { has(key: string): boolean },
): Promise<void> {
  for (const { key } of await queue.schedules()) {
    if (key.startsWith(prefix) && !wanted.has(key)) await queue.unschedule(key);
  }
}
