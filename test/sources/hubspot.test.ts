import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../src/domain/http.ts';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';

const hubspot = sourceOf('hubspot');

sourceContract(hubspot, {
  wire: [{ file: 'tickets.json' }, { file: 'messages.json' }, { file: 'empty.json' }],
  broken: [
    { name: 'nothing', body: '', says: /nothing came/ },
    { name: 'an error', body: '{"status":"error","message":"x"}', says: /JSON with status, message/ },
    { name: 'contacts', body: '{"results":[{"id":"1","properties":{"email":"a@b.example"}}]}', says: /another kind/ },
    { name: 'threads', body: '{"results":[{"id":"1","inboxId":"5","status":"OPEN"}]}', says: /another kind/ },
  ],
  undated: [
    { name: 'a ticket', body: '{"results":[{"id":"1","properties":{"subject":"a","createdate":"2026-01-01 10:00"}}]}' },
    {
      name: 'a message',
      body: '{"results":[{"id":"1","type":"MESSAGE","direction":"INCOMING","text":"a","createdAt":"soon"}]}',
    },
  ],
});
wireContract(hubspot, 'hubspot', []);

const at = (second: number) => new Date(Date.UTC(2026, 0, 20) + second * 1_000).toISOString();

interface Ticket {
  id: number;
  changed: string;
  content?: string;
  reply?: string;
}
interface Message {
  id: string;
  by: string;
  at: string;
  text?: string;
  type?: string;
  status?: string;
  direction?: string;
}
interface Talk {
  id: number;
  ticket?: number;
  spam?: boolean;
  messages: Message[];
}
interface World {
  tickets: Ticket[];
  talks: Talk[];
}

const PER_PAGE = 2;

function paged(entries: readonly unknown[], after: string | null | undefined) {
  const from = Number(after ?? 0);
  const next = from + PER_PAGE;
  return {
    results: entries.slice(from, next),
    ...(next < entries.length && { paging: { next: { after: `${next}` } } }),
  };
}

/** Searches, associates, lists and pages as HubSpot does. */
function answer(url: URL, body: string, { tickets, talks }: World): unknown {
  const { pathname: path, searchParams: query } = url;
  if (path === '/crm/v3/objects/tickets/search') return found(JSON.parse(body) as Search, tickets);
  if (path.startsWith('/crm/v4/associations')) {
    const { inputs } = JSON.parse(body) as { inputs: { id: string }[] };
    return { results: inputs.map(({ id }) => ({ from: { id }, to: [{ toObjectId: Number(id) + 500 }] })) };
  }
  const id = /\/threads\/(\d+)\/messages$/.exec(path)?.[1];
  if (id !== undefined) {
    const talk = talks.find((one) => String(one.id) === id)!;
    return paged(
      talk.messages.toReversed().map((one) => messageOf(one, id)),
      query.get('after'),
    );
  }
  const since = query.get('latestMessageTimestampAfter')!;
  const active = talks
    .map((talk) => ({ talk, latest: talk.messages.at(-1)!.at }))
    .filter(({ latest }) => latest > since)
    .toSorted((one, other) => (one.latest < other.latest ? -1 : 1));
  return paged(
    active.map(({ talk, latest }) => threadOf(talk, latest)),
    query.get('after'),
  );
}

interface Search {
  after?: string;
  filterGroups: { filters: { value: string }[] }[];
}

function found({ after, filterGroups }: Search, tickets: readonly Ticket[]) {
  const since = Number(filterGroups[0]!.filters[0]!.value);
  const changed = tickets
    .filter((one) => Date.parse(one.changed) >= since)
    .toSorted((one, other) => (one.changed < other.changed ? -1 : 1));
  const results = changed.map(({ id, changed: hs_lastmodifieddate, content = 'words', reply }) => ({
    id: String(id),
    properties: { subject: 'a', content, createdate: at(id), hs_lastmodifieddate, first_agent_reply_date: reply },
    archived: false,
  }));
  return paged(results, after);
}

const messageOf = (
  { id, by, at: createdAt, text = 'words', type = 'MESSAGE', status, direction }: Message,
  thread: string,
) => ({
  id,
  type,
  conversationsThreadId: thread,
  createdAt,
  createdBy: by,
  senders: [{ actorId: by, name: `Name of ${by}` }],
  direction: direction ?? (by.startsWith('V-') ? 'INCOMING' : 'OUTGOING'),
  text,
  status: { statusType: status ?? 'SENT' },
});

