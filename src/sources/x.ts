import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Parsed, Refusal, WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { readInstant } from '../text/dates.ts';
import { decodeText, notInFormat } from '../text/decode.ts';
import type { Draft } from '../text/gather.ts';
import { missingIn, readAs, readEntries, tally, words } from '../text/wire.ts';

const options = z.strictObject({
  query: z
    .string()
    .min(1)
    .max(480)
    .describe('As in the search of X; reposts are left out, because they repeat somebody else’s words.'),
  token: secret().describe('Bearer token of your X app.'),
  own: z.array(z.string().min(1)).default([]).describe('User names of your own accounts: their posts answer a thread.'),
  baseUrl: platformAddress('https://api.x.com'),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'posts of X';
const PER_PAGE = 100;
/** Posts may be edited for an hour; likes of the first hours are counted anew. */
const OVERLAP_MS = 3 * 3_600_000;
/** The recent search goes back seven days; a little less, so that no clock matters. */
const REACH_MS = 7 * 24 * 3_600_000 - 60_000;

const FIELDS = {
  'tweet.fields':
    'author_id,conversation_id,created_at,edit_history_tweet_ids,lang,note_tweet,public_metrics,referenced_tweets',
  expansions: 'author_id',
  'user.fields': 'username,name',
};

export const x = defineSource<Options, Mark>({
  type: 'x',
  channel: 'social',
  about: 'Posts of the last seven days on X that a search finds.',
  docs: 'https://docs.x.com/x-api/posts/search-recent-posts',
  options,
  cursor: mark,
  example: { query: 'velmora (broken OR refund)', token: '${env:X_TOKEN}', own: ['velmora'] },
  everySeconds: 900,
  terms: {
    url: 'https://docs.x.com/developer-terms/policy',
    demands: 'What was deleted or edited at X is erased or changed here within 24 hours.',
    recheckHours: 24,
  },
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 30,
      ask: async (next, until) => {
        const earliest = new Date(context.now().getTime() - REACH_MS).toISOString();
        const start = until !== undefined && until > earliest ? { start_time: until } : {};
        const token = next === undefined ? {} : { next_token: next };
        const query = `(${context.options.query}) -is:retweet`;
        const parameters = { query, max_results: String(PER_PAGE), ...FIELDS, ...start, ...token };
        return pageOf(
          await ask(context, requestFor(context.options, 'tweets/search/recent', parameters)),
          context.options.own,
        );
      },
    }),
  recheckBatch: 100,
  async recheck(context, ids) {
    const expansions = 'author_id,edit_history_tweet_ids';
    const parameters = { ids: ids.join(','), ...FIELDS, expansions };
    const answer = await ask(context, requestFor(context.options, 'tweets', parameters));
    const { items, refused } = withoutNext(pageOf(answer, context.options.own));
    return { items, refused, gone: missingIn(postsOf(readAs(answer, EXPECTED, pageSchema)), ids) };
  },
  parse: (answer) => withoutNext(pageOf(answer, [])),
});

function requestFor({ baseUrl, token }: Options, path: string, parameters: Record<string, string>) {
  return {
    url: `${baseUrl}/2/${path}?${new URLSearchParams(parameters)}`,
    headers: { authorization: `Bearer ${token}` },
  };
}

