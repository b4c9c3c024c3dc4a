import { z } from 'zod';
import { GAPS, NONE, OUTCOMES, SENTIMENTS, STEPS, TOUCHPOINTS } from './journey.ts';

/**
 * One thing understood of a mention. `value: null` = looked and could not tell; an absent judgement = nobody has
 * looked yet. `evidence` holds the very words of the text that decided.
 */
const judgement = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    value: value.nullable(),
    /** Who judged: enricher and version, e.g. `cues@1`. */
    by: z.string(),
    /** 0…1. */
    confidence: z.number().min(0).max(1),
    evidence: z.array(z.string()).optional(),
  });

const sentiment = judgement(z.enum(SENTIMENTS)).extend({
  /** −1 (worst) … 1 (best); null where it could not tell. */
  score: z.number().min(-1).max(1).nullable(),
});

const topic = judgement(z.string()).extend({ value: z.string(), sentiment: z.enum(SENTIMENTS) });
const tagged = judgement(z.string()).extend({ value: z.string() });

/** All judgements of a mention. Each is given by exactly one enricher. */
export const judgements = z.strictObject({
  /** ISO 639-1. */
  language: judgement(z.string()).optional(),
  sentiment: sentiment.optional(),
  step: judgement(z.enum([...STEPS, NONE])).optional(),
  touchpoint: judgement(z.enum([...TOUCHPOINTS, NONE])).optional(),
  outcome: judgement(z.enum([...OUTCOMES, NONE])).optional(),
  gap: judgement(z.enum([...GAPS, NONE])).optional(),
  momentOfTruth: judgement(z.boolean()).optional(),
  topics: z.array(topic).optional(),
  /** Topics named in a negative part of the text. */
  pains: z.array(tagged).optional(),
  /** Topics of wishes and suggestions. */
  opportunities: z.array(tagged).optional(),
});
export type Judgements = z.infer<typeof judgements>;
export type JudgementName = keyof Judgements;
export type TopicJudgement = z.infer<typeof topic>;
export type TaggedJudgement = z.infer<typeof tagged>;
export interface Judgement<T> {
  value: T | null;
  by: string;
  confidence: number;
  evidence?: string[] | undefined;
}
