import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { GAPS, NONE, OUTCOMES, STEPS, TOUCHPOINTS } from '../domain/journey.ts';
import { parseCue } from '../text/cue-notation.ts';

const cue = z
  .string()
  .min(1)
  .max(120)
  .superRefine((written, context) => {
    try {
      parseCue(written);
    } catch (problem) {
      context.addIssue({ code: 'custom', message: `"${written}": ${(problem as Error).message}` });
    }
  });
/** A list, or one text with commas between the cues, which is read ten times as fast. */
const cues = z.preprocess(
  (written) => (typeof written === 'string' ? written.split(',').flatMap((one) => one.trim() || []) : written),
  z.array(cue).default([]),
);

/** A group of cue lists; a list that is left out is empty. */
function groups<K extends string>(names: readonly K[]) {
  const shape = Object.fromEntries(names.map((name) => [name, cues])) as Record<K, typeof cues>;
  return z.strictObject(shape).prefault({} as never);
}

/** How strongly a feeling word counts, from worst to best. */
export const FEELINGS = ['very_negative', 'negative', 'positive', 'very_positive'] as const;

/** One language's words: `config/lexicons/<language>.yaml`. The notation of a cue is told in `text/cues.ts`. */
const lexiconShape = {
  /** ISO 639-1. */
  language: z.string().length(2),
  sentiment: groups(FEELINGS),
  /** Turn the feeling of what follows in the same clause, up to three words on. */
  negators: cues,
  /** Make the feeling word next to them stronger. */
  boosters: cues,
  /** Make the feeling word next to them weaker. */
  softeners: cues,
  /** What follows weighs more than what came before. */
  contrasts: cues,
  /** Openers of a question. */
  questions: cues,
  steps: groups([...STEPS, NONE]),
  touchpoints: groups(TOUCHPOINTS),
  /** Done or declared, never planned. */
  outcomes: groups(OUTCOMES),
  /** Broken hand-overs. */
  gaps: groups(GAPS),
  /** Wishes and suggestions. */
  opportunities: cues,
  /** The customer's view of the brand is changing. */
  moments_of_truth: cues,
};

const topicList = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[a-z][a-z0-9_]*$/u, 'use lower case, digits and _'),
      name: z.string().min(1),
      about: z.string().min(1),
    }),
  )
  .min(1)
  .refine((list) => new Set(list.map((topic) => topic.id)).size === list.length, 'two topics have the same id');
/** The taxonomy: what mentions can be about. */
export type Topic = z.infer<typeof topicList>[number];

const lexiconOf = (ids: readonly string[]) => z.strictObject({ ...lexiconShape, topics: groups(ids) });
export type Lexicon = z.infer<ReturnType<typeof lexiconOf>>;

/** Checks the parsed `topics.yaml`. `file` is only for the message. Throws `CONFIG_INVALID` with all problems. */
export function readTopics(parsed: unknown, file: string): Topic[] {
  return read(topicList, parsed, file);
}

/** Checks a parsed lexicon against the taxonomy. Throws `CONFIG_INVALID`, naming the file and every path in it. */
export function readLexicon(parsed: unknown, { file, topics }: { file: string; topics: readonly Topic[] }): Lexicon {
  return read(lexiconOf(topics.map((topic) => topic.id)), parsed, file);
}

function read<T>(schema: z.ZodType<T>, parsed: unknown, file: string): T {
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${file}: ${z.core.toDotPath(issue.path)}: ${issue.message}`);
  throw new AppError('CONFIG_INVALID', problems.join('\n'), {
    fix: 'Correct these places in the file; unknown keys and topics are not passed over.',
    details: { problems },
  });
}
