import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { mentionSchema } from './mentions.ts';
import type { ApiPorts } from './ports.ts';
import { notFound } from './problem.ts';
import { failuresWithId, json, mentionIdPath, newRouter, paramsHook } from './router.ts';

const params = z.strictObject({
  limit: z.coerce.number().int().min(1).max(50).default(20).describe('Most in the answer.'),
});

const answer = z.object({
  copies: z.int().describe('Other mentions of the same story in all, also beyond the limit.'),
  similar: z.array(
    z.object({
      kind: z.enum(['copy', 'near']).describe('`copy` = of the same story; `near` = another story.'),
      nearness: z
        .number()
        .describe('0…1: two parts shared words, the rarer the heavier, one part shared labels; 1 for copies.'),
      words: z.array(z.string()).describe('Folded words that both have, of those that were looked for.'),
      labels: z.array(z.string()).describe('Labels that both have, as `step:use`.'),
      mention: mentionSchema,
    }),
  ),
});

const similarRoute = createRoute({
  method: 'get',
  path: '/v1/mentions/{id}/similar',
  summary: 'Mentions like this one: its copies, then the nearest of other stories',
  description:
    'Near ones are looked for by the eight longest words of the mention and by its topics at the same step, among the newest 40 mentions with each word and the newest 5 with a topic at each touchpoint; every story comes once. What is older may be missed.',
  request: { params: mentionIdPath, query: params },
  responses: { 200: json('Copies first, newest first; then the nearest first.', answer), ...failuresWithId },
});

export function similarApi({ similar }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    similarRoute,
    async (c) => {
      const { id } = c.req.valid('param');
      const found = await similar(id, c.req.valid('query').limit);
      if (!found) throw notFound('mention', id);
      return c.json(found, 200);
    },
    paramsHook(params),
  );
  return router;
}
