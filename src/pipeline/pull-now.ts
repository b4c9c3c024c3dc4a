import { AppError } from '../domain/errors.ts';
import type { JobQueue } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';
import { forgetPause, readHealth } from './health.ts';
import { JOBS } from './jobs.ts';

/**
 * Queues a pull of this source. A growing pause of ours is forgotten; one that the platform asked for is not.
 * @throws {AppError} `CONFLICT` while the platform asks to be left alone.
 */
export async function pullNow(
  source: string,
  { queue, state, now }: { queue: JobQueue; state: StateStore; now(): Date },
): Promise<void> {
  await forgetPause(state, source);
  const { notBefore } = await readHealth(state, source);
  if (notBefore !== undefined && now().toISOString() < notBefore) {
    throw new AppError('CONFLICT', `The platform of ${source} asks to be left alone until ${notBefore}.`, {
      fix: 'Wait until then; it is pulled by itself.',
    });
  }
  await queue.add(JOBS.pull, { source }, { dedupeKey: `pull-now/${source}` });
}
