import { createHash } from 'node:crypto';
import { changeLabels, withLabels } from '../domain/labels.ts';
import type { LabelChanges, Labels } from '../domain/labels.ts';
import { mention as mentionSchema, signalsOf } from '../domain/mention.ts';
import type { Mention } from '../domain/mention.ts';

export type Checked = { id: string; mention: Mention } | { id: string; reason: string };

/** Fields of a mention that hold many values. */
export type TagField = 'topic' | 'pain' | 'opportunity' | 'brand' | 'signal';

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

/** What is kept of a mention when it is stored again. */
export interface Keepsake {
  collectedAt: string;
  labels?: Labels | undefined;
}

/** The mention as it is stored over what was known of it, with people's word above the enrichers'. */
export function asKept(given: Mention, known: Keepsake | undefined, changes: LabelChanges = {}): Mention {
  const { labels: told, ...mention } = known ? firstCollected(given, known.collectedAt) : given;
  const labels = changeLabels(known ? known.labels : told, changes);
  if (labels === undefined) return mention;
  return { ...mention, judgements: withLabels(mention.judgements, labels), labels };
}

/** The mention as it is kept when it was first collected at that time; an undated one is placed there too. */
export function firstCollected(mention: Mention, collectedAt: string): Mention {
  return { ...mention, collectedAt, at: mention.dated ? mention.at : collectedAt };
}

/**
 * Names the content of a mention. The time of collection and the counts of likes and replies are no content: they
 * move by themselves and are no news to anybody who follows along.
 */
export function contentHash({ collectedAt: _collectedAt, engagement: _engagement, ...content }: Mention): string {
  return shortHash(JSON.stringify(content));
}

/** Stable for one state of one mention. */
export function eventId(mentionId: string, state: string): string {
  return `evt_${shortHash(`${mentionId}\0${state}`)}`;
}

/** The first 128 bits of SHA-256, in hexadecimal. */
export const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** A judgement's value, `null` where it could not tell or nobody has looked. */
export const told = (judgement: { value: string | null } | undefined) => judgement?.value ?? null;

/** The stars that filters see. */
export const starsOf = ({ rating }: Mention) => (rating === undefined ? null : Math.round(rating));

/** The values of the many-valued fields, each once. */
export function tagsOf(mention: Mention): Record<TagField, string[]> {
  const { topics, pains, opportunities } = mention.judgements;
  return {
    topic: once(topics?.map(({ value }) => value)),
    pain: once(pains?.map(({ value }) => value)),
    opportunity: once(opportunities?.map(({ value }) => value)),
    brand: once(mention.brands),
    signal: once(signalsOf(mention)),
  };
}

const once = (values: readonly string[] = []) => [...new Set(values)];
