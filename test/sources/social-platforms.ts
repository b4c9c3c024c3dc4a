import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import type { Page } from '../../src/domain/source.ts';
import { createHttp } from '../../src/net/http.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { startServer } from '../net/server.ts';
import type { Asked, Reply } from '../net/server.ts';

let reply: (asked: Asked) => Reply = () => ({});

/** What the platform answers from now on. */
export function answerBy(next: (asked: Asked) => Reply): void {
  reply = next;
}

export const server = await startServer((asked) => reply(asked));
export const http = createHttp({ allow: ['127.0.0.0/8'], perHostMs: 0 });
afterAll(async () => {
  await http.close();
  await server.close();
});

export const NOW = '2026-01-20T12:00:00.000Z';
export const json = (value: unknown): Reply => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});
export const param = ({ url }: Asked, name: string) => url.searchParams.get(name);

interface Told {
  cursor?: unknown;
  now?: string;
  /** Stops after so many pages, as a crash does. */
  pages?: number;
}

export async function pull(type: string, options: object, { cursor, now = NOW, pages: most = Infinity }: Told = {}) {
  const source = sourceOf(type);
  server.asked.length = 0;
  const pages: Page<unknown>[] = [];
  const context = {
    options: source.options.parse(options),
    cursor: cursor === undefined ? undefined : source.cursor.parse(JSON.parse(JSON.stringify(cursor))),
    http,
    now: () => new Date(now),
    signal: new AbortController().signal,
  };
  for await (const page of source.pull(context)) {
    pages.push(page);
    if (pages.length === most) break;
  }
  const items = pages.flatMap((page) => page.items);
  const words = Object.fromEntries(items.map(({ externalId, text }) => [externalId, text]));
  return { pages, items, words, ids: items.map(({ externalId }) => externalId), cursor: pages.at(-1)!.cursor };
}

/** One thing said at a platform, in nobody's format. */
export interface Said {
  id: string;
  at: string;
  text: string;
  editedAt?: string;
}

interface Platform {
  options: object;
  /** Pages of two, the newest first, filtered as the platform does. */
  serve(said: Said[]): (asked: Asked) => Reply;
  /** How the platform calls what has this id here. */
  id?(id: string): string;
}

const newestFirst = (said: Said[]) => said.toSorted((a, b) => (a.at < b.at ? 1 : -1));
export const secondsOf = (at: string) => Date.parse(at) / 1_000;

