import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { fetchToken } from '../net/oauth.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage } from '../net/pages.ts';
import type { Draft } from '../text/gather.ts';
import { fromSeconds, maybeId, missingIn, readAs, readEntries, tally, words } from '../text/wire.ts';

const options = z
  .strictObject({
    subreddit: z
      .string()
      .regex(/^\w{2,21}$/)
      .optional()
      .describe('Name of a subreddit, without r/.'),
    query: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('Words that posts must hold; in the subreddit, or everywhere.'),
    comments: z.boolean().default(true).describe('Also the comments of the subreddit, where no query is given.'),
    clientId: z.string().min(1).describe('Of your Reddit app (type "script" or "web app").'),
    clientSecret: secret().describe('Of the same app.'),
    own: z.array(z.string().min(1)).default([]).describe('Names of your own accounts: their comments answer a thread.'),
    userAgent: z
      .string()
      .min(8)
      .default('server:earshot:1 (listens for a brand)')
      .describe('Reddit asks that programs name themselves and who runs them.'),
    baseUrl: platformAddress('https://oauth.reddit.com'),
    tokenUrl: z
      .url({ protocol: /^https?$/ })
      .default('https://www.reddit.com/api/v1/access_token')
      .describe('For proxies and tests.'),
  })
  .refine(({ subreddit, query }) => subreddit !== undefined || query !== undefined, 'needs a subreddit or a query');
type Options = z.infer<typeof options>;

/** One reading each of posts and of comments. */
const cursor = z.strictObject({ posts: mark.optional(), comments: mark.optional() });
type Cursor = z.infer<typeof cursor>;

const EXPECTED = 'a listing of Reddit';
const PER_PAGE = 100;
/** A listing ends after a thousand entries. */
const MAX_PAGES = 10;
const OVERLAP_MS = 24 * 3_600_000;

export const reddit = defineSource<Options, Cursor>({
  type: 'reddit',
  channel: 'social',
  about: 'Posts and comments of a subreddit, or posts that a search finds.',
  docs: 'https://www.reddit.com/dev/api#section_listings',
  options,
  cursor,
  example: { subreddit: 'luthier', clientId: 'a1B2c3', clientSecret: '${env:REDDIT_SECRET}', own: ['velmora_team'] },
  everySeconds: 600,
  terms: {
    url: 'https://redditinc.com/policies/data-api-terms',
    demands: 'What was deleted at Reddit, or whose author was, is erased here within 48 hours.',
    recheckHours: 48,
  },
  hosts: ({ baseUrl, tokenUrl }) => [new URL(baseUrl).origin, new URL(tokenUrl).origin],
  async *pull(context) {
    const { subreddit, query, comments, own } = context.options;
    const headers = await headersOf(context);
    const at: Cursor = { ...context.cursor };
    for (const part of comments && subreddit !== undefined && query === undefined ? PARTS : PARTS.slice(0, 1)) {
      const pages = readList(at[part], {
        overlapMs: OVERLAP_MS,
        maxPages: MAX_PAGES,
        ask: async (next) => pageOf(await ask(context, { url: listing(context.options, part, next), headers }), own),
      });
      for await (const page of pages) {
        at[part] = page.cursor;
        yield { ...page, cursor: { ...at } };
      }
    }
  },
  recheckBatch: 100,
  async recheck(context, ids) {
    const { baseUrl, own } = context.options;
    const url = `${baseUrl}/api/info?${new URLSearchParams({ id: ids.join(','), raw_json: '1' })}`;
    const answer = await ask(context, { url, headers: await headersOf(context) });
    const { items, refused, gone = [] } = pageOf(answer, own);
    const { children } = readAs(answer, EXPECTED, listingSchema).data;
    const known = children.map((child) => {
      const { data } = thing.safeParse(child);
      return data === undefined ? child : { name: idOf(data) };
    });
    return { items, refused, gone: [...gone, ...missingIn(known, ids, 'name')] };
  },
  parse: (answer) => withoutNext(pageOf(answer, [])),
});

const PARTS = ['posts', 'comments'] as const;

async function headersOf(context: Pick<PullContext<Options, Cursor>, 'options' | 'http' | 'signal'>) {
  const { clientId, clientSecret, tokenUrl, userAgent } = context.options;
  const login = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const token = await fetchToken(context, {
    url: tokenUrl,
    form: { grant_type: 'client_credentials' },
    headers: { authorization: `Basic ${login}`, 'user-agent': userAgent },
  });
  return { authorization: `Bearer ${token}`, 'user-agent': userAgent };
}

