import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { serverAddress } from '../net/address.ts';
import { ask, askIfThere } from '../net/ask.ts';
import { daysBefore, readLists } from '../net/changes.ts';
import { pause } from '../net/pace.ts';
import { readInstant } from '../text/dates.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';
import { mentionsOfTurns } from '../text/thread.ts';
import { maybeId, readAs, wireId, words } from '../text/wire.ts';

const options = z.strictObject({
  subdomain: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/i)
    .describe('The name before .freshdesk.com.'),
  apiKey: secret().describe('API key of an agent who sees all tickets (Profile settings).'),
  startDays: z.int().min(0).max(3_650).default(90).describe('How many days the first pull goes back.'),
  pauseMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(600)
    .describe('Pause between calls: the Growth plan allows 200 a minute.'),
  baseUrl: serverAddress().optional().describe('Instead of https://<subdomain>.freshdesk.com.'),
});
type Options = z.infer<typeof options>;

/** From which change on each list is asked for, ISO 8601 UTC. */
const cursor = z.strictObject({ tickets: z.iso.datetime(), deleted: z.iso.datetime(), spam: z.iso.datetime() });
type Cursor = z.infer<typeof cursor>;

/** Usual tickets, and those that were thrown away or marked as spam; the last two are what has to be forgotten. */
const LISTS = ['tickets', 'deleted', 'spam'] as const;
type List = (typeof LISTS)[number];

const EXPECTED = 'tickets or conversations of Freshdesk';
/** Few, because each ticket costs a call of its own before the place is saved. */
const PER_PAGE = 30;
const MAX_PAGES = 40;
const TURNS_PER_PAGE = 100;
const MAX_TURN_PAGES = 20;
const OVERLAP_MS = 5 * 60_000;

export const freshdesk = defineSource<Options, Cursor>({
  type: 'freshdesk',
  channel: 'ticket',
  about: 'What customers write in the tickets of a Freshdesk help desk; public replies of agents answer it.',
  docs: 'https://developers.freshdesk.com/api/#list_all_tickets',
  options,
  cursor,
  example: { subdomain: 'velmora', apiKey: '${env:FRESHDESK_KEY}', authors: 'keep' },
  everySeconds: 300,
  hosts: (asked) => [new URL(baseOf(asked)).origin],
  pull,
  parse: (answer) => mentionsOf(entriesOf(answer), { base: originOf(answer), isWhole: false }),
});

const baseOf = ({ baseUrl, subdomain }: Options) => baseUrl ?? `https://${subdomain}.freshdesk.com`;
const originOf = ({ url }: WireAnswer) => (url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined);

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const now = context.now();
  const first = {
    tickets: daysBefore(now, context.options.startDays),
    deleted: now.toISOString(),
    spam: now.toISOString(),
  };
  yield* readLists(context.cursor ?? first, LISTS, (list) => ({
    overlapMs: OVERLAP_MS,
    maxPages: MAX_PAGES,
    ask: (since, next) => askTickets(context, list, since, next ?? '1'),
    changed: (ticket) => ({ at: changeOf(ticket), id: known.safeParse(ticket).data?.id }),
    read: (tickets) => withTurns(context, list, tickets),
  }));
}

const known = z.looseObject({ id: wireId, updated_at: words });
const changeOf = (ticket: unknown) => readInstant(known.safeParse(ticket).data?.updated_at);

async function askTickets(context: PullContext<Options, Cursor>, list: List, since: string, page: string) {
  await pause(context.options.pauseMs, context.signal);
  const query = new URLSearchParams({
    ...(list === 'tickets' ? { include: 'requester,description' } : { filter: list }),
    updated_since: since.replace(/\.\d+Z$/, 'Z'),
    order_by: 'updated_at',
    order_type: 'asc',
    per_page: String(PER_PAGE),
    page,
  });
  const answer = await ask(context, requestFor(context.options, `?${query}`));
  const entries = readAs(answer, EXPECTED, z.array(z.unknown()));
  return { entries, next: entries.length < PER_PAGE ? undefined : String(Number(page) + 1) };
}

/** Tickets with their conversations, which have a list of their own each. */
async function withTurns(
  context: PullContext<Options, Cursor>,
  list: List,
  tickets: readonly unknown[],
): Promise<Parsed> {
  const entries: unknown[] = [];
  for (const ticket of tickets) {
    entries.push(list === 'tickets' ? ticket : Object.assign({}, ticket, { [list]: true }));
    const id = known.safeParse(ticket).data?.id;
    const turns = id === undefined ? [] : await askTurns(context, id);
    entries.push(...(list === 'tickets' ? turns : turns.map((one) => Object.assign({}, one, { deleted: true }))));
  }
  return mentionsOf(entries, { base: baseOf(context.options), isWhole: true });
}

