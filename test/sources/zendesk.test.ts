import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../src/domain/http.ts';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';

const zendesk = sourceOf('zendesk');

sourceContract(zendesk, {
  wire: [
    { file: 'cursor-export.json' },
    { file: 'time-export.json' },
    { file: 'empty.json' },
    { file: 'comments.json', url: 'https://velmora.zendesk.com/api/v2/tickets/501/comments.json' },
    { file: 'webhook.json' },
  ],
  broken: [
    { name: 'nothing', body: '', says: /nothing/ },
    { name: 'users', body: '{"users": [], "count": 0}', says: /JSON with users, count/ },
    { name: 'tickets that are none', body: '{"tickets": [{"id": 1}]}', says: /1 entries of another kind/ },
    {
      name: 'comments that are none',
      body: '{"comments": [{"id": 1}], "users": []}',
      says: /1 entries of another kind/,
    },
  ],
  undated: [
    {
      name: 'no zone',
      body: '{"tickets": [{"id": 1, "status": "new", "description": "hi", "created_at": "2026-02-01 10:00"}]}',
    },
    {
      name: 'a comment without a date',
      body: '{"comments": [{"id": 1, "author_id": 2, "public": true, "body": "hi"}], "users": [{"id": 2, "role": "end-user"}]}',
    },
  ],
});

wireContract(zendesk, 'zendesk', [
  { file: 'incremental_tickets_0.json', items: 85 },
  { file: 'incremental_tickets_2.json', items: 7 },
  { file: 'incremental_tickets_paged_0.json', items: 485 },
  { file: 'incremental_tickets_paged_1.json', items: 485 },
  { file: 'incremental_tickets_paged_2.json', items: 7 },
  { file: 'tickets_2.json', items: 90 },
]);

interface Said {
  id: number;
  author_id: number;
  created_at: string;
  body?: string;
  public?: boolean;
}
interface Ticket {
  id: number;
  status?: string;
  is_public?: boolean;
  said: Said[];
}

const CUSTOMER = 900;
const AGENT = 7;
const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 10, minute)).toISOString().replace('.000', '');
const said = (id: number, author: number, minute: number, more: Partial<Said> = {}): Said => ({
  id,
  author_id: author,
  created_at: at(minute),
  body: `words ${id}`,
  public: true,
  ...more,
});

const USERS = [
  { id: CUSTOMER, role: 'end-user', name: 'Maud' },
  { id: AGENT, role: 'agent', name: 'Noa' },
];

/** The cursor export by two tickets, comments by two, with their users. */
function answer(url: URL, tickets: readonly Ticket[]): unknown {
  const id = /\/tickets\/(\d+)\/comments/.exec(url.pathname)?.[1];
  if (id !== undefined) {
    const all = tickets.find((one) => String(one.id) === id)?.said ?? [];
    const from = Number(url.searchParams.get('page[after]') ?? 0);
    const comments = all.slice(from, from + 2);
    const has_more = from + 2 < all.length;
    return { comments, users: USERS, meta: { has_more, after_cursor: has_more ? String(from + 2) : null } };
  }
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const page = tickets.slice(from, from + 2);
  return {
    tickets: page.map(({ id: number, said: all, ...rest }) => ({
      id: number,
      url: `https://velmora.zendesk.com/api/v2/tickets/${number}.json`,
      status: 'open',
      subject: `Ticket ${number}`,
      description: all[0]!.body,
      requester_id: CUSTOMER,
      created_at: all[0]!.created_at,
      updated_at: all.at(-1)!.created_at,
      via: { channel: 'email' },
      ...rest,
    })),
    after_cursor: String(from + page.length),
    end_of_stream: from + page.length >= tickets.length,
  };
}

const five: Ticket[] = [11, 12, 13, 14, 15].map((id) => ({
  id,
  said: [said(id * 10, CUSTOMER, id), said(id * 10 + 1, AGENT, id + 5), said(id * 10 + 2, CUSTOMER, id + 10)],
}));

platformContract(zendesk, {
  options: (base) => ({
    subdomain: 'velmora',
    email: 'agent@velmora.example',
    token: 'zendesk-secret-1',
    baseUrl: base,
    pauseMs: 1,
    commentPauseMs: 0,
  }),
  reply: ({ url }) => ({ body: JSON.stringify(answer(url, five)) }),
  ids: five.flatMap(({ id }) => [String(id), `comment-${id * 10 + 2}`]),
  secrets: ['zendesk-secret-1', Buffer.from('agent@velmora.example/token:zendesk-secret-1').toString('base64')],
});

