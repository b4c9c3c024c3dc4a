import { z } from 'zod';
import { NONE, OUTCOMES, SENTIMENTS, STEPS, TOUCHPOINTS } from '../domain/journey.ts';
import { CHANNELS, MAX_TEXT } from '../domain/mention.ts';
import type { Channel } from '../domain/mention.ts';

/** What can be measured against a label that a person gave. */
export const MEASURED = ['language', 'sentiment', 'step', 'touchpoint', 'outcome'] as const;
export type Measured = (typeof MEASURED)[number];

/** A text with what is said to be right about it. */
export interface Labelled {
  text: string;
  channel: Channel;
  rating?: number | undefined;
  truth: Partial<Record<Measured, string>>;
  /** Names of topics, where they are told. */
  topics?: string[] | undefined;
}

/** Cells of a table are empty rather than missing. */
const told = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
const number = z.preprocess(
  (value) => (typeof value === 'string' && value !== '' ? Number(value) : value),
  told(z.number().min(1).max(5)),
);
const names = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(/[,;|]/u)
          .map((name) => name.trim())
          .filter(Boolean)
      : value,
  z.array(z.string()).optional(),
);

const row = z.object({
  text: z.string().min(1).max(MAX_TEXT),
  channel: told(z.enum(CHANNELS)),
  rating: number,
  language: told(z.string()),
  sentiment: told(z.enum(SENTIMENTS)),
  /** Another name for `sentiment`. */
  label: told(z.enum(SENTIMENTS)),
  step: told(z.enum([...STEPS, NONE])),
  touchpoint: told(z.enum([...TOUCHPOINTS, NONE])),
  outcome: told(z.enum([...OUTCOMES, NONE])),
  topics: names,
});

/** Reads one row; the string says what is wrong with it. */
export function readLabelled(values: unknown): Labelled | string {
  const result = row.safeParse(values);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    return `${issue.path.join('.') || 'row'}: ${issue.message}`;
  }
  const { text, channel = 'social', rating, topics, label, ...others } = result.data;
  const all = { ...others, sentiment: others.sentiment ?? label };
  const truth = Object.fromEntries(MEASURED.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
  if (Object.keys(truth).length === 0 && !topics)
    return 'it has none of language, sentiment (or label), step, touchpoint, outcome, topics';
  return { text, channel, truth, rating, topics };
}
