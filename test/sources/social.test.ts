import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../src/domain/http.ts';
import type { Page } from '../../src/domain/source.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import type { SourceCases } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';
import type { Asked, Reply } from '../net/server.ts';

const fixture = <T>(path: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/sources/${path}`, import.meta.url), 'utf8')) as T;
const json = (value: unknown): Reply => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});
const nothing = { name: 'nothing', body: '', says: /nothing came/ };
const otherJson = { name: 'JSON of another kind', body: '{"error":"no"}', says: /JSON with error/ };
const cases = (files: string[], list: string, undated: string): SourceCases => ({
  wire: files.map((file) => ({ file })),
  broken: [nothing, otherJson, { name: 'another list', body: list, says: /entries of another kind/ }],
  undated: [{ name: 'no time, or no whole one', body: undated }],
});

/** Five, the newest first, in pages of two. */
const DAYS = [5, 4, 3, 2, 1];
const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
const seconds = (day: number) => Date.parse(at(day)) / 1_000;
const two = <T>(all: readonly T[], from: number) => all.slice(from, from + 2);
const param = ({ url }: Asked, name: string) => url.searchParams.get(name);

const hackerNews = sourceOf('hacker-news');
sourceContract(
  hackerNews,
  cases(
    ['search.json', 'empty.json'],
    '{"hits":[{"a":1}],"page":0,"nbPages":1}',
    '{"hits":[{"objectID":"1","title":"a","created_at":"2026-01-01"}],"page":0,"nbPages":1}',
  ),
);
const one = (name: string) => ({ file: `${name}.json`, items: 1 });
wireContract(
  hackerNews,
  'hackernews-algolia',
  [
    'ask_hn_page_2_query_apple',
    'comment',
    'comment_2Cauthor_pg',
    'poll',
    'poll_2Cauthor_pg',
    'poll_query_apple',
    'story',
    'story_2Cauthor_pg',
    'story_2Cpoll',
    'story_2Cpoll_query_apple',
    'story_query_apple',
  ].flatMap((tags) => [one(`search_hitsPerPage_1_tags_${tags}`), one(`search_by_date_hitsPerPage_1_tags_${tags}`)]),
);
platformContract(hackerNews, {
  options: (base) => ({ query: 'velmora', baseUrl: base }),
  reply: (asked) => {
    const since = Number(/created_at_i>=(\d+)/.exec(param(asked, 'numericFilters') ?? '')?.[1] ?? 0);
    const hits = DAYS.filter((day) => seconds(day) >= since).map((day) => ({
      objectID: String(day),
      created_at: at(day),
      comment_text: 'words',
    }));
    const page = Number(param(asked, 'page'));
    return json({ hits: two(hits, page * 2), page, nbPages: Math.ceil(hits.length / 2) });
  },
  ids: DAYS.map(String),
  secrets: [],
});

const bluesky = sourceOf('bluesky');
sourceContract(
  bluesky,
  cases(
    ['search.json', 'empty.json', 'events.json'],
    '{"posts":[{"a":1}]}',
    '{"posts":[{"uri":"at://a/b/c","author":{"did":"d"},"record":{"text":"a","createdAt":"today"}}]}',
  ),
);
wireContract(bluesky, 'bluesky', [
  { file: 'searchPosts_0.json', items: 25 },
  { file: 'getPostThread_0.json', items: 1 },
  { file: 'bluesky-firehose-posts.json', items: 9 },
]);
const blueskyPost = (day: number) => ({
  uri: `at://did:plc:a/app.bsky.feed.post/${day}`,
  author: { did: 'did:plc:a', handle: 'a.example' },
  record: { text: 'words', createdAt: at(day) },
  indexedAt: at(day),
});
platformContract(bluesky, {
  options: (base) => ({ query: 'velmora', identifier: 'a.example', appPassword: 'bs-secret', service: base }),
  reply: (asked) => {
    if (asked.url.pathname.endsWith('createSession')) return json({ accessJwt: 'jwt-secret', did: 'did:plc:a' });
    if (asked.headers['authorization'] !== 'Bearer jwt-secret') return { status: 401 };
    const posts = DAYS.map(blueskyPost).filter(({ indexedAt }) => indexedAt >= (param(asked, 'since') ?? ''));
    const from = Number(param(asked, 'cursor') ?? 0);
    return json({ posts: two(posts, from), ...(from + 2 < posts.length && { cursor: String(from + 2) }) });
  },
  ids: DAYS.map((day) => blueskyPost(day).uri),
  secrets: ['bs-secret', 'jwt-secret'],
});

