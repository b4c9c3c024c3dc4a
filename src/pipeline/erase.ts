import { mentionId } from '../domain/mention.ts';
import type { JobQueue } from '../domain/queue.ts';
import type { MentionQuery } from '../domain/query.ts';
import type { MentionStore } from '../domain/store.ts';
import { JOBS, ingestJob } from './jobs.ts';

export interface ErasePorts {
  mentions: MentionStore;
  queue: JobQueue;
}

/** How much was erased, and where. */
export interface Erasure {
  mentions: number;
  deadLetters: number;
}

const PAGE = 200;

/** Erases what a query finds. Erased mentions leave the query, so the first page is asked for until it is empty. */
export async function eraseAll(query: MentionQuery, ports: ErasePorts): Promise<Erasure> {
  const sum: Erasure = { mentions: 0, deadLetters: 0 };
  for (;;) {
    const { mentions } = await ports.mentions.search(query, { limit: PAGE });
    if (mentions.length === 0) return sum;
    const erased = await erase(
      mentions.map(({ id }) => id),
      ports,
    );
    sum.mentions += erased.mentions;
    sum.deadLetters += erased.deadLetters;
  }
}

/** Erases mentions everywhere: the store, and the dead letters that still hold their words. */
export async function erase(ids: readonly string[], { mentions, queue }: ErasePorts): Promise<Erasure> {
  const wanted = new Set(ids);
  let deadLetters = 0;
  for (const { id, name, payload } of await queue.dead(10_000)) {
    const job = name === JOBS.ingest ? ingestJob.safeParse(payload).data : undefined;
    const holds = job?.items.some(({ externalId }) => wanted.has(mentionId(job.source, externalId)));
    if (holds && (await queue.drop(id))) deadLetters += 1;
  }
  return { mentions: await mentions.forget(ids), deadLetters };
}
