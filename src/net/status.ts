import { AppError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';

/** No platform may silence us for longer than this. */
const MAX_PAUSE_MS = 24 * 60 * 60 * 1000;

interface Meaning {
  code: ErrorCode;
  says: string;
  fix: string;
}

const UNAUTHORIZED: Meaning = {
  code: 'REMOTE_UNAUTHORIZED',
  says: 'refuses the credentials',
  fix: 'Check the token or password of this source or destination, and whether its account may read this.',
};
const BUSY: Meaning = {
  code: 'REMOTE_UNAVAILABLE',
  says: 'has a fault',
  fix: 'Nothing to do: it is tried again. If it goes on, look at the status page of the other side.',
};
const LIMITED: Meaning = {
  code: 'REMOTE_RATE_LIMITED',
  says: 'asks for a pause',
  fix: 'Nothing to do: it is asked again after the pause. If it goes on, raise its `every`.',
};
const REFUSED: Meaning = {
  code: 'REMOTE_REFUSED',
  says: 'refuses the request',
  fix: 'Check the address and the options; the platform does not accept them as they are.',
};
const MOVED: Meaning = {
  code: 'REMOTE_REFUSED',
  says: 'points to another address, which is not followed here',
  fix: 'Put the final address into the configuration.',
};

/** What single statuses mean, by https://www.rfc-editor.org/rfc/rfc9110#section-15 ; the rest goes by its hundred. */
const BY_STATUS: Record<number, Meaning> = {
  401: UNAUTHORIZED,
  403: UNAUTHORIZED,
  404: {
    code: 'REMOTE_NOT_FOUND',
    says: 'knows no such address',
    fix: 'Check the address in the configuration.',
  },
  408: BUSY,
  410: {
    code: 'REMOTE_GONE',
    says: 'says that it is gone for good',
    fix: 'Remove it from the configuration or give its new address.',
  },
  425: BUSY,
  429: LIMITED,
};

export interface StatusAnswer {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** As `addressOf` gives it, without secrets. */
  address: string;
  now: Date;
}

/** The one table from HTTP status to error; `undefined` for answers: 2xx and 304. */
export function errorOfStatus({ status, headers, address, now }: StatusAnswer): AppError | undefined {
  if ((status >= 200 && status < 300) || status === 304) return undefined;
  const afterMs = pauseOf(headers['retry-after'], now) ?? (status === 429 ? resetOf(headers, now) : undefined);
  const meaning = status === 503 && afterMs !== undefined ? LIMITED : meaningOf(status);
  const waits = meaning === LIMITED && afterMs !== undefined;
  return new AppError(meaning.code, `${address} ${meaning.says} (HTTP ${status}).`, {
    fix: meaning.fix,
    details: { status },
    ...(waits && { retry: { afterMs } }),
  });
}

function meaningOf(status: number): Meaning {
  const single = BY_STATUS[status];
  if (single) return single;
  if (status >= 500) return BUSY;
  return status >= 300 && status < 400 ? MOVED : REFUSED;
}

/**
 * `Retry-After` in milliseconds, at most 24 hours: delta-seconds or an HTTP date, by
 * https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 . Undefined where it is absent or neither.
 */
function pauseOf(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  const pause = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isNaN(pause) ? undefined : Math.min(Math.max(pause, 0), MAX_PAUSE_MS);
}

/**
 * Platforms that say when the next window opens instead: seconds from now, or since 1970 (X, GitHub, Zendesk, Reddit).
 * https://docs.x.com/x-api/fundamentals/rate-limits , https://support.reddithelp.com/hc/en-us/articles/16160319875092
 */
function resetOf(headers: Record<string, string>, now: Date): number | undefined {
  const value = Number(headers['x-rate-limit-reset'] ?? headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']);
  if (!(value > 0)) return undefined;
  const pause = value > 1e9 ? value * 1000 - now.getTime() : value * 1000;
  return Math.min(Math.max(pause, 0), MAX_PAUSE_MS);
}

/** Path segments of this look are keys (bots, incoming webhooks) and are not shown. */
const KEY_LIKE = /^(?=.*\d)(?=.*[a-z]).{20,}$/i;

/** An address for people: origin and path, never the query, user names, passwords or keys inside the path. */
export function addressOf(url: URL): string {
  const path = url.pathname.split('/').map((segment) => (KEY_LIKE.test(segment) ? '…' : segment));
  return `${url.protocol}//${url.host}${path.join('/')}`;
}
