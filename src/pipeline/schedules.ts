import { createHash } from 'node:crypto';
import type { JobQueue } from '../domain/queue.ts';

/** A tenth of the interval at most. */
const STRETCH = 0.1;

/**
 * How often a source is pulled, in seconds: its interval, stretched a little by its name, so that many sources of one
 * interval do not ask all at the same moment for ever. Never shorter than asked for, and always the same.
 */
export function beatSeconds({ name, everySeconds }: { name: string; everySeconds: number }): number {
  const part = createHash('sha256').update(name).digest().readUInt32BE() / 2 ** 32;
  return Math.ceil(everySeconds * (1 + STRETCH * part));
}

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
