import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { mention, storyOf } from '../domain/mention.ts';
import type { Mention } from '../domain/mention.ts';
import { DIMENSIONS } from '../domain/query.ts';
import type { Dimension, MentionQuery } from '../domain/query.ts';
import { commaList, filterParams } from '../journey/filter-params.ts';
import type { Bucket } from '../domain/store.ts';
import { understand } from '../journey/personas.ts';
import type { ApiPorts } from './ports.ts';
import { notFound } from './problem.ts';
import { failures, failuresWithId, mentionIdPath, json, newRouter, noParams, paramsHook } from './router.ts';

const FIELDS = Object.keys(mention.shape) as [keyof Mention, ...(keyof Mention)[]];
const MAX_FACETS = 5;

export const mentionSchema = mention.meta({ id: 'Mention' });

export const pageParams = {
  limit: z.coerce.number().int().min(1).max(200).default(20).describe('Most per page.'),
  cursor: z.string().min(1).max(500).optional().describe('`next` of the page before.'),
};

const searchParams = z.strictObject({
  ...filterParams,
  facets: commaList(z.array(z.enum(DIMENSIONS)).min(1).max(MAX_FACETS))
    .optional()
    .describe('Dimensions by which everything found is counted.'),
  sort: z.enum(['time']).default('time').describe('Newest first.'),
  ...pageParams,
  fields: commaList(z.array(z.enum(FIELDS)).min(1))
    .optional()
    .describe('Only these fields of each mention, and its id.'),
});

const facet = z.object({
  value: z.string().nullable().describe('`null` = could not tell, or not looked yet.'),
  count: z.int(),
  negative: z.int(),
  neutral: z.int(),
  positive: z.int(),
});
type FacetValue = z.infer<typeof facet>;
type Facets = Partial<Record<Dimension, FacetValue[]>>;

const copiesField = {
  copies: z.int().optional().describe('With collapse=story: how many others found are of the same story.'),
};
const searchAnswer = z.object({
  total: z.int().describe('How many there are over all pages.'),
  mentions: z.array(mention.partial().required({ id: true }).extend(copiesField)),
  facets: z.partialRecord(z.enum(DIMENSIONS), z.array(facet)),
  next: z.string().optional().describe('Cursor of the next page; absent on the last.'),
});

const searchRoute = createRoute({
  method: 'get',
  path: '/v1/mentions',
  summary: 'Search mentions',
  request: { query: searchParams },
  responses: { 200: json('One page, newest first.', searchAnswer), ...failures },
});
const getRoute = createRoute({
  method: 'get',
  path: '/v1/mentions/{id}',
  summary: 'One mention with every judgement and its evidence',
  request: { params: mentionIdPath, query: noParams },
  responses: { 200: json('The mention.', mentionSchema), ...failuresWithId },
});
const eraseRoute = createRoute({
  method: 'delete',
  path: '/v1/mentions/{id}',
  summary: 'Erase a mention for good',
  description: 'It does not come back on the next poll; followers of the feed are told.',
  request: { params: mentionIdPath, query: noParams },
  responses: { 204: { description: 'Erased.' }, ...failuresWithId },
});

export function mentionsApi({ mentions, erase, ...ports }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    searchRoute,
    async (c) => {
      const { facets, sort: _, limit, cursor, fields, ...filter } = c.req.valid('query');
      const query = await understand(filter, ports);
      const page = await mentions.search(query, { limit, cursor });
      const copiesOf = query.collapse ? await countCopies(mentions, query, page.mentions) : undefined;
      const shown = page.mentions.map((found) => ({ ...pick(found, fields), copies: copiesOf?.(found) }));
      const answer = { ...page, mentions: shown };
      return c.json({ ...answer, facets: await countFacets(mentions, query, facets ?? []) }, 200);
    },
    paramsHook(searchParams),
  );
  router.openapi(getRoute, async (c) => {
    const { id } = c.req.valid('param');
    const found = await mentions.get(id);
    if (!found) throw notFound('mention', id);
    return c.json(found, 200);
  });
  router.openapi(eraseRoute, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await erase(id))) throw notFound('mention', id);
    return c.body(null, 204);
  });
  return router;
}

function pick(found: Mention, fields: readonly (keyof Mention)[] | undefined): Partial<Mention> & { id: string } {
  if (!fields) return found;
  const wanted = Object.entries(found).filter(([name]) => (fields as string[]).includes(name));
  return { id: found.id, ...Object.fromEntries(wanted) };
}

/** Of one moment a little later than the page; a story that has gone meanwhile has no copies. */
async function countCopies(
  mentions: ApiPorts['mentions'],
  query: MentionQuery,
  page: readonly Mention[],
): Promise<(found: Mention) => number> {
  const counts = await mentions.countStories(query, page.map(storyOf));
  return (found) => Math.max(0, (counts.get(storyOf(found)) ?? 1) - 1);
}

async function countFacets(
  mentions: ApiPorts['mentions'],
  query: MentionQuery,
  facets: readonly Dimension[],
): Promise<Facets> {
  const counted = await Promise.all(
    facets.map(async (dimension) => {
      const buckets = await mentions.aggregate(query, [dimension]);
      return [dimension, buckets.map(facetValue).toSorted(mostFirst)] as const;
    }),
  );
  return Object.fromEntries(counted);
}

function facetValue({ key, count, negative, neutral, positive }: Bucket): FacetValue {
  return { value: key[0] ?? null, count, negative, neutral, positive };
}

function mostFirst(a: FacetValue, b: FacetValue): number {
  return b.count - a.count || (a.value ?? '').localeCompare(b.value ?? '', 'en');
}
