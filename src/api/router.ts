import { OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { queryProblem } from '../journey/filter-params.ts';
import type { RawParams } from '../journey/filter-params.ts';
import { problemAnswer } from './problem.ts';

/** For routes without parameters: a stray one is refused rather than passed over in silence. */
export const noParams = z.strictObject({});

/** A mention's id in a path. */
export const mentionIdPath = z.strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/) });

/** An id in a path. */
export const idPath = z.strictObject({ id: z.string().min(1).max(200) });

export const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
});

/** What any route may answer instead of its own. */
export const failures = {
  400: problemAnswer('The query or the body was not understood.'),
  500: problemAnswer('A fault of ours.'),
};
export const failuresWithId = { ...failures, 404: problemAnswer('There is nothing here by that name.') };

/** One sub-app; what does not fit a route's schemas becomes a problem that names what would have fitted. */
export function newRouter(): OpenAPIHono {
  return new OpenAPIHono({ defaultHook: refuse([]) });
}

/**
 * The hook for a route with parameters.
 * @param known Names of all parameters of the route.
 */
export function paramsHook(query: z.ZodObject) {
  return refuse(Object.keys(query.shape));
}

/** What the library tells a hook, as far as it is read here. */
interface Judged {
  success: boolean;
  target: string;
  data?: unknown;
  error?: z.ZodError;
}

function refuse(known: readonly string[]) {
  return ({ target, data, error }: Judged): undefined => {
    if (!error) return undefined;
    if (target === 'query') throw queryProblem(error, data as RawParams, known);
    if (target === 'param') throw new AppError('NOT_FOUND', 'There is nothing of that name.');
    throw bodyProblem(error);
  };
}

function bodyProblem(error: z.ZodError): AppError {
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  return new AppError('BODY_INVALID', problems.join('; '), {
    fix: 'Correct the fields named; /openapi.json describes the body.',
    details: { problems },
  });
}
