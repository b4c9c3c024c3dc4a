/** The one way out to the network, given to whoever needs it. Made by `net/http.ts`. */
export interface HttpRequest {
  url: string;
  method?: 'GET' | 'POST' | undefined;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
  /** Whole exchange, redirects included. Default 20,000. */
  timeoutMs?: number | undefined;
  /** Cap on the decoded body, in bytes. Default 8 MiB. */
  maxBytes?: number | undefined;
  /** Follow up to five redirects (default) or treat a redirect as refused. */
  redirect?: 'follow' | 'refuse' | undefined;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  /** 2xx or 304; every other status is thrown as an `AppError`. */
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Decoded from its content encoding. */
  body: Uint8Array;
  /** Final address after redirects. */
  url: string;
}

/** Throws only `AppError`: `REMOTE_*` by the status table, `ADDRESS_BLOCKED` for non-public addresses. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;
