import { OpenAPIHono } from '@hono/zod-openapi';
import { AppError, ERRORS } from '../domain/errors.ts';
import { nearest } from '../text/nearest.ts';
import { brandsApi } from './brands.ts';
import { compareApi } from './compare.ts';
import { feedApi } from './feed.ts';
import { inboundApi } from './inbound.ts';
import { journeyApi } from './journey.ts';
import { labelsApi } from './labels.ts';
import { mentionsApi } from './mentions.ts';
import { operationsApi } from './operations.ts';
import { pathsApi } from './paths.ts';
import { personasApi } from './personas.ts';
import type { ApiPorts } from './ports.ts';
import { answerProblem, notFound, sendProblem } from './problem.ts';
import { risksApi } from './risks.ts';
import { bodyGuard, contentSecurity, hostGuard } from './security.ts';
import { similarApi } from './similar.ts';
import { subscriptionsApi } from './subscriptions.ts';
import { themesApi } from './themes.ts';

export { LOOPBACK_HOSTS } from './security.ts';

export interface ApiOptions {
  /** Host names without port under which the server may be asked; absent = any. Set when bound to loopback. */
  allowedHosts?: readonly string[] | undefined;
  /** Of the running package, for the OpenAPI document. */
  version?: string | undefined;
}

/**
 * The HTTP API. Routes that are added to the answer later (the pages) are under the same protections and the same
 * handling of errors.
 */
export function createApi(ports: ApiPorts, options: ApiOptions = {}): OpenAPIHono {
  const app = new OpenAPIHono();
  app.onError((error, c) => sendProblem(c, answerProblem(error, ports.log, c.req.method, c.req.path)));
  app.use(contentSecurity, hostGuard(options.allowedHosts), bodyGuard);
  for (const part of [
    mentionsApi,
    labelsApi,
    similarApi,
    journeyApi,
    compareApi,
    pathsApi,
    risksApi,
    themesApi,
    brandsApi,
    inboundApi,
    personasApi,
    subscriptionsApi,
    feedApi,
    operationsApi,
  ])
    app.route('/', part(ports));
  app.get('/problems/:code', (c) => c.json(describeProblem(c.req.param('code'))));
  app.get('/openapi.json', (c) => c.json(app.getOpenAPI31Document(documentOf(options.version))));
  app.notFound((c) => {
    const paths = [...new Set(app.routes.map(({ path }) => path))].filter((path) => !path.includes('*'));
    throw noRoute(c.req.method, c.req.path, paths);
  });
  return app;
}

function documentOf(version = '1') {
  return {
    openapi: '3.1.0',
    info: { title: 'Earshot', version, description: 'What customers say, on the journey map.' },
  };
}

function noRoute(method: string, path: string, known: string[]): AppError {
  const near = nearest(path, known);
  return new AppError('NOT_FOUND', `There is no ${method} ${path.slice(0, 100)} here.`, {
    fix: near === undefined ? 'See /openapi.json.' : `Perhaps ${near} was meant; see /openapi.json.`,
    details: near === undefined ? {} : { nearest: near },
  });
}

function describeProblem(code: string) {
  const found = Object.entries(ERRORS).find(([name]) => name === code);
  if (!found) throw notFound('problem', code);
  return { code, title: found[1].title, status: found[1].status };
}
