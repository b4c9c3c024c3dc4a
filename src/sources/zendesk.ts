import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { serverAddress } from '../net/address.ts';
import { pause, stopIfAborted } from '../net/pace.ts';
import { readInstant } from '../text/dates.ts';
import { notInFormat, readJson } from '../text/decode.ts';
import { gather, rowInvalid } from '../text/gather.ts';
import type { Draft } from '../text/gather.ts';

const options = z.strictObject({
  subdomain: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/i)
    .describe('The name before .zendesk.com.'),
  email: z.email().optional().describe('Owner of the API token; without it the token is used as an OAuth token.'),
  token: secret().describe('API token (with email) or OAuth access token (without).'),
  startDays: z.int().min(0).max(3_650).default(90).describe('How many days the first pull goes back.'),
  pauseMs: z.int().min(0).max(60_000).default(6_000).describe('Pause between pages: ten calls a minute are allowed.'),
  baseUrl: serverAddress().optional().describe('Instead of https://<subdomain>.zendesk.com.'),
});
type Options = z.infer<typeof options>;

const cursor = z.strictObject({ after: z.string().optional() });
type Cursor = z.infer<typeof cursor>;

/** A page holds up to 1,000 tickets with their whole description. */
const MAX_BYTES = 96 * 1024 * 1024;
const DAY_S = 24 * 60 * 60;
/** Younger starts are refused: https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api/ */
const YOUNGEST_START_S = 120;
const EXPECTED = 'a list of Zendesk tickets';

/** A changed ticket is exported again by itself, so no overlap has to be read. */
export const zendesk = defineSource<Options, Cursor>({
  type: 'zendesk',
  channel: 'ticket',
  about: 'Tickets of a Zendesk help desk.',
  docs: 'https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/',
  options,
  cursor,
  example: { subdomain: 'velmora', email: 'bot@velmora.example', token: '${env:ZENDESK_TOKEN}', authors: 'keep' },
  everySeconds: 300,
  hosts: (asked) => [new URL(baseOf(asked)).origin],
  pull,
  parse: (answer) => mentionsOf(readExport(answer)),
});

function baseOf({ baseUrl, subdomain }: Pick<Options, 'baseUrl' | 'subdomain'>): string {
  return baseUrl ?? `https://${subdomain}.zendesk.com`;
}

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const { options: asked, signal, now } = context;
  let after = context.cursor?.after;
  for (let page = 1; ; page++) {
    if (page > 1) await pause(asked.pauseMs, signal);
    const range: Record<string, string> =
      after === undefined ? { start_time: String(startOf(now(), asked.startDays)) } : { cursor: after };
    const answer = await askPage(context, range);
    const moved = answer.after_cursor ?? after;
    yield { ...mentionsOf(answer), cursor: moved === undefined ? {} : { after: moved } };
    if (answer.end_of_stream === true) return;
    if (moved === undefined || moved === after) {
      throw notInFormat(EXPECTED, 'an export that goes on without saying where');
    }
    after = moved;
  }
}

/** Seconds since 1970. */
function startOf(now: Date, days: number): number {
  return Math.max(0, Math.floor(now.getTime() / 1000) - Math.max(days * DAY_S, YOUNGEST_START_S));
}

async function askPage(context: PullContext<Options, Cursor>, range: Record<string, string>): Promise<Export> {
  const { options: asked, http, signal } = context;
  stopIfAborted(signal);
  const answer = await http({
    url: `${baseOf(asked)}/api/v2/incremental/tickets/cursor.json?${new URLSearchParams(range)}`,
    headers: { accept: 'application/json', authorization: authorizationOf(asked) },
    maxBytes: MAX_BYTES,
    timeoutMs: 60_000,
    signal,
  });
  return readExport({ body: answer.body, contentType: answer.headers['content-type'], url: answer.url });
}

