import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { AppError, ERRORS } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Log } from '../domain/log.ts';

/** Problem details, RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457), with our closed list of codes. */
export const problem = z
  .object({
    type: z.string().describe('`/problems/<code>`'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What happened and where.'),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    fix: z.string().optional().describe('What to do about it.'),
    known: z.array(z.string()).optional().describe('Names or values that would have been understood.'),
    nearest: z.string().optional().describe('The one of them that was most likely meant.'),
    parameter: z.string().optional(),
    instance: z.string().optional().describe('For a fault of ours: the id under which it is logged.'),
  })
  .meta({ id: 'Problem' });
type Problem = z.infer<typeof problem>;

/** Every route may answer these beside its own. */
export const problemAnswer = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
});

/** Turns whatever was thrown into a problem. Of a fault of ours nothing is told but the id under which it is logged. */
export function answerProblem(thrown: unknown, log: Log, method: string, path: string): Problem {
  const error = asAppError(thrown);
  if (error && ERRORS[error.code].status !== 500) return told(error);
  const id = randomUUID();
  log('error', 'request failed', { id, method, path, ...(error ? { code: error.code } : {}), error: wordsOf(thrown) });
  const fix = `Try again; if it stays, look for ${id} in the log.`;
  return { ...base('INTERNAL'), detail: 'The request met a fault of ours.', fix, instance: `urn:uuid:${id}` };
}

/** Sends a problem in its media type. */
export function sendProblem(c: Context, body: Problem): Response {
  return c.body(JSON.stringify(body), body.status as 400, { 'content-type': 'application/problem+json' });
}

export function notFound(what: string, id: string): AppError {
  return new AppError('NOT_FOUND', `There is no ${what} "${id.slice(0, 100)}".`);
}

function told(error: AppError): Problem {
  const { code, message, fix, details } = error;
  return { ...details, ...base(code), detail: message, ...(fix ? { fix } : {}) };
}

function base(code: ErrorCode): Pick<Problem, 'type' | 'title' | 'status' | 'code'> {
  const { title, status } = ERRORS[code];
  return { type: `/problems/${code}`, title, status, code };
}

/** Hono itself throws for a body that is not JSON. */
function asAppError(thrown: unknown): AppError | undefined {
  if (thrown instanceof AppError) return thrown;
  if (!(thrown instanceof HTTPException) || thrown.status >= 500) return undefined;
  return new AppError('BODY_INVALID', 'The body is not JSON.', { fix: 'Send one JSON object.' });
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
