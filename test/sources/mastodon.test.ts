import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Page } from '../../src/domain/source.ts';
import { createHttp } from '../../src/net/http.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';
import { startServer } from '../net/server.ts';
import type { Asked, Reply } from '../net/server.ts';

const source = sourceOf('mastodon');

type Fields = Record<string, unknown>;
const TIMELINE = new URL('../fixtures/sources/mastodon/timeline.json', import.meta.url);
const [template] = JSON.parse(readFileSync(TIMELINE, 'utf8')) as Fields[];
const json = (value: unknown, headers: Record<string, string> = {}): Reply => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
});
const order = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1);

/**
 * A tag timeline: `max_id` backwards, `min_id` forwards, newest first, `next` in the `Link` header; and posts by their
 * ids. Pages of three.
 */
function platformOf(ids: () => string[], changes: () => Record<string, Fields> = () => ({})): (asked: Asked) => Reply {
  const status = (id: string) => ({ ...template, id, ...changes()[id] });
  return ({ url }) => {
    const all = ids().toSorted(order);
    if (url.pathname === '/api/v1/statuses') {
      const wanted = url.searchParams.getAll('id[]');
      return json(all.filter((id) => wanted.includes(id)).map(status));
    }
    const [before, after] = [url.searchParams.get('max_id'), url.searchParams.get('min_id')];
    const older = before === null ? all : all.filter((id) => order(id, before) < 0);
    const newer = after === null ? older.slice(-3) : older.filter((id) => order(after, id) < 0).slice(0, 3);
    const page = newer.toReversed();
    const base = `${url.origin}${url.pathname}`;
    const link = `<${base}?max_id=${page.at(-1)}>; rel="next", <${base}?min_id=${page[0]}>; rel="prev"`;
    return json(page.map(status), page.length === 0 ? {} : { link });
  };
}

const status = (created_at: string) =>
  JSON.stringify([{ id: '1', content: '<p>hi</p>', created_at, account: { id: '2' } }]);

sourceContract(source, {
  wire: [{ file: 'timeline.json' }, { file: 'empty.json' }],
  broken: [
    { name: 'nothing', body: '', says: /nothing/ },
    { name: 'an error in JSON', body: '{"error": "not allowed"}', says: /JSON with error/ },
    { name: 'a list of accounts', body: '[{"id": "1", "acct": "kaya"}]', says: /1 entries of another kind/ },
  ],
  undated: [{ name: 'no zone', body: status('2026-02-01T10:00:00') }],
});

wireContract(source, 'mastodon', [
  { file: 'timelines_tag_rstats_0.json', items: 5 },
  { file: 'tag_cassette_2.json', items: 1 },
]);

const statusIds = Array.from({ length: 11 }, (_, index) => String(99999999999999990n + BigInt(index) * 3n));

platformContract(source, {
  options: (base) => ({ instance: base, hashtag: '#Velmora', token: 'mastodon-secret-1' }),
  reply: platformOf(() => statusIds),
  ids: statusIds,
  secrets: ['mastodon-secret-1'],
});

let reply: (asked: Asked) => Reply = () => ({});
const server = await startServer((asked) => reply(asked));
const http = createHttp({ allow: ['127.0.0.0/8'], perHostMs: 0 });
afterAll(async () => {
  await http.close();
  await server.close();
});

const options = { instance: `${server.base}/`, hashtag: '#Gitarre', token: 'abc' };
const NOON = '2026-02-07T12:00:00.000Z';
const contextOf = (asked: object, now: string) => ({
  options: source.options.parse(asked),
  http,
  now: () => new Date(now),
  signal: new AbortController().signal,
});

async function pull(cursor?: unknown, { asked = options as object, now = NOON } = {}) {
  server.asked.length = 0;
  const pages: Page<unknown>[] = [];
  for await (const page of source.pull({ ...contextOf(asked, now), cursor: source.cursor.parse(cursor ?? {}) }))
    pages.push(page);
  const items = pages.flatMap((page) => page.items);
  return { pages, items, ids: items.map(({ externalId }) => externalId), cursor: pages.at(-1)!.cursor };
}

/** A reading of the whole last day is not due at noon. */
const atNoon = (cursor: object) => ({ ...cursor, hours: [{ id: '13', at: NOON }] });
const ids = ['8', '9', '10', '11', '12', '13', '14', '15'];