const reddit = sourceOf('reddit');
sourceContract(
  reddit,
  cases(
    ['comments.json', 'empty.json'],
    '{"kind":"Listing","data":{"after":null,"children":[{"a":1}]}}',
    '{"kind":"Listing","data":{"after":null,"children":[{"kind":"t1","data":{"id":"a","body":"x","created_utc":"now"}}]}}',
  ),
);
wireContract(reddit, 'reddit', [
  { file: 'r_new_0.json', items: 100 },
  { file: 'r_hot_0.json', items: 102 },
  { file: 'comments_tree_0.json', items: 3 },
]);
const redditThing = (kind: string, day: number) => ({
  kind,
  data: {
    id: String(day),
    name: `${kind}_${day}`,
    author: 'a',
    [kind === 't1' ? 'body' : 'selftext']: 'words',
    created_utc: seconds(day),
    link_id: 't3_1',
  },
});
platformContract(reddit, {
  options: (base) => ({
    subreddit: 'luthier',
    clientId: 'c',
    clientSecret: 'rd-secret',
    baseUrl: base,
    tokenUrl: `${base}/token`,
  }),
  reply: (asked) => {
    if (asked.url.pathname === '/token') return json({ access_token: 'rd-token' });
    const kind = asked.url.pathname.endsWith('/comments') ? 't1' : 't3';
    const all = DAYS.map((day) => redditThing(kind, day));
    const from = all.findIndex(({ data }) => data.name === param(asked, 'after')) + 1;
    return json({
      kind: 'Listing',
      data: { children: two(all, from), after: from + 2 < all.length ? all[from + 1]!.data.name : null },
    });
  },
  ids: ['t1', 't3'].flatMap((kind) => DAYS.map((day) => `${kind}_${day}`)),
  secrets: ['rd-secret', 'rd-token'],
});

const youtube = sourceOf('youtube');
const threadList = (items: unknown[]) => JSON.stringify({ kind: 'youtube#commentThreadListResponse', items });
sourceContract(
  youtube,
  cases(
    ['threads.json', 'empty.json'],
    threadList([{ a: 1 }]),
    threadList([{ id: 'a', snippet: { textOriginal: 'x', publishedAt: '2026-01-01' } }]),
  ),
);
wireContract(youtube, 'youtube', [
  { file: 'comment_threads__comment_thread_single.json', items: 1 },
  { file: 'comment_threads__comment_threads_all_to_me.json', items: 4 },
  { file: 'comment_threads__comment_threads_by_channel.json', items: 2 },
  { file: 'comment_threads__comment_threads_by_video_paged_1.json', items: 5 },
  { file: 'comment_threads__comment_threads_with_search.json', items: 1 },
  { file: 'comments__comments_by_parent_paged_1.json', items: 2 },
  { file: 'comments__comments_by_parent_paged_2.json', items: 1 },
  { file: 'comments__comments_multi.json', items: 2 },
  { file: 'comments__comments_single.json', items: 1 },
]);
const videoComment = (day: number) => ({ id: `Ug${day}`, snippet: { textOriginal: 'words', publishedAt: at(day) } });
platformContract(youtube, {
  options: (base) => ({ videoId: 'abcdefghijk', apiKey: 'yt-secret', baseUrl: base }),
  reply: (asked) => {
    const from = Number(param(asked, 'pageToken') ?? 0);
    const items = two(DAYS, from).map((day) => ({
      kind: 'youtube#commentThread',
      id: `Ug${day}`,
      snippet: { topLevelComment: videoComment(day) },
    }));
    return json({
      kind: 'youtube#commentThreadListResponse',
      items,
      ...(from + 2 < DAYS.length && { nextPageToken: String(from + 2) }),
    });
  },
  ids: DAYS.map((day) => `Ug${day}`),
  secrets: ['yt-secret'],
});