const threadOf = ({ id, ticket, spam = false }: Talk, latestMessageTimestamp: string) => ({
  id: String(id),
  latestMessageTimestamp,
  spam,
  associatedContactId: '4711',
  ...(ticket !== undefined && { threadAssociations: { associatedTicketId: String(ticket) } }),
});

const world: World = {
  tickets: [1, 2, 3, 4, 5].map((id) => ({ id, changed: at(id * 1_000) })),
  talks: [1, 2, 3].map((id) => ({
    id: 80 + id,
    messages: ['V-1', 'A-9', 'V-1'].map((by, turn) => ({ id: `${id}-${turn}`, by, at: at(id * 1_000 + turn) })),
  })),
};

platformContract(hubspot, {
  options: (base) => ({ token: 'hub-secret', baseUrl: base, pauseMs: 0 }),
  reply: ({ url, headers, body }) =>
    headers['authorization'] === 'Bearer hub-secret'
      ? { body: JSON.stringify(answer(url, body, world)), headers: { 'content-type': 'application/json' } }
      : { status: 401 },
  ids: [
    ...world.tickets.map(({ id }) => `ticket-${id}`),
    ...world.talks.flatMap(({ id }) => [`message-${id - 80}-0`, `message-${id - 80}-2`]),
  ],
  secrets: ['hub-secret'],
});

describe('hubspot', () => {
  const asked: string[] = [];
  const pull = async (now: World, cursor?: unknown, more: object = {}) => {
    asked.length = 0;
    const http: HttpClient = async ({ url, body = '' }) => {
      asked.push(url);
      return { status: 200, headers: {}, url, body: Buffer.from(JSON.stringify(answer(new URL(url), body, now))) };
    };
    const context = {
      options: hubspot.options.parse({ token: 't', pauseMs: 0, ...more }),
      cursor,
      http,
      now: () => new Date('2026-02-07T12:00:00Z'),
      signal: new AbortController().signal,
    };
    const pages: Page<unknown>[] = [];
    for await (const page of hubspot.pull(context)) pages.push(page);
    return pages;
  };
  const itemsOf = (pages: Page<unknown>[]) => pages.flatMap(({ items }) => items);

  it('names the contact as the author, and when an agent first answered', async () => {
    const reply = at(9_000);
    const [item] = itemsOf(await pull({ tickets: [{ id: 7, changed: at(9_500), reply }], talks: [] }));
    expect(item).toMatchObject({
      externalId: 'ticket-7',
      author: { id: '507' },
      answeredAt: reply,
      thread: 'ticket-7',
    });
  });

  it('makes a thread of a ticket and its conversation, and hands the answers on', async () => {
    const messages = [
      { id: 'a', by: 'V-1', at: at(1) },
      { id: 'b', by: 'A-9', at: at(2) },
      { id: 'c', by: 'V-1', at: at(3) },
      { id: 'd', by: 'B-1', at: at(4) },
      { id: 'e', by: 'A-9', at: at(5), status: 'FAILED' },
      { id: 'f', by: 'A-9', at: at(6), type: 'COMMENT' },
      { id: 'g', by: 'A-9', at: at(7), direction: 'INCOMING' },
    ];
    const pages = await pull({ tickets: [{ id: 7, changed: at(1) }], talks: [{ id: 80, ticket: 7, messages }] });
    expect(pages.at(-1)!.items).toMatchObject([
      { externalId: 'message-a', thread: 'ticket-7', answeredAt: at(2), author: { id: '4711', name: 'Name of V-1' } },
      { externalId: 'message-c', thread: 'ticket-7', replyTo: 'message-a' },
    ]);
    expect(pages.at(-1)!.items).toHaveLength(2);
    expect(pages.at(-1)!.items[1]).not.toHaveProperty('answeredAt');
    expect(pages.at(-1)!.answered).toEqual([{ thread: 'ticket-7', at: at(2) }]);
  });

  it('afterwards finds edits, new turns, and what changed in the same second', async () => {
    const { cursor } = (await pull(world)).at(-1)!;
    const [first, ...rest] = world.talks;
    const later: World = {
      tickets: [
        ...world.tickets.map((one) => (one.id === 2 ? { id: 2, changed: at(5_000), content: 'other words' } : one)),
        { id: 6, changed: at(5_000) },
      ],
      talks: [{ ...first!, messages: [...first!.messages, { id: '1-3', by: 'V-1', at: at(4_000) }] }, ...rest],
    };
    const items = itemsOf(await pull(later, cursor));
    expect(items.find(({ externalId }) => externalId === 'ticket-2')).toMatchObject({ text: 'other words' });
    const ids = items.map(({ externalId }) => externalId);
    expect(ids).toEqual(expect.arrayContaining(['ticket-6', 'message-1-3']));
    expect(ids).not.toContain('ticket-1');
  });

  it('a ticket without a word is none yet, and no fault', () => {
    const blank = { id: '1', properties: { subject: null, content: null, createdate: at(1) } };
    expect(hubspot.parse({ body: Buffer.from(JSON.stringify({ results: [blank] })) })).toEqual({
      items: [],
      refused: [],
    });
  });

  it('leaves out spam, and what it is told not to read', async () => {
    const talks = world.talks.map((talk) => Object.assign({ spam: true }, talk));
    expect(itemsOf(await pull({ tickets: [], talks }))).toEqual([]);
    await pull(world, undefined, { tickets: false });
    expect(asked.filter((url) => url.includes('/crm/'))).toEqual([]);
    await pull(world, undefined, { conversations: false });
    expect(asked.filter((url) => url.includes('/conversations/'))).toEqual([]);
    await pull(world, undefined, { inbox: 12 });
    expect(asked.filter((url) => url.includes('inboxId=12'))).not.toEqual([]);
  });
});