const user = z.looseObject({ id: z.string(), username: words, name: words });
const pageSchema = z.looseObject({
  data: z.union([z.array(z.unknown()), z.looseObject({})]).optional(),
  includes: z
    .looseObject({
      users: z.array(user).optional().catch(undefined),
      tweets: z.array(z.unknown()).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  meta: z.looseObject({ next_token: words, result_count: tally }).optional().catch(undefined),
  errors: z.array(z.unknown()).optional(),
});
type XPage = z.infer<typeof pageSchema>;

const postsOf = ({ data = [] }: XPage): unknown[] => (Array.isArray(data) ? data : [data]);

/** One answer, or answers as lines, as archives and streams have them. */
function pageOf(answer: WireAnswer, own: readonly string[]): ListPage {
  const { pages, broken } = answersIn(answer);
  const parsed = pages.map((page) => mentionsOf(told(page), own));
  const answered = parsed.flatMap((one) => one.answered ?? []);
  const next = pages.length === 1 ? pages[0]!.meta?.next_token : undefined;
  return {
    items: [...new Map(parsed.flatMap(({ items }) => items.map((item) => [item.externalId, item]))).values()],
    refused: [...parsed.flatMap(({ refused }) => refused), ...broken],
    ...(answered.length > 0 && { answered }),
    ...(next !== undefined && { next }),
  };
}

/** A line that is cut off is named, the whole ones are kept. */
function answersIn(answer: WireAnswer): { pages: XPage[]; broken: Refusal[] } {
  const lines = decodeText(answer).split('\n');
  const read = lines.map((line) => pageSchema.safeParse(jsonOf(line)).data);
  if (lines.length === 1 || read[0] === undefined) return { pages: [readAs(answer, EXPECTED, pageSchema)], broken: [] };
  const broken = lines.flatMap((line, index) =>
    read[index] === undefined && line.trim() !== ''
      ? [{ where: `line ${index + 1}`, reason: 'It is no answer of X, or it is cut off.' }]
      : [],
  );
  return { pages: read.filter((page) => page !== undefined), broken };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

/** A post that is asked for by its id and is not there, and a break in a stream, come as such errors. */
const PASSING = /resource-not-found|not-authorized-for-resource|operational/;

/** Nothing found is told by a count of none; an answer with neither posts nor that is something else. */
function told(page: XPage): XPage {
  if (page.data !== undefined || page.meta?.result_count === 0) return page;
  if (page.errors === undefined) throw notInFormat(EXPECTED, `JSON with ${Object.keys(page).join(', ').slice(0, 100)}`);
  const known = z.looseObject({ type: words, title: words }).safeParse(page.errors[0]).data;
  if (PASSING.test(`${known?.type ?? ''} ${known?.title ?? ''}`)) return page;
  throw new AppError('REMOTE_REFUSED', `X refuses the request: ${(known?.title ?? 'no reason given').slice(0, 100)}.`, {
    fix: 'Check the query in the search of X, and what your access level allows.',
  });
}

const post = z.looseObject({
  id: z.string().min(1),
  text: z.string(),
  note_tweet: z.looseObject({ text: words }).optional().catch(undefined),
  author_id: words,
  conversation_id: words,
  created_at: words,
  lang: words,
  edit_history_tweet_ids: z.array(z.string()).optional().catch(undefined),
  referenced_tweets: z
    .array(z.looseObject({ type: z.string(), id: z.string() }))
    .optional()
    .catch(undefined),
  public_metrics: z
    .looseObject({
      retweet_count: tally,
      quote_count: tally,
      reply_count: tally,
      like_count: tally,
      impression_count: tally,
    })
    .optional()
    .catch(undefined),
});
type Post = z.infer<typeof post>;

/** A post that is asked for by the id of an older version comes as it was then; the newest comes beside it. */
function newestOf(entry: unknown, versions: readonly unknown[]): unknown {
  const newest = post.safeParse(entry).data?.edit_history_tweet_ids?.at(-1);
  return versions.find((version) => newest !== undefined && post.safeParse(version).data?.id === newest) ?? entry;
}

function mentionsOf(page: XPage, own: readonly string[]): Parsed {
  const { includes } = page;
  const versions = [...postsOf(page), ...(includes?.tweets ?? [])];
  const entries = postsOf(page).map((entry) => newestOf(entry, versions));
  const users = new Map((includes?.users ?? []).map((one) => [one.id, one]));
  const nameOf = ({ author_id: id }: Post) => users.get(id ?? '')?.username;
  const isOwn = (one: Post) => own.some((name) => name.toLowerCase() === nameOf(one)?.toLowerCase());
  const draft = (one: Post) =>
    isOwn(one) ? undefined : draftOf(one, nameOf(one), users.get(one.author_id ?? '')?.name);
  const parsed = readEntries(entries, { expected: EXPECTED, what: 'post', schema: post, draft });
  const answered = entries.flatMap((entry) => {
    const one = post.safeParse(entry).data;
    const at = readInstant(one?.created_at);
    const isAnswer = one !== undefined && isOwn(one) && one.conversation_id !== undefined && at !== undefined;
    return isAnswer && one.conversation_id !== one.id ? [{ thread: one.conversation_id!, at }] : [];
  });
  return answered.length === 0 ? parsed : { ...parsed, answered };
}

/** X says "und" and "qme" and the like where it cannot tell. */
const LANGUAGE = /^[a-z]{2}(?:-[A-Z]{2})?$/;

/** X escapes these three and nothing else; line breaks are the author's own. */
const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** An edit has an id of its own; the first one stays the id of the mention. */
function draftOf(one: Post, username: string | undefined, name: string | undefined): Draft | undefined {
  const refers = (type: string) => one.referenced_tweets?.find((reference) => reference.type === type)?.id;
  if (refers('retweeted') !== undefined) return undefined;
  return {
    externalId: one.edit_history_tweet_ids?.[0] ?? one.id,
    channel: 'social',
    text: unescaped(one.note_tweet?.text ?? one.text),
    url: `https://x.com/${username ?? 'i'}/status/${encodeURIComponent(one.id)}`,
    publishedAt: readInstant(one.created_at),
    author: { id: one.author_id, name: name ?? username },
    declaredLanguage: LANGUAGE.test(one.lang ?? '') ? one.lang : undefined,
    thread: one.conversation_id,
    replyTo: refers('replied_to'),
    engagement: one.public_metrics && engagementOf(one.public_metrics),
  };
}

function engagementOf(metrics: NonNullable<Post['public_metrics']>): Draft['engagement'] {
  const { retweet_count: reposts, quote_count: quotes } = metrics;
  return {
    likes: metrics.like_count,
    shares: reposts === undefined ? quotes : reposts + (quotes ?? 0),
    replies: metrics.reply_count,
    views: metrics.impression_count,
  };
}
