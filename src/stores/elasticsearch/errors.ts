import { errors } from '@elastic/elasticsearch';
import { AppError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';

/** Statuses after which the same request may go well: too much at once, or a fault of the server. */
export function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Whether the whole request may go well when it is sent again. */
export function mayPass(thrown: unknown): boolean {
  if (thrown instanceof errors.ResponseError) return isPassing(thrown.statusCode ?? 0);
  return thrown instanceof errors.ConnectionError || thrown instanceof errors.TimeoutError;
}

/** Whether Elasticsearch answered with that error, e.g. `resource_already_exists_exception`. */
export function isResponse(thrown: unknown, type: string): boolean {
  return thrown instanceof errors.ResponseError && reasonOf(thrown).startsWith(type);
}

/** Runs a request and gives every failure as an `AppError`. `doing` completes "Elasticsearch failed …". */
export async function asking<T>(doing: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (thrown) {
    throw toStoreError(doing, thrown);
  }
}

/** What a failed request means to the rest of the house. The client's own error is left behind: it holds the request. */
export function toStoreError(doing: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof errors.TimeoutError) return failed('STORE_UNAVAILABLE', doing, 'no answer in time');
  if (thrown instanceof errors.ResponseError) return failed(codeOf(thrown.statusCode ?? 0), doing, reasonOf(thrown));
  if (thrown instanceof errors.ConnectionError || thrown instanceof errors.NoLivingConnectionsError)
    return failed('STORE_UNAVAILABLE', doing, thrown.message);
  return failed('INTERNAL', doing, thrown instanceof Error ? thrown.message : String(thrown));
}

/** The error of a status, for a whole request or one item of a bulk. */
export function codeOf(status: number): ErrorCode {
  if (status === 429) return 'STORE_BUSY';
  const noDocumentsFault = status >= 500 || status === 401 || status === 403 || status === 404;
  return noDocumentsFault ? 'STORE_UNAVAILABLE' : 'STORE_REFUSED';
}

export function failed(code: ErrorCode, doing: string, reason: string): AppError {
  return new AppError(code, `Elasticsearch failed ${doing}: ${reason}`, {
    fix: 'See that Elasticsearch runs, has room, and lets this user write indices with the prefix.',
  });
}

interface ErrorBody {
  error?: { type?: string; reason?: string; root_cause?: { type?: string; reason?: string }[] };
}

function reasonOf(thrown: InstanceType<typeof errors.ResponseError>): string {
  const { error } = (thrown.body ?? {}) as ErrorBody;
  const cause = error?.root_cause?.[0] ?? error;
  return cause?.type === undefined ? `status ${thrown.statusCode}` : `${cause.type}: ${cause.reason ?? ''}`;
}