const discourse = sourceOf('discourse');
sourceContract(
  discourse,
  cases(
    ['posts.json', 'empty.json', 'webhook.json'],
    '{"latest_posts":[{"a":1}]}',
    '{"latest_posts":[{"id":1,"cooked":"x","post_number":1,"topic_id":1,"created_at":"yesterday"}]}',
  ),
);
wireContract(discourse, 'discourse', [
  // Two of four are the forum's own.
  { file: 'posts_latest.json', items: 2 },
  // The words of one are a picture only.
  { file: 'topic.json', items: 2, refused: 1 },
]);
const forumPost = (day: number) => ({
  id: day * 10,
  username: 'a',
  created_at: at(day),
  cooked: '<p>words</p>',
  post_number: 1,
  topic_id: day,
});
platformContract(discourse, {
  options: (base) => ({ baseUrl: base, apiKey: 'dc-secret' }),
  reply: (asked) => {
    const before = Number(param(asked, 'before') ?? Infinity);
    return json({
      latest_posts: DAYS.map(forumPost)
        .filter(({ id }) => id < before)
        .slice(0, 2),
    });
  },
  ids: DAYS.map((day) => String(day * 10)),
  secrets: ['dc-secret'],
});

const x = sourceOf('x');
sourceContract(
  x,
  cases(['search.json', 'empty.json'], '{"data":[{"a":1}]}', '{"data":[{"id":"1","text":"a","created_at":"Mon"}]}'),
);
wireContract(x, 'twitter-v2', [
  { file: 'payload-v2.json', items: 1 },
  { file: 'payload-v2-geo.json', items: 1 },
  { file: 'payload-v2-tweet-retweet.json', items: 5 },
  { file: 'twarc_cashtags.jsonl', items: 1 },
  { file: 'twarc_edited.jsonl', items: 1 },
  { file: 'twarc_noflat.jsonl', items: 53 },
  { file: 'twarc_streaming_output_with_error.jsonl', items: 7, refused: 1 },
  { file: 'twarc_two_tweets.jsonl', items: 0 },
]);
platformContract(x, {
  options: (base) => ({ query: 'velmora', token: 'x-secret', baseUrl: base }),
  now: '2026-01-06T00:00:00Z',
  reply: (asked) => {
    const all = DAYS.filter((day) => at(day) >= (param(asked, 'start_time') ?? ''));
    const from = Number(param(asked, 'next_token') ?? 0);
    const data = two(all, from).map((day) => ({ id: String(day), text: 'words', created_at: at(day) }));
    return json({
      ...(data.length > 0 && { data }),
      meta: { result_count: data.length, ...(from + 2 < all.length && { next_token: String(from + 2) }) },
    });
  },
  ids: DAYS.map(String),
  secrets: ['x-secret'],
});

const stackExchange = sourceOf('stack-exchange');
sourceContract(
  stackExchange,
  cases(
    ['questions.json', 'empty.json'],
    '{"items":[{"a":1}],"has_more":false}',
    '{"items":[{"question_id":1,"title":"a","creation_date":"now"}],"has_more":false}',
  ),
);
platformContract(stackExchange, {
  options: (base) => ({ query: 'velmora', key: 'se-secret', baseUrl: base }),
  reply: (asked) => {
    const all = DAYS.filter((day) => seconds(day) >= Number(param(asked, 'min') ?? 0));
    const from = (Number(param(asked, 'page')) - 1) * 2;
    return json({
      items: two(all, from).map((day) => ({ question_id: day, title: 'words', creation_date: seconds(day) })),
      has_more: from + 2 < all.length,
    });
  },
  ids: DAYS.map(String),
  secrets: ['se-secret'],
});

