import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { latest } from '../net/pages.ts';
import { agreed, checkSigned, checkTime, secondsOf, wireOf } from '../net/signature.ts';
import { readInstant } from '../text/dates.ts';
import { NOTHING } from '../text/gather.ts';
import type { Draft } from '../text/gather.ts';
import { fromSeconds, readAs, readEntries, wireId, words } from '../text/wire.ts';

const options = z.strictObject({
  account: z.int().positive().describe('Number of the account, as in the address of its dashboard.'),
  token: secret().describe('Access token of an agent (Profile settings).'),
  inbox: z.int().positive().optional().describe('Number of the inbox to listen to. Default: all.'),
  webhookSecret: secret().optional().describe('Secret of the webhook, where Chatwoot shall push.'),
  baseUrl: platformAddress('https://app.chatwoot.com', 'Of your own Chatwoot where you host it yourself.'),
});
type Options = z.infer<typeof options>;

/** Last activity, ISO 8601 UTC, up to which all conversations were read. */
const cursor = z.strictObject({ newest: z.string().optional() });
type Cursor = z.infer<typeof cursor>;

const EXPECTED = 'conversations or messages of Chatwoot';
const OVERLAP_MS = 3_600_000;
/** Of 25 conversations each. */
const MAX_PAGES = 1_000;
/** Of twenty messages each; longer conversations are read from their end. */
const MAX_MESSAGE_PAGES = 25;

export const chatwoot = defineSource<Options, Cursor>({
  type: 'chatwoot',
  channel: 'ticket',
  about: 'What customers write in the conversations of a Chatwoot help desk; replies of agents answer it.',
  docs: 'https://developers.chatwoot.com/api-reference/conversations/conversations-list',
  options,
  cursor,
  example: { account: 1, token: '${env:CHATWOOT_TOKEN}', webhookSecret: '${env:CHATWOOT_SECRET}', authors: 'keep' },
  everySeconds: 300,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull,
  push: {
    about: 'Add a webhook for message_created and message_updated with the address /v1/inbound/<name>.',
    docs: 'https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks',
    verify({ headers, body }, { webhookSecret }, now) {
      const key = agreed(webhookSecret, 'webhookSecret');
      const time = headers['x-chatwoot-timestamp'] ?? '';
      checkTime(secondsOf(time), now);
      const given = headers['x-chatwoot-signature']?.replace(/^sha256=/, '');
      checkSigned(given, { algorithm: 'sha256', key, signed: [`${time}.`, body], encoding: 'hex' });
    },
    read: (request) => parse(wireOf(request)),
  },
  parse,
});

/** Conversations come by their last activity, the newest first, so the mark moves when all of them were read. */
async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const before = context.cursor ?? {};
  const until = before.newest === undefined ? 0 : Date.parse(before.newest) - OVERLAP_MS;
  let newest = before.newest;
  for (let page = 1; ; page++) {
    const conversations = await askConversations(context, page);
    const active = conversations.filter(({ last_activity_at: at }) => at * 1_000 >= until);
    const turns: unknown[] = [];
    for (const { id } of active) turns.push(...(await askMessages(context, id, until)));
    for (const { last_activity_at: at } of active) newest = latest(newest, fromSeconds(at));
    const isLast = active.length < conversations.length || conversations.length === 0 || page === MAX_PAGES;
    yield { ...mentionsOf(turns), cursor: isLast ? given(newest) : before };
    if (isLast) return;
  }
}

const given = (newest: string | undefined): Cursor => (newest === undefined ? {} : { newest });

const conversation = z.looseObject({
  id: z.int(),
  last_activity_at: z.number(),
  messages: z.array(z.unknown()).default([]),
});
const conversationList = z.looseObject({ data: z.looseObject({ payload: z.array(conversation) }) });
const messageList = z.looseObject({ payload: z.array(z.unknown()) });
const event = z.looseObject({ event: z.string() });

