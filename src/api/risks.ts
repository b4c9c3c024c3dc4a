import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { filterParams } from '../journey/filter-params.ts';
import { understand } from '../journey/personas.ts';
import { MAX_WEIGHED, RISK_LEVELS, riskTrend } from '../journey/risk.ts';
import { MAX_AUTHORS, MAX_READ, readAuthorRisk, readRisks } from '../journey/risk-reader.ts';
import type { AuthorRisk, Scope } from '../journey/risk-reader.ts';
import { SIGN_CODES } from '../journey/risk-signs.ts';
import { voicesLink } from '../journey/voices-link.ts';
import type { ApiPorts } from './ports.ts';
import { notFound } from './problem.ts';
import { failures, failuresWithId, json, newRouter, paramsHook } from './router.ts';

const months = z.coerce
  .number()
  .int()
  .min(1)
  .max(24)
  .default(6)
  .describe('How far the trend goes back, the present month included.');

const risksParams = z.strictObject({
  ...filterParams,
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Most authors.'),
  months,
});
const authorPath = z.strictObject({ id: z.string().min(1).max(512) });
const authorParams = z.strictObject({ brand: filterParams.brand, to: filterParams.to, months });

const level = z
  .enum(RISK_LEVELS)
  .describe(
    'raised from 0.3, high from 0.6; churned = they told of leaving, and nothing since says that they came back.',
  );
const riskFields = {
  author: z.string().describe('Its id, as mentions hold it.'),
  name: z.string().optional().describe('As the newest mention names them, where their source keeps names.'),
  risk: z
    .number()
    .describe(
      '0…1: (1 − the product of 1 − weight of all that raises) × the product of 1 + weight of all that lowers.',
    ),
  level,
  since: z.string().optional().describe('When the oldest word that still raises it was said; of churned, that word.'),
  reasons: z
    .array(
      z.object({
        code: z.enum(SIGN_CODES),
        weight: z.number().describe('Above 0 it raises, below 0 it lowers. Old or unsure words weigh less.'),
        says: z.string(),
        mentions: z.array(z.string()).describe('Ids of those who say so, newest first.'),
      }),
    )
    .describe('From what raises most to what lowers most; empty where nothing raises.'),
  trend: z
    .array(z.object({ month: z.string(), risk: z.number(), level }))
    .describe('At the ends of the months, the oldest first; of the present month, now.'),
  mentions: z.int().describe(`How many there are of the author; the newest ${MAX_WEIGHED} are weighed.`),
  voices: z.string().describe('Where they are.'),
};

const at = z.string().describe('The time for which this is told.');
const authorAnswer = z.object({ at, ...riskFields }).meta({ id: 'AuthorRisk' });
const risksAnswer = z
  .object({
    at,
    read: z.int().describe('Mentions with risk-bearing labels that were read.'),
    withoutAuthor: z.int().describe('Of those, how many name no author and cannot count for anybody.'),
    authors: z.int().describe('Who said the others.'),
    weighed: z.int().describe('Of how many authors everything was weighed.'),
    complete: z
      .boolean()
      .describe(
        `False where not all was looked at: of each kind of label the newest ${MAX_READ} mentions are read, and everything only of the ${MAX_AUTHORS} authors who look most at risk by these.`,
      ),
    risks: z.array(z.object(riskFields)).describe('The most at risk first; without those who are at none.'),
  })
  .meta({ id: 'Risks' });

const authorRoute = createRoute({
  method: 'get',
  path: '/v1/authors/{id}/risk',
  summary: 'How likely an author seems to leave, why, and since when',
  description:
    'Told from what the author said up to `to` (else now), of one `brand` where it is asked for. Every reason names its mentions. It is a ranking of signs by chosen weights, not a measured probability.',
  request: { params: authorPath, query: authorParams },
  responses: { 200: json('The risk, its reasons and its trend.', authorAnswer), ...failuresWithId },
});

const risksRoute = createRoute({
  method: 'get',
  path: '/v1/risks',
  summary: 'Who is most likely to leave, and why',
  description:
    'The filter chooses who is looked at: authors of whom it finds a mention with a risk-bearing label. Each is then weighed by everything that they said up to `to`, of the same `brand` where one is asked for, as in `/v1/authors/{id}/risk`. Authors are weighed one by one: mentions hold no account that several of them could share.',
  request: { query: risksParams },
  responses: { 200: json('The most at risk first.', risksAnswer), ...failures },
});

/** Who may leave, told from their own words. */
export function risksApi({ mentions, models, personas, now }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    authorRoute,
    async (c) => {
      const { id } = c.req.valid('param');
      const { months: back, ...scope } = c.req.valid('query');
      const when = timeOf(scope, now());
      const found = await readAuthorRisk(id, scope, when, mentions);
      if (!found) throw notFound('author', id);
      return c.json({ at: when.toISOString(), ...tell(found, scope, when, back) }, 200);
    },
    paramsHook(authorParams),
  );
  router.openapi(
    risksRoute,
    async (c) => {
      const { limit, months: back, ...filter } = c.req.valid('query');
      const scope = { brand: filter.brand, to: filter.to };
      const when = timeOf(scope, now());
      const { risks, ...report } = await readRisks(
        await understand(filter, { models, personas }),
        scope,
        when,
        mentions,
      );
      const told = risks.slice(0, limit).map((risk) => tell(risk, scope, when, back));
      return c.json({ at: when.toISOString(), ...report, risks: told }, 200);
    },
    paramsHook(risksParams),
  );
  return router;
}

/** What lies in the future has not been said yet. */
function timeOf({ to }: Scope, present: Date): Date {
  return to === undefined || new Date(to) > present ? present : new Date(to);
}

function tell({ mentions, total, ...risk }: AuthorRisk, scope: Scope, when: Date, back: number) {
  const voices = voicesLink(scope, { author: [risk.author] });
  return { ...risk, trend: riskTrend(mentions, when, back), mentions: total, voices };
}
