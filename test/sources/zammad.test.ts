import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { HttpClient } from '../../src/domain/http.ts';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';
import type { Asked, Reply } from '../net/server.ts';

const zammad = sourceOf('zammad');
sourceContract(zammad, {
  wire: [
    { file: 'articles.json' },
    { file: 'empty.json' },
    { file: 'webhook.json' },
    { file: 'answered.json' },
    { file: 'without.json' },
  ],
  broken: [
    { name: 'nothing', body: '', says: /nothing came/ },
    { name: 'an error', body: '{"error":"Not authorized"}', says: /JSON with error/ },
    { name: 'a list of tickets', body: '[{"id":1,"title":"a"}]', says: /1 entries of another kind/ },
  ],
  undated: [
    {
      name: 'words',
      body: '[{"id":1,"ticket_id":2,"sender":"Customer","internal":false,"body":"a","created_at":"soon"}]',
    },
  ],
});
wireContract(zammad, 'zammad', [{ file: 'articles_0.json', items: 1 }]);

interface Ticket {
  id: number;
  updated_at: string;
  articles: { id: number; sender: string; body: string; created_at: string; internal?: boolean }[];
}
const at = (ms: number) => new Date(Date.UTC(2026, 0, 5) + ms).toISOString();

/** Finds, orders and pages as Zammad does. */
function answer(url: URL, tickets: readonly Ticket[]): unknown {
  const id = /\/ticket_articles\/by_ticket\/(\d+)$/.exec(url.pathname)?.[1];
  if (id !== undefined) {
    const found = tickets.find((one) => String(one.id) === id);
    return found?.articles.map((one) =>
      Object.assign({ ticket_id: found.id, internal: false, content_type: 'text/plain', created_by_id: 7 }, one),
    );
  }
  const asked = (name: string) => url.searchParams.get(name)!;
  expect([url.pathname, asked('sort_by'), asked('order_by'), asked('condition[ticket.updated_at][operator]')]).toEqual([
    '/api/v1/tickets/search',
    'updated_at',
    'asc',
    'after (absolute)',
  ]);
  const size = Number(asked('per_page'));
  const from = (Number(asked('page')) - 1) * size;
  return tickets
    .filter(({ updated_at: changed }) => changed >= asked('condition[ticket.updated_at][value]'))
    .toSorted((one, other) => (one.updated_at < other.updated_at ? -1 : 1))
    .slice(from, from + size)
    .map((one) => ({ id: one.id, updated_at: one.updated_at, title: `ticket ${one.id}` }));
}

/** Three pages, more than a page of them changed at one moment. */
const desk: Ticket[] = Array.from({ length: 120 }, (_, index) => ({
  id: 100 + index,
  updated_at: at(index < 10 || index > 70 ? 60_000 + index * 1_000 : 70_000),
  articles: [{ id: 1_000 + index, sender: 'Customer', body: 'words', created_at: at(index) }],
}));
desk[3]!.articles.push(
  { id: 5_001, sender: 'Agent', body: 'sorry', created_at: at(5_000) },
  { id: 5_002, sender: 'Customer', body: 'still', created_at: at(9_000) },
);

