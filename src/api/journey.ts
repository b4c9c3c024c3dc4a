import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { EMOTIONS } from '../journey/emotion.ts';
import { filterParams } from '../journey/filter-params.ts';
import { journeyMap } from '../journey/map.ts';
import type { JourneyMap } from '../journey/map.ts';
import { placeKey, quotesByPlace } from '../journey/quotes.ts';
import type { Quote } from '../journey/quotes.ts';
import { modelNamed, resolveFilter } from '../journey/stages.ts';
import type { ApiPorts } from './ports.ts';
import { failures, json, newRouter, noParams, paramsHook } from './router.ts';

/** Quotes are taken from this many of the newest mentions, which keeps the map at one search. */
const QUOTED_FROM = 200;

const params = z.strictObject(filterParams);

const tally = {
  count: z.int(),
  negative: z.int(),
  neutral: z.int(),
  positive: z.int(),
  netSentiment: z.number().nullable().describe('Share positive − share negative, −1…1; null where nothing was said.'),
  emotion: z.enum(EMOTIONS).nullable().describe('`netSentiment` as one of five words.'),
  share: z.number().describe('Of the mentions that have a stage, 0…1.'),
  pains: z.array(z.object({ topic: z.string(), count: z.int() })).describe('Most frequent first.'),
};
const quotes = z.array(z.object({ mentionId: z.string(), text: z.string() })).describe('Up to two recent ones.');
const journeyAnswer = z
  .object({
    model: z.string(),
    total: z.int().describe('All stages + unplaced + unknown.'),
    unplaced: z.int().describe("About no customer's experience (step none)."),
    unknown: z.int().describe('The step could not be told.'),
    stages: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        ...tally,
        touchpoints: z.array(z.object({ id: z.string(), ...tally, quotes })),
      }),
    ),
  })
  .meta({ id: 'JourneyMap' });

const journeyRoute = createRoute({
  method: 'get',
  path: '/v1/journey',
  summary: 'The journey map of whatever the filter finds',
  request: { query: params },
  responses: { 200: json('Counts, feelings and leading pains by stage and touchpoint.', journeyAnswer), ...failures },
});

const modelsAnswer = z.object({
  models: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      stages: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          places: z.array(z.object({ step: z.string(), touchpoints: z.array(z.string()).optional() })),
        }),
      ),
    }),
  ),
});
const modelsRoute = createRoute({
  method: 'get',
  path: '/v1/models',
  summary: 'The stage models with their stages in order',
  request: { query: noParams },
  responses: { 200: json('Every configured model.', modelsAnswer), ...failures },
});

export function journeyApi({ mentions, models }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    journeyRoute,
    async (c) => {
      const filter = c.req.valid('query');
      const model = modelNamed(models, filter.model);
      const query = resolveFilter(filter, models);
      const [places, pains, recent] = await Promise.all([
        mentions.aggregate(query, ['step', 'touchpoint']),
        mentions.aggregate(query, ['step', 'touchpoint', 'pain']),
        mentions.search(query, { limit: QUOTED_FROM }),
      ]);
      return c.json(withQuotes(journeyMap(model, places, pains), quotesByPlace(model, recent.mentions)), 200);
    },
    paramsHook(params),
  );
  router.openapi(modelsRoute, (c) => c.json({ models: [...models] }, 200));
  return router;
}

function withQuotes(map: JourneyMap, found: Map<string, Quote[]>) {
  const stages = map.stages.map((stage) => ({
    ...stage,
    touchpoints: stage.touchpoints.map((touchpoint) => ({
      ...touchpoint,
      quotes: found.get(placeKey(stage.id, touchpoint.id)) ?? [],
    })),
  }));
  return { ...map, stages };
}
