import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { HttpClient, HttpRequest } from '../../src/domain/http.ts';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';
import type { Asked, Reply } from '../net/server.ts';

const intercom = sourceOf('intercom');
sourceContract(intercom, {
  wire: [
    { file: 'conversation.json' },
    { file: 'list.json' },
    { file: 'empty.json' },
    { file: 'tickets.json' },
    { file: 'replied.json' },
    { file: 'answered.json' },
    { file: 'deleted.json' },
  ],
  broken: [
    { name: 'nothing', body: '', says: /nothing came/ },
    { name: 'an error', body: '{"type":"error.list","errors":[]}', says: /JSON with type, errors/ },
    { name: 'other conversations', body: '{"type":"conversation.list","conversations":[{"a":1}]}', says: /1 entries/ },
  ],
  undated: [
    {
      name: 'words',
      body: '{"type":"conversation","id":"1","created_at":"soon","source":{"body":"a","author":{"type":"user","id":"2"}}}',
    },
  ],
});
const CONVERSATION = 'post_conversations_conversation_id';
wireContract(intercom, 'intercom', [
  { file: 'get_conversations_successful.json', items: 0 },
  { file: 'get_conversations_conversation_id__conversation-found.json', items: 0 },
  { file: 'put_conversations_conversation_id__conversation-found.json', items: 0 },
  { file: `${CONVERSATION}_parts_Assign-a-conversation.json`, items: 0 },
  { file: `${CONVERSATION}_parts_Close-a-conversation.json`, items: 0 },
  { file: `${CONVERSATION}_parts_Open-a-conversation.json`, items: 0 },
  { file: `${CONVERSATION}_parts_Snooze-a-conversation.json`, items: 0 },
  { file: `${CONVERSATION}_reply_Admin-note-reply.json`, items: 0 },
  { file: `${CONVERSATION}_reply_User-last-conversation-reply.json`, items: 1 },
  { file: `${CONVERSATION}_reply_User-reply.json`, items: 1 },
  { file: `${CONVERSATION}_run_assignment_rules_Assign-a-conversation-using-as.json`, items: 0 },
  { file: `${CONVERSATION}_convert_successful.json`, items: 1 },
  { file: 'post_conversations_redact_Redact-a-conversation-part.json', items: 0 },
  { file: 'get_tickets_ticket_id__Ticket-found.json', items: 0 },
  { file: 'put_tickets_ticket_id__Successful-response.json', items: 0 },
  { file: 'post_tickets_Successful-response.json', items: 0 },
  { file: 'post_tickets_search_successful.json', items: 0 },
]);

interface Talk {
  id: string;
  updated_at: number;
  parts: { id: string; type: 'user' | 'admin'; body: string; at: number }[];
}
const START = 1_767_434_400;
const author = (type: string) => ({ type, id: type === 'user' ? 'u1' : 'a1' });
const shown = ({ id, updated_at }: Talk) => ({
  type: 'conversation',
  id,
  created_at: START,
  updated_at,
  source: { body: '<p>first</p>', author: author('user') },
});

/** Searches as Intercom does: newer than a second, oldest change first, on from a place in the list. */
function answer(path: string, body: string, talks: readonly Talk[], isObedient = true): unknown {
  const id = /^\/conversations\/(\d+)$/.exec(path)?.[1];
  if (id !== undefined) {
    const talk = talks.find((one) => one.id === id);
    if (talk === undefined) return undefined;
    const parts = talk.parts.map((one) => ({
      type: 'conversation_part',
      id: one.id,
      part_type: 'comment',
      body: one.body,
      created_at: one.at,
      author: author(one.type),
    }));
    return { ...shown(talk), conversation_parts: { conversation_parts: parts } };
  }
  if (path === '/tickets/search') return { type: 'ticket.list', tickets: [], pages: {} };
  const { query, sort, pagination } = JSON.parse(body) as Search;
  expect([query.value[0]!.field, query.value[0]!.operator, sort]).toEqual([
    'updated_at',
    '>',
    { field: 'updated_at', order: 'ascending' },
  ]);
  const all = talks
    .filter((talk) => talk.updated_at > query.value[0]!.value)
    .toSorted((one, other) => (one.updated_at - other.updated_at) * (isObedient ? 1 : -1));
  const from = Number(pagination.starting_after ?? 0);
  const end = from + pagination.per_page;
  const pages = end < all.length ? { next: { starting_after: String(end) } } : {};
  return { type: 'conversation.list', conversations: all.slice(from, end).map(shown), pages };
}

