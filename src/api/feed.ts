import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { rawMention } from '../domain/mention.ts';
import type { RawMention } from '../domain/mention.ts';
import type { Change } from '../domain/store.ts';
import { mentionSchema } from './mentions.ts';
import type { ApiPorts } from './ports.ts';
import { failures, newRouter, paramsHook } from './router.ts';

/** Where to go on from, also the last line of the body. */
const NEXT_HEADER = 'Earshot-Next';

const params = z.strictObject({
  after: z.string().min(1).max(500).optional().describe('`next` of the answer before; absent = from the beginning.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Most changes per answer.'),
});

/** One line of the feed. */
const line = z.union([
  z.object({
    eventId: z.string().describe('The same on every reading: pass over what you know already.'),
    kind: z.enum(['mention.stored', 'mention.erased']),
    mentionId: z.string(),
    mention: mentionSchema.optional().describe('Its newest state; absent when erased.'),
    identity: rawMention.shape.author
      .unwrap()
      .nullable()
      .optional()
      .describe(
        'Who wrote it, where its source says `authors: reversible`; `null` where the key at hand does not open it.',
      ),
  }),
  z.object({ next: z.string().describe('The last line: where to go on from.') }),
]);

const feedRoute = createRoute({
  method: 'get',
  path: '/v1/feed',
  summary: 'Everything that happened to mentions, oldest first',
  description: 'Read to the end, keep `next`, ask again with `after`. At least once: an event may come twice.',
  request: { query: params },
  responses: {
    200: { description: 'One JSON value per line.', content: { 'application/x-ndjson': { schema: line } } },
    ...failures,
  },
});

export function feedApi({ mentions, identities }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    feedRoute,
    async (c) => {
      const { after, limit } = c.req.valid('query');
      const { changes, next } = await mentions.changes(after, limit);
      const known = await identities(changes.flatMap((change) => (change.kind === 'stored' ? change.mention : [])));
      const events = changes.map((change) => event(change, known.get(change.mentionId)));
      const body = [...events, { next }].map((value) => `${JSON.stringify(value)}\n`).join('');
      // The library knows no type for bodies of several JSON values.
      return c.body(body, 200, { 'content-type': 'application/x-ndjson', [NEXT_HEADER]: next }) as never;
    },
    paramsHook(params),
  );
  return router;
}

/** JSON leaves out an identity of which nothing is known. */
function event(change: Change, identity: RawMention['author'] | null) {
  return { ...change, kind: `mention.${change.kind}`, identity };
}