const json = (value: unknown): Reply =>
  value === undefined
    ? { status: 404 }
    : { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
const isKnown = ({ headers }: Asked) => headers['authorization'] === 'Token token=za-secret';
const everything = [...desk.map((_, index) => `article-${1_000 + index}`), 'article-5002'];
platformContract(zammad, {
  options: (base) => ({ baseUrl: base, token: 'za-secret', webhookSecret: 'za-hook' }),
  reply: (asked) => (isKnown(asked) ? json(answer(asked.url, desk)) : { status: 401 }),
  ids: everything,
  secrets: ['za-secret', 'za-hook'],
});

async function pull(answering: (url: URL) => unknown, cursor?: unknown) {
  const http: HttpClient = async ({ url }) => {
    const body = answering(new URL(url));
    if (body === undefined) throw new AppError('REMOTE_NOT_FOUND', 'no');
    return { status: 200, headers: {}, url, body: Buffer.from(JSON.stringify(body)) };
  };
  const pages: Page<unknown>[] = [];
  const context = {
    options: zammad.options.parse({ baseUrl: 'https://help.velmora.example/', token: 't' }),
    cursor,
    http,
    now: () => new Date('2026-01-06T00:00:00Z'),
    signal: new AbortController().signal,
  };
  for await (const page of zammad.pull(context)) pages.push(page);
  return pages;
}
const idsOf = (pages: Page<unknown>[]) => pages.flatMap(({ items }) => items.map(({ externalId }) => externalId));
const fixture = (file: string) => readFileSync(new URL(`../fixtures/sources/zammad/${file}`, import.meta.url));

describe('zammad', () => {
  it('reads the articles of a ticket in order, without notes, automatic replies and signatures', () => {
    const { items, answered, refused } = zammad.parse({ body: fixture('articles.json') });
    expect(items).toMatchObject([
      { externalId: 'article-901', thread: 'ticket-33', answeredAt: '2026-01-05T10:00:00.000Z' },
      { externalId: 'article-906', thread: 'ticket-33', replyTo: 'article-901', author: { id: '51' } },
    ]);
    expect(items[0]!.text).toBe('Hello,\nmy parcel is late & nobody answers the phone.');
    expect(items[1]!.text).toMatch(/5 < 6/);
    expect(items[1]).not.toHaveProperty('answeredAt');
    expect(answered).toEqual([{ thread: 'ticket-33', at: '2026-01-05T10:00:00.000Z' }]);
    expect(refused.map(({ where }) => where)).toEqual(['turn 908']);
  });

  it('names the ticket and its place', async () => {
    const items = (await pull((url) => answer(url, desk))).flatMap((page) => page.items);
    expect(items.filter(({ thread }) => thread === 'ticket-103')).toMatchObject([
      { title: 'ticket 103', url: 'https://help.velmora.example/#ticket/zoom/103', answeredAt: at(5_000) },
      { externalId: 'article-5002', replyTo: 'article-1003' },
    ]);
    expect(items.find(({ externalId }) => externalId === 'article-5002')).not.toHaveProperty('title');
  });

  it('misses no ticket when another one changes between two pages', async () => {
    const changing = desk.map((one) => ({ ...one }));
    let searches = 0;
    const pages = await pull((url) => {
      const found = answer(url, changing);
      if (url.pathname.endsWith('/search') && searches++ === 0) changing[0]!.updated_at = at(900_000);
      return found;
    });
    expect(new Set(idsOf(pages))).toEqual(new Set(everything));
  });

  it('afterwards reads what changed since, with a late one and one of the same moment', async () => {
    const pages = await pull((url) => answer(url, desk));
    const newest = 60_000 + 119_000;
    const article = (id: number) => [{ id, sender: 'Customer', body: 'new', created_at: at(1) }];
    const later: Ticket[] = [
      { id: 900, updated_at: at(newest), articles: article(9_000) },
      { id: 901, updated_at: at(newest - 200_000), articles: article(9_001) },
      { id: 902, updated_at: at(newest - 4_000_000), articles: article(9_002) },
      { ...desk[5]!, updated_at: at(newest + 1), articles: [{ ...desk[5]!.articles[0]!, body: 'edited' }] },
    ];
    const found = await pull((url) => answer(url, later), pages.at(-1)!.cursor);
    expect(idsOf(found).toSorted()).toEqual(['article-1005', 'article-9000', 'article-9001']);
    expect(found[0]!.items.find(({ externalId }) => externalId === 'article-1005')!.text).toBe('edited');
  });

  it('goes on where a ticket is deleted meanwhile, and names what is no ticket', async () => {
    const pages = await pull((url) => {
      if (url.pathname.endsWith('/by_ticket/101')) return undefined;
      const found = answer(url, desk.slice(0, 3));
      return url.pathname.endsWith('/search') ? [...(found as unknown[]), { title: 'x' }] : found;
    });
    expect(idsOf(pages)).toEqual(['article-1000', 'article-1002']);
    expect(pages.flatMap(({ refused }) => refused)).toHaveLength(1);
  });
});

describe('zammad pushes', () => {
  const now = new Date('2026-02-01T10:00:00Z');
  const options = zammad.options.parse({ baseUrl: 'https://help.velmora.example', token: 't', webhookSecret: 'shh' });
  const push = (body: Buffer, key = 'shh', algorithm = 'sha1') => ({
    method: 'POST',
    url: 'http://x/v1/inbound/zammad',
    body,
    headers: { 'x-hub-signature': `${algorithm}=${createHmac(algorithm, key).update(body).digest('hex')}` },
  });
  const refused = expect.objectContaining({ code: 'PUSH_REFUSED' });

  it('are taken with the signature of the webhook over the bytes as they came', () => {
    const body = fixture('webhook.json');
    expect(() => zammad.push!.verify(push(body), options, now)).not.toThrow();
    const changed = { ...push(body), body: Buffer.concat([body, Buffer.from(' ')]) };
    const unsigned = { ...push(body), headers: {} };
    for (const wrong of [push(body, 'no'), push(body, 'shh', 'sha256'), changed, unsigned])
      expect(() => zammad.push!.verify(wrong, options, now)).toThrow(refused);
    const without = zammad.options.parse({ baseUrl: 'https://help.velmora.example', token: 't' });
    expect(() => zammad.push!.verify(push(body), without, now)).toThrow(refused);
  });

  it('bring articles and answers, with the ids of a pull', () => {
    const read = (file: string) => zammad.push!.read(push(fixture(file)), options);
    expect(read('webhook.json').items).toMatchObject([
      {
        externalId: 'article-911',
        thread: 'ticket-33',
        title: 'Where is my parcel?',
        url: 'https://help.velmora.example/#ticket/zoom/33',
      },
    ]);
    expect(read('answered.json')).toEqual({
      items: [],
      refused: [],
      answered: [{ thread: 'ticket-33', at: '2026-01-09T10:00:00.000Z' }],
    });
    expect(read('without.json')).toEqual({ items: [], refused: [] });
  });

  it('in a layout of their own are refused', () => {
    const body = Buffer.from('{"text":"Ticket 33 has changed"}');
    expect(() => zammad.push!.read(push(body), options)).toThrow(expect.objectContaining({ code: 'SOURCE_SHAPE' }));
  });
});