describe('zendesk', () => {
  const options = { subdomain: 'velmora', token: 'abc', pauseMs: 0, commentPauseMs: 0, startDays: 2 };
  const asked: { url: URL; headers: Record<string, string> }[] = [];
  const pull = async (tickets: readonly Ticket[] | ((url: URL) => unknown), cursor?: unknown, more: object = {}) => {
    asked.length = 0;
    const http: HttpClient = async ({ url, headers = {} }) => {
      asked.push({ url: new URL(url), headers });
      const body = typeof tickets === 'function' ? tickets(new URL(url)) : answer(new URL(url), tickets);
      return { status: 200, headers: {}, url, body: Buffer.from(JSON.stringify(body)) };
    };
    const context = {
      options: zendesk.options.parse({ ...options, ...more }),
      cursor,
      http,
      now: () => new Date('2026-02-07T12:00:00Z'),
      signal: new AbortController().signal,
    };
    const pages: Page<unknown>[] = [];
    for await (const page of zendesk.pull(context)) pages.push(page);
    return pages;
  };
  const items = (pages: Page<unknown>[]) => pages.flatMap((page) => page.items);

  it('starts so many days ago and goes on from its cursor', async () => {
    const some = five.slice(0, 3);
    const pages = await pull(some);
    const now = Date.parse('2026-02-07T12:00:00Z') / 1_000;
    expect(asked[0]!.url.searchParams.get('start_time')).toBe(String(now - 2 * 86_400));
    expect(pages.at(-1)!.cursor).toEqual({ after: '3' });
    const later = await pull([...some, five[4]!], pages.at(-1)!.cursor);
    expect(asked[0]!.url.search).toBe('?cursor=3&per_page=100');
    expect(items(later).map(({ externalId }) => externalId)).toEqual(['15', 'comment-152']);
  });

  it('puts the turns of a ticket in order, and tells when it was last answered', async () => {
    const talk = [
      said(1, CUSTOMER, 0),
      said(2, AGENT, 1, { public: false }),
      said(3, AGENT, 2),
      said(4, CUSTOMER, 3),
      said(5, -1, 4),
      said(6, AGENT, 5),
      said(7, CUSTOMER, 6),
    ];
    const [page] = await pull([{ id: 11, said: talk }]);
    expect(page!.items).toMatchObject([
      { externalId: '11', thread: '11', title: 'Ticket 11', answeredAt: '2026-01-05T10:05:00.000Z' },
      { externalId: 'comment-4', thread: '11', replyTo: '11', answeredAt: '2026-01-05T10:05:00.000Z' },
      { externalId: 'comment-7', thread: '11', replyTo: 'comment-4', author: { id: '900', name: 'Maud' } },
    ]);
    expect(page!.items[2]).not.toHaveProperty('answeredAt');
    expect(page!.items[0]!.url).toBe('https://velmora.zendesk.com/agent/tickets/11');
  });

  it('an edit, and what is made private, arrive with the ticket that is exported again', async () => {
    const edited = [
      said(1, CUSTOMER, 0),
      said(4, CUSTOMER, 3, { body: '▇▇▇▇' }),
      said(5, CUSTOMER, 4, { public: false }),
    ];
    const [page] = await pull([{ id: 11, said: edited }]);
    expect(page!.items.map(({ text }) => text)).toEqual(['words 1', '▇▇▇▇']);
    expect(page!.gone).toEqual(['comment-5']);
  });

  it('asks for no comments where nothing was added, and of nothing that is deleted', async () => {
    const pages = await pull([
      { id: 11, said: [said(1, CUSTOMER, 0)] },
      { id: 12, status: 'deleted', said: [said(2, CUSTOMER, 0), said(3, CUSTOMER, 1)] },
    ]);
    expect(asked).toHaveLength(1);
    expect(pages).toMatchObject([{ items: [{ externalId: '11' }], gone: ['12'] }]);
  });

  it('internal tickets are no words of customers', async () => {
    const inner = await pull([{ id: 11, is_public: false, said: [said(1, AGENT, 0, { public: false })] }]);
    expect(items(inner)).toEqual([]);
    const opened = await pull([{ id: 11, said: [said(1, AGENT, 0, { public: false }), said(2, CUSTOMER, 1)] }]);
    expect(items(opened).map(({ externalId }) => externalId)).toEqual(['comment-2']);
  });

  it('who asks is the customer of this ticket, even where he works for the brand', async () => {
    const asks = { id: 11, requester_id: AGENT, said: [said(1, AGENT, 0), said(2, AGENT, 1), said(3, CUSTOMER, 2)] };
    expect(items(await pull([asks])).map(({ externalId }) => externalId)).toEqual(['11', 'comment-2', 'comment-3']);
  });

  it('a picture alone says nothing', async () => {
    const [page] = await pull([{ id: 11, said: [said(1, CUSTOMER, 0), said(2, CUSTOMER, 1, { body: '' })] }]);
    expect(page).toMatchObject({ items: [{ externalId: '11' }], refused: [] });
  });

  it('keeps the words of a ticket whose comments are gone meanwhile', async () => {
    const http = (url: URL) => (url.pathname.includes('comments') ? { comments: [], users: [] } : answer(url, five));
    expect(items(await pull(http))).toHaveLength(5);
  });

  it('refuses a comment of another kind by name, and keeps the rest', async () => {
    const talk = [said(1, CUSTOMER, 0), { id: 3 } as Said, said(4, CUSTOMER, 3)];
    const [page] = await pull([{ id: 11, said: talk }]);
    expect(page!.items).toHaveLength(2);
    expect(page!.refused).toMatchObject([{ where: 'turn 3', reason: expect.stringContaining('public') }]);
  });

  it('shows its token as a bearer, or with the email as a basic login', async () => {
    await pull([]);
    expect(asked.map(({ headers }) => headers['authorization'])).toEqual(['Bearer abc']);
    await pull([], undefined, { email: 'a@b.example' });
    const basic = Buffer.from('a@b.example/token:abc').toString('base64');
    expect(asked.map(({ headers }) => headers['authorization'])).toEqual([`Basic ${basic}`]);
  });

  it('keeps its cursor when an answer names none, and does not go round in circles', async () => {
    const end = await pull(() => ({ tickets: [], after_cursor: null, end_of_stream: true }), { after: 'x' });
    expect(end.at(-1)!.cursor).toEqual({ after: 'x' });
    const circle = pull(() => ({ tickets: [], after_cursor: 'x', end_of_stream: false }));
    await expect(circle).rejects.toMatchObject({ code: 'SOURCE_SHAPE' });
  });

  it('is asked at its own address unless told otherwise', () => {
    expect(zendesk.hosts(zendesk.options.parse(options))).toEqual(['https://velmora.zendesk.com']);
  });
});

