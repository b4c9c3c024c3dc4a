import { evaluate } from './evaluate.ts';
import type { EvaluatePorts } from './evaluate.ts';
import { JOBS } from './jobs.ts';
import type { IngestJob } from './jobs.ts';
import { AppError } from '../domain/errors.ts';
import type { Draft, Enricher } from '../domain/enricher.ts';
import { mentionId } from '../domain/mention.ts';
import type { Mention, RawMention } from '../domain/mention.ts';
import type { Json } from '../domain/queue.ts';
import type { MentionStore, PutOutcome } from '../domain/store.ts';
import { enrichAll } from '../enrich/index.ts';

export interface IngestPorts extends EvaluatePorts {
  mentions: MentionStore;
  enrichers: readonly Enricher[];
  /** Which brands a text speaks of. */
  brandsOf(source: string, text: string): string[];
}

/** Understands and stores one batch, then tells whoever wants to hear of it. Safe to run twice. */
export async function ingest(job: IngestJob, ports: IngestPorts): Promise<PutOutcome[]> {
  const drafts = job.items.map((item) => toMention(item, job, ports));
  const judgements = await enrichAll(ports.enrichers, drafts as Draft[]);
  const mentions = drafts.map((draft, index) => ({ ...draft, judgements: judgements[index]! }));
  const outcomes = await ports.mentions.put(mentions);
  await setAside(job, outcomes, ports);
  await evaluate(stored(mentions, outcomes), ports);
  if (job.gone) await ports.mentions.forget(job.gone.map((id) => mentionId(job.source, id)));
  return outcomes;
}

function toMention(raw: RawMention, { source, collectedAt }: IngestJob, ports: IngestPorts): Mention {
  const at = raw.publishedAt === undefined ? collectedAt : new Date(raw.publishedAt).toISOString();
  return {
    ...raw,
    id: mentionId(source, raw.externalId),
    source,
    brands: ports.brandsOf(source, `${raw.title ?? ''}\n${raw.text}`),
    collectedAt,
    at,
    dated: raw.publishedAt !== undefined,
    judgements: {},
  };
}

/** Refused documents get jobs of their own, so that each ends in the dead letters under its own reason. */
async function setAside(job: IngestJob, outcomes: readonly PutOutcome[], ports: IngestPorts): Promise<void> {
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.outcome !== 'refused') continue;
    if (job.items.length === 1) throw new AppError('STORE_REFUSED', `${job.items[0]!.externalId}: ${outcome.reason}`);
    const alone = { ...job, items: [job.items[index]!] };
    await ports.queue.add(JOBS.ingest, alone as unknown as Json, { dedupeKey: `refused/${outcome.id}` });
  }
}

/** What is in the store now, with the time at which it was first collected. */
function stored(mentions: readonly Mention[], outcomes: readonly PutOutcome[]): Mention[] {
  return outcomes.flatMap((outcome, index) =>
    'collectedAt' in outcome ? [{ ...mentions[index]!, collectedAt: outcome.collectedAt }] : [],
  );
}
