import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../src/domain/http.ts';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';
import type { Asked, Reply } from '../net/server.ts';

const freshdesk = sourceOf('freshdesk');
sourceContract(freshdesk, {
  wire: [{ file: 'tickets.json' }, { file: 'conversations.json' }, { file: 'ticket.json' }, { file: 'empty.json' }],
  broken: [
    { name: 'nothing', body: '', says: /nothing came/ },
    { name: 'a message of an error', body: '{"code":"x","message":"y"}', says: /1 entries of another kind/ },
    { name: 'another list', body: '[{"id":1,"name":"Noa"}]', says: /1 entries of another kind/ },
  ],
  undated: [{ name: 'words', body: '[{"id":1,"requester_id":2,"subject":"a","created_at":"soon"}]' }],
});
wireContract(freshdesk, 'freshdesk', [
  { file: 'all_tickets.json', items: 0 },
  { file: 'ticket_1.json', items: 0 },
  { file: 'ticket_1_updated.json', items: 0 },
  { file: 'conversations.json', items: 0 },
  { file: 'note_1.json', items: 0 },
  { file: 'reply_1.json', items: 0 },
  { file: 'chatwoot_ticket_with_conversations.json', items: 2 },
]);

interface Ticket {
  id: number;
  updated_at: string;
  state?: 'deleted' | 'spam';
  turns?: { id: number; incoming: boolean; created_at: string; body: string }[];
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 5) + second * 1_000).toISOString().replace('.000', '');

/** A help desk that filters, orders and pages as Freshdesk does. */
function reply(url: URL, tickets: readonly Ticket[]): unknown {
  const id = /tickets\/(\d+)\/conversations/.exec(url.pathname)?.[1];
  const page = Number(url.searchParams.get('page')) - 1;
  const size = Number(url.searchParams.get('per_page'));
  const all = id === undefined ? listed(url, tickets) : (tickets.find((one) => String(one.id) === id)?.turns ?? []);
  return all.slice(page * size, (page + 1) * size).map((one) => Object.assign({ ticket_id: Number(id) }, one));
}

function listed(url: URL, tickets: readonly Ticket[]) {
  const since = url.searchParams.get('updated_since')!;
  expect([url.searchParams.get('order_by'), url.searchParams.get('order_type')]).toEqual(['updated_at', 'asc']);
  return tickets
    .filter(({ state }) => (state ?? null) === url.searchParams.get('filter'))
    .filter(({ updated_at: changed }) => changed >= since)
    .toSorted((one, other) => (one.updated_at < other.updated_at ? -1 : 1))
    .map(({ id, updated_at }) => ({
      id,
      updated_at,
      created_at: at(0),
      requester_id: 7,
      subject: 'words',
      source: 1,
      status: 2,
    }));
}

/** More than two pages, forty of them in one second. */
const desk: Ticket[] = Array.from({ length: 75 }, (_, index) => ({
  id: 100 + index,
  updated_at: at(index < 10 || index > 50 ? 60 + index : 75),
  turns: index === 3 ? [{ id: 9, incoming: true, created_at: at(62), body: '<p>still</p>' }] : [],
}));

const json = (value: unknown): Reply => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});
const isKnown = ({ headers }: Asked) =>
  headers['authorization'] === `Basic ${Buffer.from('fd-secret:X').toString('base64')}`;
platformContract(freshdesk, {
  options: (base) => ({ subdomain: 'velmora', apiKey: 'fd-secret', pauseMs: 0, baseUrl: base }),
  reply: (asked) => (isKnown(asked) ? json(reply(asked.url, desk)) : { status: 401 }),
  ids: [...desk.map(({ id }) => `ticket-${id}`), 'conversation-9'],
  secrets: ['fd-secret', Buffer.from('fd-secret:X').toString('base64')],
});

type Answering = (url: URL) => unknown;

async function pull(answering: Answering, cursor?: unknown, now = '2026-01-06T00:00:00Z') {
  const http: HttpClient = async ({ url }) => ({
    status: 200,
    headers: {},
    url,
    body: Buffer.from(JSON.stringify(answering(new URL(url)))),
  });
  const pages: Page<unknown>[] = [];
  const context = {
    options: freshdesk.options.parse({ subdomain: 'velmora', apiKey: 'k', pauseMs: 0 }),
    cursor,
    http,
    now: () => new Date(now),
    signal: new AbortController().signal,
  };
  for await (const page of freshdesk.pull(context)) pages.push(page);
  return pages;
}
const idsOf = (pages: Page<unknown>[]) => pages.flatMap(({ items }) => items.map(({ externalId }) => externalId));
const fixture = (file: string) => ({
  body: readFileSync(new URL(`../fixtures/sources/freshdesk/${file}`, import.meta.url)),
});

