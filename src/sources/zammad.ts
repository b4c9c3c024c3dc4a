import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { serverAddress } from '../net/address.ts';
import { ask, askIfThere } from '../net/ask.ts';
import { daysBefore, readLists } from '../net/changes.ts';
import { agreed, checkHubSignature, wireOf } from '../net/signature.ts';
import { readInstant } from '../text/dates.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';
import { mentionsOfTurns } from '../text/thread.ts';
import { maybeId, readAs, wireId, words } from '../text/wire.ts';

const options = z.strictObject({
  baseUrl: serverAddress().describe('Address of your Zammad, such as https://velmora.zammad.com.'),
  token: secret().describe('Access token of an agent with the permission ticket.agent (Profile, Token Access).'),
  startDays: z.int().min(0).max(3_650).default(90).describe('How many days the first pull goes back.'),
  webhookSecret: secret().optional().describe('HMAC SHA1 Signature Token of the webhook, where Zammad shall push.'),
});
type Options = z.infer<typeof options>;

/** From which change on tickets are asked for, ISO 8601 UTC. */
const cursor = z.strictObject({ tickets: z.iso.datetime() });
type Cursor = z.infer<typeof cursor>;

const EXPECTED = 'articles of Zammad';
/** Each ticket costs a call of its own before the place is saved. */
const PER_PAGE = 50;
const MAX_PAGES = 40;
const OVERLAP_MS = 5 * 60_000;

export const zammad = defineSource<Options, Cursor>({
  type: 'zammad',
  channel: 'ticket',
  about: 'What customers write in the tickets of a Zammad help desk; public articles of agents answer it.',
  docs: 'https://docs.zammad.org/en/latest/api/ticket/articles.html',
  options,
  cursor,
  example: {
    baseUrl: 'https://help.velmora.example',
    token: '${env:ZAMMAD_TOKEN}',
    webhookSecret: '${env:ZAMMAD_WEBHOOK_SECRET}',
    authors: 'keep',
  },
  everySeconds: 300,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull,
  push: {
    about: 'Add a webhook with the address /v1/inbound/<name> and a trigger that sends it for new articles.',
    docs: 'https://admin-docs.zammad.org/en/latest/manage/webhook/payload.html',
    verify: (request, { webhookSecret }) => checkHubSignature(request, agreed(webhookSecret, 'webhookSecret')),
    read: (request, { baseUrl }) => parse(wireOf(request), baseUrl),
  },
  parse: (answer) => parse(answer, undefined),
});

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const first = { tickets: daysBefore(context.now(), context.options.startDays) };
  yield* readLists(context.cursor ?? first, ['tickets'], () => ({
    overlapMs: OVERLAP_MS,
    maxPages: MAX_PAGES,
    ask: (since, next) => askTickets(context, since, next ?? '1'),
    changed: changeOf,
    read: (tickets) => withArticles(context, tickets),
  }));
}

const ticket = z.looseObject({
  id: wireId,
  title: words,
  updated_at: words,
  article_count: z.int().optional().catch(undefined),
});
type Ticket = z.infer<typeof ticket>;

function changeOf(entry: unknown) {
  const read = ticket.safeParse(entry).data;
  return { id: read?.id, at: readInstant(read?.updated_at) };
}

/** Asked by a condition and without words, Zammad looks into its database and not into its search index, which lags. */
async function askTickets(context: PullContext<Options, Cursor>, since: string, page: string) {
  const query = new URLSearchParams({
    'condition[ticket.updated_at][operator]': 'after (absolute)',
    'condition[ticket.updated_at][value]': since,
    sort_by: 'updated_at',
    order_by: 'asc',
    expand: 'true',
    per_page: String(PER_PAGE),
    page,
  });
  const answer = await ask(context, requestFor(context.options, `/tickets/search?${query}`));
  const entries = readAs(answer, 'a list of tickets of Zammad', z.array(z.unknown()));
  return { entries, next: entries.length < PER_PAGE ? undefined : String(Number(page) + 1) };
}

async function withArticles(context: PullContext<Options, Cursor>, tickets: readonly unknown[]): Promise<Parsed> {
  const all: unknown[] = [];
  for (const entry of tickets) {
    const one = ticket.safeParse(entry).data;
    if (one === undefined) {
      all.push(entry);
      continue;
    }
    const path = `/ticket_articles/by_ticket/${encodeURIComponent(one.id)}?expand=true`;
    const answer = await askIfThere(() => ask(context, requestFor(context.options, path)));
    if (answer !== undefined) all.push(...titled(one, readAs(answer, EXPECTED, z.array(z.unknown()))));
  }
  return mentionsOf(all, { base: context.options.baseUrl, isWhole: true });
}

