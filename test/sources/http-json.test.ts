import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../src/domain/http.ts';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { linkOf } from '../../src/text/paging.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import type { Asked, Reply } from '../net/server.ts';

const httpJson = sourceOf('http-json');
sourceContract(httpJson, {
  wire: [{ file: 'list.json' }],
  broken: [
    { name: 'nothing', body: '', says: /nothing came/ },
    { name: 'words', body: '"fine"', says: /JSON of another kind/ },
  ],
  undated: [
    {
      name: 'words and impossible days',
      body: '[{"text":"a","date":"soon"},{"text":"b"},{"text":"c","date":"2026-02-30"}]',
    },
  ],
});

interface Said {
  id: string;
  at: string;
}
const ids = ['1', '2', '3', '4', '5'];
const said: Said[] = ids.map((id) => ({ id, at: `2026-01-0${id}T10:00:00Z` }));
const item = ({ id, at }: Said) => ({ id, text: `words ${id}`, date: at });
const json = (value: unknown, headers: Record<string, string> = {}): Reply => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json', ...headers },
});
const newestFirst = (all: readonly Said[]) => all.toSorted((a, b) => (a.at < b.at ? 1 : -1));

/** Pages of two by each way of paging, from one list. */
const PLATFORMS: Record<string, { paging: unknown; reply: (asked: Asked, all: readonly Said[]) => Reply }> = {
  cursor: {
    paging: { by: 'cursor', parameter: 'after', at: 'meta.next' },
    reply: ({ url }, all) => {
      const from = Number(url.searchParams.get('after') ?? 0);
      return json({
        data: all.slice(from, from + 2).map(item),
        meta: { next: from + 2 < all.length ? from + 2 : null },
      });
    },
  },
  page: {
    paging: { by: 'page', parameter: 'p' },
    reply: ({ url }, all) => {
      const from = (Number(url.searchParams.get('p') ?? 1) - 1) * 2;
      return json({ data: all.slice(from, from + 2).map(item) });
    },
  },
  offset: {
    paging: { by: 'offset', parameter: 'skip' },
    reply: ({ url }, all) => {
      const from = Number(url.searchParams.get('skip') ?? 0);
      return json({ data: all.slice(from, from + 2).map(item) });
    },
  },
  link: {
    paging: { by: 'link' },
    reply: ({ url }, all) => {
      const from = Number(url.searchParams.get('from') ?? 0);
      const next = from + 2 < all.length ? { link: `</list?from=${from + 2}>; rel="next", </list>; rel="first"` } : {};
      return json({ data: all.slice(from, from + 2).map(item) }, next);
    },
  },
};

for (const { paging, reply } of Object.values(PLATFORMS)) {
  platformContract(httpJson, {
    options: (base) => ({
      url: `${base}/list`,
      items: 'data',
      paging,
      headers: { authorization: 'Bearer jso-secret' },
    }),
    reply: (asked) => reply(asked, said),
    ids,
    secrets: ['jso-secret'],
  });
}

/** Asks a list through the paging by cursor; notes the addresses. */
async function pullFrom(all: readonly Said[], options: object, cursor?: unknown) {
  const asked: string[] = [];
  const http: HttpClient = async ({ url }) => {
    asked.push(url);
    const { body, headers = {} } = PLATFORMS['cursor']!.reply({ url: new URL(url) } as Asked, all) as {
      body: string;
      headers?: Record<string, string>;
    };
    return { status: 200, headers, body: Buffer.from(body), url };
  };
  const pages: Page<unknown>[] = [];
  const context = {
    options: httpJson.options.parse({
      url: 'https://a.example/list',
      items: 'data',
      paging: PLATFORMS['cursor']!.paging,
      ...options,
    }),
    cursor,
    http,
    now: () => new Date('2026-02-01T00:00:00Z'),
    signal: new AbortController().signal,
  };
  for await (const page of httpJson.pull(context)) pages.push(page);
  return {
    asked,
    ids: pages.flatMap(({ items }) => items.map(({ externalId }) => externalId)),
    cursor: pages.at(-1)!.cursor,
  };
}

describe('http-json', () => {
  it('asks only for what is new where the platform can, with an overlap', async () => {
    const { cursor } = await pullFrom(said, {});
    const { asked } = await pullFrom(said, { since: { parameter: 'from', as: 'day' }, overlapHours: 48 }, cursor);
    expect(asked[0]).toBe('https://a.example/list?from=2026-01-03');
  });

  it('ends where everything of a page is known, and brings an edit, a late one and one of the same second', async () => {
    const { cursor } = await pullFrom(newestFirst(said), { newestFirst: true });
    const late = [...said, { id: '6', at: '2026-01-05T10:00:00Z' }, { id: '7', at: '2026-01-05T01:00:00Z' }];
    const second = await pullFrom(newestFirst(late), { newestFirst: true }, cursor);
    expect(second.ids.toSorted()).toEqual(['2', '3', '4', '5', '6', '7']);
    expect(second.asked).toHaveLength(3);
  });

  it('goes on in the next pull where it ended by number of pages, and only then moves its mark', async () => {
    const first = await pullFrom(newestFirst(said), { newestFirst: true, maxPages: 1 });
    expect(first.cursor).not.toHaveProperty('newest');
    const second = await pullFrom(newestFirst(said), { newestFirst: true, maxPages: 9 }, first.cursor);
    expect([...first.ids, ...second.ids]).toEqual(['5', '4', '3', '2', '1']);
    expect(second.cursor).toEqual({ newest: '2026-01-05T10:00:00.000Z' });
  });

  it('does not carry its headers to another host', async () => {
    const http: HttpClient = async ({ url }) => ({
      status: 200,
      headers: { link: '<https://evil.example/>; rel=next' },
      body: Buffer.from('[]'),
      url,
    });
    const options = httpJson.options.parse({ url: 'https://a.example/', paging: { by: 'link' } });
    const pages = httpJson.pull({
      options,
      cursor: undefined,
      http,
      now: () => new Date(0),
      signal: new AbortController().signal,
    });
    await expect(pages[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'SOURCE_SHAPE',
      message: expect.stringContaining('evil.example'),
    });
  });

  it.each([
    ['<https://a.example/?p=2>; rel="next"', 'https://a.example/?p=2'],
    ['<a>; rel="prev", <b>; title="x"; rel=next', 'b'],
    ['<a>; rel="first next"', 'a'],
    ['<a>; rel="nextish"', undefined],
    [undefined, undefined],
  ])('reads the Link header %s', (header, next) => {
    expect(linkOf(header)).toBe(next);
  });
});
