import { createHash } from 'node:crypto';
import { z } from 'zod';
import { judgements } from './enrichment.ts';
import { labels } from './labels.ts';
import { NONE } from './journey.ts';
import type { Signal } from './journey.ts';

/** In what kind of place the words were said. */
export const CHANNELS = ['review', 'social', 'news', 'ticket', 'survey'] as const;
export type Channel = (typeof CHANNELS)[number];

const instant = z.iso.datetime({ offset: true });

/** Longest text that is kept, in UTF-16 units; a source cuts what is longer. */
export const MAX_TEXT = 100_000;

/** Most attributes of one mention. */
export const MAX_ATTRIBUTES = 30;

/** What a source hands over: facts only. What the platform did not say is absent, never invented. */
export const rawMention = z.strictObject({
  /** The platform's own id, unique within the configured source and stable for ever. */
  externalId: z.string().min(1).max(512),
  channel: z.enum(CHANNELS),
  /** Plain text, mark-up removed. */
  text: z.string().min(1).max(MAX_TEXT),
  title: z.string().max(2_000).optional(),
  url: z.url().max(4_000).optional(),
  /** When it was written, ISO 8601 with a zone. */
  publishedAt: instant.optional(),
  author: z.strictObject({ id: z.string().min(1).max(512), name: z.string().max(512).optional() }).optional(),
  /** Stars or their like on the platform's scale, brought to 1…5. */
  rating: z.number().min(1).max(5).optional(),
  /** Answers to the well-known questions of surveys, each on its own scale. */
  scores: z
    .strictObject({
      /** Would recommend: 0…10. */
      nps: z.int().min(0).max(10).optional(),
      /** Satisfied: 1…5. */
      csat: z.number().min(1).max(5).optional(),
      /** How easy it was: 1…7. */
      ces: z.number().min(1).max(7).optional(),
    })
    .optional(),
  /** What else the platform knows of the customer or the case, such as `plan` or `country`; masked as the words are. */
  attributes: z
    .record(z.string().min(1).max(60), z.string().min(1).max(300))
    .refine((all) => Object.keys(all).length <= MAX_ATTRIBUTES, `at most ${MAX_ATTRIBUTES}`)
    .optional(),
  /** BCP 47 tag as the platform or the customer declared it; a hint, not a judgement. */
  declaredLanguage: z.string().max(35).optional(),
  /** externalId of what this answers. */
  replyTo: z.string().max(512).optional(),
  /** externalId of the conversation it belongs to. */
  thread: z.string().max(512).optional(),
  engagement: z
    .strictObject({
      likes: z.int().nonnegative().optional(),
      shares: z.int().nonnegative().optional(),
      replies: z.int().nonnegative().optional(),
      views: z.int().nonnegative().optional(),
    })
    .optional(),
  /** When the brand last answered it or its thread, as far as the platform tells; ISO 8601 with a zone. */
  answeredAt: instant.optional(),
});
export type RawMention = z.infer<typeof rawMention>;

/** One thing a customer said, with where it came from and what was understood of it. */
export const mention = rawMention.extend({
  id: z.string().length(32),
  /** Name of the configured source. */
  source: z.string().min(1),
  brands: z.array(z.string()),
  /** When Earshot first got hold of it. Alerts and feeds run on this time, so that late items are not missed. */
  collectedAt: z.iso.datetime(),
  /** `publishedAt` where the platform told, else `collectedAt`; in UTC. */
  at: z.iso.datetime(),
  /** False where `at` is only the time of collection. */
  dated: z.boolean(),
  /** Id of the mention that told the same before, where this one is a copy of it. */
  story: z.string().length(32).optional(),
  judgements,
  /** What people said against the judgements; the judgements hold it already. */
  labels: labels.optional(),
});
export type Mention = z.infer<typeof mention>;

/** The same (source, externalId) gives the same id on every machine, which makes storing idempotent. */
export function mentionId(source: string, externalId: string): string {
  return createHash('sha256').update(source).update('\0').update(externalId).digest('hex').slice(0, 32);
}

/** Copies have the story of the first; every other mention is a story of its own. */
export const storyOf = ({ id, story }: Pick<Mention, 'id' | 'story'>) => story ?? id;

/** The text that searches look at. */
export function searchText({ title, text }: Pick<Mention, 'title' | 'text'>): string {
  return title === undefined ? text : `${title}\n${text}`;
}

/** What else a mention says about the journey. */
export function signalsOf({
  judgements: { pains, opportunities, momentOfTruth, gap },
}: Pick<Mention, 'judgements'>): Signal[] {
  const signals: Signal[] = [];
  if (pains?.length) signals.push('pain');
  if (opportunities?.length) signals.push('opportunity');
  if (momentOfTruth?.value === true) signals.push('moment_of_truth');
  if (gap?.value && gap.value !== NONE) signals.push('gap');
  return signals;
}
