import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { readInstant } from '../text/dates.ts';
import { notInFormat } from '../text/decode.ts';
import type { Draft } from '../text/gather.ts';
import { missingIn, readAs, readEntries, tally, words } from '../text/wire.ts';

const options = z.strictObject({
  query: z.string().min(1).max(300).describe('As in the search of Bluesky: words, "a phrase", #tag, @handle, lang:it.'),
  identifier: z.string().min(1).optional().describe('Handle or e-mail of an account, where the search asks for one.'),
  appPassword: secret().optional().describe('App password of that account (Settings, App passwords).'),
  own: z.array(z.string().min(1)).default([]).describe('Handles of your own accounts: their posts answer a thread.'),
  service: platformAddress('https://bsky.social', 'Where the account lives.'),
  baseUrl: platformAddress(
    'https://api.bsky.app',
    'Where to search without an account, and where posts are asked for again.',
  ),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'posts of Bluesky';
const PER_PAGE = 100;
/** Indexing lags, and likes of the last days are counted anew. */
const OVERLAP_MS = 24 * 3_600_000;

export const bluesky = defineSource<Options, Mark>({
  type: 'bluesky',
  channel: 'social',
  about: 'Posts on Bluesky that a search finds.',
  docs: 'https://docs.bsky.app/docs/api/app-bsky-feed-search-posts',
  options,
  cursor: mark,
  example: {
    query: 'velmora',
    identifier: 'velmora.bsky.social',
    appPassword: '${env:BLUESKY_PASSWORD}',
    own: ['velmora.bsky.social'],
  },
  // An account may begin 300 sessions a day: https://docs.bsky.app/docs/advanced-guides/rate-limits
  everySeconds: 600,
  terms: {
    url: 'https://docs.bsky.app/docs/support/developer-guidelines',
    demands: 'What its author deletes is erased here too.',
    recheckHours: 48,
  },
  hosts: ({ baseUrl, service }) => [new URL(baseUrl).origin, new URL(service).origin],
  async *pull(context) {
    const session = await sessionOf(context);
    yield* readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 50,
      ask: async (next, until) => {
        const { query } = context.options;
        const range = { ...(next !== undefined && { cursor: next }), ...(until !== undefined && { since: until }) };
        const parameters = { q: query, sort: 'latest', limit: String(PER_PAGE), ...range };
        const path = `app.bsky.feed.searchPosts?${new URLSearchParams(parameters)}`;
        return pageOf(await ask(context, { ...session, url: `${session.url}${path}` }), context.options.own);
      },
    });
  },
  recheckBatch: 25,
  async recheck(context, ids) {
    // Needs no account, and a session for each batch would use up those of the day.
    const parameters = new URLSearchParams(ids.map((id): [string, string] => ['uris', id]));
    const url = `${xrpc(context.options.baseUrl)}app.bsky.feed.getPosts?${parameters}`;
    const answer = await ask(context, { url });
    const { posts } = readAs(answer, EXPECTED, z.looseObject({ posts: z.array(z.unknown()) }));
    return { ...readEntries(posts, KIND), gone: missingIn(posts, ids, 'uri') };
  },
  parse: (answer) => withoutNext(pageOf(answer, [])),
});

type Context = Pick<PullContext<Options, Mark>, 'options' | 'http' | 'signal'>;

/** Where to ask, and as whom. https://docs.bsky.app/docs/api/com-atproto-server-create-session */
async function sessionOf(context: Context): Promise<{ url: string; headers: Record<string, string> }> {
  const { baseUrl, service, identifier, appPassword: password } = context.options;
  if (identifier === undefined || password === undefined) return { url: xrpc(baseUrl), headers: {} };
  const answer = await ask(context, {
    url: `${xrpc(service)}com.atproto.server.createSession`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identifier, password }),
    redirect: 'refuse',
  });
  const { accessJwt } = readAs(answer, 'a session of Bluesky', z.looseObject({ accessJwt: words }));
  if (accessJwt === undefined) {
    throw new AppError('REMOTE_UNAUTHORIZED', `${new URL(service).host} gave no session.`, {
      fix: 'Check identifier and app password.',
    });
  }
  return { url: xrpc(service), headers: { authorization: `Bearer ${accessJwt}` } };
}

const xrpc = (base: string) => `${base}/xrpc/`;

