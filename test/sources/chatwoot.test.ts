import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../src/domain/http.ts';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';

const chatwoot = sourceOf('chatwoot');
sourceContract(chatwoot, {
  wire: [{ file: 'messages.json' }, { file: 'empty.json' }, { file: 'webhook.json' }],
  broken: [
    { name: 'nothing', body: '', says: /nothing came/ },
    { name: 'JSON of another kind', body: '{"error":"no"}', says: /JSON with error/ },
    { name: 'another list', body: '{"payload":[{"a":1}]}', says: /1 entries of another kind/ },
  ],
  undated: [
    {
      name: 'words',
      body: '{"payload":[{"id":1,"content":"a","message_type":0,"created_at":"soon","conversation_id":1}]}',
    },
  ],
});
wireContract(chatwoot, 'chatwoot', [
  { file: 'conversations_list.json', items: 1 },
  { file: 'messages_list.json', items: 1 },
  { file: 'webhook_message_created.json', items: 1 },
  { file: 'webhook_conversation_status_changed.json', items: 0 },
]);

/** Conversations of three messages each, two to a page, and messages one to a page, the newest first. */
interface Talk {
  id: number;
  at: number;
  messages: { id: number; message_type: number; created_at: number; content: string }[];
}
const START = 1_767_434_400;
const talks: Talk[] = [5, 4, 3, 2, 1].map((id) => ({
  id,
  at: START + id * 86_400,
  messages: [1, 2, 3].map((turn) => ({
    id: id * 10 + turn,
    message_type: turn === 2 ? 1 : 0,
    created_at: START + id * 86_400 - 30 + turn * 10,
    content: 'words',
  })),
}));

function answer(url: URL, all: readonly Talk[]): unknown {
  const id = /conversations\/(\d+)\/messages/.exec(url.pathname)?.[1];
  if (id === undefined) {
    const from = (Number(url.searchParams.get('page')) - 1) * 2;
    const payload = all
      .slice(from, from + 2)
      .map((talk) => ({ id: talk.id, last_activity_at: talk.at, messages: talk.messages.slice(-1) }));
    return { data: { payload } };
  }
  const before = Number(url.searchParams.get('before') ?? Infinity);
  const older = all.find((talk) => talk.id === Number(id))!.messages.filter((one) => one.id < before);
  return { payload: older.slice(-1).map((one) => Object.assign({ conversation_id: Number(id) }, one)) };
}

const ids = talks.flatMap(({ messages }) =>
  messages.filter(({ message_type: type }) => type === 0).map(({ id }) => String(id)),
);
platformContract(chatwoot, {
  options: (base) => ({ account: 1, token: 'cw-secret', baseUrl: base }),
  reply: ({ url, headers }) =>
    headers['api_access_token'] === 'cw-secret'
      ? { body: JSON.stringify(answer(url, talks)), headers: { 'content-type': 'application/json' } }
      : { status: 401 },
  ids,
  secrets: ['cw-secret'],
});

describe('chatwoot', () => {
  const pull = async (all: readonly Talk[], cursor?: unknown) => {
    const http: HttpClient = async ({ url }) => ({
      status: 200,
      headers: {},
      url,
      body: Buffer.from(JSON.stringify(answer(new URL(url), all))),
    });
    const context = {
      options: chatwoot.options.parse({ account: 1, token: 't' }),
      cursor,
      http,
      now: () => new Date(),
      signal: new AbortController().signal,
    };
    const pages: Page<unknown>[] = [];
    for await (const page of chatwoot.pull(context)) pages.push(page);
    return pages;
  };

  it('marks the conversation as answered by the agent, and moves its mark only at the end', async () => {
    const pages = await pull(talks);
    expect(pages[0]!.answered).toContainEqual({
      thread: 'conversation-5',
      at: new Date((START + 5 * 86_400 - 10) * 1_000).toISOString(),
    });
    expect(pages.map(({ cursor }) => cursor)).toEqual([
      {},
      {},
      {},
      { newest: new Date((START + 5 * 86_400) * 1_000).toISOString() },
    ]);
  });

  it('afterwards reads only what was active since, with its new turns', async () => {
    const { cursor } = (await pull(talks)).at(-1)!;
    const again = {
      ...talks[4]!,
      at: START + 6 * 86_400,
      messages: [
        ...talks[4]!.messages,
        { id: 14, message_type: 0, created_at: START + 6 * 86_400, content: 'still broken' },
      ],
    };
    const pages = await pull([again, ...talks.slice(0, 4)], cursor);
    expect(pages.flatMap(({ items }) => items.map(({ externalId }) => externalId))).toEqual(['13', '14', '51', '53']);
  });

  it('tells deletions, and leaves out notes and what the system says', () => {
    const body = readFileSync(new URL('../fixtures/sources/chatwoot/messages.json', import.meta.url));
    const { items, gone, answered } = chatwoot.parse({ body });
    expect(items.map(({ externalId }) => externalId)).toEqual(['901']);
    expect([gone, answered]).toEqual([['905'], [{ thread: 'conversation-33', at: '2026-01-03T10:03:20.000Z' }]]);
  });

  it('takes pushes that are signed with their time', () => {
    const now = new Date('2026-02-01T10:00:00Z');
    const body = readFileSync(new URL('../fixtures/sources/chatwoot/webhook.json', import.meta.url));
    const options = chatwoot.options.parse({ account: 1, token: 't', webhookSecret: 'shh' });
    const push = (key: string, seconds = now.getTime() / 1_000) => ({
      method: 'POST',
      url: 'http://x/',
      body,
      headers: {
        'x-chatwoot-timestamp': String(seconds),
        'x-chatwoot-signature': `sha256=${createHmac('sha256', key).update(`${seconds}.`).update(body).digest('hex')}`,
      },
    });
    const refused = expect.objectContaining({ code: 'PUSH_REFUSED' });
    expect(() => chatwoot.push!.verify(push('shh'), options, now)).not.toThrow();
    expect(() => chatwoot.push!.verify(push('no'), options, now)).toThrow(refused);
    expect(() => chatwoot.push!.verify(push('shh', now.getTime() / 1_000 - 900), options, now)).toThrow(refused);
    expect(chatwoot.push!.read(push('shh'), options).items).toMatchObject([
      { externalId: '911', thread: 'conversation-44' },
    ]);
  });
});