function listing(
  { baseUrl, subreddit, query }: Options,
  part: (typeof PARTS)[number],
  next: string | undefined,
): string {
  const base = `${baseUrl}${subreddit === undefined ? '' : `/r/${subreddit}`}`;
  const path = query === undefined ? (part === 'posts' ? 'new' : 'comments') : 'search';
  const search = query === undefined ? {} : { q: query, sort: 'new', restrict_sr: subreddit === undefined ? '0' : '1' };
  const after = next === undefined ? {} : { after: next };
  return `${base}/${path}?${new URLSearchParams({ raw_json: '1', limit: String(PER_PAGE), ...search, ...after })}`;
}

const listingSchema = z.looseObject({
  kind: z.literal('Listing'),
  data: z.looseObject({ children: z.array(z.unknown()), after: words }),
});

/** A listing, or a post with its comments, which is two of them. */
function pageOf(answer: WireAnswer, own: readonly string[]): ListPage {
  const read = readAs(answer, EXPECTED, z.union([listingSchema, z.array(listingSchema).min(1)]));
  const lists = Array.isArray(read) ? read : [read];
  const things = lists.flatMap(({ data }) => data.children.flatMap(withReplies));
  const { after } = lists[0]!.data;
  return { ...mentionsOf(things, own), ...(lists.length === 1 && after !== undefined && { next: after }) };
}

const thing = z.looseObject({
  kind: z.enum(['t1', 't3']),
  data: z.looseObject({
    id: z.string().min(1),
    name: words,
    author: words,
    title: words,
    selftext: words,
    body: words,
    permalink: words,
    created_utc: z.number().optional().catch(undefined),
    link_id: words,
    parent_id: words,
    score: z.int().optional().catch(undefined),
    num_comments: tally,
    author_fullname: maybeId,
  }),
});
type Thing = z.infer<typeof thing>;

const nested = z.looseObject({ data: z.looseObject({ replies: listingSchema }) });

/** The moderators' program of every subreddit: https://www.reddit.com/wiki/automoderator */
const ROBOT = 'AutoModerator';

/** Marks such as "more comments" are no entries. */
function withReplies(child: unknown): unknown[] {
  if (z.looseObject({ kind: z.literal('more') }).safeParse(child).success) return [];
  const replies = nested.safeParse(child).data?.data.replies.data.children ?? [];
  return [child, ...replies.flatMap(withReplies)];
}

const KIND = { expected: EXPECTED, what: 'entry', schema: thing, draft: draftOf };
const REMOVED = new Set(['[deleted]', '[removed]', '[ Removed by Reddit ]']);

const idOf = ({ kind, data }: Thing) => data.name ?? `${kind}_${data.id}`;

function isRemoved({ data }: Thing): boolean {
  return REMOVED.has(data.body ?? data.selftext ?? '') || data.author === '[deleted]';
}

function mentionsOf(entries: readonly unknown[], own: readonly string[]): Parsed {
  const things = entries.flatMap((entry) => thing.safeParse(entry).data ?? []);
  const gone = things.filter(isRemoved).map(idOf);
  const answered = things
    .filter(({ data }) => own.includes(data.author ?? ''))
    .flatMap(({ data }) => {
      const at = fromSeconds(data.created_utc);
      return data.link_id === undefined || at === undefined ? [] : [{ thread: data.link_id, at }];
    });
  const spoken = entries.filter((entry) => !own.includes(thing.safeParse(entry).data?.data.author ?? ''));
  const parsed = readEntries(spoken, KIND);
  return { ...parsed, ...(gone.length > 0 && { gone }), ...(answered.length > 0 && { answered }) };
}

function draftOf(entry: Thing): Draft | undefined {
  if (isRemoved(entry) || entry.data.author === ROBOT) return undefined;
  const { kind, data } = entry;
  const id = idOf(entry);
  return {
    externalId: id,
    channel: 'social',
    text: kind === 't1' ? data.body : data.selftext,
    title: kind === 't1' ? undefined : data.title,
    url: data.permalink === undefined ? undefined : `https://www.reddit.com${data.permalink}`,
    publishedAt: fromSeconds(data.created_utc),
    author: { id: data.author_fullname ?? data.author, name: data.author },
    thread: data.link_id ?? id,
    replyTo: data.parent_id,
    engagement: { likes: data.score === undefined ? undefined : Math.max(0, data.score), replies: data.num_comments },
  };
}
