import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { ask } from '../net/ask.ts';
import type { Answer } from '../net/ask.ts';
import { readInstant } from '../text/dates.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';
import { linkOf } from '../text/paging.ts';
import { readAs, readEntries, tally, words } from '../text/wire.ts';

const options = z.strictObject({
  instance: z.url({ protocol: /^https?$/ }).describe('Address of the server, for instance https://mastodon.example.'),
  hashtag: z
    .string()
    .regex(/^#?[\p{L}\p{N}\p{M}_·]{1,200}$/u)
    .describe('Hashtag to follow, with or without #.'),
  token: secret().optional().describe('Access token, where the server shows tags to its members only.'),
  own: z
    .array(z.string().min(1))
    .default([])
    .describe('Your own accounts as name@server: their replies answer a post.'),
  firstPages: z.int().min(1).max(1_000).default(10).describe('How many pages of 40 posts the first pull goes back.'),
});
type Options = z.infer<typeof options>;

const PAGE_SIZE = 40;
/** Most pages of one pull; a server allows 300 requests in five minutes. The next pull goes on. */
const MAX_PAGES = 200;
/** Posts that another server delivers late have older ids: those of this many hours are read again once an hour. */
const LATE_HOURS = 24;
const HOUR_MS = 3_600_000;

/** `overlapId` is a little older than `newestId`: reading starts behind it, so that edits arrive. */
const cursor = z.strictObject({
  newestId: z.string().optional(),
  overlapId: z.string().optional(),
  /** Where reading would have started in each of the last hours, oldest first. */
  hours: z
    .array(z.strictObject({ id: z.string(), at: z.string() }))
    .max(LATE_HOURS + 1)
    .optional(),
});
type Cursor = z.infer<typeof cursor>;

const EXPECTED = 'a list of Mastodon posts';

/** Posts under a hashtag as one server knows them; a bigger server knows more. */
export const mastodon = defineSource<Options, Cursor>({
  type: 'mastodon',
  channel: 'social',
  about: 'Public posts under a hashtag, as seen by one Mastodon server.',
  docs: 'https://docs.joinmastodon.org/methods/timelines/#tag',
  options,
  cursor,
  example: { instance: 'https://mastodon.social', hashtag: 'velmora' },
  everySeconds: 300,
  terms: {
    url: 'https://docs.joinmastodon.org/spec/activitypub/#supported-activities-for-statuses',
    demands: 'What its author deletes or edits is erased or changed here too.',
    recheckHours: 48,
  },
  hosts: ({ instance }) => [new URL(instance).origin],
  pull,
  recheckBatch: 20,
  async recheck(context, ids) {
    const query = new URLSearchParams(ids.map((id) => ['id[]', id] as [string, string]));
    const entries = entriesOf(await askFor(context, `/api/v1/statuses?${query}`));
    const there = new Set(idsOf(entries));
    return { ...mentionsOf(entries, context.options.own), gone: ids.filter((id) => !there.has(id)) };
  },
  parse: (answer) => mentionsOf(entriesOf(answer), []),
});

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  if (context.cursor?.newestId === undefined) yield* pullBackwards(context);
  else yield* pullForwards(context, context.cursor);
}

/**
 * The first pull walks from the newest post into the past. The mark is set on the last page only: a crash in between
 * begins again rather than leaving out what is older.
 */
async function* pullBackwards(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  let mark: Cursor = {};
  let before: string | undefined;
  for (let page = 1; page <= context.options.firstPages; page++) {
    const { entries, next } = await askPage(context, before === undefined ? {} : { max_id: before });
    if (page === 1) mark = markOf(idsOf(entries));
    if (page === 1 && mark.newestId !== undefined) mark = { ...mark, hours: hoursOf(mark, context.now()) };
    const goesOn = next !== undefined && (before === undefined || isOlder(next, before));
    const last = !goesOn || page === context.options.firstPages;
    yield { ...mentionsOf(entries, context.options.own), cursor: last ? mark : {} };
    if (last) return;
    before = next;
  }
}

/** Later pulls go forwards from the overlap, once an hour from a day before, until a page brings nothing new. */
async function* pullForwards(context: PullContext<Options, Cursor>, start: Cursor): AsyncGenerator<Page<Cursor>> {
  const isHourly = isHourOver(start, context.now());
  let mark = start;
  let after = startOf(start, isHourly);
  // With the anchor itself in it, the overlap keeps its length while nothing new is said.
  let recent = [after];
  for (let page = 1; ; page++) {
    const { entries } = await askPage(context, { min_id: after });
    const ids = idsOf(entries);
    const goesOn = ids.length > 0 && isOlder(after, ids.at(-1)!);
    if (goesOn) {
      recent = [...recent, ...ids].toSorted(compareIds).slice(-PAGE_SIZE);
      mark = isOlder(recent.at(-1)!, mark.newestId ?? '') ? mark : { ...mark, ...markOf(recent) };
    }
    const isLast = !goesOn || page === MAX_PAGES;
    // Also where the day was not read to its end: what is new has to be reached.
    if (isLast && isHourly) mark = { ...mark, hours: hoursOf(mark, context.now()) };
    if (goesOn || isHourly || page === 1) yield { ...mentionsOf(entries, context.options.own), cursor: mark };
    if (isLast) return;
    after = ids.at(-1)!;
  }
}