describe('how a tag is followed', () => {
  it('asks for the tag with its token, forty at a time', async () => {
    reply = platformOf(() => ids);
    const { cursor } = await pull();
    expect(server.asked[0]!.url.pathname).toBe('/api/v1/timelines/tag/Gitarre');
    expect(server.asked[0]!.url.search).toBe('?limit=40');
    expect(new Set(server.asked.map(({ headers }) => headers['authorization']))).toEqual(new Set(['Bearer abc']));
    expect(cursor).toEqual(atNoon({ newestId: '15', overlapId: '13' }));
  });

  it('goes back as many pages as it may', async () => {
    reply = platformOf(() => ids);
    const asked = { ...options, firstPages: 2 };
    expect((await pull(undefined, { asked })).ids).toEqual(['13', '14', '15', '10', '11', '12']);
  });

  it('goes forwards later, reading the last page again for its edits', async () => {
    const grown = [...ids, '16', '99', '100', '101'];
    reply = platformOf(
      () => grown,
      () => ({ '14': { content: '<p>Edited words</p>', edited_at: NOON } }),
    );
    const later = await pull(atNoon({ newestId: '15', overlapId: '13' }));
    expect(later.ids).toEqual(['14', '15', '16', '99', '100', '101']);
    expect(later.items[0]!.text).toBe('Edited words');
    expect(later.cursor).toMatchObject({ newestId: '101' });
    const quiet = await pull(later.cursor);
    expect(quiet.cursor).toEqual(later.cursor);
    expect(quiet.ids).toContain('15');
  });

  it('a mark whose posts are gone still finds what is new', async () => {
    reply = platformOf(() => ['20']);
    expect((await pull(atNoon({ newestId: '15', overlapId: '13' }))).ids).toEqual(['20']);
    reply = platformOf(() => []);
    expect((await pull(atNoon({ newestId: '15' }))).cursor).toEqual(atNoon({ newestId: '15' }));
  });

  it('a server that ignores the paging does not hold it', async () => {
    const everything = platformOf(() => ids);
    reply = (asked) => {
      asked.url.search = '';
      return everything(asked);
    };
    await pull();
    expect(server.asked.length).toBeLessThan(4);
    await pull({ newestId: '15', overlapId: '13' });
    expect(server.asked.length).toBeLessThan(4);
  });

  it('never follows a link to another host', async () => {
    const paged = platformOf(() => ids);
    reply = (asked) => {
      const answer = paged(asked);
      const link = answer.headers?.['link']?.replaceAll(server.base, 'http://elsewhere.example');
      return { ...answer, headers: { ...answer.headers, ...(link !== undefined && { link }) } };
    };
    expect((await pull()).ids).toHaveLength(ids.length);
  });
});

describe('posts that another server delivers late', () => {
  const many = Array.from({ length: 60 }, (_, index) => String(1_000 + index * 2));
  const hour = (count: number) => new Date(Date.parse(NOON) + count * 3_600_000).toISOString();

  it('arrive within the hour, although their ids are older than everything of the overlap', async () => {
    let known = many.slice(0, 4);
    reply = platformOf(() => known);
    const first = await pull();
    known = many;
    const second = await pull(first.cursor, { now: hour(0.5) });
    expect(second.cursor).toMatchObject({ newestId: '1118', overlapId: '1040' });
    known = [...many, '1009'];
    expect((await pull(second.cursor, { now: hour(0.6) })).ids).not.toContain('1009');
    const third = await pull(second.cursor, { now: hour(1) });
    expect(third.ids).toContain('1009');
    expect(third.cursor).toMatchObject({ newestId: '1118', hours: [{}, { id: '1040', at: hour(1) }] });
  });

  it('are looked for again where that reading was interrupted', async () => {
    reply = platformOf(() => many);
    const start = { newestId: '1118', overlapId: '1040', hours: [{ id: '1004', at: hour(-1) }] };
    const { pages } = await pull(start);
    for (const { cursor } of pages.slice(0, -1)) expect(cursor).toEqual(start);
    expect(pages.at(-1)!.cursor).toMatchObject({ hours: [{ id: '1004' }, { at: NOON }] });
  });

  it('are looked for a day long, in a cursor that does not grow', async () => {
    reply = platformOf(() => ids);
    let cursor: unknown;
    for (let count = 0; count < 40; count++) cursor = (await pull(cursor, { now: hour(count) })).cursor;
    const { hours } = cursor as { hours: { at: string }[] };
    expect([hours.length, hours[0]!.at, hours.at(-1)!.at]).toEqual([25, hour(15), hour(39)]);
  });
});

describe('what becomes of posts', () => {
  it('own accounts answer a post and are no mention', async () => {
    reply = platformOf(
      () => ['8', '9'],
      () => ({ '9': { in_reply_to_id: '8', account: { id: '7', acct: 'velmora@strings.example' } } }),
    );
    const { pages, items } = await pull(undefined, { asked: { ...options, own: ['@velmora@strings.example'] } });
    expect(items).toMatchObject([{ externalId: '8', thread: '8' }]);
    expect(pages[0]!.answered).toEqual([{ thread: '8', at: '2026-02-06T18:00:00.000Z' }]);
  });

  it('what is asked for again comes as it stands now, or is told to be gone', async () => {
    reply = platformOf(
      () => ['8', '10'],
      () => ({ '10': { content: '<p>Now with an answer</p>' } }),
    );
    server.asked.length = 0;
    const { items, gone } = await source.recheck!(contextOf(options, NOON), ['8', '9', '10']);
    expect(items.map(({ externalId, text }) => [externalId, text]).at(0)).toEqual(['10', 'Now with an answer']);
    expect(gone).toEqual(['9']);
    expect(server.asked[0]!.headers['authorization']).toBe('Bearer abc');
  });

  it('a post whose words cannot be read is not told to be gone', async () => {
    reply = platformOf(
      () => ['8', '9'],
      () => ({ '9': { content: null } }),
    );
    const { gone, refused } = await source.recheck!(contextOf(options, NOON), ['8', '9']);
    expect(gone).toEqual([]);
    expect(refused).toMatchObject([{ where: 'post 9' }]);
  });
});
