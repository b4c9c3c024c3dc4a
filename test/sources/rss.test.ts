import { afterAll, describe, expect, it } from 'vitest';
import type { Parsed } from '../../src/domain/source.ts';
import { createHttp } from '../../src/net/http.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { startServer } from '../net/server.ts';

let body = '';
const server = await startServer(() => ({ body, headers: { 'content-type': 'application/rss+xml' } }));
const http = createHttp({ allow: ['127.0.0.0/8'], perHostMs: 0 });
afterAll(async () => {
  await http.close();
  await server.close();
});

const rss = sourceOf('rss');
const feed = (...items: string[]) =>
  `<rss><channel>${items.map((item) => `<item>${item}</item>`).join('')}</channel></rss>`;
const item = (id: string, title: string) => `<guid isPermaLink="false">${id}</guid><title>${title}</title>`;

async function pull(cursor?: unknown): Promise<Parsed> {
  const options = rss.options.parse({ url: `${server.base}/feed` });
  const context = { options, cursor, http, now: () => new Date(), signal: new AbortController().signal };
  const pages: Parsed[] = [];
  for await (const page of rss.pull(context)) pages.push(page);
  expect(pages).toHaveLength(1);
  return pages[0]!;
}

const said = ({ items }: Parsed) => items.map(({ externalId, text }) => `${externalId} ${text}`);

describe('a feed that is read again', () => {
  it('brings what was edited in place under the same id, oldest first', async () => {
    body = feed(item('2', 'strings buzz'), item('1', 'open evening'));
    expect(said(await pull())).toEqual(['1 open evening', '2 strings buzz']);
    body = feed(item('2', 'strings buzz no more'), item('1', 'open evening'));
    expect(said(await pull({}))).toEqual(['1 open evening', '2 strings buzz no more']);
  });

  it('takes no item for deleted that has only fallen out', async () => {
    body = feed(item('3', 'new'));
    expect((await pull({})).gone).toBeUndefined();
  });
});

describe('what a feed counts', () => {
  it('goes to the engagement, and nothing where nothing is counted', () => {
    const counted = `${item('1', 'a')}<slash:comments>7</slash:comments><media:community><media:statistics views="1204"/></media:community>`;
    const { items } = rss.parse({ body: Buffer.from(feed(counted, item('2', 'b'))) });
    expect(items.map(({ engagement }) => engagement)).toEqual([undefined, { replies: 7, views: 1204 }]);
  });
});
