import { z } from 'zod';
import type { Judgements } from './enrichment.ts';
import { NONE, OUTCOMES, SENTIMENTS, STEPS, TOUCHPOINTS } from './journey.ts';

/** What somebody can say against a judgement. */
const corrections = z.strictObject({
  language: z.string().regex(/^[a-z]{2}$/, 'must be an ISO 639-1 code such as en'),
  sentiment: z.enum(SENTIMENTS),
  step: z.enum([...STEPS, NONE]),
  touchpoint: z.enum([...TOUCHPOINTS, NONE]),
  outcome: z.enum([...OUTCOMES, NONE]),
});

/** Corrections of one mention. They stay whatever is judged later, until the mention is erased. */
export const labels = corrections.partial();
export type Labels = z.infer<typeof labels>;

const { shape } = corrections;
/** New corrections: what is absent stays as it was, `null` gives the judgement back to the enrichers. */
export const labelChanges = z
  .strictObject({
    language: shape.language.nullable(),
    sentiment: shape.sentiment.nullable(),
    step: shape.step.nullable(),
    touchpoint: shape.touchpoint.nullable(),
    outcome: shape.outcome.nullable(),
  })
  .partial();
export type LabelChanges = z.infer<typeof labelChanges>;

/** Stands as `by` in judgements that people made. */
export const PEOPLE = 'people';

const SCORES = { negative: -1, neutral: 0, positive: 1 };

/** The labels after a change; absent where none is left. */
export function changeLabels(before: Labels | undefined, changes: LabelChanges): Labels | undefined {
  const after = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null && value !== undefined);
  return after.length === 0 ? undefined : (Object.fromEntries(after) as Labels);
}

/** Judgements with people's word above the enrichers'. */
export function withLabels(judgements: Judgements, given: Labels | undefined): Judgements {
  if (given === undefined) return judgements;
  const { sentiment, ...others } = given;
  const said = Object.entries(others).map(([name, value]) => [name, { value, by: PEOPLE, confidence: 1 }]);
  return {
    ...judgements,
    ...Object.fromEntries(said),
    ...(sentiment && { sentiment: { value: sentiment, score: SCORES[sentiment], by: PEOPLE, confidence: 1 } }),
  };
}
