import { z } from 'zod';
import { ANNOTATORS } from '../annotators/index.ts';
import { ANNOTATED } from '../domain/annotator.ts';
import type { Annotated } from '../domain/annotator.ts';
import type { Destination } from '../domain/notice.ts';
import { persona } from '../domain/persona.ts';
import { instant, mentionFilter } from '../domain/query.ts';
import type { MentionFilter } from '../domain/query.ts';
import { slug } from '../domain/slug.ts';
import type { Source } from '../domain/source.ts';
import { NOTIFIERS, repeatedDestination } from '../notifiers/index.ts';
import { SOURCES } from '../sources/index.ts';

/** The whole configuration, composed from what every adapter declares about itself. */

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 };
const duration = z
  .string()
  .regex(/^[1-9]\d*[smhd]$/, 'must be a number and a unit: 30s, 15m, 2h or 1d')
  .transform((value) => Number(value.slice(0, -1)) * SECONDS[value.at(-1) as keyof typeof SECONDS])
  .refine((seconds) => seconds >= 10, 'must be 10s or longer');

const languageCode = z.string().regex(/^[a-z]{2}$/, 'must be an ISO 639-1 code such as en');

/** What every source takes beside its own options. */
export const COMMON_OPTIONS = {
  every: duration.optional().describe('How often it is pulled, for instance 15m. Default: the source type’s own.'),
  brand: z.string().optional().describe('All mentions of this source are about this brand.'),
  authors: z
    .enum(['pseudonym', 'reversible', 'keep', 'drop'])
    .default('pseudonym')
    .describe(
      'Store authors under a keyed pseudonym; `reversible`: the same, and who they are sealed beside it, opened by `GET /v1/feed` alone, for a CRM; as they are; or not at all.',
    ),
  handles: z
    .enum(['keep', 'mask'])
    .default('keep')
    .describe('Store the @names inside texts as they are, or mask all but the brands’ own.'),
  unmatched: z
    .enum(['keep', 'drop'])
    .default('keep')
    .describe('What becomes of mentions that speak of none of the brands. Either way they are counted.'),
  enabled: z.boolean().default(true),
};
export type CommonSourceOptions = { [K in keyof typeof COMMON_OPTIONS]: z.infer<(typeof COMMON_OPTIONS)[K]> };

/** The interval of a source, not below what its platform allows. */
function everyOf({ type, leastSeconds = 0 }: Source) {
  const { every } = COMMON_OPTIONS;
  if (leastSeconds === 0) return every;
  return every
    .refine(
      (seconds) => seconds === undefined || seconds >= leastSeconds,
      `must be ${leastSeconds}s or longer: ${type} allows no more`,
    )
    .describe(`${every.description} At least ${leastSeconds}s, by the platform’s rules.`);
}

const sourceSettings = SOURCES.map((source) =>
  (source.options as z.ZodObject)
    .safeExtend({ type: z.literal(source.type), ...COMMON_OPTIONS, every: everyOf(source) })
    .strict()
    .describe(source.about),
);
const destinationSettings = NOTIFIERS.map((notifier) =>
  (notifier.options as z.ZodObject)
    .safeExtend({ type: z.literal(notifier.type) })
    .strict()
    .describe(notifier.about),
);

/** What every annotator takes beside its own options. */
export const ANNOTATOR_OPTIONS = {
  judges: z
    .array(z.enum(ANNOTATED))
    .min(1)
    .default([...ANNOTATED])
    .describe('What it judges; the rest is built in.'),
  below: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('It is asked where a built-in judge is less sure than this. Default: always.'),
};
const annotatorSettings = ANNOTATORS.map((kind) =>
  (kind.options as z.ZodObject)
    .safeExtend({ type: z.literal(kind.type), ...ANNOTATOR_OPTIONS })
    .strict()
    .describe(kind.about),
);

/** One of several kinds, told apart by `type`. */
function byType(kinds: z.ZodObject[]) {
  return z.discriminatedUnion('type', kinds as [z.ZodObject, ...z.ZodObject[]]);
}
export const destination = byType(destinationSettings);

