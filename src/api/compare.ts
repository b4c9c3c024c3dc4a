import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MentionFilter } from '../domain/query.ts';
import { COMPARE_LISTS, LEVEL, comparePeriods } from '../journey/changes.ts';
import type { Figure, Subject } from '../journey/changes.ts';
import { filterParams } from '../journey/filter-params.ts';
import { understand } from '../journey/personas.ts';
import { choosePeriods, daysOf, periodParams } from '../journey/periods.ts';
import type { Period } from '../journey/periods.ts';
import { modelNamed } from '../journey/stages.ts';
import { voicesLink } from '../journey/voices-link.ts';
import type { ApiPorts } from './ports.ts';
import { failures, json, newRouter, paramsHook } from './router.ts';
import { changeFields, periodAnswer } from './tally.ts';

const params = z.strictObject({
  ...filterParams,
  ...periodParams,
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('Most figures of each list.'),
});

const figures = z.array(
  z.object({
    of: z
      .object({
        stage: z.string().optional(),
        touchpoint: z.string().optional(),
        topic: z.string().optional(),
        pain: z.string().optional(),
        gap: z.string().optional(),
      })
      .describe('What is counted, in the words of a filter.'),
    ...changeFields,
    voices: z.object({ now: z.string(), before: z.string() }).describe('Where those are who said it.'),
  }),
);

const compareAnswer = z
  .object({
    model: z.string(),
    now: periodAnswer,
    before: periodAnswer,
    level: z.number().describe('Share of false alarms among the changes that are told.'),
    stages: figures,
    touchpoints: figures.describe('Each within its stage.'),
    topics: figures,
    pains: figures.describe('Each within its stage and touchpoint.'),
    gaps: figures.describe('Broken hand-overs, each within its stage.'),
  })
  .meta({ id: 'Comparison' });

const compareRoute = createRoute({
  method: 'get',
  path: '/v1/compare',
  summary: 'What changed against another period',
  description:
    'The last four weeks against those before, unless told otherwise. Shares of all that the filter finds are compared, so periods may differ in length. Each list begins with the most surprising change. Under a filter of topics, pains or gaps, only those are compared.',
  request: { query: params },
  responses: { 200: json('What rose, fell, is new and is gone.', compareAnswer), ...failures },
});

/** Both periods counted, tested and linked to the voices. */
export function compareApi({ mentions, models, personas, now }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    compareRoute,
    async (c) => {
      const { against, againstFrom, againstTo, limit, ...filter } = c.req.valid('query');
      const model = modelNamed(models, filter.model);
      const periods = choosePeriods({ against, againstFrom, againstTo, from: filter.from, to: filter.to }, now());
      const query = await understand(filter, { models, personas });
      const [earlier, later] = await Promise.all(
        [periods.before, periods.now].map((at) => mentions.countAll({ ...query, ...at }, COMPARE_LISTS)),
      );
      const before = { counts: earlier!, days: daysOf(periods.before) };
      const present = { counts: later!, days: daysOf(periods.now) };
      const told = Object.entries(comparePeriods(model, before, present)).map(([kind, list]) => [
        kind,
        list
          .filter(asked(filter))
          .slice(0, limit)
          .map(withVoices({ ...filter, model: model.id }, periods)),
      ]);
      const lists = Object.fromEntries(told) as Record<
        'stages' | 'touchpoints' | 'topics' | 'pains' | 'gaps',
        Linked[]
      >;
      return c.json(
        {
          model: model.id,
          now: tell(periods.now, present),
          before: tell(periods.before, before),
          level: LEVEL,
          ...lists,
        },
        200,
      );
    },
    paramsHook(params),
  );
  return router;
}

interface Counted {
  counts: readonly (readonly { count: number }[])[];
  days: number;
}

const tell = (at: Period, { counts, days }: Counted) => ({
  ...at,
  days,
  total: counts[0]!.reduce((sum, { count }) => sum + count, 0),
});

/** A mention has many topics: of those that a filter did not ask for, it finds only some, and no link would lead there. */
function asked(filter: MentionFilter): (figure: Figure) => boolean {
  return ({ of }) =>
    (['topic', 'pain', 'gap'] as const).every(
      (field) =>
        of[field] === undefined || filter[field] === undefined || (filter[field] as string[]).includes(of[field]),
    );
}

type Linked = Figure & { voices: { now: string; before: string } };

function withVoices(
  filter: MentionFilter,
  { now, before }: { now: Period; before: Period },
): (figure: Figure) => Linked {
  const link = (of: Subject, at: Period) => {
    const fields = Object.fromEntries(Object.entries(of).map(([field, value]) => [field, [value]]));
    return voicesLink(filter, { ...(fields as MentionFilter), ...at });
  };
  return (figure) => ({ ...figure, voices: { now: link(figure.of, now), before: link(figure.of, before) } });
}
