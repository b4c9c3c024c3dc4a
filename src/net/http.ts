import { Agent, request as send } from 'undici';
import type { Dispatcher } from 'undici';
import { AppError } from '../domain/errors.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../domain/http.ts';
import { ACCEPTED_ENCODINGS, decodeBody, readBody, refuseDense, tooLarge } from './body.ts';
import { createGuard, guardedConnector } from './guard.ts';
import { createGate, ownMemory } from './gate.ts';
import type { Gate } from './gate.ts';
import { startDeadline } from './pace.ts';
import type { Deadline } from './pace.ts';
import { addressOf, errorOfStatus } from './status.ts';

const TIMEOUT_MS = 20_000;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 5;
const CONNECTIONS_PER_HOST = 8;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** The only headers that go along to another host. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent']);

export interface HttpOptions {
  /** Networks (CIDR) that may be asked although they are not public: `network.allow`. */
  allow?: readonly string[] | undefined;
  userAgent?: string | undefined;
  now?: (() => Date) | undefined;
  /** Least time between the starts of two requests to one host, in milliseconds. Default 100; for a `gate` of its own. */
  perHostMs?: number | undefined;
  /** Shared with whoever else asks the same hosts. Default: one of its own, which never closes. */
  gate?: Gate | undefined;
}

interface Hop {
  url: URL;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | undefined;
}

interface Exchange {
  request: HttpRequest;
  agent: Agent;
  gate: Gate;
  deadline: Deadline;
  now: () => Date;
}

/** The one way out. `close` ends idle connections and waits for running exchanges. */
export function createHttp(options: HttpOptions = {}): HttpClient & { close(): Promise<void> } {
  const now = options.now ?? (() => new Date());
  const agent = new Agent({
    connect: guardedConnector(createGuard(options.allow)),
    connections: CONNECTIONS_PER_HOST,
    // The deadline covers the whole exchange, so the client's own limits are off.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const gate = options.gate ?? createGate(ownMemory(), { perHostMs: options.perHostMs ?? 100, now });
  const userAgent = options.userAgent ?? 'Earshot';
  const client: HttpClient = async (request) => {
    const first = firstHop(request, userAgent);
    const address = addressOf(first.url);
    const deadline = startDeadline(request.timeoutMs ?? TIMEOUT_MS, address, request.signal);
    try {
      return await follow(first, { request, agent, gate, deadline, now });
    } catch (thrown) {
      deadline.check();
      throw networkError(thrown, address);
    } finally {
      deadline.end();
    }
  };
  return Object.assign(client, { close: () => agent.close() });
}

async function follow(first: Hop, exchange: Exchange): Promise<HttpAnswer> {
  let hop = first;
  for (let redirects = 0; ; redirects++) {
    const { statusCode, headers: received, body } = await ask(hop, exchange);
    const headers = flatten(received);
    const location = REDIRECTS.has(statusCode) ? headers['location'] : undefined;
    if (location === undefined || exchange.request.redirect === 'refuse') {
      return await finish(hop, statusCode, headers, body, exchange);
    }
    await body.dump();
    if (redirects === MAX_REDIRECTS) throw redirectError(hop.url, `redirects more than ${MAX_REDIRECTS} times`);
    hop = nextHop(hop, statusCode, location);
  }
}

async function ask(hop: Hop, { agent, gate, deadline, request }: Exchange): Promise<Dispatcher.ResponseData> {
  const { host } = hop.url;
  await gate.enter(host, deadline.signal);
  try {
    const answer = await send(hop.url, {
      dispatcher: agent,
      method: hop.method,
      headers: hop.headers,
      body: hop.body ?? null,
      signal: deadline.signal,
    });
    await gate.leave(host, answer.statusCode < 500);
    return answer;
  } catch (thrown) {
    // That we were not allowed to ask, or did not want to any more, is no fault of the host.
    if (!(causeOf(thrown) instanceof AppError) && !request.signal?.aborted) await gate.leave(host, false);
    throw thrown;
  }
}

const causeOf = (thrown: unknown) => (thrown as { cause?: unknown }).cause ?? thrown;

async function finish(
  hop: Hop,
  status: number,
  headers: Record<string, string>,
  body: Dispatcher.ResponseData['body'],
  { request, deadline, now }: Exchange,
): Promise<HttpAnswer> {
  const address = addressOf(hop.url);
  const error = errorOfStatus({ status, headers, address, now: now() });
  if (error) {
    // Reading the rest keeps the connection; its failing changes nothing.
    await body.dump().catch(() => {});
    throw error;
  }
  const maxBytes = request.maxBytes ?? MAX_BYTES;
  if (Number(headers['content-length'] ?? 0) > maxBytes) {
    body.on('error', () => {}).destroy();
    throw tooLarge(maxBytes, address);
  }
  const bytes = await readBody(body, maxBytes, address);
  const decoded = await decodeBody(bytes, headers['content-encoding'], maxBytes, address);
  refuseDense(decoded, address);
  deadline.check();
  return { status, headers, body: decoded, url: hop.url.href };
}

function firstHop({ url, method = 'GET', headers = {}, body }: HttpRequest, userAgent: string): Hop {
  const target = readUrl(url);
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const login = takeLogin(target);
  return {
    url: target,
    method,
    headers: {
      'user-agent': userAgent,
      'accept-encoding': ACCEPTED_ENCODINGS,
      ...(login !== undefined && { authorization: login }),
      ...own,
    },
    body,
  };
}

/** `user:password@` in an address becomes a header, so that it is sent but can never be printed. */
function takeLogin(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const login = `${percentDecode(url.username)}:${percentDecode(url.password)}`;
  url.username = '';
  url.password = '';
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

/** Percent-decoding that leaves alone what is not well-formed. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function nextHop(hop: Hop, status: number, location: string): Hop {
  const url = readUrl(location, hop.url);
  takeLogin(url);
  const elsewhere = url.host !== hop.url.host || (hop.url.protocol === 'https:' && url.protocol !== 'https:');
  const keepsBody = hop.method === 'GET' || status === 307 || status === 308;
  if (elsewhere && hop.method === 'POST' && keepsBody) throw redirectError(hop.url, 'sends our data to another host');
  const headers = elsewhere
    ? Object.fromEntries(Object.entries(hop.headers).filter(([name]) => HARMLESS.has(name)))
    : hop.headers;
  return keepsBody ? { ...hop, url, headers } : { url, headers, method: 'GET', body: undefined };
}

function readUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  const from = base ? `${addressOf(base)} redirects to` : 'Asked for';
  throw new AppError('REMOTE_REFUSED', `${from} an address that is not http or https.`, {
    fix: 'Write the whole address, beginning with https://.',
  });
}

function redirectError(url: URL, what: string): AppError {
  return new AppError('REMOTE_REFUSED', `${addressOf(url)} ${what}.`, {
    fix: 'Put the final address into the configuration.',
  });
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const pairs = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(pairs.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value!]));
}

/** Errors of sockets and of undici have codes; their messages may hold more than we want to show. */
function networkError(thrown: unknown, address: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, cause } = thrown as { code?: string; cause?: unknown };
  if (cause instanceof AppError) return cause;
  const late = code?.startsWith('UND_ERR_') === true && code.endsWith('_TIMEOUT');
  return new AppError(
    late ? 'REMOTE_TIMEOUT' : 'REMOTE_UNREACHABLE',
    `${address} cannot be reached${code === undefined ? '' : ` (${code})`}.`,
    { fix: 'Check the address and that this machine has a way to it. It is tried again.' },
  );
}
