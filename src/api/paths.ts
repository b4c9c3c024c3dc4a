import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { TRAVELLERS } from '../domain/store.ts';
import { filterParams } from '../journey/filter-params.ts';
import { MAX_ROUTES, pathsOf } from '../journey/paths.ts';
import { understand } from '../journey/personas.ts';
import { modelNamed } from '../journey/stages.ts';
import type { ApiPorts } from './ports.ts';
import { failures, json, newRouter, paramsHook } from './router.ts';

/** Most mentions that are followed at once. */
const MAX_VISITS = 20_000;

const params = z.strictObject({
  ...filterParams,
  by: z.enum(TRAVELLERS).default('author').describe('Who is followed: the same authors, or the same conversations.'),
});

const pathsAnswer = z
  .object({
    model: z.string(),
    by: z.enum(TRAVELLERS),
    visits: z.int().describe('Mentions with a step that were followed.'),
    complete: z
      .boolean()
      .describe(
        `False where there are more than ${MAX_VISITS} visits: then the first travellers only, each of them whole.`,
      ),
    travellers: z.int(),
    moved: z.int().describe('Who were at more than one stage.'),
    stages: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        travellers: z.int().describe('Who were ever here.'),
        began: z.int().describe('Whose first station this is.'),
        ended: z.int().describe('Whose last station this is, so far.'),
        onlyHere: z.int().describe('Of those, who were nowhere else.'),
        dropOut: z.number().nullable().describe('Of all stays here the part after which no other stage came, 0…1.'),
        lastOutcomes: z.array(z.object({ outcome: z.string(), count: z.int() })),
      }),
    ),
    transitions: z
      .array(
        z.object({
          from: z.string(),
          to: z.string(),
          count: z.int(),
          share: z.number().describe('Of all that left `from`, 0…1.'),
          medianDays: z.number(),
        }),
      )
      .describe('From one stage to the next, most frequent first.'),
    routes: z
      .array(z.object({ stages: z.array(z.string()), count: z.int() }))
      .describe(`Whole ways over more than one stage, at most ${MAX_ROUTES}.`),
  })
  .meta({ id: 'Paths' });

const pathsRoute = createRoute({
  method: 'get',
  path: '/v1/paths',
  summary: 'How the same people move between stages, and where they drop out',
  description: 'Words at the same stage one after another are one stay. Whoever spoke last may still come back.',
  request: { query: params },
  responses: { 200: json('Stages, transitions and the most frequent ways.', pathsAnswer), ...failures },
});

export function pathsApi({ mentions, models, personas }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    pathsRoute,
    async (c) => {
      const { by, ...filter } = c.req.valid('query');
      const model = modelNamed(models, filter.model);
      const query = await understand(filter, { models, personas });
      const { visits, complete } = await mentions.visits(query, { by, limit: MAX_VISITS });
      return c.json({ ...pathsOf(model, visits), by, visits: visits.length, complete }, 200);
    },
    paramsHook(params),
  );
  return router;
}
