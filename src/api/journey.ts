import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MentionFilter } from '../domain/query.ts';
import type { Figure } from '../journey/changes.ts';
import { filterParams } from '../journey/filter-params.ts';
import { MAP_LISTS, mapOfCounts } from '../journey/map.ts';
import type { JourneyMap } from '../journey/map.ts';
import { understand } from '../journey/personas.ts';
import { choosePeriods, periodParams } from '../journey/periods.ts';
import type { PeriodChoice } from '../journey/periods.ts';
import { readPlaceChanges } from '../journey/place-changes.ts';
import { placeKey, quotesByPlace } from '../journey/quotes.ts';
import type { Quote } from '../journey/quotes.ts';
import type { StageModel } from '../journey/stage-model.ts';
import { modelNamed } from '../journey/stages.ts';
import type { ApiPorts } from './ports.ts';
import { failures, json, newRouter, noParams, paramsHook } from './router.ts';
import { changeFields, periodAnswer, tallyFields } from './tally.ts';

/** Of how many of the newest mentions of a place its quotes are chosen. */
const QUOTED_FROM = 8;

const params = z.strictObject({ ...filterParams, ...periodParams });

const changeField = {
  change: z.object(changeFields).optional().describe('Against the other period, where one was asked for.'),
};
const quotesAnswer = z
  .array(z.object({ mentionId: z.string(), text: z.string() }))
  .describe('Up to three typical ones.');
const journeyAnswer = z
  .object({
    model: z.string(),
    total: z.int().describe('All stages + unplaced + unknown.'),
    unplaced: z.int().describe("About no customer's experience (step none)."),
    unknown: z.int().describe('The step could not be told.'),
    now: periodAnswer.optional(),
    before: periodAnswer.optional(),
    stages: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        goal: z.string().optional().describe('What the brand wants to reach here.'),
        desired: z.array(z.string()).optional().describe('What customers should do here.'),
        ...tallyFields,
        ...changeField,
        touchpoints: z.array(z.object({ id: z.string(), ...tallyFields, ...changeField, quotes: quotesAnswer })),
      }),
    ),
  })
  .meta({ id: 'JourneyMap' });

const journeyRoute = createRoute({
  method: 'get',
  path: '/v1/journey',
  summary: 'The journey map of whatever the filter finds',
  description:
    'With `against` (or `againstFrom` and `againstTo`) every place also tells what changed against that period; the map is then of the last four weeks unless `from` says otherwise. Asked with one `persona` after the other, it shows their journeys side by side.',
  request: { query: params },
  responses: { 200: json('What is said at each stage and touchpoint.', journeyAnswer), ...failures },
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
          goal: z.string().optional(),
          desired: z.array(z.string()).optional(),
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

export function journeyApi({ mentions, models, personas, now }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    journeyRoute,
    async (c) => {
      const { against, againstFrom, againstTo, ...filter } = c.req.valid('query');
      const model = modelNamed(models, filter.model);
      const choice = { against, againstFrom, againstTo };
      const periods = comparedPeriods(choice, filter, now());
      const query = { ...(await understand(filter, { models, personas })), ...periods?.now };
      const [counts, newest, changes] = await Promise.all([
        mentions.countAll(query, MAP_LISTS),
        mentions.newestByPlace(query, QUOTED_FROM),
        periods && readPlaceChanges(mentions, model, query, periods),
      ]);
      const map = mapOfCounts(model, counts);
      const { figures, ...counted } = changes ?? {};
      return c.json({ ...withPlaces(map, quotesByPlace(model, map, newest), figures), ...counted }, 200);
    },
    paramsHook(params),
  );
  router.openapi(modelsRoute, (c) => c.json({ models: models.map(plainModel) }, 200));
  return router;
}

const plainModel = ({ id, name, stages }: StageModel) => ({
  id,
  name,
  stages: stages.map(({ desired, ...stage }) => ({ ...stage, ...(desired && { desired: [...desired] }) })),
});

function comparedPeriods(choice: PeriodChoice, { from, to }: MentionFilter, now: Date) {
  if (Object.values(choice).every((value) => value === undefined)) return undefined;
  return choosePeriods({ ...choice, from, to }, now);
}

function withPlaces(map: JourneyMap, found: Map<string, Quote[]>, figures?: ReadonlyMap<string, Figure>) {
  const changed = (stage: string, touchpoint = '') => {
    const figure = figures?.get(placeKey(stage, touchpoint));
    if (figure === undefined) return {};
    const { of: _of, ...told } = figure;
    return { change: told };
  };
  const stages = map.stages.map(({ desired, ...stage }) => ({
    ...stage,
    ...(desired && { desired: [...desired] }),
    ...changed(stage.id),
    touchpoints: stage.touchpoints.map((touchpoint) => ({
      ...touchpoint,
      ...changed(stage.id, touchpoint.id),
      quotes: found.get(placeKey(stage.id, touchpoint.id)) ?? [],
    })),
  }));
  return { ...map, stages };
}
