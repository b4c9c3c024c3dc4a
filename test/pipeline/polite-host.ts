import { subscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What ails a feed for the time being. */
export type Trouble = { status: 500 } | { status: 429; retryAfterSeconds: number } | 'reset';

/** A feed on a host. Times are milliseconds since 1970. */
export interface Feed {
  /** Minutes between two new items. */
  everyMinutes: number;
  validators: 'both' | 'etag' | 'modified' | 'none';
  /** How long it takes to answer, or to break off. */
  answersAfterMs?: number;
  trouble?(at: number): Trouble | undefined;
}

/** One request, as the host saw it. */
export interface Asked {
  /** When it came, milliseconds since 1970. */
  at: number;
  host: string;
  feed: string;
  /** Which of our processes asked. */
  process: string;
  headers: IncomingMessage['headers'];
  /** `reset`: the host broke off. `lost`: whoever asked was gone before the answer. */
  status: number | 'reset' | 'lost';
  /** When it was answered or broken off; far away while it is not. */
  endedAt: number;
  /** The headers of the answer. */
  gave: Record<string, string>;
}

interface Hosts {
  /** Every request to every host, in their order. */
  log: Asked[];
  addressOf(feed: string): string;
  /** Requests that wait for their end at this moment. */
  held(): Asked[];
  /** Ends the connections of a process, as its death would. */
  cutOff(process: string): void;
  close(): Promise<void>;
}

/** The ids of what a feed holds at that time. */
export function itemsOf(name: string, { everyMinutes }: Feed, startedAt: number, at: number): string[] {
  const count = Math.floor((at - startedAt) / (everyMinutes * 60_000)) + 1;
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

/** Real servers, each a host of its own by its port, whose feeds behave by the simulated clock. */
export async function openHosts(hosts: Record<string, Record<string, Feed>>, startedAt: number): Promise<Hosts> {
  const log: Asked[] = [];
  const held = new Map<Asked, ServerResponse>();
  const servers = new Map<string, Server>();
  for (const [host, feeds] of Object.entries(hosts)) {
    const server = createServer((request, response) => {
      const name = request.url!.slice(1);
      const feed = feeds[name]!;
      const at = Date.now();
      const answer = answerOf(name, feed, startedAt, at, request.headers);
      const asked: Asked = {
        at,
        host,
        feed: name,
        process: request.headers['user-agent']!,
        headers: request.headers,
        status: answer.status,
        endedAt: Infinity,
        gave: answer.headers,
      };
      log.push(asked);
      const send = () => {
        held.delete(asked);
        asked.endedAt = Date.now();
        if (answer.status === 'reset') request.socket.resetAndDestroy();
        else response.writeHead(answer.status, answer.headers).end(answer.body);
      };
      response.on('close', () => {
        held.delete(asked);
        if (asked.endedAt === Infinity) asked.status = 'lost';
      });
      if (feed.answersAfterMs === undefined) return send();
      held.set(asked, response);
      setTimeout(() => held.has(asked) && send(), feed.answersAfterMs);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    for (const feed of Object.keys(feeds)) servers.set(feed, server);
  }
  return {
    log,
    addressOf: (feed) => `http://127.0.0.1:${(servers.get(feed)!.address() as AddressInfo).port}/${feed}`,
    held: () => [...held.keys()],
    cutOff(process) {
      for (const [asked, response] of held) if (asked.process === process) response.destroy();
    },
    async close() {
      for (const server of new Set(servers.values())) await new Promise((done) => server.close(done));
    },
  };
}

interface Answer {
  status: number | 'reset';
  headers: Record<string, string>;
  body?: string;
}

function answerOf(name: string, feed: Feed, startedAt: number, at: number, asked: IncomingMessage['headers']): Answer {
  // Idle connections would end by the real clock.
  const close = { connection: 'close' };
  const trouble = feed.trouble?.(at);
  if (trouble === 'reset') return { status: 'reset', headers: {} };
  if (trouble?.status === 429)
    return { status: 429, headers: { ...close, 'retry-after': String(trouble.retryAfterSeconds) } };
  if (trouble) return { status: trouble.status, headers: close, body: 'Out of order.' };
  const ids = itemsOf(name, feed, startedAt, at);
  const changedAt = (index: number) => new Date(startedAt + index * feed.everyMinutes * 60_000).toUTCString();
  const etag = `"${name}:${ids.length}"`;
  const modified = changedAt(ids.length - 1);
  const headers = {
    ...close,
    ...((feed.validators === 'both' || feed.validators === 'etag') && { etag }),
    ...((feed.validators === 'both' || feed.validators === 'modified') && { 'last-modified': modified }),
  };
  // The entity tag goes before the date: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
  const known = asked['if-none-match'] ?? asked['if-modified-since'];
  if (known !== undefined && known === (headers.etag ?? headers['last-modified'])) return { status: 304, headers };
  const items = ids.map(
    (id, index) =>
      `<item><guid isPermaLink="false">${id}</guid><title>Note ${id}</title><pubDate>${changedAt(index)}</pubDate>
       <description>The bench by the mill was painted for the ${index + 1}th time.</description></item>`,
  );
  const body = `<rss version="2.0"><channel><title>${name}</title>${items.toReversed().join('')}</channel></rss>`;
  return { status: 200, headers: { ...headers, 'content-type': 'application/rss+xml' }, body };
}

/**
 * How many requests the client has sent and not seen the end of.
 * https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
export function watchClient(): () => number {
  const open = new Set<unknown>();
  const requestOf = (message: unknown) => (message as { request: unknown }).request;
  subscribe('undici:request:create', (message) => void open.add(requestOf(message)));
  subscribe('undici:request:trailers', (message) => void open.delete(requestOf(message)));
  subscribe('undici:request:error', (message) => void open.delete(requestOf(message)));
  return () => open.size;
}
