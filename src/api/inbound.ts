import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiPorts } from './ports.ts';
import { notFound, problemAnswer } from './problem.ts';
import { failuresWithId, json, newRouter } from './router.ts';
import { limitBody } from './security.ts';

/** In bytes. Platforms send single events; an export of a whole survey may come at once. */
const MAX_PUSH = 5 * 1024 * 1024;

const params = z.strictObject({ source: z.string().min(1).max(100) });
const accepted = z.object({
  accepted: z.int().describe('Mentions, deletions and answers that are safe in the queue now.'),
  refused: z.array(z.object({ where: z.string(), reason: z.string() })).describe('What does not fit, with the reason.'),
});
const inboundRoute = createRoute({
  method: 'post',
  path: '/v1/inbound/{source}',
  summary: 'Where platforms send to by themselves',
  description: 'Signed as the type of the source asks for (`earshot reference`). The same push may come again.',
  request: { params },
  responses: {
    200: json('Durably queued.', accepted),
    401: problemAnswer('It is not signed as agreed.'),
    ...failuresWithId,
  },
});

export function inboundApi({ receive }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.use('/v1/inbound/*', limitBody(MAX_PUSH));
  router.openapi(inboundRoute, async (c) => {
    const source = c.req.param('source');
    const { method, url } = c.req;
    const body = new Uint8Array(await c.req.arrayBuffer());
    const report = await receive(source, { method, url, headers: c.req.header(), body });
    if (report === undefined) throw notFound('source', source);
    const { reply, ...told } = report;
    return reply === undefined ? c.json(told, 200) : (c.text(reply, 200) as never);
  });
  return router;
}