interface Search {
  query: { value: { field: string; operator: string; value: number }[] };
  sort: object;
  pagination: { per_page: number; starting_after?: string };
}

/** Three pages, sixty conversations of them in one second. */
const talks: Talk[] = Array.from({ length: 120 }, (_, index) => ({
  id: String(index + 1),
  updated_at: START + (index < 20 ? index : Math.max(20, index - 60)),
  parts:
    index === 7
      ? [
          { id: '91', type: 'admin', body: '<p>hello</p>', at: START + 10 },
          { id: '92', type: 'user', body: '<p>thanks</p>', at: START + 20 },
        ]
      : [],
}));

const json = (value: unknown): Reply =>
  value === undefined
    ? { status: 404 }
    : { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
const isKnown = ({ headers }: Asked) => headers['authorization'] === 'Bearer ic-secret';
platformContract(intercom, {
  options: (base) => ({ token: 'ic-secret', clientSecret: 'ic-client', baseUrl: base }),
  reply: (asked) => (isKnown(asked) ? json(answer(asked.url.pathname, asked.body, talks)) : { status: 401 }),
  ids: [...talks.map(({ id }) => `conversation-${id}`), 'part-92'],
  secrets: ['ic-secret', 'ic-client'],
});

async function pull(answering: (path: string, body: string) => unknown, cursor?: unknown) {
  const asked: HttpRequest[] = [];
  const http: HttpClient = async (request) => {
    asked.push(request);
    const body = answering(new URL(request.url).pathname, request.body ?? '');
    if (body === undefined) throw new AppError('REMOTE_NOT_FOUND', 'no');
    return { status: 200, headers: {}, url: request.url, body: Buffer.from(JSON.stringify(body)) };
  };
  const pages: Page<unknown>[] = [];
  const context = {
    options: intercom.options.parse({ token: 't' }),
    cursor,
    http,
    now: () => new Date('2026-01-06T00:00:00Z'),
    signal: new AbortController().signal,
  };
  for await (const page of intercom.pull(context)) pages.push(page);
  return { pages, asked };
}
const idsOf = (pages: Page<unknown>[]) => pages.flatMap(({ items }) => items.map(({ externalId }) => externalId));
const fixture = (file: string) => readFileSync(new URL(`../fixtures/sources/intercom/${file}`, import.meta.url));
const seconds = (after: number) => new Date((1_767_610_000 + after) * 1_000).toISOString();

describe('intercom', () => {
  it('reads a conversation in order, with the answers of teammates and of Fin, and the remark of the rating', () => {
    const { items, gone } = intercom.parse({ body: fixture('conversation.json') });
    expect(items.map(({ externalId, replyTo, answeredAt }) => [externalId, replyTo, answeredAt])).toEqual([
      ['conversation-71', undefined, seconds(300)],
      ['part-504', 'conversation-71', seconds(300)],
      ['part-509', 'part-504', undefined],
      ['rating-71', 'part-509', undefined],
    ]);
    expect(items.at(-1)).toMatchObject({ scores: { csat: 4 }, text: expect.stringMatching(/<3/) });
    expect(gone).toEqual(['part-507']);
  });

  it('a note, or what a workflow says, is no answer', () => {
    const talk = JSON.parse(fixture('conversation.json').toString()) as {
      conversation_parts: { conversation_parts: { id: string }[] };
    };
    const parts = talk.conversation_parts.conversation_parts;
    const without = parts.filter(({ id }) => !['503', '508'].includes(id));
    talk.conversation_parts.conversation_parts = without;
    expect(intercom.parse({ body: Buffer.from(JSON.stringify(talk)) }).answered).toBeUndefined();
  });

  it('reads tickets of customers and leaves out those of teammates', () => {
    const { items } = intercom.parse({ body: fixture('tickets.json') });
    expect(items).toMatchObject([
      { externalId: 'ticket-474', title: 'Charged twice', thread: 'conversation-474', answeredAt: seconds(100) },
      { externalId: 'part-603', thread: 'conversation-474', replyTo: 'ticket-474' },
    ]);
  });

  it('misses no conversation when another one changes between two pages', async () => {
    const changing = talks.map((one) => ({ ...one }));
    let searches = 0;
    const { pages } = await pull((path, body) => {
      const found = answer(path, body, changing);
      if (path === '/conversations/search' && searches++ === 0) changing[0]!.updated_at = START + 900;
      return found;
    });
    expect(new Set(idsOf(pages))).toEqual(new Set([...talks.map(({ id }) => `conversation-${id}`), 'part-92']));
  });

  it('loses nothing where the platform does not obey the order', async () => {
    const turned = (path: string, body: string) => answer(path, body, talks, false);
    expect(new Set(idsOf((await pull(turned)).pages)).size).toBe(talks.length + 1);
  });

  it('afterwards reads what changed since, with one of the same second, and forgets what is gone', async () => {
    const { pages } = await pull((path, body) => answer(path, body, talks));
    // Whole conversations come along, so nothing has to be marked behind them.
    expect(pages.filter(({ answered }) => answered)).toEqual([]);
    const newest = talks.at(-1)!.updated_at;
    const later: Talk[] = [
      { id: '800', updated_at: newest, parts: [] },
      { ...talks[7]!, updated_at: newest + 9, parts: [{ id: '92', type: 'user', body: 'edited', at: START + 20 }] },
      { id: '801', updated_at: newest - 4_000, parts: [] },
      { id: '802', updated_at: newest - 200, parts: [] },
    ];
    const next = await pull(
      (path, body) => (path === '/conversations/802' ? undefined : answer(path, body, later)),
      pages.at(-1)!.cursor,
    );
    expect(idsOf(next.pages)).toEqual(['conversation-800', 'conversation-8', 'part-92']);
    expect(next.pages[0]!.items.at(-1)!.text).toBe('edited');
    expect(next.pages[0]!.gone).toEqual(['conversation-802']);
  });

  it('asks for no tickets where they are not wanted', async () => {
    const http: string[] = [];
    const context = {
      options: intercom.options.parse({ token: 't', tickets: false }),
      cursor: undefined,
      http: (async ({ url }) => {
        http.push(url);
        return { status: 200, headers: {}, url, body: Buffer.from('{"type":"conversation.list","conversations":[]}') };
      }) as HttpClient,
      now: () => new Date(),
      signal: new AbortController().signal,
    };
    for await (const page of intercom.pull(context)) expect(page.items).toEqual([]);
    expect(http).toEqual(['https://api.intercom.io/conversations/search']);
  });
});

describe('intercom pushes', () => {
  const now = new Date('2026-02-01T10:00:00Z');
  const options = intercom.options.parse({ token: 't', clientSecret: 'shh' });
  const push = (body: Buffer, key = 'shh', algorithm = 'sha1') => ({
    method: 'POST',
    url: 'http://x/v1/inbound/intercom',
    body,
    headers: { 'x-hub-signature': `${algorithm}=${createHmac(algorithm, key).update(body).digest('hex')}` },
  });
  const refused = expect.objectContaining({ code: 'PUSH_REFUSED' });

  it('are taken with the signature of the app over the bytes as they came', () => {
    const body = fixture('replied.json');
    expect(() => intercom.push!.verify(push(body), options, now)).not.toThrow();
    const changed = { ...push(body), body: Buffer.concat([body, Buffer.from(' ')]) };
    const unsigned = { ...push(body), headers: {} };
    for (const wrong of [push(body, 'no'), push(body, 'shh', 'sha256'), changed, unsigned])
      expect(() => intercom.push!.verify(wrong, options, now)).toThrow(refused);
    const without = intercom.options.parse({ token: 't' });
    expect(() => intercom.push!.verify(push(body), without, now)).toThrow(refused);
  });

  it('bring replies, answers and deletions, with the ids of a pull', () => {
    const read = (file: string) => intercom.push!.read(push(fixture(file)), options);
    expect(read('replied.json').items.map(({ externalId }) => externalId)).toEqual(['conversation-71', 'part-504']);
    expect(read('answered.json').answered).toEqual([{ thread: 'conversation-71', at: seconds(240) }]);
    expect(read('deleted.json')).toEqual({ items: [], refused: [], gone: ['conversation-71'] });
  });

  it.each([
    ['the test of the address', { topic: 'ping', item: { type: 'ping', message: 'x' } }, {}],
    ['other things', { topic: 'contact.user.created', item: { type: 'contact', id: '1' } }, {}],
    [
      'a part that was taken back',
      { topic: 'conversation_part.redacted', item: { type: 'conversation_part', id: '5' } },
      { gone: ['part-5'] },
    ],
  ])('%s', (_name, { topic, item }, wanted) => {
    const body = Buffer.from(JSON.stringify({ type: 'notification_event', topic, data: { item } }));
    expect(intercom.push!.read(push(body), options)).toEqual({ items: [], refused: [], ...wanted });
  });
});
