import { z } from 'zod';
import { CHANNELS } from './mention.ts';
import { GAPS, NONE, OUTCOMES, SENTIMENTS, SIGNALS, STEPS, TOUCHPOINTS } from './journey.ts';

/** In a filter: "looked and could not tell, or not looked yet". */
export const UNKNOWN = 'unknown';

const list = <T extends z.ZodType>(value: T, about: string) => z.array(value).min(1).max(50).optional().describe(about);
const name = z.string().min(1).max(200);
/** A date or a time with its zone, as people write it; read to ISO 8601 in UTC. */
export const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((value) => new Date(value))
  // Beyond these, times no longer sort as text.
  .refine((date) => date.getUTCFullYear() >= 0 && date.getUTCFullYear() <= 9_999, 'must be in the years 0 to 9999')
  .transform((date) => date.toISOString());

/** Filters over stored fields; each list means "any of these", different fields mean "and". */
const fields = {
  q: z
    .string()
    .max(500)
    .refine((words) => words.trim() === '' || /[\p{L}\p{N}]/u.test(words), 'must hold a letter or a digit')
    .optional()
    .describe(
      'Words that must all occur; "a phrase"; -not; begin* . Case, accents and Arabic letter forms do not matter.',
    ),
  step: list(z.enum([...STEPS, NONE, UNKNOWN]), 'What the mention is about.'),
  touchpoint: list(z.enum([...TOUCHPOINTS, NONE, UNKNOWN]), 'Where the customer met the brand.'),
  sentiment: list(z.enum([...SENTIMENTS, UNKNOWN]), 'How the customer feels.'),
  outcome: list(z.enum([...OUTCOMES, NONE, UNKNOWN]), 'What the customer did.'),
  gap: list(z.enum([...GAPS, NONE, UNKNOWN]), 'Between what a hand-over broke.'),
  topic: list(name, 'Topics of the taxonomy.'),
  pain: list(name, 'Topics that hurt.'),
  signal: list(z.enum(SIGNALS), 'What else it says about the journey.'),
  source: list(name, 'Names of configured sources.'),
  channel: list(z.enum(CHANNELS), 'Kinds of place.'),
  language: list(z.string().min(2).max(8), 'ISO 639-1 codes, or unknown.'),
  brand: list(name, 'Configured brands.'),
  author: list(name, 'Author ids as stored.'),
  thread: list(z.string().min(1).max(512), 'Ids of conversations, as the platform names them.'),
  story: list(z.string().min(1).max(64), 'Ids of mentions: they and their copies.'),
  collapse: z
    .enum(['story'])
    .optional()
    .describe('story = of each story that is found only the one that told it first, without its copies.'),
  rating: list(z.coerce.number().int().min(1).max(5), 'Stars, rounded.'),
  from: instant.optional().describe('Said at or after this date or time (UTC where no zone is given).'),
  to: instant.optional().describe('Said before this date or time.'),
  collectedFrom: instant.optional().describe('Collected at or after.'),
  collectedTo: instant.optional().describe('Collected before.'),
};

/** What people write: in the address bar, in YAML, in a subscription. Stages are looked up when asked. */
export const mentionFilter = z.strictObject({
  ...fields,
  model: name.optional().describe('Stage model that `stage` belongs to. Default five-stage.'),
  stage: list(name, 'Stages of the model.'),
  persona: name.optional().describe('A saved query that must hold too: GET /v1/personas.'),
});
export type MentionFilter = z.infer<typeof mentionFilter>;

/** A filter that can be understood by itself, without looking up what is saved. */
export type PlainFilter = MentionFilter & { persona?: undefined };

const place = z.strictObject({
  step: z.enum(STEPS),
  /** Any of these; absent = wherever. */
  touchpoints: z.array(z.enum([...TOUCHPOINTS, NONE, UNKNOWN])).optional(),
});
export type Place = z.infer<typeof place>;

const conditions = z.strictObject({
  ...fields,
  /** Any of these. */
  places: z.array(place).optional(),
});

/**
 * What the stores and the alert rules read: the filter with its stages turned into places on the journey. Its
 * readings (SQL, Elasticsearch DSL, the predicate `matches`) must agree.
 */
export const mentionQuery = conditions.extend({
  /** What must hold beside all this: the query of a persona. */
  also: conditions.omit({ collapse: true }).optional(),
});
export type MentionQuery = z.infer<typeof mentionQuery>;

/** By what mentions can be counted. Calendar parts are of `at`, in UTC; a week is named by its Monday. */
export const DIMENSIONS = [
  'step',
  'touchpoint',
  'sentiment',
  'outcome',
  'gap',
  'language',
  'channel',
  'source',
  'brand',
  'topic',
  'pain',
  'opportunity',
  'signal',
  'day',
  'week',
  'month',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Fields of a filter that hold lists, for readers of query strings and YAML. */
export const LIST_FIELDS: ReadonlySet<string> = new Set(
  Object.entries(mentionFilter.shape)
    .filter(([, schema]) => schema.unwrap() instanceof z.ZodArray)
    .map(([key]) => key),
);
