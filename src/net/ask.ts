import { AppError } from '../domain/errors.ts';
import type { HttpClient, HttpRequest } from '../domain/http.ts';
import type { WireAnswer } from '../domain/source.ts';
import { stopIfAborted } from './pace.ts';

export interface Asking {
  http: HttpClient;
  signal: AbortSignal;
}

/** An answer with its headers, which some platforms use for paging. */
export type Answer = WireAnswer & { headers: Record<string, string> };

/** One answer of a platform, JSON asked for, ready to be read. */
export async function ask({ http, signal }: Asking, request: HttpRequest): Promise<Answer> {
  stopIfAborted(signal);
  const headers = { accept: 'application/json', ...request.headers };
  const answer = await http({ signal, ...request, headers });
  return {
    body: answer.body,
    contentType: answer.headers['content-type'],
    url: answer.url,
    headers: answer.headers,
  };
}

/** The answer, or undefined where the platform says that there is no such thing (any more). */
export async function askIfThere<T>(asking: () => Promise<T>): Promise<T | undefined> {
  try {
    return await asking();
  } catch (thrown) {
    if (thrown instanceof AppError && MISSING.has(thrown.code)) return undefined;
    throw thrown;
  }
}

const MISSING = new Set(['REMOTE_NOT_FOUND', 'REMOTE_GONE']);
