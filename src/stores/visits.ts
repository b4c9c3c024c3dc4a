import type { Visit, Visits } from '../domain/store.ts';

/** Most visits of one answer. */
export const MAX_VISITS = 20_000;
/** Most mentions of one place. */
export const MAX_PER_PLACE = 20;

/** Source and thread as one name: platforms count their threads each for themselves. */
export const threadOf = (source: string, thread: string) => `${source}\0${thread}`;

/**
 * Leaves out the last traveller, who may have been cut off, where one visit more than asked for was found.
 * @param found Up to `limit` + 1 visits.
 */
export function wholeTravellers(found: Visit[], limit: number): Visits {
  if (found.length <= limit) return { visits: found, complete: true };
  const last = found.at(-1)!.traveller;
  const whole = found.findIndex(({ traveller }) => traveller === last);
  return { visits: found.slice(0, whole === 0 ? limit : whole), complete: false };
}
