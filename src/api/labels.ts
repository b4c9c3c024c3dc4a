import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { labelChanges } from '../domain/labels.ts';
import { REVIEWED_FOR } from '../domain/review.ts';
import { filterParams } from '../journey/filter-params.ts';
import { understand } from '../journey/personas.ts';
import { mentionSchema } from './mentions.ts';
import type { ApiPorts } from './ports.ts';
import { notFound } from './problem.ts';
import { failures, failuresWithId, json, mentionIdPath, newRouter, noParams, paramsHook } from './router.ts';

const reviewParams = z.strictObject({
  ...filterParams,
  limit: z.coerce.number().int().min(1).max(200).default(20).describe('Most in the answer.'),
});

const doubtful = z.object({
  mention: mentionSchema,
  doubt: z.number().describe('0 = sure of everything, 1 = could not tell anything.'),
  about: z.enum(REVIEWED_FOR).describe('What is least sure.'),
});

const labelRoute = createRoute({
  method: 'patch',
  path: '/v1/mentions/{id}/labels',
  summary: 'Correct what was judged',
  description:
    'What is left out stays; `null` takes a correction back. Corrections stay whatever is judged later, until the mention is erased.',
  request: {
    params: mentionIdPath,
    query: noParams,
    body: { required: true, content: { 'application/json': { schema: labelChanges } } },
  },
  responses: { 200: json('The mention with its labels.', mentionSchema), ...failuresWithId },
});
const reviewRoute = createRoute({
  method: 'get',
  path: '/v1/review',
  summary: 'What is worth a look: the least sure of the newest 1,000 mentions that nobody labelled',
  request: { query: reviewParams },
  responses: { 200: json('The least sure first.', z.object({ review: z.array(doubtful) })), ...failures },
});

export function labelsApi({ label, review, ...ports }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(labelRoute, async (c) => {
    const { id } = c.req.valid('param');
    const labelled = await label(id, c.req.valid('json'));
    if (!labelled) throw notFound('mention', id);
    return c.json(labelled, 200);
  });
  router.openapi(
    reviewRoute,
    async (c) => {
      const { limit, ...filter } = c.req.valid('query');
      return c.json({ review: await review(await understand(filter, ports), limit) }, 200);
    },
    paramsHook(reviewParams),
  );
  return router;
}