async function askConversations(context: PullContext<Options, Cursor>, page: number) {
  const { inbox } = context.options;
  const filter = inbox === undefined ? {} : { inbox_id: String(inbox) };
  const parameters = { status: 'all', assignee_type: 'all', sort_by: 'last_activity_at_desc', page: String(page) };
  const answer = await ask(
    context,
    requestFor(context.options, `?${new URLSearchParams({ ...parameters, ...filter })}`),
  );
  return readAs(answer, EXPECTED, conversationList).data.payload;
}

async function askMessages(context: PullContext<Options, Cursor>, id: number, until: number): Promise<unknown[]> {
  const all: unknown[] = [];
  let before = '';
  for (let page = 0; page < MAX_MESSAGE_PAGES; page++) {
    const { payload } = readAs(
      await ask(context, requestFor(context.options, `/${id}/messages${before}`)),
      EXPECTED,
      messageList,
    );
    all.unshift(...payload);
    const oldest = message.safeParse(payload[0]).data;
    if (oldest === undefined || Date.parse(timeOf(oldest) ?? '') < until) break;
    before = `?before=${oldest.id}`;
  }
  return all;
}

function requestFor({ baseUrl, account, token }: Options, path: string) {
  const url = `${baseUrl}/api/v1/accounts/${account}/conversations${path}`;
  return { url, headers: { api_access_token: token } };
}

/** A list of conversations with their last messages, the messages of one, or a push. */
function parse(answer: WireAnswer): Parsed {
  const read = readAs(answer, EXPECTED, z.union([conversationList, messageList, event]));
  if ('event' in read) return /^message_(created|updated)$/.test(String(read.event)) ? mentionsOf([read]) : NOTHING;
  if ('data' in read)
    return mentionsOf((read as z.infer<typeof conversationList>).data.payload.flatMap(({ messages }) => messages));
  return mentionsOf((read as z.infer<typeof messageList>).payload);
}

const message = z.looseObject({
  id: wireId,
  content: words,
  message_type: z.union([z.int(), z.string()]),
  private: z.boolean().nullish().catch(undefined),
  created_at: z.union([z.number(), z.string()]),
  conversation_id: z.int().optional().catch(undefined),
  conversation: z.looseObject({ id: z.int() }).optional().catch(undefined),
  sender: z.looseObject({ id: wireId, name: words }).nullish().catch(undefined),
  content_attributes: z.looseObject({ deleted: z.boolean().optional() }).nullish().catch(undefined),
});
type Message = z.infer<typeof message>;

const isCustomer = ({ message_type: type }: Message) => type === 0 || type === 'incoming';
const isAgent = ({ message_type: type, private: note }: Message) =>
  (type === 1 || type === 'outgoing') && note !== true;
const timeOf = ({ created_at: at }: Message) => (typeof at === 'number' ? fromSeconds(at) : readInstant(at));
const threadOf = (one: Message) => `conversation-${one.conversation_id ?? one.conversation?.id ?? '?'}`;
const isDeleted = (one: Message) => one.content_attributes?.deleted === true;

/** Notes among agents, and what the system says of itself, are neither a customer's turn nor an answer. */
function mentionsOf(entries: readonly unknown[]): Parsed {
  const turns = entries.flatMap((entry) => message.safeParse(entry).data ?? []);
  const parsed = readEntries(entries, { expected: EXPECTED, what: 'message', schema: message, draft: draftOf });
  const gone = turns.filter((one) => isCustomer(one) && isDeleted(one)).map(({ id }) => id);
  const answered = turns.filter(isAgent).flatMap((one) => {
    const at = timeOf(one);
    return at === undefined ? [] : [{ thread: threadOf(one), at }];
  });
  return { ...parsed, ...(gone.length > 0 && { gone }), ...(answered.length > 0 && { answered }) };
}

function draftOf(one: Message): Draft | undefined {
  if (!isCustomer(one) || isDeleted(one)) return undefined;
  return {
    externalId: one.id,
    channel: 'ticket',
    text: one.content,
    publishedAt: timeOf(one),
    author: { id: one.sender?.id, name: one.sender?.name },
    thread: threadOf(one),
  };
}
