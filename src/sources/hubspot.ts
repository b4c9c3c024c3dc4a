import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, PushRequest } from '../domain/source.ts';
import { platformAddress, serverAddress } from '../net/address.ts';
import { ask, askIfThere } from '../net/ask.ts';
import { daysBefore, readLists } from '../net/changes.ts';
import { pause } from '../net/pace.ts';
import { agreed, checkSigned, checkTime, wireOf } from '../net/signature.ts';
import { readInstant } from '../text/dates.ts';
import {
  EXPECTED,
  TICKET_PROPERTIES,
  mentionsOfMessages,
  mentionsOfTickets,
  messagesOf,
  page,
  parseHubspot,
  readEvents,
  thread,
} from '../text/hubspot.ts';
import { readAs, wireId } from '../text/wire.ts';

const options = z.strictObject({
  token: secret().describe('Access token of a private app with the scopes tickets and conversations.read.'),
  tickets: z.boolean().default(true).describe('Read tickets.'),
  conversations: z.boolean().default(true).describe('Read the conversations of the inbox and help desk.'),
  inbox: z.int().positive().optional().describe('Number of the inbox to listen to. Default: all.'),
  startDays: z.int().min(0).max(3_650).default(90).describe('How many days the first pull goes back.'),
  pauseMs: z.int().min(0).max(60_000).default(250).describe('Pause between calls: five searches a second are allowed.'),
  clientSecret: secret().optional().describe('Client secret of the app, where HubSpot shall push.'),
  webhookUrl: serverAddress()
    .optional()
    .describe('Address that HubSpot pushes to, where something in between changes it: it is part of the signature.'),
  baseUrl: platformAddress('https://api.hubapi.com'),
});
type Options = z.infer<typeof options>;

/** From which change on each list is asked for, ISO 8601 UTC. */
const cursor = z.strictObject({ tickets: z.iso.datetime(), conversations: z.iso.datetime() });
type Cursor = z.infer<typeof cursor>;
type List = keyof Cursor;

const TICKETS_PER_PAGE = 100;
/** Each conversation costs a call of its own before the place is saved. */
const THREADS_PER_PAGE = 50;
const MESSAGES_PER_PAGE = 100;
/** Longer conversations are read from their end. */
const MAX_MESSAGE_PAGES = 20;
/** A search ends after 10,000, so it has to go on by time before. */
const MAX_PAGES = 40;
/** What has changed can be found only a little later. */
const OVERLAP_MS = 5 * 60_000;

export const hubspot = defineSource<Options, Cursor>({
  type: 'hubspot',
  channel: 'ticket',
  about: 'Tickets of HubSpot, and what customers write in its conversations; replies of agents answer it.',
  docs: 'https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide',
  options,
  cursor,
  example: { token: '${env:HUBSPOT_TOKEN}', clientSecret: '${env:HUBSPOT_CLIENT_SECRET}', authors: 'keep' },
  everySeconds: 300,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull,
  push: {
    about:
      'Subscribe your app to events of tickets and conversations with the address /v1/inbound/<name>. ' +
      'They hold no words, so each is followed by a pull.',
    docs: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation',
    verify,
    read: (request) => readEvents(wireOf(request)),
  },
  parse: parseHubspot,
});

/** The address is signed with these signs decoded. */
const DECODED = /%(?:3a|2f|3f|40|21|24|27|28|29|2a|2c|3b)/gi;

function verify({ method, url, headers, body }: PushRequest, { clientSecret, webhookUrl }: Options, now: Date): void {
  const key = agreed(clientSecret, 'clientSecret');
  const time = headers['x-hubspot-request-timestamp'] ?? '';
  checkTime(/^\d{12,14}$/.test(time) ? Number(time) : Number.NaN, now);
  const address = (webhookUrl ?? url).replace(DECODED, decodeURIComponent);
  const signed = [`${method}${address}`, body, time];
  checkSigned(headers['x-hubspot-signature-v3'], { algorithm: 'sha256', key, signed, encoding: 'base64' });
}

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const { options: asked, now } = context;
  const start = daysBefore(now(), asked.startDays);
  const lists = (['tickets', 'conversations'] as const).filter((list) => asked[list]);
  yield* readLists<List>(context.cursor ?? { tickets: start, conversations: start }, lists, (list) => ({
    overlapMs: OVERLAP_MS,
    maxPages: MAX_PAGES,
    ask: (since, next) => (list === 'tickets' ? findTickets(context, since, next) : findThreads(context, since, next)),
    changed: changeOf,
    read: (entries) => (list === 'tickets' ? withContacts(context, entries) : withMessages(context, entries)),
  }));
}