/** The title of a ticket belongs to its first article; articles have a subject of their own only in e-mails. */
function titled({ title }: Ticket, articles: readonly unknown[]): unknown[] {
  return articles.map((one, index) => (index === 0 ? Object.assign({}, one, { ticketTitle: title }) : one));
}

function requestFor({ baseUrl, token }: Options, path: string) {
  return { url: `${baseUrl}/api/v1${path}`, headers: { authorization: `Token token=${token}` } };
}

const pushed = z.looseObject({ ticket, article: z.looseObject({}).nullish() });

/** The articles of a ticket, or a push of one; a push for something else comes with an empty article. */
function parse(answer: WireAnswer, base: string | undefined): Parsed {
  const read = readAs(answer, EXPECTED, z.union([z.array(z.unknown()), pushed]));
  if (Array.isArray(read)) return mentionsOf(read, { base, isWhole: false });
  const articles = Object.keys(read.article ?? {}).length === 0 ? [] : [read.article];
  const isFirst = read.ticket.article_count === 1;
  return mentionsOf(isFirst ? titled(read.ticket, articles) : articles, { base, isWhole: false });
}

/** https://docs.zammad.org/en/latest/api/ticket/articles.html */
const article = z.looseObject({
  id: wireId,
  ticket_id: wireId,
  sender: words,
  sender_id: z.int().optional().catch(undefined),
  internal: z.boolean(),
  from: words,
  subject: words,
  ticketTitle: words,
  body: words,
  content_type: words,
  created_at: words,
  created_by_id: maybeId,
  origin_by_id: maybeId,
  preferences: z
    .looseObject({ 'is-auto-response': z.boolean().optional().catch(undefined) })
    .nullish()
    .catch(undefined),
});
type Article = z.infer<typeof article>;

/** As every Zammad numbers them. */
const SENDERS: Record<number, string> = { 1: 'Agent', 2: 'Customer', 3: 'System' };
const senderOf = ({ sender, sender_id: id }: Article) => sender ?? SENDERS[id ?? 0];
const threadOf = ({ ticket_id: id }: Article) => `ticket-${id}`;
const timeOf = ({ created_at: at }: Article) => readInstant(at);

function mentionsOf(entries: readonly unknown[], { base, isWhole }: { base: string | undefined; isWhole: boolean }) {
  const kind = {
    expected: EXPECTED,
    what: 'turn',
    schema: article,
    idOf: ({ id }: Article) => `article-${id}`,
    threadOf,
    timeOf,
    isCustomers: (one: Article) => senderOf(one) === 'Customer' && !one.internal,
    isAnswer: (one: Article) => senderOf(one) === 'Agent' && !one.internal,
    isGone: () => false,
    draft: (one: Article) => draftOf(one, base),
  };
  return mentionsOfTurns(entries, kind, isWhole);
}

/** Out of office notes and the ticket that every new Zammad begins with are nobody's words. */
function draftOf(one: Article, base: string | undefined): Draft | undefined {
  if (one.preferences?.['is-auto-response'] === true || SAMPLE.test(one.from ?? '')) return undefined;
  return {
    externalId: `article-${one.id}`,
    channel: 'ticket',
    text: plain(one),
    title: one.subject?.trim() ? one.subject : one.ticketTitle,
    url: base && `${base}/#ticket/zoom/${one.ticket_id}`,
    publishedAt: timeOf(one),
    author: { id: one.origin_by_id ?? one.created_by_id, name: NAME.exec(one.from?.trim().slice(0, 400) ?? '')?.[1] },
    thread: threadOf(one),
  };
}

const SAMPLE = /\bnicole\.braun@zammad\.org\b/i;
const NAME = /^"?([^"<>@]{1,300}?)"?\s*</;
/** Where Zammad folds what is a signature or quoted. */
const FOLD = '<span class="js-signatureMarker">';

function plain({ body = '', content_type: type }: Article): string {
  if (type !== 'text/html') return body;
  const fold = body.indexOf(FOLD);
  const own = fold > 0 ? htmlToText(body.slice(0, fold)) : '';
  return own === '' ? htmlToText(body) : own;
}