const telegram = sourceOf('telegram');
sourceContract(
  telegram,
  cases(
    ['updates.json', 'empty.json'],
    '{"ok":true,"result":[{"a":1}]}',
    '{"ok":true,"result":[{"update_id":1,"message":{"message_id":1,"date":0,"chat":{"id":1},"text":"a"}}]}',
  ),
);
const TOKEN = '123456789:AAEtelegramSecretOfThirtyFiveChars';
platformContract(telegram, {
  options: (base) => ({ token: TOKEN, baseUrl: base }),
  reply: ({ body }) => {
    const { offset = 0, limit } = JSON.parse(body) as { offset?: number; limit: number };
    const all = Array.from({ length: 205 }, (_, index) => ({
      update_id: 1_000 + index,
      message: { message_id: index, date: 1_767_434_400, chat: { id: -1 }, text: 'words' },
    }));
    return json({ ok: true, result: all.filter(({ update_id: id }) => id >= offset).slice(0, limit) });
  },
  ids: Array.from({ length: 205 }, (_, index) => `-1:${index}`),
  secrets: [TOKEN],
});

/** Pulls from an answer that is always the same, or asks for what is stored. */
const client =
  (reply: (url: URL, body?: string) => unknown): HttpClient =>
  async ({ url, body }) => ({
    status: 200,
    headers: {},
    url,
    body: Buffer.from(JSON.stringify(reply(new URL(url), body))),
  });
const contextOf = (options: unknown, http: HttpClient) => ({
  options,
  cursor: undefined,
  http,
  now: () => new Date('2026-01-10T00:00:00Z'),
  signal: new AbortController().signal,
});
async function firstPage(type: string, options: object, reply: (url: URL, body?: string) => unknown) {
  const source = sourceOf(type);
  const pages = source.pull(contextOf(source.options.parse(options), client(reply)));
  return (await pages[Symbol.asyncIterator]().next()).value as Page<unknown>;
}

