import { z } from 'zod';
import type { HttpAnswer } from '../domain/http.ts';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { stopIfAborted } from '../net/pace.ts';
import { readInstant } from '../text/dates.ts';
import { notInFormat, readJson } from '../text/decode.ts';
import { gather, rowInvalid } from '../text/gather.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';

const options = z.strictObject({
  instance: z.url({ protocol: /^https?$/ }).describe('Address of the server, for instance https://mastodon.example.'),
  hashtag: z
    .string()
    .regex(/^#?[\p{L}\p{N}\p{M}_·]{1,200}$/u)
    .describe('Hashtag to follow, with or without #.'),
  token: secret().optional().describe('Access token, where the server shows tags to its members only.'),
  firstPages: z.int().min(1).max(1_000).default(10).describe('How many pages of 40 posts the first pull goes back.'),
});
type Options = z.infer<typeof options>;

/** `overlapId` is a little older than `newestId`: reading starts behind it, so that edits arrive. */
const cursor = z.strictObject({ newestId: z.string().optional(), overlapId: z.string().optional() });
type Cursor = z.infer<typeof cursor>;

const PAGE_SIZE = 40;
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
  hosts: ({ instance }) => [new URL(instance).origin],
  pull,
  parse: (answer) => mentionsOf(readStatuses(answer)),
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
    const { statuses, next } = await askPage(context, before === undefined ? {} : { max_id: before });
    if (page === 1) mark = markOf(idsOf(statuses));
    const goesOn = next !== undefined && (before === undefined || isOlder(next, before));
    const last = !goesOn || page === context.options.firstPages;
    yield { ...mentionsOf(statuses), cursor: last ? mark : {} };
    if (last) return;
    before = next;
  }
}

/** Later pulls go forwards from the overlap until a page brings nothing new. */
async function* pullForwards(context: PullContext<Options, Cursor>, start: Cursor): AsyncGenerator<Page<Cursor>> {
  let mark = start;
  let after = start.overlapId ?? start.newestId!;
  // With the anchor itself in it, the overlap keeps its length while nothing new is said.
  let recent = [after];
  for (let page = 1; ; page++) {
    const { statuses } = await askPage(context, { min_id: after });
    const ids = idsOf(statuses);
    const goesOn = ids.length > 0 && isOlder(after, ids.at(-1)!);
    if (goesOn) {
      recent = [...recent, ...ids].toSorted(compareIds).slice(-PAGE_SIZE);
      mark = isOlder(recent.at(-1)!, mark.newestId ?? '') ? mark : markOf(recent);
    }
    if (goesOn || page === 1) yield { ...mentionsOf(statuses), cursor: mark };
    if (!goesOn) return;
    after = ids.at(-1)!;
  }
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

function idsOf(statuses: Status[]): string[] {
  return statuses
    .map(({ id }) => id)
    .filter((id) => id !== '')
    .toSorted(compareIds);
}

async function askPage(context: PullContext<Options, Cursor>, range: Record<string, string>) {
  const { options: asked, http, signal } = context;
  stopIfAborted(signal);
  const tag = encodeURIComponent(asked.hashtag.replace(/^#/, ''));
  const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...range });
  const answer = await http({
    url: `${new URL(asked.instance).origin}/api/v1/timelines/tag/${tag}?${query}`,
    headers: {
      accept: 'application/json',
      ...(asked.token !== undefined && { authorization: `Bearer ${asked.token}` }),
    },
    signal,
  });
  const wire = { body: answer.body, contentType: answer.headers['content-type'], url: answer.url };
  return { statuses: readStatuses(wire), next: nextId(answer) };
}

/**
 * `max_id` of the `next` link, never its address, so that no answer can send us elsewhere.
 * @see https://docs.joinmastodon.org/api/guidelines/#pagination
 */
function nextId({ headers, url }: HttpAnswer): string | undefined {
  for (const part of (headers['link'] ?? '').split(/,\s*(?=<)/)) {
    const [, address, rel] = /^<([^>]{1,4000})>(.*)$/s.exec(part.trim()) ?? [];
    if (address === undefined || !/\brel="?next\b/.test(rel ?? '') || !URL.canParse(address, url)) continue;
    return new URL(address, url).searchParams.get('max_id') ?? undefined;
  }
  return undefined;
}

const count = z.int().nonnegative().optional().catch(undefined);
const optionalText = z.string().nullish().catch(undefined);
/** https://docs.joinmastodon.org/entities/Status/ */
const statusSchema = z.looseObject({
  id: z.string().min(1).max(512),
  content: z.string(),
  created_at: z.string(),
  url: optionalText,
  uri: optionalText,
  spoiler_text: optionalText,
  language: optionalText,
  in_reply_to_id: optionalText,
  reblog: z.unknown().optional(),
  account: z.looseObject({ id: z.string(), acct: optionalText, display_name: optionalText }),
  favourites_count: count,
  reblogs_count: count,
  replies_count: count,
});
type Status = z.infer<typeof statusSchema> & { broken?: string };

/** What has an id and is no post keeps its place, so that it can be named as refused. */
function readStatuses(answer: WireAnswer): Status[] {
  const list = z.array(z.unknown()).safeParse(readJson(answer, EXPECTED)).data;
  if (list === undefined) throw notInFormat(EXPECTED, 'JSON of another kind');
  const statuses = list.map((value) => statusSchema.safeParse(value).data ?? brokenStatus(value));
  if (statuses.length > 0 && statuses.every(({ broken }) => broken !== undefined)) {
    throw notInFormat(EXPECTED, `a list of ${statuses.length} entries of another kind`);
  }
  return statuses;
}

function brokenStatus(value: unknown): Status {
  const { data } = z.looseObject({ id: z.string() }).safeParse(value);
  const broken = 'It is not a post: its id, content, date or account is missing.';
  return { id: data?.id ?? '', content: '', created_at: '', account: { id: '' }, broken };
}

/** The platform gives the newest first; mentions are handed on oldest first. */
function mentionsOf(statuses: Status[]): Parsed {
  const read = gather(statuses, ({ id }, index) => id || `entry ${index + 1}`, draftOf);
  return { items: read.items.toReversed(), refused: read.refused };
}

/** A boost repeats somebody else's words and is no mention of its own. */
function draftOf(status: Status): Draft | undefined {
  if (status.broken !== undefined) throw rowInvalid(status.broken);
  if (status.reblog) return undefined;
  const text = htmlToText(status.content);
  if (text === '') throw rowInvalid('It has no words, only pictures or the like.');
  return {
    externalId: status.id,
    channel: 'social',
    text,
    title: status.spoiler_text ?? undefined,
    url: status.url ?? status.uri ?? undefined,
    publishedAt: readInstant(status.created_at),
    author: { id: status.account.id, name: status.account.display_name || status.account.acct || undefined },
    declaredLanguage: status.language ?? undefined,
    replyTo: status.in_reply_to_id ?? undefined,
    engagement: {
      likes: status.favourites_count,
      shares: status.reblogs_count,
      replies: status.replies_count,
    },
  };
}