describe('freshdesk', () => {
  it('reads a thread in order, without notes, forwards, automatic replies and quotes', () => {
    const { items } = freshdesk.parse(fixture('ticket.json'));
    expect(items).toMatchObject([
      { externalId: 'ticket-71', thread: 'ticket-71', answeredAt: '2026-01-05T15:00:00.000Z', author: { id: '5001' } },
      {
        externalId: 'conversation-903',
        thread: 'ticket-71',
        replyTo: 'ticket-71',
        text: expect.not.stringMatching(/sorry/),
      },
    ]);
    expect(items[1]).not.toHaveProperty('answeredAt');
  });

  it('hands on answers whose ticket is not beside them, and what was deleted', () => {
    const { items, answered, gone } = freshdesk.parse(fixture('conversations.json'));
    expect(items.map(({ externalId }) => externalId)).toEqual(['conversation-903']);
    expect(answered).toEqual([{ thread: 'ticket-71', at: '2026-01-05T15:00:00.000Z' }]);
    expect(gone).toEqual(['conversation-907']);
  });

  it('takes an e-mail that an agent began with as an answer, and spam as gone', () => {
    const { items, answered, gone, refused } = freshdesk.parse(fixture('tickets.json'));
    expect(items.map(({ externalId }) => externalId)).toEqual(['ticket-71', 'ticket-74']);
    expect(answered).toEqual([{ thread: 'ticket-72', at: '2026-01-05T12:00:00.000Z' }]);
    expect([gone, refused.map(({ where }) => where)]).toEqual([['ticket-73'], ['turn 75']]);
  });

  it('misses no ticket when another one changes between two pages', async () => {
    let asked = 0;
    const changing = desk.map((one) => ({ ...one }));
    const pages = await pull((url) => {
      const answer = reply(url, changing);
      if (!url.pathname.endsWith('/conversations') && asked++ === 0) changing[0]!.updated_at = at(500);
      return answer;
    });
    expect(new Set(idsOf(pages))).toEqual(new Set([...desk.map(({ id }) => `ticket-${id}`), 'conversation-9']));
  });

  it('afterwards reads what changed since, with a late one and one of the same second', async () => {
    const { cursor } = (await pull((url) => reply(url, desk))).at(-1)!;
    const newest = 60 + 74;
    const later: Ticket[] = [
      { id: 900, updated_at: at(newest) },
      { id: 901, updated_at: at(newest - 200) },
      { ...desk[5]!, updated_at: at(newest + 5) },
      { id: 902, updated_at: at(newest - 3_000) },
    ];
    const ids = idsOf(await pull((url) => reply(url, [...desk.slice(70), ...later]), cursor));
    expect(ids).toEqual(expect.arrayContaining(['ticket-900', 'ticket-901', 'ticket-105']));
    expect(ids).not.toContain('ticket-902');
  });

  it('forgets tickets that were thrown away or marked as spam, with their turns', async () => {
    const { cursor } = (await pull((url) => reply(url, desk))).at(-1)!;
    const gone: Ticket[] = [
      { ...desk[3]!, state: 'deleted', updated_at: at(90_000) },
      { ...desk[4]!, state: 'spam', updated_at: at(90_001) },
    ];
    const pages = await pull((url) => reply(url, gone), cursor, '2026-01-07T00:00:00Z');
    expect(pages.flatMap((page) => page.gone ?? [])).toEqual(['ticket-103', 'conversation-9', 'ticket-104']);
    expect(idsOf(pages)).toEqual([]);
    const again = await pull((url) => reply(url, []), pages.at(-1)!.cursor);
    expect(again.at(-1)!.cursor).toEqual(pages.at(-1)!.cursor);
  });

  it('moves its mark page by page, and goes on behind a page that was kept', async () => {
    const pages = await pull((url) => reply(url, desk));
    const marks = pages.map(({ cursor }) => (cursor as { tickets: string }).tickets);
    const time = (second: number) => new Date(at(second)).toISOString();
    // Thirty of one second and thirty more, then what is left; at the end less the overlap, which begins before all.
    expect(marks.slice(0, 2)).toEqual([time(75), time(75)]);
    expect(marks.at(-1)).toBe(time(134 - 300));
  });
});