describe('hubspot pushes', () => {
  const now = new Date('2026-02-03T08:15:30Z');
  const options = (more: object = {}) => hubspot.options.parse({ token: 't', clientSecret: 'shh', ...more });
  const events = [
    { objectId: 7004, subscriptionType: 'ticket.deletion' },
    { objectId: 880, subscriptionType: 'conversation.newMessage' },
  ];
  const push = (
    json: unknown,
    key = 'shh',
    time = String(now.getTime() - 1_000),
    url = 'https://ear.example/v1/x?a=b',
  ) => {
    const body = Buffer.from(JSON.stringify(json));
    const signature = createHmac('sha256', key).update(`POST${url}`).update(body).update(time).digest('base64');
    const headers = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': time };
    return { method: 'POST', url, headers, body };
  };
  const read = (json: unknown) => hubspot.push!.read(push(json), options());

  it('are taken where method, address, body and time are signed', () => {
    const refused = expect.objectContaining({ code: 'PUSH_REFUSED' });
    const verify = (request: ReturnType<typeof push>, more = {}) => hubspot.push!.verify(request, options(more), now);
    expect(() => verify(push(events))).not.toThrow();
    expect(() => verify(push(events, 'other'))).toThrow(refused);
    expect(() => verify(push(events, 'shh', String(now.getTime() - 301_000)))).toThrow(refused);
    expect(() => verify(push(events, 'shh', 'soon'))).toThrow(refused);
    expect(() => verify({ ...push(events), method: 'PUT' })).toThrow(refused);
    expect(() => verify({ ...push(events), body: Buffer.from('[]') })).toThrow(refused);
    expect(() => verify({ ...push(events), url: 'http://127.0.0.1:8080/v1/x?a=b' })).toThrow(refused);
    expect(() => verify(push(events), { clientSecret: undefined })).toThrow(refused);
  });

  it('may come through something that changes the address, or with signs that are signed decoded', () => {
    const moved = { ...push(events), url: 'http://127.0.0.1:8080/v1/x?a=b' };
    const webhookUrl = 'https://ear.example/v1/x?a=b';
    expect(() => hubspot.push!.verify(moved, options({ webhookUrl }), now)).not.toThrow();
    const signed = push(events, 'shh', String(now.getTime()), 'https://ear.example/v1/x?a=b:c/(d)&e=%20f');
    const sent = { ...signed, url: 'https://ear.example/v1/x?a=b%3Ac%2F%28d%29&e=%20f' };
    expect(() => hubspot.push!.verify(sent, options(), now)).not.toThrow();
  });

  it('forget what was deleted, and wake a pull for the rest', () => {
    expect(read(events)).toEqual({ items: [], refused: [], gone: ['ticket-7004'], wakes: true });
    expect(read([events[0]])).toEqual({ items: [], refused: [], gone: ['ticket-7004'] });
    expect(read([{ objectId: 5, objectTypeId: '0-5', subscriptionType: 'object.deletion' }])).toMatchObject({
      gone: ['ticket-5'],
    });
    expect(read([{ objectId: 5, objectTypeId: '0-1', subscriptionType: 'object.deletion' }])).toEqual({
      items: [],
      refused: [],
    });
    expect(read([{ objectId: 5, subscriptionType: 'contact.creation' }])).toEqual({ items: [], refused: [] });
    expect(() => read({ a: 1 })).toThrow(expect.objectContaining({ code: 'SOURCE_SHAPE' }));
  });
});
