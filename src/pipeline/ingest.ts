import { markAnswered } from './answered.ts';
import { noteArrival } from './arrivals.ts';
import type { Arrival } from './arrivals.ts';
import { evaluate } from './evaluate.ts';
import type { EvaluatePorts } from './evaluate.ts';
import { putWithIdentities } from './identities.ts';
import type { IdentityPorts } from './identities.ts';
import { JOBS } from './jobs.ts';
import type { IngestJob, QueuedMention } from './jobs.ts';
import { AppError } from '../domain/errors.ts';
import type { Draft, Enricher } from '../domain/enricher.ts';
import { mentionId, searchText } from '../domain/mention.ts';
import type { Mention } from '../domain/mention.ts';
import type { Json } from '../domain/queue.ts';
import type { MentionStore, PutOutcome } from '../domain/store.ts';
import { enrichAll } from '../enrich/index.ts';
import { withStories } from './stories.ts';
import type { StoryPorts } from './stories.ts';

export interface IngestPorts extends EvaluatePorts, StoryPorts, IdentityPorts {
  mentions: MentionStore;
  enrichers: readonly Enricher[];
  /** Which brands a text speaks of; some rules want to know its language. */
  brandsOf(source: string, text: string, language?: string | null): string[];
  /** Whether the language changes what `brandsOf` gives, so that it is asked once more when it is known. */
  brandsByLanguage: boolean;
  /** Sources of which only what speaks of a brand is kept. */
  brandedOnly: ReadonlySet<string>;
  now(): Date;
}

/** Understands and stores one batch, then tells whoever wants to hear of it. Safe to run twice. */
export async function ingest(job: IngestJob, ports: IngestPorts): Promise<PutOutcome[]> {
  const drafts = await withAnswers(
    job,
    job.items.map((item) => toMention(item, job, ports)),
    ports,
  );
  const judgements = await enrichAll(ports.enrichers, drafts as Draft[]);
  const all = drafts.map((draft, index) => withBrands({ ...draft, judgements: judgements[index]! }, ports));
  const kept = ports.brandedOnly.has(job.source) ? all.filter(({ brands }) => brands.length > 0) : all;
  const mentions = await withStories(kept, ports);
  const outcomes = await putWithIdentities(mentions, sealedOf(job), ports);
  await setAside(job, mentions, outcomes, ports);
  await evaluate(stored(mentions, outcomes), ports);
  if (job.gone) await ports.mentions.forget(job.gone.map((id) => mentionId(job.source, id)));
  if (job.answered) await markAnswered(job.source, job.answered, ports.mentions);
  await noteArrival(ports.state, job.source, arrivalOf(all, mentions, outcomes), ports.now());
  return outcomes;
}

/** A push of what a customer said does not tell what was answered since: what is known of that stays. */
async function withAnswers({ pushed }: IngestJob, drafts: Mention[], { mentions }: IngestPorts): Promise<Mention[]> {
  if (!pushed) return drafts;
  return Promise.all(
    drafts.map(async (draft) => {
      const answeredAt = draft.answeredAt ?? (await mentions.get(draft.id))?.answeredAt;
      return answeredAt === undefined ? draft : { ...draft, answeredAt };
    }),
  );
}

function withBrands(mention: Mention, { brandsOf, brandsByLanguage }: IngestPorts): Mention {
  if (!brandsByLanguage) return mention;
  return { ...mention, brands: brandsOf(mention.source, searchText(mention), mention.judgements.language?.value) };
}

function arrivalOf(all: readonly Mention[], kept: readonly Mention[], outcomes: readonly PutOutcome[]): Arrival {
  const fresh = kept.filter((_, index) => outcomes[index]!.outcome === 'new');
  return {
    added: fresh.length,
    unmatched: all.filter(({ brands }) => brands.length === 0).length,
    delaysMs: fresh.filter(({ dated }) => dated).map(delayMs),
  };
}

const delayMs = ({ at, collectedAt }: Mention) => Math.max(0, Date.parse(collectedAt) - Date.parse(at));

/** Sealed identities by the id of their mention. */
function sealedOf({ source, items }: IngestJob): Map<string, string | null> {
  return new Map(
    items.flatMap(({ externalId, identity }) =>
      identity === undefined ? [] : [[mentionId(source, externalId), identity] as const],
    ),
  );
}

function toMention(
  { identity: _identity, ...raw }: QueuedMention,
  { source, collectedAt }: IngestJob,
  ports: IngestPorts,
): Mention {
  const at = raw.publishedAt === undefined ? collectedAt : new Date(raw.publishedAt).toISOString();
  return {
    ...raw,
    id: mentionId(source, raw.externalId),
    source,
    brands: ports.brandsOf(source, searchText(raw)),
    collectedAt,
    at,
    dated: raw.publishedAt !== undefined,
    judgements: {},
  };
}

/** Refused documents get jobs of their own, so that each ends in the dead letters under its own reason. */
async function setAside(
  job: IngestJob,
  mentions: readonly Mention[],
  outcomes: readonly PutOutcome[],
  ports: IngestPorts,
): Promise<void> {
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.outcome !== 'refused') continue;
    const { externalId } = mentions[index]!;
    if (job.items.length === 1) throw new AppError('STORE_REFUSED', `${externalId}: ${outcome.reason}`);
    const { source, collectedAt } = job;
    const alone = { source, collectedAt, items: job.items.filter((item) => item.externalId === externalId) };
    await ports.queue.add(JOBS.ingest, alone as unknown as Json, { dedupeKey: `refused/${outcome.id}` });
  }
}

/** What is in the store now, with the time at which it was first collected. */
function stored(mentions: readonly Mention[], outcomes: readonly PutOutcome[]): Mention[] {
  return outcomes.flatMap((outcome, index) =>
    'collectedAt' in outcome ? [{ ...mentions[index]!, collectedAt: outcome.collectedAt }] : [],
  );
}
