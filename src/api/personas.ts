import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { persona, personaFields } from '../domain/persona.ts';
import { slug } from '../domain/slug.ts';
import type { ApiPorts } from './ports.ts';
import { notFound, problemAnswer } from './problem.ts';
import { failures, failuresWithId, idPath, json, newRouter, noParams } from './router.ts';

const known = persona.extend({ origin: z.enum(['configuration', 'api']) }).meta({ id: 'Persona' });
const body = z.strictObject(personaFields);
const readOnly = problemAnswer('It comes from the configuration, or a subscription asks for it.');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/personas',
  summary: 'The saved queries that can be asked for by name: `persona=`',
  request: { query: noParams },
  responses: {
    200: json('Those of the configuration first.', z.object({ personas: z.array(known) })),
    ...failures,
  },
});
const getRoute = createRoute({
  method: 'get',
  path: '/v1/personas/{id}',
  summary: 'One persona',
  request: { params: idPath, query: noParams },
  responses: { 200: json('The persona.', known), ...failuresWithId },
});
const putRoute = createRoute({
  method: 'put',
  path: '/v1/personas/{id}',
  summary: 'Save a query under a name, or change it',
  request: {
    params: idPath,
    query: noParams,
    body: { required: true, content: { 'application/json': { schema: body } } },
  },
  responses: {
    200: json('The persona as it is now.', known),
    201: json('The persona, which is new.', known),
    409: readOnly,
    ...failures,
  },
});
const removeRoute = createRoute({
  method: 'delete',
  path: '/v1/personas/{id}',
  summary: 'Forget a persona',
  request: { params: idPath, query: noParams },
  responses: { 204: { description: 'Removed.' }, 409: readOnly, ...failuresWithId },
});

export function personasApi({ personas }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(listRoute, async (c) => c.json({ personas: await personas.list() }, 200));
  router.openapi(getRoute, async (c) => {
    const { id } = c.req.valid('param');
    const found = (await personas.list()).find((one) => one.id === id);
    if (!found) throw notFound('persona', id);
    return c.json(found, 200);
  });
  router.openapi(putRoute, async (c) => {
    const id = checkId(c.req.valid('param').id);
    const { persona: kept, created } = await personas.put({ id, ...c.req.valid('json') });
    return c.json(kept, created ? 201 : 200);
  });
  router.openapi(removeRoute, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await personas.remove(id))) throw notFound('persona', id);
    return c.body(null, 204);
  });
  return router;
}

function checkId(id: string): string {
  const checked = slug.safeParse(id);
  if (checked.success) return checked.data;
  throw new AppError('QUERY_INVALID', `id: "${id.slice(0, 100)}" ${checked.error.issues[0]!.message}.`, {
    fix: 'Choose another id; the name may hold anything.',
    details: { parameter: 'id' },
  });
}