function startOf({ hours = [], overlapId, newestId }: Cursor, isHourly: boolean): string {
  const usual = overlapId ?? newestId!;
  const dayBefore = isHourly ? hours[0]?.id : undefined;
  return dayBefore !== undefined && isOlder(dayBefore, usual) ? dayBefore : usual;
}

function isHourOver({ hours = [] }: Cursor, now: Date): boolean {
  const last = hours.at(-1)?.at;
  return last === undefined || now.getTime() - Date.parse(last) >= HOUR_MS;
}

function hoursOf({ hours = [], overlapId, newestId }: Cursor, now: Date): Cursor['hours'] {
  return [...hours, { id: overlapId ?? newestId!, at: now.toISOString() }].slice(-LATE_HOURS - 1);
}

function markOf(ids: string[]): Cursor {
  const newestId = ids.at(-1);
  return newestId === undefined ? {} : { newestId, overlapId: ids.slice(-PAGE_SIZE)[0]! };
}

/** Ids grow with time: numbers that are too long for a number, or texts of one length on other servers. */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const isOlder = (a: string, b: string) => compareIds(a, b) < 0;

const withId = z.looseObject({ id: z.string().min(1) });

function idsOf(entries: readonly unknown[]): string[] {
  return entries.flatMap((entry) => withId.safeParse(entry).data?.id ?? []).toSorted(compareIds);
}

async function askPage(context: PullContext<Options, Cursor>, range: Record<string, string>) {
  const tag = encodeURIComponent(context.options.hashtag.replace(/^#/, ''));
  const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...range });
  const answer = await askFor(context, `/api/v1/timelines/tag/${tag}?${query}`);
  return { entries: entriesOf(answer), next: nextId(answer) };
}

function askFor(context: Omit<PullContext<Options, Cursor>, 'cursor'>, path: string) {
  const { instance, token } = context.options;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return ask(context, { url: `${new URL(instance).origin}${path}`, headers });
}

/**
 * `max_id` of the `next` link, never its address, so that no answer can send us elsewhere.
 * @see https://docs.joinmastodon.org/api/guidelines/#pagination
 */
function nextId({ headers, url }: Answer): string | undefined {
  const address = linkOf(headers['link']);
  if (address === undefined || !URL.canParse(address, url)) return undefined;
  return new URL(address, url).searchParams.get('max_id') ?? undefined;
}

/** https://docs.joinmastodon.org/entities/Status/ */
const statusSchema = z.looseObject({
  id: z.string().min(1).max(512),
  content: z.string(),
  created_at: z.string(),
  url: words,
  uri: words,
  spoiler_text: words,
  language: words,
  in_reply_to_id: words,
  reblog: z.unknown().optional(),
  account: z.looseObject({ id: z.string(), acct: words, display_name: words }),
  favourites_count: tally,
  reblogs_count: tally,
  replies_count: tally,
});
type Status = z.infer<typeof statusSchema>;

const listSchema = z.array(z.unknown());
const entriesOf = (wire: WireAnswer) => readAs(wire, EXPECTED, listSchema);

/** The platform gives the newest first; mentions are handed on oldest first. */
function mentionsOf(entries: readonly unknown[], own: readonly string[]): Parsed {
  const isOwn = ({ account }: Status) => own.some((name) => name.replace(/^@/, '') === account.acct);
  const draft = (status: Status) => (isOwn(status) ? undefined : draftOf(status));
  const parsed = readEntries(entries, { expected: EXPECTED, what: 'post', schema: statusSchema, draft });
  const answered = entries.flatMap((entry) => {
    const status = statusSchema.safeParse(entry).data;
    const [thread, at] = [status?.in_reply_to_id, readInstant(status?.created_at)];
    return status && isOwn(status) && thread !== undefined && at !== undefined ? [{ thread, at }] : [];
  });
  return { ...parsed, items: parsed.items.toReversed(), ...(answered.length > 0 && { answered }) };
}

/** A boost repeats somebody else's words and is no mention of its own. */
function draftOf(status: Status): Draft | undefined {
  if (status.reblog) return undefined;
  return {
    externalId: status.id,
    channel: 'social',
    text: htmlToText(status.content),
    title: status.spoiler_text,
    url: status.url ?? status.uri,
    publishedAt: readInstant(status.created_at),
    author: { id: status.account.id, name: status.account.display_name || status.account.acct || undefined },
    declaredLanguage: status.language,
    replyTo: status.in_reply_to_id,
    // Of a reply the platform does not tell where its conversation began.
    thread: status.in_reply_to_id === undefined ? status.id : undefined,
    engagement: {
      likes: status.favourites_count,
      shares: status.reblogs_count,
      replies: status.replies_count,
    },
  };
}