/** None where the ticket was deleted for good in the meantime. */
async function askTurns(context: PullContext<Options, Cursor>, id: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let page = 1; page <= MAX_TURN_PAGES; page++) {
    await pause(context.options.pauseMs, context.signal);
    const path = `/${encodeURIComponent(id)}/conversations?per_page=${TURNS_PER_PAGE}&page=${page}`;
    const answer = await askIfThere(() => ask(context, requestFor(context.options, path)));
    if (answer === undefined) break;
    const turns = readAs(answer, EXPECTED, z.array(z.unknown()));
    all.push(...turns);
    if (turns.length < TURNS_PER_PAGE) break;
  }
  return all;
}

/** https://developers.freshdesk.com/api/#authentication */
function requestFor(asked: Options, path: string) {
  const authorization = `Basic ${Buffer.from(`${asked.apiKey}:X`).toString('base64')}`;
  return { url: `${baseOf(asked)}/api/v2/tickets${path}`, headers: { authorization } };
}

/** A list of tickets or conversations, one of them, found tickets, or a ticket beside its conversations. */
function entriesOf(answer: WireAnswer): unknown[] {
  const json = readAs(answer, EXPECTED, z.union([z.array(z.unknown()), z.looseObject({})]));
  if (Array.isArray(json)) return json;
  const { results, ticket, conversations } = json;
  if (Array.isArray(results)) return results;
  const id = known.safeParse(ticket ?? json).data?.id;
  const turns = Array.isArray(conversations) ? (conversations as unknown[]) : [];
  return [ticket ?? json, ...turns.map((one) => Object.assign({ ticket_id: id }, one))];
}

const flag = z.boolean().optional().catch(undefined);
/** A ticket has a requester, a conversation says whether it came in; the rest of the fields has one meaning. */
const turn = z
  .looseObject({
    id: wireId,
    created_at: words,
    source: z.int().optional().catch(undefined),
    deleted: flag,
    spam: flag,
    requester_id: maybeId,
    requester: z.looseObject({ name: words }).nullish().catch(undefined),
    subject: words,
    description: words,
    description_text: words,
    incoming: flag,
    private: flag,
    auto_response: flag,
    ticket_id: maybeId,
    user_id: maybeId,
    body: words,
    body_text: words,
  })
  .refine((one) => one.incoming !== undefined || one.requester_id !== undefined, { path: ['incoming'] });
type Turn = z.infer<typeof turn>;

/** https://developers.freshdesk.com/api/#ticket_attributes, https://developers.freshdesk.com/api/#conversations */
const OUTBOUND_EMAIL = 10;
const FORWARDED = 8;

const isTicket = ({ incoming }: Turn) => incoming === undefined;
const isGone = ({ deleted, spam }: Turn) => deleted === true || spam === true;
const threadOf = (one: Turn) => `ticket-${isTicket(one) ? one.id : (one.ticket_id ?? '?')}`;
const idOf = (one: Turn) => (isTicket(one) ? threadOf(one) : `conversation-${one.id}`);

/** Words to the customer: not notes among agents, what was forwarded to others, or what a rule sent. */
function isAnswer(one: Turn): boolean {
  if (isTicket(one)) return one.source === OUTBOUND_EMAIL;
  return one.incoming === false && one.private !== true && one.source !== FORWARDED && one.auto_response !== true;
}

/** What came in privately is what somebody wrote whom an agent had asked. */
function isCustomers(one: Turn): boolean {
  if (isTicket(one)) return one.source !== OUTBOUND_EMAIL;
  return one.incoming === true && one.private !== true && one.auto_response !== true;
}

function mentionsOf(entries: readonly unknown[], { base, isWhole }: { base: string | undefined; isWhole: boolean }) {
  const kind = {
    expected: EXPECTED,
    what: 'turn',
    schema: turn,
    idOf,
    threadOf,
    timeOf: ({ created_at: at }: Turn) => readInstant(at),
    isCustomers,
    isGone,
    isAnswer,
    draft: (one: Turn) => draftOf(one, base),
  };
  return mentionsOfTurns(entries, kind, isWhole);
}

/** The ticket that every new help desk begins with is nobody's words. */
function draftOf(one: Turn, base: string | undefined): Draft | undefined {
  const text = plain(isTicket(one) ? (one.description ?? one.description_text) : (one.body ?? one.body_text));
  if (isTicket(one) && SAMPLE.test(text ?? '')) return undefined;
  return {
    externalId: idOf(one),
    channel: 'ticket',
    text,
    title: one.subject,
    url: base && `${base}/a/tickets/${threadOf(one).slice('ticket-'.length)}`,
    publishedAt: readInstant(one.created_at),
    author: { id: isTicket(one) ? one.requester_id : one.user_id, name: one.requester?.name },
    thread: threadOf(one),
  };
}

const SAMPLE = /^this is a sample ticket\b/i;
const QUOTE = 'class="freshdesk_quote';

/** Without the earlier mail that a reply quotes, which Freshdesk marks. */
function plain(html: string | undefined): string | undefined {
  if (html === undefined) return undefined;
  const quote = html.indexOf(QUOTE);
  const own = quote > 0 ? htmlToText(html.slice(0, html.lastIndexOf('<', quote))) : '';
  return own === '' ? htmlToText(html) : own;
}
