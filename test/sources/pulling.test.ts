import { afterAll, describe, expect, it } from 'vitest';
import type { Page, Source } from '../../src/domain/source.ts';
import { createHttp } from '../../src/net/http.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { startServer } from '../net/server.ts';
import type { Asked, Reply } from '../net/server.ts';
import { appStorePlatform } from './platforms.ts';

let reply: (asked: Asked) => Reply = () => ({});
const server = await startServer((asked) => reply(asked));
const http = createHttp({ allow: ['127.0.0.0/8'], perHostMs: 0 });
afterAll(async () => {
  await http.close();
  await server.close();
});

interface Pulled {
  ids: string[];
  pages: Page<unknown>[];
  cursor: unknown;
  asked: Asked[];
}

async function pull(source: Source, options: object, cursor?: unknown): Promise<Pulled> {
  server.asked.length = 0;
  const pages: Page<unknown>[] = [];
  const context = {
    options: source.options.parse(options),
    cursor,
    http,
    now: () => new Date('2026-02-07T12:00:00Z'),
    signal: new AbortController().signal,
  };
  for await (const page of source.pull(context)) pages.push(page);
  const ids = pages.flatMap(({ items }) => items.map(({ externalId }) => externalId));
  return { ids, pages, cursor: pages.at(-1)!.cursor, asked: [...server.asked] };
}

const header = ({ asked }: Pulled, name: string) => asked.map(({ headers }) => headers[name]);

describe('rss', () => {
  const rss = sourceOf('rss');
  const options = { url: `${server.base}/feed`, channel: 'review' };
  const feed = '<rss><channel><item><title>a</title></item></channel></rss>';
  const etag = 'W/"odd, \\"one\\""';
  const lastModified = 'Sat, 7 Feb 2026 11:00:00 +0000';

  it('keeps validators exactly and sends them back; 304 is an empty page', async () => {
    reply = () => ({ body: feed, headers: { etag, 'last-modified': lastModified } });
    const first = await pull(rss, options);
    expect(first.cursor).toEqual({ etag, lastModified });
    expect(first.pages[0]!.items[0]!.channel).toBe('review');
    expect(header(first, 'if-none-match')).toEqual([undefined]);

    reply = () => ({ status: 304 });
    const second = await pull(rss, options, first.cursor);
    expect(header(second, 'if-none-match')).toEqual([etag]);
    expect(header(second, 'if-modified-since')).toEqual([lastModified]);
    expect(second.pages).toEqual([{ items: [], refused: [], cursor: { etag, lastModified } }]);
  });

  it('does not keep the validators of a feed that broke off', async () => {
    reply = () => ({ body: feed.replace('</channel></rss>', '<item>'), headers: { etag } });
    const { ids, cursor } = await pull(rss, options);
    expect([ids.length, cursor]).toEqual([1, {}]);
  });
});

describe('app-store', () => {
  const source = sourceOf('app-store');
  const options = { app: '1', countries: ['gb'], baseUrl: server.base };
  const reviews = Array.from({ length: 9 }, (_, index) => ({
    id: `r${index + 1}`,
    at: `2026-02-0${index + 1}T00:00:00Z`,
    country: 'gb',
  }));

  it('stops at a page that is known, three days of overlap included', async () => {
    reply = appStorePlatform(reviews.slice(0, 8));
    const first = await pull(source, options);
    expect(first.cursor).toEqual({ newest: { gb: '2026-02-08T00:00:00.000Z' } });
    reply = appStorePlatform(reviews);
    const second = await pull(source, options, first.cursor);
    // r9 r8 | r7 r6 | r5 r4 are within or beside the overlap; r3 r2 are known as a whole and end it.
    expect(second.ids).toEqual(['r8', 'r9', 'r6', 'r7', 'r4', 'r5', 'r2', 'r3']);
    expect(second.cursor).toEqual({ newest: { gb: '2026-02-09T00:00:00.000Z' } });
  });

  it('does not move its mark before the older pages are through', async () => {
    reply = appStorePlatform(reviews);
    const { pages } = await pull(source, options);
    expect(pages.slice(0, -1).map(({ cursor }) => cursor)).toEqual(pages.slice(1).map(() => ({ newest: {} })));
  });

  it('asks ten pages at most', async () => {
    reply = appStorePlatform(
      Array.from({ length: 40 }, (_, index) => ({ id: `${index}`, at: '2026-02-01T00:00:00Z', country: 'gb' })),
    );
    const { asked } = await pull(source, options);
    expect(asked.map(({ url }) => url.pathname).at(-1)).toContain('/page=10/');
    expect(asked).toHaveLength(10);
  });
});
