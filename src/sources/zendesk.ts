import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, PullContext } from '../domain/source.ts';
import { serverAddress } from '../net/address.ts';
import { ask, askIfThere } from '../net/ask.ts';
import { pause } from '../net/pace.ts';
import { agreed, checkSigned, checkTime, wireOf } from '../net/signature.ts';
import { readInstant } from '../text/dates.ts';
import { notInFormat } from '../text/decode.ts';
import { readAs, words } from '../text/wire.ts';
import { EXPECTED, mentionsOfTalks, parseZendesk, ticketSchema, usersOf } from '../text/zendesk.ts';
import type { Talk } from '../text/zendesk.ts';

const options = z.strictObject({
  subdomain: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/i)
    .describe('The name before .zendesk.com.'),
  email: z.email().optional().describe('Owner of the API token; without it the token is used as an OAuth token.'),
  token: secret().describe('API token (with email) or OAuth access token (without).'),
  startDays: z.int().min(0).max(3_650).default(90).describe('How many days the first pull goes back.'),
  pauseMs: z.int().min(0).max(60_000).default(6_000).describe('Pause between pages: ten calls a minute are allowed.'),
  commentPauseMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(300)
    .describe('Pause between calls for what was said on a ticket: the Team plan allows 200 a minute.'),
  webhookSecret: secret().optional().describe('Signing secret of the webhook, where Zendesk shall push.'),
  baseUrl: serverAddress().optional().describe('Instead of https://<subdomain>.zendesk.com.'),
});
type Options = z.infer<typeof options>;

const cursor = z.strictObject({ after: z.string().optional() });
type Cursor = z.infer<typeof cursor>;

/** Few, because each ticket costs a call of its own before the place is saved. */
const PER_PAGE = 100;
const COMMENTS_PER_PAGE = 100;
/** Zendesk allows 5,000 comments. */
const MAX_COMMENT_PAGES = 50;
const DAY_S = 24 * 60 * 60;
/** Younger starts are refused: https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api/ */
const YOUNGEST_START_S = 120;

/** A changed ticket is exported again by itself, so no overlap has to be read. */
export const zendesk = defineSource<Options, Cursor>({
  type: 'zendesk',
  channel: 'ticket',
  about: 'What customers write on the tickets of a Zendesk help desk; public replies of agents answer it.',
  docs: 'https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/',
  options,
  cursor,
  example: {
    subdomain: 'velmora',
    email: 'bot@velmora.example',
    token: '${env:ZENDESK_TOKEN}',
    webhookSecret: '${env:ZENDESK_WEBHOOK_SECRET}',
    authors: 'keep',
  },
  everySeconds: 300,
  hosts: (asked) => [new URL(baseOf(asked)).origin],
  pull,
  push: {
    about: 'Add a webhook that is subscribed to ticket events, with the address /v1/inbound/<name>.',
    docs: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
    verify({ headers, body }, { webhookSecret }, now) {
      const key = agreed(webhookSecret, 'webhookSecret');
      const time = headers['x-zendesk-webhook-signature-timestamp'] ?? '';
      checkTime(Date.parse(readInstant(time) ?? ''), now);
      const given = headers['x-zendesk-webhook-signature'];
      checkSigned(given, { algorithm: 'sha256', key, signed: [time, body], encoding: 'base64' });
    },
    read: (request) => parseZendesk(wireOf(request)),
  },
  parse: parseZendesk,
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
    const answer = await askPage(context, { ...range, per_page: String(PER_PAGE) });
    const moved = answer.after_cursor ?? after;
    const talks: Talk[] = [];
    for (const ticket of answer.tickets) talks.push(await withComments(context, ticket));
    yield { ...mentionsOfTalks(talks), cursor: moved === undefined ? {} : { after: moved } };
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

/** Place of the next page; what a field does not say is absent. */
const exportSchema = z.looseObject({
  tickets: z.array(z.unknown()),
  after_cursor: words,
  end_of_stream: z.boolean().optional().catch(undefined),
});
type Export = z.infer<typeof exportSchema>;

const commentPage = z.looseObject({
  comments: z.array(z.unknown()),
  users: z.array(z.unknown()).catch([]),
  meta: z
    .looseObject({ has_more: z.boolean().catch(false), after_cursor: words })
    .optional()
    .catch(undefined),
});

async function askPage(context: PullContext<Options, Cursor>, range: Record<string, string>): Promise<Export> {
  const request = requestFor(context.options, `incremental/tickets/cursor.json?${new URLSearchParams(range)}`);
  return readAs(await ask(context, { ...request, timeoutMs: 60_000 }), EXPECTED, exportSchema);
}

/** Nothing was added to a ticket that has not changed since it was made. */
async function withComments(context: PullContext<Options, Cursor>, entry: unknown): Promise<Talk> {
  const ticket = ticketSchema.safeParse(entry).data;
  if (ticket === undefined || ticket.status === 'deleted') return { ticket: entry };
  if (ticket.updated_at !== undefined && ticket.updated_at === ticket.created_at) return { ticket: entry };
  const comments: unknown[] = [];
  const users: unknown[] = [];
  let after: string | undefined;
  for (let page = 1; page <= MAX_COMMENT_PAGES; page++) {
    await pause(context.options.commentPauseMs, context.signal);
    // One that was deleted meanwhile is exported once more as such.
    const answer = await askIfThere(() => askComments(context, ticket.id, after));
    if (answer === undefined) break;
    comments.push(...answer.comments);
    users.push(...answer.users);
    after = answer.meta?.has_more === true ? answer.meta.after_cursor : undefined;
    if (after === undefined) break;
  }
  return { ticket: entry, comments, users: usersOf(users) };
}

async function askComments(context: PullContext<Options, Cursor>, id: string, after: string | undefined) {
  const query = new URLSearchParams({ include: 'users', 'page[size]': String(COMMENTS_PER_PAGE) });
  if (after !== undefined) query.set('page[after]', after);
  const request = requestFor(context.options, `tickets/${encodeURIComponent(id)}/comments.json?${query}`);
  return readAs(await ask(context, request), EXPECTED, commentPage);
}

function requestFor(asked: Options, path: string) {
  return { url: `${baseOf(asked)}/api/v2/${path}`, headers: { authorization: authorizationOf(asked) } };
}

/** https://developer.zendesk.com/api-reference/introduction/security-and-auth/ */
function authorizationOf({ email, token }: Options): string {
  if (email === undefined) return `Bearer ${token}`;
  return `Basic ${Buffer.from(`${email}/token:${token}`).toString('base64')}`;
}
