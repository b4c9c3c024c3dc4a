import { createHash } from 'node:crypto';
import { mention as mentionSchema, searchText, signalsOf } from '../../domain/mention.ts';
import type { Mention } from '../../domain/mention.ts';
import { terms } from '../../text/fold.ts';
import type { Bindable } from './open.ts';
import type { TagField } from './query.ts';

export type Checked = { id: string; mention: Mention } | { id: string; reason: string };

/**
 * Validates whatever was handed over. `at` and `collectedAt` come out with milliseconds, so that the order of the
 * texts is the order of the times.
 */
export function check(handedOver: unknown): Checked {
  const parsed = mentionSchema.safeParse(handedOver);
  if (parsed.success) return { id: parsed.data.id, mention: withPlainTimes(parsed.data) };
  const id = (handedOver as { id?: unknown } | null | undefined)?.id;
  const reason = parsed.error.issues
    .map(({ path, message }) => `${path.join('.') || 'mention'}: ${message}`)
    .join('; ');
  return { id: typeof id === 'string' ? id : '', reason };
}

function withPlainTimes(mention: Mention): Mention {
  return firstCollected({ ...mention, at: plain(mention.at) }, plain(mention.collectedAt));
}

const plain = (instant: string) => new Date(instant).toISOString();

/** The mention as it is kept when it was first collected at that time; an undated one is placed there too. */
export function firstCollected(mention: Mention, collectedAt: string): Mention {
  return { ...mention, collectedAt, at: mention.dated ? mention.at : collectedAt };
}

/**
 * Names the content of a mention. The time of collection and the counts of likes and replies are no content: they
 * move by themselves and are no news to anybody who follows along.
 */
export function contentHash({ collectedAt: _collectedAt, engagement: _engagement, ...content }: Mention): string {
  return hash(JSON.stringify(content));
}

/** Stable for one state of one mention. */
export function eventId(mentionId: string, state: string): string {
  return `evt_${hash(`${mentionId}\0${state}`)}`;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** The folded words, as both the index and the predicate read them. */
export function wordsOf(mention: Mention): string {
  return terms(searchText(mention)).join(' ');
}

const told = (judgement: { value: string | null } | undefined) => judgement?.value ?? null;

/** Columns of the table `mention` behind its key, in their order there. */
export function columnsOf(mention: Mention, state: string): Bindable[] {
  const { judgements } = mention;
  return [
    mention.id,
    state,
    mention.at,
    mention.collectedAt,
    mention.source,
    mention.channel,
    mention.author?.id ?? null,
    mention.rating === undefined ? null : Math.round(mention.rating),
    told(judgements.language),
    told(judgements.sentiment),
    told(judgements.step),
    told(judgements.touchpoint),
    told(judgements.outcome),
    told(judgements.gap),
  ];
}

/** The values of the many-valued fields, each once. */
export function tagsOf(mention: Mention): [TagField, string][] {
  const { topics, pains, opportunities } = mention.judgements;
  const values: Record<TagField, readonly string[]> = {
    topic: topics?.map(({ value }) => value) ?? [],
    pain: pains?.map(({ value }) => value) ?? [],
    opportunity: opportunities?.map(({ value }) => value) ?? [],
    brand: mention.brands,
    signal: signalsOf(mention),
  };
  return (Object.keys(values) as TagField[]).flatMap((field) =>
    [...new Set(values[field])].map((value): [TagField, string] => [field, value]),
  );
}