describe('the brand’s own turns answer, and are no mentions', () => {
  it('bluesky: in the thread of the customer', async () => {
    const reply = {
      uri: 'at://own/p/9',
      author: { did: 'did:own', handle: 'velmora.example' },
      record: { text: 'Sorry!', createdAt: at(4), reply: { root: { uri: 'at://root' }, parent: { uri: 'at://root' } } },
      indexedAt: at(4),
    };
    const page = await firstPage('bluesky', { query: 'q', own: ['velmora.example'] }, () => ({
      posts: [blueskyPost(5), reply],
    }));
    expect(page.items).toHaveLength(1);
    expect(page.answered).toEqual([{ thread: 'at://root', at: at(4) }]);
  });

  it('reddit: in the thread of the post', async () => {
    const own = {
      kind: 't1',
      data: { id: '9', author: 'velmora_team', body: 'Sorry!', created_utc: seconds(4), link_id: 't3_7' },
    };
    const page = await firstPage(
      'reddit',
      { subreddit: 'ab', clientId: 'c', clientSecret: 's', own: ['velmora_team'] },
      (url) =>
        url.pathname.includes('token')
          ? { access_token: 't' }
          : { kind: 'Listing', data: { after: null, children: [own, redditThing('t3', 5)] } },
    );
    expect(page.items.map(({ externalId }) => externalId)).toEqual(['t3_5']);
    expect(page.answered).toEqual([{ thread: 't3_7', at: at(4) }]);
  });

  it('youtube: replies of the channel answer what was said before them', async () => {
    const channel = 'UCabcdefghijklmnopqrstuv';
    const reply = (id: string, day: number, from: string) => ({
      id,
      snippet: { textOriginal: 'words', publishedAt: at(day), authorChannelId: { value: from } },
    });
    const thread = {
      snippet: { topLevelComment: reply('t', 1, 'UCx') },
      replies: { comments: [reply('r1', 2, 'UCy'), reply('own', 3, channel), reply('r2', 4, 'UCy')] },
    };
    const page = await firstPage('youtube', { channelId: channel, apiKey: 'k' }, () => ({
      kind: 'youtube#commentThreadListResponse',
      items: [thread],
    }));
    const turns = page.items.map(({ externalId, thread: of, replyTo, answeredAt }) => [
      externalId,
      of,
      replyTo,
      answeredAt,
    ]);
    expect(turns).toEqual([
      ['t', 't', undefined, at(3)],
      ['r1', 't', 't', at(3)],
      ['r2', 't', 't', undefined],
    ]);
  });

  it('x: in the conversation', async () => {
    const data = [{ id: '9', text: 'Sorry!', author_id: 'u1', conversation_id: '5', created_at: at(4) }];
    const page = await firstPage('x', { query: 'q', token: 't', own: ['Velmora'] }, () => ({
      data,
      includes: { users: [{ id: 'u1', username: 'velmora' }] },
      meta: { result_count: 1 },
    }));
    expect(page.items).toEqual([]);
    expect(page.answered).toEqual([{ thread: '5', at: at(4) }]);
  });

  it('discourse: staff and named people, in the topic; deleted posts are gone', async () => {
    const page = await firstPage('discourse', { baseUrl: 'https://forum.example', own: ['x'] }, () =>
      fixture('discourse/posts.json'),
    );
    expect(page.items.map(({ externalId }) => externalId)).toEqual(['507', '505']);
    expect(page.answered).toEqual([{ thread: 'topic-88', at: '2026-01-07T09:00:00.000Z' }]);
    expect(page.gone).toEqual(['503']);
  });

  it('telegram: staff that reply, by name or number', async () => {
    const { result } = fixture<{ result: { message?: { from: object } }[] }>('telegram/updates.json');
    const staff = {
      update_id: 600,
      message: {
        message_id: 15,
        date: seconds(4),
        chat: { id: -100777 },
        from: { id: 77, first_name: 'Care' },
        text: 'On it',
        reply_to_message: { message_id: 11, date: 1, chat: { id: -100777 } },
      },
    };
    const other = {
      update_id: 601,
      message: { message_id: 16, date: seconds(4), chat: { id: -5 }, text: 'another group' },
    };
    const page = await firstPage('telegram', { token: 't', staff: ['77'], chats: [-100777] }, () => ({
      ok: true,
      result: [...result.slice(0, 2), staff, other],
    }));
    expect(page.items.map(({ externalId, thread }) => [externalId, thread])).toEqual([
      ['-100777:11', '-100777:11'],
      ['-100777:12', '-100777:11'],
    ]);
    expect(page.answered).toEqual([{ thread: '-100777:11', at: at(4) }]);
  });
});

describe('what is asked for again', () => {
  const recheck = (type: string, options: object, reply: (url: URL) => unknown, ids: string[]) => {
    const source = sourceOf(type);
    return source.recheck!(contextOf(source.options.parse(options), client(reply)), ids);
  };
  it.each([
    ['bluesky', { query: 'q' }, () => ({ posts: [blueskyPost(5)] }), [blueskyPost(5).uri, 'at://x/y/z']],
    [
      'youtube',
      { videoId: 'abcdefghijk', apiKey: 'k' },
      () => ({ kind: 'youtube#commentListResponse', items: [videoComment(5)] }),
      ['Ug5', 'Ug4'],
    ],
    [
      'x',
      { query: 'q', token: 't' },
      () => ({ data: [{ id: '5', text: 'a' }], errors: [{ type: 'https://api.x.com/2/problems/resource-not-found' }] }),
      ['5', '4'],
    ],
    [
      'x',
      { query: 'q', token: 't' },
      () => ({ errors: [{ type: 'https://api.x.com/2/problems/resource-not-found' }] }),
      ['4'],
    ],
    [
      'reddit',
      { subreddit: 'ab', clientId: 'c', clientSecret: 's' },
      (url: URL) =>
        url.pathname.includes('token')
          ? { access_token: 't' }
          : {
              kind: 'Listing',
              data: {
                after: null,
                children: [
                  redditThing('t1', 5),
                  { kind: 't1', data: { id: '4', body: '[deleted]', author: '[deleted]' } },
                ],
              },
            },
      ['t1_5', 't1_4', 't1_3'],
    ],
  ])('%s names what is gone', async (type, options, reply, ids) => {
    const { items, gone } = await recheck(type, options, reply, ids);
    expect([...items.map(({ externalId }) => externalId), ...gone!]).toEqual(ids);
    expect(items.length).toBe(ids.includes('4') && ids.length === 1 ? 0 : 1);
  });
});

