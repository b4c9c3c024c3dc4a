import { z } from 'zod';
import { rawMention } from '../domain/mention.ts';

/** The arrows of the path: each is a durable job of this name and payload. */
export const JOBS = { pull: 'pull', ingest: 'ingest', notify: 'notify', catchUp: 'catch-up' } as const;

export const pullJob = z.strictObject({ source: z.string() });

/** One mention on its way, with who wrote it, sealed, where the source says so; null = the platform names nobody. */
const queuedMention = rawMention.extend({ identity: z.string().nullable().optional() });
export type QueuedMention = z.infer<typeof queuedMention>;

/** Facts of one page, already masked, on their way to be understood and stored. */
export const ingestJob = z.strictObject({
  source: z.string(),
  collectedAt: z.iso.datetime(),
  items: z.array(queuedMention),
  /** externalIds that were deleted at the source. */
  gone: z.array(z.string()).optional(),
  /** Sent by the platform itself, so the customer's words come without what was answered. */
  pushed: z.boolean().optional(),
  /** Turns of the brand's own people. */
  answered: z.array(z.strictObject({ thread: z.string(), at: z.string() })).optional(),
});
export type IngestJob = z.infer<typeof ingestJob>;

/** Key of the notice in the notification log. */
export const notifyJob = z.strictObject({ notice: z.string() });

/** Mentions of one ingest job, and their characters: large enough to be cheap, small enough not to hold the event loop for long. */
const INGEST_BATCH = { mentions: 100, characters: 50_000 };

/** The mentions in their order, a job's worth at a time. */
export function inBatches(items: readonly QueuedMention[]): QueuedMention[][] {
  const batches: QueuedMention[][] = [];
  let room = { mentions: 0, characters: 0 };
  for (const item of items) {
    if (room.mentions === 0 || room.characters < item.text.length) {
      batches.push([]);
      room = { ...INGEST_BATCH };
    }
    batches.at(-1)!.push(item);
    room = { mentions: room.mentions - 1, characters: room.characters - item.text.length };
  }
  return batches;
}

/** A new subscription that wants to hear of what is there already. */
export const catchUpJob = z.strictObject({ subscription: z.string() });
