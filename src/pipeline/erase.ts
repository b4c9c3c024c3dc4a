import { mentionId } from '../domain/mention.ts';
import type { RawMention } from '../domain/mention.ts';
import type { Json, JobQueue } from '../domain/queue.ts';
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
  /** Whose words stood in dead letters. */
  deadLetters: number;
  /** Batches that were still on their way: what they hold is stored after this, so erase once more when they are done. */
  waiting: number;
}

/** Whose words go: named by their ids, or everybody of a source or an author. */
export type Erased = { ids: readonly string[] } | { source: string } | { author: string };

const PAGE = 200;

/** Erases everywhere: the store, and the dead letters that still hold the words. What else those hold is tried again. */
export async function erase(what: Erased, ports: ErasePorts): Promise<Erasure> {
  const { waiting, delayed, running } = await ports.queue.counts(JOBS.ingest);
  const mentions =
    'ids' in what ? await ports.mentions.forget(what.ids) : await eraseFound(queryOf(what), ports.mentions);
  const deadLetters = await eraseDeadLetters(what, ports);
  return { mentions, deadLetters, waiting: waiting + delayed + running };
}

function queryOf(what: { source: string } | { author: string }): MentionQuery {
  return 'source' in what ? { source: [what.source] } : { author: [what.author] };
}

/** Erased mentions leave the query, so the first page is asked for until it is empty. */
export async function eraseFound(
  query: MentionQuery,
  mentions: Pick<MentionStore, 'search' | 'forget'>,
): Promise<number> {
  for (let erased = 0; ;) {
    const page = await mentions.search(query, { limit: PAGE });
    if (page.mentions.length === 0) return erased;
    erased += await mentions.forget(page.mentions.map(({ id }) => id));
  }
}

async function eraseDeadLetters(what: Erased, { queue, mentions }: ErasePorts): Promise<number> {
  let erased = 0;
  for (const { id, name, payload } of await queue.dead(Number.MAX_SAFE_INTEGER)) {
    const job = name === JOBS.ingest ? ingestJob.safeParse(payload).data : undefined;
    if (job === undefined) continue;
    const kept = job.items.filter((item) => !concerns(what, job.source, item));
    const gone = job.items.filter((item) => !kept.includes(item));
    if (gone.length === 0) continue;
    // Remembered first, so that no poll brings them; then the others again: a crash in between repeats, and harms nothing.
    await mentions.forget(gone.map(({ externalId }) => mentionId(job.source, externalId)));
    if (kept.length > 0) await queue.add(name, { ...job, items: kept } as unknown as Json);
    if (await queue.drop(id)) erased += gone.length;
  }
  return erased;
}

function concerns(what: Erased, source: string, { externalId, author }: RawMention): boolean {
  if ('ids' in what) return what.ids.includes(mentionId(source, externalId));
  return 'source' in what ? what.source === source : what.author === author?.id;
}