describe('zendesk pushes', () => {
  const options = zendesk.options.parse({ subdomain: 'velmora', token: 'abc', webhookSecret: 'shh' });
  const now = new Date('2026-02-03T08:15:30Z');
  const event = JSON.parse(
    readFileSync(new URL('../fixtures/sources/zendesk/webhook.json', import.meta.url), 'utf8'),
  ) as { type: string; detail: object; event: { comment: { author: object } } };
  const push = (json: unknown, key = 'shh', time = '2026-02-03T08:15:20Z') => {
    const body = Buffer.from(JSON.stringify(json));
    const signature = createHmac('sha256', key).update(time).update(body).digest('base64');
    const headers = { 'x-zendesk-webhook-signature': signature, 'x-zendesk-webhook-signature-timestamp': time };
    return { method: 'POST', url: 'http://x/', headers, body };
  };
  const read = (json: unknown) => zendesk.push!.read(push(json), options);
  const typed = (name: string) => ({ ...event, type: `zen:event-type:ticket.${name}` });
  const comment = (more: object) => ({ ...event, event: { comment: { ...event.event.comment, ...more } } });

  it('are taken where they are signed with their time', () => {
    const refused = expect.objectContaining({ code: 'PUSH_REFUSED' });
    const verify = (request: ReturnType<typeof push>) => zendesk.push!.verify(request, options, now);
    expect(() => verify(push(event))).not.toThrow();
    expect(() => verify(push(event, 'other'))).toThrow(refused);
    expect(() => verify(push(event, 'shh', '2026-02-03T08:05:20Z'))).toThrow(refused);
    expect(() => verify(push(event, 'shh', ''))).toThrow(refused);
    expect(() => verify({ ...push(event), body: Buffer.from('{}') })).toThrow(refused);
    expect(() => verify({ ...push(event), headers: {} as never })).toThrow(refused);
    const unset = zendesk.options.parse({ subdomain: 'velmora', token: 'abc' });
    expect(() => zendesk.push!.verify(push(event), unset, now)).toThrow(refused);
  });

  it('of a customer is the turn that a pull gives', () => {
    expect(read(event).items).toMatchObject([
      { externalId: 'comment-91004', thread: '501', publishedAt: '2026-02-03T08:15:00.000Z' },
    ]);
  });

  it('of an agent answers the ticket, of nobody does nothing, and a private one is forgotten', () => {
    const author = (is_staff: unknown) => comment({ author: { id: '7', is_staff } });
    expect(read(author(true))).toMatchObject({ items: [], answered: [{ thread: '501' }] });
    expect(read(author(null))).toEqual({ items: [], refused: [] });
    expect(read(comment({ is_public: false }))).toMatchObject({ items: [], gone: ['comment-91004'] });
  });

  it('of a new ticket and of its first comment are one', () => {
    const created = read(typed('created')).items;
    const { description } = event.detail as { description: string };
    expect(created).toMatchObject([{ externalId: '501', text: description, title: 'Where is my Aria?' }]);
    expect(read(comment({ body: description, author: { id: '7', is_staff: true } })).items).toEqual(created);
  });

  it.each(['soft_deleted', 'permanently_deleted', 'marked_as_spam'])('%s is forgotten', (name) => {
    expect(read(typed(name))).toMatchObject({ items: [], gone: ['501'] });
  });

  it.each(['comment_redacted', 'comment_made_private', 'subject_changed'])('%s wakes a pull', (name) => {
    expect(read(typed(name))).toEqual({ items: [], refused: [], wakes: true });
  });

  it('of what is not said is nothing', () => {
    expect(read(typed('status_changed'))).toEqual({ items: [], refused: [] });
    expect(() => read({ ticket_id: 5 })).toThrow(expect.objectContaining({ code: 'SOURCE_SHAPE' }));
  });
});