export const subscriptionSettings = z.strictObject({
  query: mentionFilter
    .default({})
    .describe('Which new mentions to tell of. Negative ones, unless it or its persona names a sentiment.'),
  since: instant.optional().describe('Tell also of what was collected since. Default: only of what comes now.'),
  notify: z
    .array(destination)
    .min(1)
    .superRefine((all, context) => {
      const problem = repeatedDestination(all as unknown as Destination[]);
      if (problem) context.addIssue({ code: 'custom', message: problem });
    })
    .describe('Where to, all at the same time.'),
});

const names = (about: string) =>
  z
    .array(z.string().regex(/[\p{L}\p{N}]/u, 'must hold a letter or a digit'))
    .default([])
    .describe(about);

/** A plain text is a rule for every language. */
const brandRule = z.union([
  z
    .string()
    .min(1)
    .transform((words) => ({ words })),
  z
    .strictObject({
      words: z.string().min(1).optional().describe('As in searches: all of them, "a phrase", -not, begin* .'),
      language: languageCode.optional().describe('Only in this language.'),
    })
    .refine(({ words, language }) => words !== undefined || language !== undefined, 'needs words or a language'),
]);

const brand = z
  .strictObject({
    aliases: names('Other words people use for it.'),
    handles: names('Its names on platforms, found behind an @ only.'),
    products: names('What it sells, where the name alone tells whose it is.'),
    exclude: z
      .array(brandRule)
      .default([])
      .describe('Texts that mean something else: any of these takes the brand away.'),
    require: z.array(brandRule).default([]).describe('For a name that is a common word: one of these has to hold.'),
    competitor: z.boolean().default(false).describe('Not yours: listened to for the share of voice.'),
  })
  .nullable();

export const settingsSchema = z.strictObject({
  brands: z
    .record(z.string().min(1), brand)
    .default({})
    .describe('Your brands and your competitors, each with the other words people use for it.'),
  languages: z
    .array(languageCode)
    .min(1)
    .optional()
    .describe('Languages to expect. Default: en, ro, fa, it, pl, ar, de, fr, es.'),
  annotator: byType(annotatorSettings)
    .optional()
    .describe('Judges in place of the built-in judges, which stand wherever it does not answer. Default: none.'),
  network: z
    .strictObject({
      allow: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),
      userAgent: z.string().min(1).optional(),
    })
    .prefault({})
    .describe(
      '`allow`: networks that may be asked although they are not public, as CIDR, for platforms you host yourself.',
    ),
  sources: z
    .record(slug, byType(sourceSettings))
    .default({})
    .describe('Where to listen, each under a name of your own.'),
  personas: z
    .array(persona)
    .superRefine((all, context) => {
      for (const [index, { id }] of all.entries())
        if (all.findIndex((other) => other.id === id) < index)
          context.addIssue({ code: 'custom', path: [index, 'id'], message: `"${id}" is named twice` });
    })
    .default([])
    .describe('Saved queries that other queries can name: `persona`.'),
  subscriptions: z.record(slug, subscriptionSettings).default({}).describe('Who wants to hear of new mentions.'),
});

export type SourceSettings = CommonSourceOptions & { type: string; [option: string]: unknown };

export interface SubscriptionSettings {
  query: MentionFilter;
  since?: string | undefined;
  notify: Destination[];
}

export interface AnnotatorSettings {
  type: string;
  judges: Annotated[];
  below: number;
  [option: string]: unknown;
}

/** The checked configuration. What stands under a `type` is told in full by the adapter's own schema. */
export interface Settings extends Omit<z.infer<typeof settingsSchema>, 'annotator' | 'sources' | 'subscriptions'> {
  annotator?: AnnotatorSettings | undefined;
  sources: Record<string, SourceSettings>;
  subscriptions: Record<string, SubscriptionSettings>;
}

/** The options that belong to the source itself, without those that every source has. */
export function ownOptions(settings: SourceSettings): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'type' && !(key in COMMON_OPTIONS)));
}
