import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { ERRORS } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { instant, mentionFilter } from '../domain/query.ts';
import { understand } from '../journey/personas.ts';
import { pageParams } from './mentions.ts';
import type { ApiPorts } from './ports.ts';
import { notFound, problemAnswer } from './problem.ts';
import { failures, failuresWithId, idPath, json, newRouter, noParams, paramsHook } from './router.ts';

const destination = z.looseObject({ type: z.string().min(1).max(60) }).describe("A notifier's type with its options.");
const newSubscription = z.strictObject({
  query: mentionFilter.describe('Which new mentions are told. Negative ones, unless it or its persona says otherwise.'),
  notify: z.array(destination).min(1).max(20),
  since: instant.optional().describe('Tell also of what was collected since. Default: only of what comes now.'),
});
const subscription = newSubscription
  .extend({ id: z.string(), createdAt: z.string(), since: z.string(), origin: z.enum(['configuration', 'api']) })
  .meta({ id: 'Subscription' });
const created = z.object({ subscription, secret: z.string().optional().describe('Shown this once.') });

const notice = z
  .object({
    id: z.string(),
    subscription: z.string(),
    mentionId: z.string(),
    destination: z.string().describe('Type and address.'),
    state: z.enum(['pending', 'delivered', 'failed']),
    createdAt: z.string(),
    attempts: z.array(
      z.object({
        at: z.string(),
        error: z
          .object({ code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]), message: z.string() })
          .optional(),
      }),
    ),
  })
  .meta({ id: 'Notice' });
const noticeParams = z.strictObject({
  subscription: z.string().min(1).max(200).optional(),
  state: z.enum(['pending', 'delivered', 'failed']).optional(),
  ...pageParams,
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/subscriptions',
  summary: 'Who is told of what',
  request: { query: noParams },
  responses: { 200: json('All of them.', z.object({ subscriptions: z.array(subscription) })), ...failures },
});
const addRoute = createRoute({
  method: 'post',
  path: '/v1/subscriptions',
  summary: 'Be told of new mentions from now on',
  request: { query: noParams, body: { required: true, content: { 'application/json': { schema: newSubscription } } } },
  responses: { 201: json('The subscription, with its secret where one was made.', created), ...failures },
});
const getRoute = createRoute({
  method: 'get',
  path: '/v1/subscriptions/{id}',
  summary: 'One subscription',
  request: { params: idPath, query: noParams },
  responses: { 200: json('The subscription.', subscription), ...failuresWithId },
});
const removeRoute = createRoute({
  method: 'delete',
  path: '/v1/subscriptions/{id}',
  summary: 'Be told no longer',
  request: { params: idPath, query: noParams },
  responses: {
    204: { description: 'Removed.' },
    409: problemAnswer('It comes from the configuration.'),
    ...failuresWithId,
  },
});
const noticesRoute = createRoute({
  method: 'get',
  path: '/v1/notices',
  summary: 'What was told to whom, newest first',
  request: { query: noticeParams },
  responses: {
    200: json('One page.', z.object({ notices: z.array(notice), next: z.string().optional() })),
    ...failures,
  },
});

export function subscriptionsApi({ subscriptions, notices, ...ports }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(listRoute, async (c) => c.json({ subscriptions: await subscriptions.list() }, 200));
  router.openapi(addRoute, async (c) => {
    const input = c.req.valid('json');
    // A stage or persona that does not exist would never match: say so now, not by silence.
    await understand(input.query, ports);
    const made = await subscriptions.create(input);
    return c.json(made, 201, { location: `/v1/subscriptions/${encodeURIComponent(made.subscription.id)}` });
  });
  router.openapi(getRoute, async (c) => {
    const { id } = c.req.valid('param');
    const found = await subscriptions.get(id);
    if (!found) throw notFound('subscription', id);
    return c.json(found, 200);
  });
  router.openapi(removeRoute, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await subscriptions.remove(id))) throw notFound('subscription', id);
    return c.body(null, 204);
  });
  const page = paramsHook(noticeParams);
  router.openapi(noticesRoute, async (c) => c.json(await notices.list(c.req.valid('query')), 200), page);
  return router;
}