describe('what platforms say in answers that are no errors', () => {
  it('x: a refusal with status 200', async () => {
    await expect(
      firstPage('x', { query: 'q', token: 't' }, () => ({ errors: [{ title: 'Invalid Request' }] })),
    ).rejects.toMatchObject({ code: 'REMOTE_REFUSED', message: expect.stringContaining('Invalid Request') });
  });

  it('telegram: ok is false', async () => {
    await expect(
      firstPage('telegram', { token: 't' }, () => ({
        ok: false,
        description: 'Conflict: terminated by other getUpdates',
      })),
    ).rejects.toMatchObject({ code: 'REMOTE_REFUSED', message: expect.stringContaining('Conflict') });
  });

  it('stack-exchange: a pause, and a used up day', async () => {
    await expect(
      firstPage('stack-exchange', { query: 'q' }, () => ({ error_id: 502, error_name: 'throttle_violation' })),
    ).rejects.toMatchObject({ code: 'REMOTE_RATE_LIMITED' });
    const page = await firstPage('stack-exchange', { query: 'q' }, () => ({
      items: [],
      has_more: true,
      quota_remaining: 0,
    }));
    // What is left is asked for on the next day, not passed over.
    expect(page.cursor).toEqual({ next: '2' });
  });

  it('telegram: asks behind an update only when its page was taken', async () => {
    const offsets: unknown[] = [];
    const source = sourceOf('telegram');
    const http = client((_url, body) => {
      offsets.push((JSON.parse(body!) as { offset?: number }).offset);
      return {
        ok: true,
        result: offsets.length === 1 ? Array.from({ length: 100 }, (_, index) => ({ update_id: index })) : [],
      };
    });
    const pages = source.pull(contextOf(source.options.parse({ token: 't' }), http))[Symbol.asyncIterator]();
    expect(((await pages.next()).value as Page<unknown>).cursor).toMatchObject({ offset: 100 });
    expect(offsets).toEqual([undefined]);
    await pages.next();
    expect(offsets).toEqual([undefined, 100]);
  });
});

describe('a push of Discourse', () => {
  const body = readFileSync(new URL('../fixtures/sources/discourse/webhook.json', import.meta.url));
  const options = discourse.options.parse({ baseUrl: 'https://forum.example', webhookSecret: 'shh' });
  const push = (event: string, key = 'shh') => ({
    method: 'POST',
    url: 'http://x/',
    body,
    headers: {
      'x-discourse-event-type': event,
      'x-discourse-event-signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
    },
  });

  it('is signed, and has words in post events only', () => {
    expect(() => discourse.push!.verify(push('post'), options, new Date())).not.toThrow();
    expect(() => discourse.push!.verify(push('post', 'no'), options, new Date())).toThrow(
      expect.objectContaining({ code: 'PUSH_REFUSED' }),
    );
    expect(discourse.push!.read(push('post'), options).items).toMatchObject([
      { externalId: '601', url: 'https://forum.example/t/login/91/1' },
    ]);
    expect(discourse.push!.read(push('user'), options).items).toEqual([]);
  });
});