/** https://developer.zendesk.com/api-reference/introduction/security-and-auth/ */
function authorizationOf({ email, token }: Options): string {
  if (email === undefined) return `Bearer ${token}`;
  return `Basic ${Buffer.from(`${email}/token:${token}`).toString('base64')}`;
}

/** The cursor export, the time-based export and plain lists of tickets all hold `tickets`. */
const exportSchema = z.looseObject({
  tickets: z.array(z.unknown()),
  after_cursor: z.string().nullish().catch(undefined),
  end_of_stream: z.boolean().optional().catch(undefined),
});
type Export = z.infer<typeof exportSchema>;

const text = z.string().nullish().catch(undefined);
const id = z.union([z.int(), z.string().min(1)]).transform(String);
/** https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#json-format */
const ticketSchema = z.looseObject({
  id,
  url: text,
  subject: text,
  raw_subject: text,
  description: z.string().nullish(),
  status: z.string(),
  created_at: text,
  requester_id: id.nullish().catch(undefined),
  via: z
    .looseObject({ channel: z.union([z.string(), z.number()]).optional() })
    .nullish()
    .catch(undefined),
});
type Ticket = z.infer<typeof ticketSchema>;

function readExport(answer: WireAnswer): Export {
  const json = readJson(answer, EXPECTED);
  const read = exportSchema.safeParse(json);
  if (read.success) return read.data;
  const names = typeof json === 'object' && json !== null ? Object.keys(json).slice(0, 5).join(', ') : '';
  throw notInFormat(EXPECTED, names === '' ? 'JSON of another kind' : `JSON with ${names.slice(0, 80)}`);
}

function mentionsOf({ tickets }: Export): Parsed {
  const parsed = gather(tickets, nameOf, draftOf);
  if (tickets.length > 0 && parsed.refused.length === tickets.length && !tickets.some(isTicket)) {
    throw notInFormat(EXPECTED, `a list of ${tickets.length} entries of another kind`);
  }
  const gone = tickets.flatMap(deletedId);
  return gone.length === 0 ? parsed : { ...parsed, gone };
}

/** A deleted ticket is exported once more, with that status. */
function deletedId(value: unknown): string[] {
  const ticket = ticketSchema.safeParse(value).data;
  return ticket?.status === 'deleted' ? [ticket.id] : [];
}

const isTicket = (value: unknown) => ticketSchema.safeParse(value).success;

function nameOf(value: unknown, index: number): string {
  const known = z.looseObject({ id }).safeParse(value).data?.id;
  return known === undefined ? `entry ${index + 1}` : `ticket ${known}`;
}

/**
 * What stays out: deleted tickets, whose words are to be forgotten, and the demonstration ticket of a new account.
 *
 * What stays in: tickets that somebody else submitted for the requester. Zendesk makes the submitter the author of the
 * first comment, so on those an agent wrote down what the customer said, for instance on the phone. Leaving them out
 * would silence everybody who calls; the requester is the customer either way and is named as the author.
 */
function draftOf(value: unknown): Draft | undefined {
  const read = ticketSchema.safeParse(value);
  if (!read.success) throw rowInvalid(`It is not a ticket: ${read.error.issues[0]?.path.join('.')} does not fit.`);
  const ticket = read.data;
  if (ticket.status === 'deleted' || ticket.via?.channel === 'sample_ticket') return undefined;
  return {
    externalId: ticket.id,
    channel: 'ticket',
    text: ticket.description ?? undefined,
    title: ticket.subject ?? ticket.raw_subject ?? undefined,
    url: agentUrl(ticket),
    publishedAt: readInstant(ticket.created_at ?? undefined),
    author: { id: ticket.requester_id ?? undefined, name: undefined },
  };
}

/** `url` is the address for programs; people open the same host's /agent/tickets/<id>. */
function agentUrl(ticket: Ticket): string | undefined {
  if (!ticket.url || !URL.canParse(ticket.url)) return undefined;
  return `${new URL(ticket.url).origin}/agent/tickets/${encodeURIComponent(ticket.id)}`;
}
