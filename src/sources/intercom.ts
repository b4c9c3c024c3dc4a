import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask, askIfThere } from '../net/ask.ts';
import { daysBefore, readLists } from '../net/changes.ts';
import { agreed, checkHubSignature, wireOf } from '../net/signature.ts';
import { EXPECTED, conversationList, mentionsOf, parse, threadOf, ticketList } from '../text/intercom.ts';
import { fromSeconds, readAs, wireId } from '../text/wire.ts';

const options = z.strictObject({
  token: secret().describe('Access token of your app (Developer Hub, Authentication).'),
  tickets: z.boolean().default(true).describe('Whether tickets of customers are read beside conversations.'),
  startDays: z.int().min(0).max(3_650).default(90).describe('How many days the first pull goes back.'),
  clientSecret: secret().optional().describe('Client secret of your app, where Intercom shall push.'),
  baseUrl: platformAddress(
    'https://api.intercom.io',
    'https://api.eu.intercom.io or https://api.au.intercom.io for workspaces that are kept there.',
  ),
});
type Options = z.infer<typeof options>;

/** From which change on each list is asked for, ISO 8601 UTC. */
const cursor = z.strictObject({ conversations: z.iso.datetime(), tickets: z.iso.datetime() });
type Cursor = z.infer<typeof cursor>;
type List = keyof Cursor;

const VERSION = '2.11';
/** Each conversation costs a call of its own before the place is saved. */
const PER_PAGE = 50;
const MAX_PAGES = 40;
const OVERLAP_MS = 5 * 60_000;

export const intercom = defineSource<Options, Cursor>({
  type: 'intercom',
  channel: 'ticket',
  about: 'What customers write in the conversations and tickets of Intercom; replies of teammates answer it.',
  docs: 'https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations',
  options,
  cursor,
  example: { token: '${env:INTERCOM_TOKEN}', clientSecret: '${env:INTERCOM_CLIENT_SECRET}', authors: 'keep' },
  everySeconds: 300,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull,
  push: {
    about: 'Subscribe your app to the topics of conversations and tickets with the address /v1/inbound/<name>.',
    docs: 'https://developers.intercom.com/docs/webhooks/webhook-notifications#signed-notifications',
    verify: (request, { clientSecret }) => checkHubSignature(request, agreed(clientSecret, 'clientSecret')),
    read: (request) => parse(wireOf(request)),
  },
  parse,
});

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const { options: asked, now } = context;
  const start = daysBefore(now(), asked.startDays);
  const lists: List[] = asked.tickets ? ['conversations', 'tickets'] : ['conversations'];
  yield* readLists(context.cursor ?? { conversations: start, tickets: start }, lists, (list) => ({
    overlapMs: OVERLAP_MS,
    maxPages: MAX_PAGES,
    ask: (since, next) => search(context, list, since, next),
    changed: changeOf,
    read: (entries) => (list === 'tickets' ? mentionsOf(entries, true) : withParts(context, entries)),
  }));
}

const known = z.looseObject({ id: wireId, updated_at: z.number().optional().catch(undefined) });

function changeOf(entry: unknown) {
  const read = known.safeParse(entry).data;
  return { id: read?.id, at: fromSeconds(read?.updated_at) };
}

async function search(context: PullContext<Options, Cursor>, list: List, since: string, next: string | undefined) {
  const after = Math.floor(Date.parse(since) / 1_000) - 1;
  const answer = await ask(context, {
    ...requestFor(context.options, `/${list}/search`),
    method: 'POST',
    body: JSON.stringify({
      query: { operator: 'AND', value: [{ field: 'updated_at', operator: '>', value: after }] },
      sort: { field: 'updated_at', order: 'ascending' },
      pagination: { per_page: PER_PAGE, ...(next !== undefined && { starting_after: next }) },
    }),
  });
  const read = readAs(answer, EXPECTED, z.discriminatedUnion('type', [conversationList, ticketList]));
  const entries = read.type === 'ticket.list' ? read.tickets : read.conversations;
  return { entries, next: read.pages?.next?.starting_after };
}

/** Found conversations come with their first turn only. */
async function withParts(context: PullContext<Options, Cursor>, entries: readonly unknown[]): Promise<Parsed> {
  const whole: unknown[] = [];
  const gone: string[] = [];
  for (const entry of entries) {
    const id = known.safeParse(entry).data?.id;
    if (id === undefined) {
      whole.push(entry);
      continue;
    }
    const path = `/conversations/${encodeURIComponent(id)}`;
    const answer = await askIfThere(() => ask(context, requestFor(context.options, path)));
    if (answer === undefined) gone.push(threadOf(id));
    else whole.push(readAs(answer, EXPECTED, z.looseObject({ type: z.literal('conversation') })));
  }
  const parsed = mentionsOf(whole, true);
  return { ...parsed, ...(gone.length > 0 && { gone: [...(parsed.gone ?? []), ...gone] }) };
}

function requestFor({ baseUrl, token }: Options, path: string) {
  const headers = {
    authorization: `Bearer ${token}`,
    'intercom-version': VERSION,
    'content-type': 'application/json',
  };
  return { url: `${baseUrl}${path}`, headers };
}
