/**
 * Every way in which something can go wrong, told once. The metric label, the API problem type, the queue's
 * decision to try again and the sentence on the sources page all come from this table.
 */
export const ERRORS = {
  CONFIG_INVALID: { status: 500, retry: 'never', title: 'The configuration has problems' },
  USAGE: { status: 400, retry: 'never', title: 'The command was not understood' },
  QUERY_INVALID: { status: 400, retry: 'never', title: 'The query was not understood' },
  BODY_INVALID: { status: 400, retry: 'never', title: 'The request body was not understood' },
  PUSH_REFUSED: { status: 401, retry: 'never', title: 'The push is not signed as agreed' },
  HOST_REFUSED: { status: 403, retry: 'never', title: 'This name is not served here' },
  NOT_FOUND: { status: 404, retry: 'never', title: 'There is nothing here by that name' },
  CONFLICT: { status: 409, retry: 'backoff', title: 'Somebody else changed it first' },
  SOURCE_SHAPE: { status: 502, retry: 'never', title: 'The source answered something that is not its format' },
  ROW_INVALID: { status: 422, retry: 'never', title: 'A row does not fit' },
  FILE_UNREADABLE: { status: 500, retry: 'never', title: 'The file cannot be read' },
  ADDRESS_BLOCKED: { status: 400, retry: 'never', title: 'That address is not public' },
  REMOTE_UNREACHABLE: { status: 502, retry: 'backoff', title: 'The other side cannot be reached' },
  REMOTE_TIMEOUT: { status: 504, retry: 'backoff', title: 'The other side did not answer in time' },
  REMOTE_UNAVAILABLE: { status: 502, retry: 'backoff', title: 'The other side has a fault' },
  REMOTE_RATE_LIMITED: { status: 503, retry: 'backoff', title: 'The other side asks for a pause' },
  REMOTE_UNAUTHORIZED: { status: 502, retry: 'never', title: 'The other side refuses our credentials' },
  REMOTE_NOT_FOUND: { status: 502, retry: 'never', title: 'The other side knows no such address' },
  REMOTE_GONE: { status: 502, retry: 'never', title: 'The other side says it is gone for good' },
  REMOTE_REFUSED: { status: 502, retry: 'never', title: 'The other side refuses the request' },
  REMOTE_TOO_LARGE: { status: 502, retry: 'never', title: 'The answer is larger than allowed' },
  STORE_REFUSED: { status: 500, retry: 'never', title: 'The store refused a document' },
  // Our own servers: what needs them waits for them, however long, and nothing counts as a failure meanwhile.
  STORE_UNAVAILABLE: { status: 503, retry: { afterMs: 3_000 }, title: 'The store cannot be used' },
  STORE_BUSY: { status: 503, retry: { afterMs: 3_000 }, title: 'The store has too much to do' },
  QUEUE_UNAVAILABLE: { status: 503, retry: { afterMs: 3_000 }, title: 'The job queue cannot be used' },
  STAGE_UNAVAILABLE: { status: 500, retry: 'never', title: 'This stage of scale cannot be started' },
  POISON: { status: 500, retry: 'never', title: 'The job kept ending its worker' },
  INTERNAL: { status: 500, retry: 'backoff', title: 'A fault of our own' },
} as const satisfies Record<string, { status: number; retry: Retry; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Faults of our own servers, which no source, document or receiver is to be blamed for. */
export const OWN_FAULTS: ReadonlySet<ErrorCode> = new Set(['STORE_UNAVAILABLE', 'STORE_BUSY', 'QUEUE_UNAVAILABLE']);

/** What the queue does next: give up, try again at growing intervals (counted), or wait as told (not counted). */
export type Retry = 'never' | 'backoff' | { afterMs: number };

export interface ErrorDetails {
  /** Overrides the table's decision, for instance with the pause a platform asked for. */
  retry?: Retry;
  /** What the reader can do about it, as a full sentence. */
  fix?: string;
  /** Anything a machine may want: known names, a line number. Never a secret. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** The only error that crosses a module's border on purpose. Its `code` is a contract, its message is for people. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly fix: string | undefined;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? ERRORS[code].retry;
    this.fix = options.fix;
    this.details = options.details ?? {};
  }
}

/** Wraps whatever was thrown, so that the rest of the house sees one kind of error only. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('INTERNAL', message, { cause: thrown });
}
