import { z } from 'zod';
import type { Json } from '../../domain/queue.ts';
import type { StateStore } from '../../domain/store.ts';

const spent = z.strictObject({ requests: z.int(), tokens: z.number() });
type Spent = z.infer<typeof spent>;

export interface Limits {
  /** Of one day in UTC, over all processes. */
  requests: number;
  tokens: number;
}

const KEY = 'annotator/spent/';
const MAX_TRIES = 20;

/**
 * Keeps what is spent in a day within its limits. A request is booked with what it may cost at most before it is sent,
 * and corrected by what it did cost; so a crash in between spends too little, never too much.
 */
export function createBudget(limits: Limits, state: Pick<StateStore, 'get' | 'set'>, now: () => Date) {
  const keyNow = () => `${KEY}${now().toISOString().slice(0, 10)}`;

  /** Undefined where the sum would be beyond the limits, or nobody lets us write. */
  async function book(key: string, more: Spent): Promise<Spent | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const entry = await state.get(key);
      const before = spent.safeParse(entry?.value).data ?? { requests: 0, tokens: 0 };
      const sum = { requests: before.requests + more.requests, tokens: before.tokens + more.tokens };
      const isMore = more.requests > 0 || more.tokens > 0;
      if (isMore && (sum.requests > limits.requests || sum.tokens > limits.tokens)) return undefined;
      if ((await state.set(key, sum as Json, entry?.version ?? null)) !== null) return sum;
    }
    return undefined;
  }

  return {
    /** Gives what corrects the booking when the cost is known; undefined where there is no money for it. */
    async reserve(tokens: number): Promise<((cost: number) => Promise<void>) | undefined> {
      const key = keyNow();
      if ((await book(key, { requests: 1, tokens })) === undefined) return undefined;
      return async (cost) => void (await book(key, { requests: 0, tokens: Math.min(0, cost - tokens) }));
    },
  };
}
