import type { Json } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';

/**
 * A process that died gives its source free after this long, in milliseconds: before the queue gives its job to another
 * one, which would find it taken otherwise.
 */
const CLAIM_MS = 8_000;
const RENEWED_MS = 2_500;

/** Does the work unless another process is at this source; tells whether it was done. */
export async function claimed(
  source: string,
  { state, now }: { state: StateStore; now(): Date },
  work: () => Promise<void>,
): Promise<boolean> {
  const key = `claim/${source}`;
  const until = (): Json => ({ until: now().getTime() + CLAIM_MS });
  const entry = await state.get(key);
  if (entry !== undefined && now().getTime() < (entry.value as { until: number }).until) return false;
  let version = await state.set(key, until(), entry?.version ?? null);
  if (version === null) return false;
  // One after the other; once somebody else has taken it, nothing is written any more.
  let last = Promise.resolve();
  const writeNow = async (value: Json) => {
    if (version !== null) version = await state.set(key, value, version);
  };
  const write = (value: Json) => (last = last.then(() => writeNow(value)));
  const renewal = setInterval(() => void write(until()).catch(() => {}), RENEWED_MS);
  try {
    await work();
    return true;
  } finally {
    clearInterval(renewal);
    await write({ until: 0 });
  }
}