export const PLATFORMS: Record<string, Platform> = {
  'hacker-news': {
    options: { query: 'velmora', baseUrl: server.base },
    serve: (said) => (asked) => {
      const filters = param(asked, 'numericFilters') ?? '';
      const [from, to] = [/>=(\d+)/.exec(filters)?.[1] ?? 0, /<=(\d+)/.exec(filters)?.[1] ?? Infinity];
      const found = newestFirst(said).filter(({ at }) => secondsOf(at) >= Number(from) && secondsOf(at) <= Number(to));
      const page = Number(param(asked, 'page'));
      const hits = found.slice(page * 2, page * 2 + 2);
      return json({
        hits: hits.map(({ id, at, text }) => ({ objectID: id, created_at: at, comment_text: text })),
        page,
        // As the platform shows a thousand results and no more, this one shows four.
        nbPages: Math.min(2, Math.ceil(found.length / 2)),
        nbHits: found.length,
        hitsPerPage: 2,
      });
    },
  },
  bluesky: {
    options: { query: 'velmora', baseUrl: server.base },
    id: (id) => `at://did:plc:a/app.bsky.feed.post/${id}`,
    serve: (said) => (asked) => {
      const found = newestFirst(said).filter(({ at }) => at >= (param(asked, 'since') ?? ''));
      const from = Number(param(asked, 'cursor') ?? 0);
      const posts = found.slice(from, from + 2).map(({ id, at, text }) => ({
        uri: `at://did:plc:a/app.bsky.feed.post/${id}`,
        author: { did: 'did:plc:a' },
        record: { text, createdAt: at },
        indexedAt: at,
      }));
      return json({ posts, ...(from + 2 < found.length && { cursor: String(from + 2) }) });
    },
  },
  reddit: {
    options: {
      subreddit: 'luthier',
      comments: false,
      clientId: 'c',
      clientSecret: 's',
      baseUrl: server.base,
      tokenUrl: `${server.base}/token`,
    },
    id: (id) => `t3_${id}`,
    serve: (said) => (asked) => {
      if (asked.url.pathname === '/token') return json({ access_token: 't' });
      const all = newestFirst(said);
      const from = all.findIndex(({ id }) => `t3_${id}` === param(asked, 'after')) + 1;
      const children = all.slice(from, from + 2).map(({ id, at, text }) => ({
        kind: 't3',
        data: { id, name: `t3_${id}`, author: 'ann', selftext: text, title: 'A title', created_utc: secondsOf(at) },
      }));
      const after = from + 2 < all.length ? children.at(-1)!.data.name : null;
      return json({ kind: 'Listing', data: { children, after } });
    },
  },
  youtube: {
    options: { videoId: 'abcdefghijk', apiKey: 'k', baseUrl: server.base },
    serve: (said) => (asked) => {
      const from = Number(param(asked, 'pageToken') ?? 0);
      const items = newestFirst(said)
        .slice(from, from + 2)
        .map(({ id, at, text }) => ({
          snippet: { topLevelComment: { id, snippet: { textOriginal: text, publishedAt: at } } },
        }));
      const more = from + 2 < said.length && { nextPageToken: String(from + 2) };
      return json({ kind: 'youtube#commentThreadListResponse', items, ...more });
    },
  },
  x: {
    options: { query: 'velmora', token: 't', baseUrl: server.base },
    serve: (said) => (asked) => {
      const found = newestFirst(said).filter(({ at }) => at >= (param(asked, 'start_time') ?? ''));
      const from = Number(param(asked, 'next_token') ?? 0);
      const data = found.slice(from, from + 2).map(({ id, at, text }) => ({ id, text, created_at: at }));
      const more = from + 2 < found.length && { next_token: String(from + 2) };
      return json({ ...(data.length > 0 && { data }), meta: { result_count: data.length, ...more } });
    },
  },
  discourse: {
    options: { baseUrl: server.base },
    serve: (said) => (asked) => {
      const before = Number(param(asked, 'before') ?? Infinity);
      const found = said.toSorted((a, b) => Number(b.id) - Number(a.id)).filter(({ id }) => Number(id) <= before);
      return json({
        latest_posts: found
          .slice(0, 3)
          .map(({ id, at, text }) => ({ id: Number(id), created_at: at, cooked: text, post_number: 1, topic_id: 1 })),
      });
    },
  },
  'stack-exchange': {
    options: { query: 'velmora', baseUrl: server.base },
    serve: (said) => (asked) => {
      const from = (Number(param(asked, 'page')) - 1) * 2;
      const byActivity = param(asked, 'sort') === 'activity';
      const active = ({ at, editedAt = at }: Said) => secondsOf(byActivity ? editedAt : at);
      const found = said
        .filter((one) => active(one) >= Number(param(asked, 'min') ?? 0))
        .toSorted((a, b) => active(b) - active(a));
      const body = JSON.stringify({
        items: found.slice(from, from + 2).map(({ id, at, text }) => ({
          question_id: Number(id),
          title: 'A title',
          body: `<p>${text}</p>`,
          creation_date: secondsOf(at),
        })),
        has_more: from + 2 < found.length,
      });
      // Every answer of this platform is compressed, asked for or not.
      return { body: gzipSync(body), headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } };
    },
  },
};

/** Ten, three hours apart, up to shortly before now; numbers grow with time. */
export const said = Array.from({ length: 10 }, (_, index) => ({
  id: String(101 + index),
  at: new Date(Date.parse(NOW) - (10 - index) * 3 * 3_600_000).toISOString(),
  text: `words ${index + 1}`,
}));