const known = z.looseObject({
  id: wireId,
  latestMessageTimestamp: z.string().optional().catch(undefined),
  updatedAt: z.string().optional().catch(undefined),
  properties: z.looseObject({ hs_lastmodifieddate: z.string().optional().catch(undefined) }).optional(),
});

function changeOf(entry: unknown) {
  const read = known.safeParse(entry).data;
  const at = read?.latestMessageTimestamp ?? read?.properties?.hs_lastmodifieddate ?? read?.updatedAt;
  return { id: read?.id, at: readInstant(at) };
}

/** https://developers.hubspot.com/docs/api-reference/search/guide */
async function findTickets(context: PullContext<Options, Cursor>, since: string, next: string | undefined) {
  return askList(context, '/crm/v3/objects/tickets/search', {
    filterGroups: [
      { filters: [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: String(Date.parse(since)) }] },
    ],
    sorts: [{ propertyName: 'hs_lastmodifieddate', direction: 'ASCENDING' }],
    properties: TICKET_PROPERTIES,
    limit: TICKETS_PER_PAGE,
    ...(next !== undefined && { after: next }),
  });
}

async function findThreads(context: PullContext<Options, Cursor>, since: string, next: string | undefined) {
  const { inbox } = context.options;
  const query = new URLSearchParams({
    sort: 'latestMessageTimestamp',
    latestMessageTimestampAfter: new Date(Date.parse(since) - 1).toISOString(),
    association: 'TICKET',
    limit: String(THREADS_PER_PAGE),
    ...(inbox !== undefined && { inboxId: String(inbox) }),
    ...(next !== undefined && { after: next }),
  });
  return askList(context, `/conversations/v3/conversations/threads?${query}`);
}

async function askList(context: PullContext<Options, Cursor>, path: string, body?: object) {
  const { baseUrl, token, pauseMs } = context.options;
  await pause(pauseMs, context.signal);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await ask(context, {
    url: `${baseUrl}${path}`,
    headers,
    ...(body !== undefined && { method: 'POST' as const, body: JSON.stringify(body) }),
  });
  const { results, paging } = readAs(answer, EXPECTED, page);
  return { entries: results, next: paging?.next?.after };
}

const association = z.looseObject({
  from: z.looseObject({ id: wireId }),
  to: z.array(z.looseObject({ toObjectId: wireId })).min(1),
});

/** Tickets do not say who asked; that is a list of its own. */
async function withContacts(context: PullContext<Options, Cursor>, tickets: readonly unknown[]): Promise<Parsed> {
  const inputs = tickets.flatMap((ticket) => known.safeParse(ticket).data?.id ?? []).map((id) => ({ id }));
  if (inputs.length === 0) return mentionsOfTickets(tickets);
  const found = await askList(context, '/crm/v4/associations/tickets/contacts/batch/read', { inputs });
  const contacts = new Map(
    found.entries.flatMap((entry) => {
      const read = association.safeParse(entry).data;
      return read === undefined ? [] : [[read.from.id, read.to[0]!.toObjectId] as const];
    }),
  );
  const contactOf = (ticket: unknown) => contacts.get(known.safeParse(ticket).data?.id ?? '');
  return mentionsOfTickets(tickets.map((ticket) => Object.assign({}, ticket, { contact: contactOf(ticket) })));
}

/** None of a conversation that is spam, or was deleted for good in the meantime. */
async function withMessages(context: PullContext<Options, Cursor>, threads: readonly unknown[]): Promise<Parsed> {
  const all: unknown[] = [];
  for (const entry of threads) {
    const talk = thread.safeParse(entry).data;
    if (talk === undefined) all.push(entry);
    else if (talk.spam !== true) all.push(...messagesOf(talk, await askMessages(context, talk.id)));
  }
  return mentionsOfMessages(all);
}

async function askMessages(context: PullContext<Options, Cursor>, id: string): Promise<unknown[]> {
  const all: unknown[] = [];
  let next: string | undefined;
  for (let count = 0; count < MAX_MESSAGE_PAGES; count++) {
    const after = next === undefined ? '' : `&after=${encodeURIComponent(next)}`;
    const path = `/conversations/v3/conversations/threads/${encodeURIComponent(id)}/messages`;
    const found = await askIfThere(() => askList(context, `${path}?limit=${MESSAGES_PER_PAGE}${after}`));
    all.push(...(found?.entries ?? []));
    next = found?.next;
    if (next === undefined) break;
  }
  return all;
}
