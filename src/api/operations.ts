import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { ERRORS } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { CHANNELS } from '../domain/mention.ts';
import type { ApiPorts } from './ports.ts';
import { notFound } from './problem.ts';
import { failures, json, newRouter, noParams, paramsHook } from './router.ts';

const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

const sourceReport = z
  .object({
    name: z.string(),
    type: z.string(),
    channel: z.enum(CHANNELS),
    everySeconds: z.number(),
    state: z
      .enum(['waiting', 'healthy', 'failing', 'quiet'])
      .describe('`waiting` = not pulled yet; `quiet` = works, but has had nothing new for unusually long.'),
    lastPullAt: z.string().optional(),
    lastSuccessAt: z.string().optional(),
    lastError: z.object({ code, message: z.string(), fix: z.string().optional(), at: z.string() }).optional(),
    failures: z.int().describe('Since the last success.'),
    notBefore: z.string().optional().describe('Not pulled before this time.'),
    overdueSeconds: z.number().optional().describe('How long ago the next pull was due; absent while it is in time.'),
    lastNewAt: z.string().optional().describe('When something new last came.'),
    perDay: z.number().optional().describe('New mentions a day, over up to four weeks.'),
    delaySeconds: z.number().optional().describe('Median of how late mentions reach us after they were published.'),
    unmatched: z.int().describe('Mentions so far that spoke of none of the brands.'),
    quiet: z.string().optional().describe('What to look at, where nothing has come for far longer than usual.'),
    refused: z.array(z.object({ where: z.string(), reason: z.string() })),
    refusedCount: z.int().describe('How much of the last pull could not be taken; `refused` names the first.'),
  })
  .meta({ id: 'Source' });

const sourcesRoute = createRoute({
  method: 'get',
  path: '/v1/sources',
  summary: 'The configured sources and how they are',
  request: { query: noParams },
  responses: { 200: json('All of them.', z.object({ sources: z.array(sourceReport) })), ...failures },
});

const sourceName = z.object({ id: z.string() });
const pullRoute = createRoute({
  method: 'post',
  path: '/v1/sources/{id}/pull',
  summary: 'Pulls a source now',
  request: { params: sourceName },
  responses: { 202: json('It is queued.', z.object({ source: z.string(), queued: z.literal(true) })), ...failures },
});

const deadParams = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) });
const deadJob = z.object({
  id: z.string(),
  name: z.string(),
  payload: z.unknown(),
  code,
  reason: z.string(),
  attempts: z.int(),
  failedAt: z.string(),
});
const deadRoute = createRoute({
  method: 'get',
  path: '/v1/dead',
  summary: 'Jobs that were given up, newest first',
  request: { query: deadParams },
  responses: { 200: json('With the reason of each.', z.object({ dead: z.array(deadJob) })), ...failures },
});

const alive = z.object({ status: z.literal('alive') });
const readiness = z.object({ ready: z.boolean(), problems: z.array(z.string()) });
const livezRoute = createRoute({
  method: 'get',
  path: '/livez',
  summary: 'Whether the process answers',
  responses: { 200: json('It does.', alive) },
});
const readyzRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether it can do its work',
  responses: { 200: json('It can.', readiness), 503: json('It cannot, and why.', readiness) },
});

export function operationsApi({ sourcesHealth, pullNow, queue, readiness: ask }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(sourcesRoute, async (c) => c.json({ sources: await sourcesHealth() }, 200));
  router.openapi(pullRoute, async (c) => {
    const source = c.req.param('id');
    if (!(await pullNow(source))) throw notFound('source', source);
    return c.json({ source, queued: true as const }, 202);
  });
  const dead = paramsHook(deadParams);
  router.openapi(deadRoute, async (c) => c.json({ dead: await queue.dead(c.req.valid('query').limit) }, 200), dead);
  router.openapi(livezRoute, (c) => c.json({ status: 'alive' as const }, 200));
  router.openapi(readyzRoute, async (c) => {
    const told = await ask();
    return c.json(told, told.ready ? 200 : 503);
  });
  return router;
}
