import { z } from '@hono/zod-openapi';
import { EMOTIONS } from '../journey/emotion.ts';

const topics = z.array(z.object({ topic: z.string(), count: z.int() }));

/** What the map tells of a stage and of a touchpoint. */
export const tallyFields = {
  count: z.int(),
  negative: z.int(),
  neutral: z.int(),
  positive: z.int(),
  netSentiment: z.number().nullable().describe('Share positive − share negative, −1…1; null where nothing was said.'),
  emotion: z.enum(EMOTIONS).nullable().describe('`netSentiment` as one of five words.'),
  share: z.number().describe('Of the mentions that have a stage, 0…1.'),
  pains: topics.describe('Topics that hurt, most frequent first.'),
  opportunities: topics.describe('Topics of wishes and suggestions, most frequent first.'),
  gaps: z.array(z.object({ between: z.string(), count: z.int() })).describe('Broken hand-overs, most frequent first.'),
  momentsOfTruth: z.int().describe('Mentions that tell of a changed view of the brand.'),
  outcomes: z.array(z.object({ outcome: z.string(), count: z.int() })).describe('What customers did, where they told.'),
  completed: z
    .int()
    .nullable()
    .describe('How many told of an outcome that the stage desires; null where the model desires none.'),
};

const measure = z.object({
  count: z.int(),
  share: z.number().describe('Of everything that was found in the period, 0…1.'),
  perDay: z.number(),
  netSentiment: z.number().nullable().optional(),
});

/** What became of something between two periods. */
export const changeFields = {
  now: measure,
  before: measure,
  change: z
    .enum(['rose', 'fell', 'new', 'gone', 'steady', 'unclear', 'thin'])
    .describe('unclear = chance alone may have made it; thin = fewer than five mentions in both periods.'),
  times: z.number().nullable().describe('Share now ÷ share before; null where there was none before.'),
  p: z.number().nullable().describe('Probability of chance, adjusted for the number of figures; null where thin.'),
  surprise: z.number().describe('Log-likelihood ratio, for ranking.'),
  mood: z
    .object({
      change: z.number().nullable().describe('Of net sentiment, −2…2.'),
      trend: z.enum(['better', 'steady', 'worse', 'unclear', 'thin']),
      p: z.number().nullable(),
    })
    .optional(),
};

export const periodAnswer = z.object({ from: z.string(), to: z.string(), days: z.number(), total: z.int() });