const record = z.looseObject({
  text: z.string(),
  createdAt: words,
  langs: z.array(z.string()).optional().catch(undefined),
  reply: z
    .looseObject({ root: z.looseObject({ uri: z.string() }), parent: z.looseObject({ uri: z.string() }) })
    .optional()
    .catch(undefined),
});
/** https://docs.bsky.app/docs/advanced-guides/posts , app.bsky.feed.defs#postView */
const post = z.looseObject({
  uri: z.string().regex(/^at:\/\//),
  author: z.looseObject({ did: z.string().min(1), handle: words, displayName: words }),
  record,
  indexedAt: words,
  likeCount: tally,
  repostCount: tally,
  quoteCount: tally,
  replyCount: tally,
});
type Post = z.infer<typeof post>;

const KIND = { expected: EXPECTED, what: 'post', schema: post, draft: draftOf };

const searchSchema = z.looseObject({ posts: z.array(z.unknown()), cursor: words });
const threadSchema = z.looseObject({ thread: z.looseObject({ post: z.unknown() }) });

/** A search, a thread, or events of the firehose. */
function pageOf(answer: WireAnswer, own: readonly string[]): ListPage {
  const read = readAs(answer, EXPECTED, z.union([searchSchema, threadSchema, z.array(z.unknown())]));
  if (Array.isArray(read)) return eventsOf(read);
  if ('thread' in read) return mentionsOf(inThread(read.thread), own);
  const { posts, cursor } = read as z.infer<typeof searchSchema>;
  return { ...mentionsOf(posts, own), ...(cursor !== undefined && posts.length > 0 && { next: cursor }) };
}

/** Posts of one's own accounts are no mentions: in a thread they answer it. */
function mentionsOf(posts: readonly unknown[], own: readonly string[]): Parsed {
  const isOwn = (entry: unknown) => own.includes(post.safeParse(entry).data?.author.handle ?? '');
  const answers = posts.filter(isOwn).flatMap((entry) => {
    const { record: said, indexedAt } = post.parse(entry);
    const at = earlier(said.createdAt, indexedAt);
    return said.reply === undefined || at === undefined ? [] : [{ thread: said.reply.root.uri, at }];
  });
  const parsed = readEntries(
    posts.filter((entry) => !isOwn(entry)),
    KIND,
  );
  return answers.length === 0 ? parsed : { ...parsed, answered: answers };
}

function inThread(thread: unknown): unknown[] {
  const { data } = z.looseObject({ post: z.unknown(), replies: z.array(z.unknown()).optional() }).safeParse(thread);
  return data === undefined ? [] : [data.post, ...(data.replies ?? []).flatMap(inThread)];
}

function draftOf({ uri, author, record: said, ...seen }: Post): Draft | undefined {
  const { repostCount: reposts, quoteCount: quotes } = seen;
  const shares = reposts === undefined ? quotes : reposts + (quotes ?? 0);
  return {
    externalId: uri,
    channel: 'social',
    text: said.text,
    url: `https://bsky.app/profile/${author.handle ?? author.did}/post/${uri.slice(uri.lastIndexOf('/') + 1)}`,
    publishedAt: earlier(said.createdAt, seen.indexedAt),
    author: { id: author.did, name: author.displayName || author.handle },
    declaredLanguage: said.langs?.length === 1 ? said.langs[0] : undefined,
    thread: said.reply?.root.uri ?? uri,
    replyTo: said.reply?.parent.uri,
    engagement: { likes: seen.likeCount, shares, replies: seen.replyCount },
  };
}

/** The author's own clock says when it was written; it cannot have been after it was seen. */
function earlier(createdAt: string | undefined, indexedAt: string | undefined): string | undefined {
  const [written, seen] = [readInstant(createdAt), readInstant(indexedAt)];
  return written !== undefined && seen !== undefined && seen < written ? seen : written;
}

/** https://docs.bsky.app/blog/jetstream */
const event = z.looseObject({
  did: z.string().min(1),
  kind: z.literal('commit'),
  commit: z.looseObject({
    operation: z.enum(['create', 'update', 'delete']),
    collection: z.string(),
    rkey: z.string().min(1),
    record: z.unknown().optional(),
  }),
});
const POSTS = 'app.bsky.feed.post';

function eventsOf(events: readonly unknown[]): Parsed {
  const read = events.flatMap((entry) => event.safeParse(entry).data ?? []);
  if (events.length > 0 && read.length === 0) {
    throw notInFormat(EXPECTED, `a list of ${events.length} entries of another kind`);
  }
  const posts = read.filter(({ commit }) => commit.collection === POSTS);
  const uriOf = ({ did, commit }: (typeof read)[number]) => `at://${did}/${POSTS}/${commit.rkey}`;
  const said = posts.filter(({ commit }) => commit.operation !== 'delete');
  const gone = posts.filter(({ commit }) => commit.operation === 'delete').map(uriOf);
  const parsed = readEntries(
    said.map((one) => ({ uri: uriOf(one), author: { did: one.did }, record: one.commit.record })),
    KIND,
  );
  return gone.length === 0 ? parsed : { ...parsed, gone };
}
