import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../src/sources/index.ts';
import { NOW, PLATFORMS, answerBy, http, json, param, pull, said, server } from './social-platforms.ts';

describe('what is special of one platform', () => {
  it('hacker-news: goes on where the search shows no more', async () => {
    const many = Array.from({ length: 15 }, (_, index) => ({
      ...said[0]!,
      id: String(200 + index),
      at: new Date(Date.parse(NOW) - index * 60_000).toISOString(),
    }));
    answerBy(PLATFORMS['hacker-news']!.serve(many));
    const { ids } = await pull('hacker-news', PLATFORMS['hacker-news']!.options);
    expect(new Set(ids).size).toBe(15);
  });

  it('bluesky: invents no count, and asks again without a session', async () => {
    answerBy(PLATFORMS['bluesky']!.serve(said.slice(0, 1)));
    const { items } = await pull('bluesky', PLATFORMS['bluesky']!.options);
    expect(items[0]!.engagement).toBeUndefined();
    const source = sourceOf('bluesky');
    server.asked.length = 0;
    const options = source.options.parse({
      query: 'q',
      identifier: 'a.example',
      appPassword: 'p',
      baseUrl: server.base,
      service: 'http://127.0.0.1:9',
    });
    const unreadable = { uri: 'at://a/b/2', author: {} };
    answerBy(() => json({ posts: [{ uri: 'at://a/b/1', author: { did: 'd' }, record: { text: 'a' } }, unreadable] }));
    const { gone, refused } = await source.recheck!(
      { options, http, now: () => new Date(NOW), signal: new AbortController().signal },
      ['at://a/b/1', 'at://a/b/2', 'at://a/b/3'],
    );
    expect(gone).toEqual(['at://a/b/3']);
    expect(refused).toHaveLength(1);
  });

  it('reddit: the moderators’ program says nothing, what was removed is gone', async () => {
    const comment = (id: string, fields: object) => ({ kind: 't1', data: { id, name: `t1_${id}`, ...fields } });
    answerBy(({ url }) =>
      url.pathname === '/token'
        ? json({ access_token: 't' })
        : json({
            kind: 'Listing',
            data: {
              after: null,
              children: [
                comment('1', { author: 'AutoModerator', body: 'Please read the rules.' }),
                comment('2', { author: 'ann', body: '[removed]' }),
                comment('3', { author: 'ann', body: 'Strings are fine', link_id: 't3_9', parent_id: 't1_2' }),
              ],
            },
          }),
    );
    const { items, pages } = await pull('reddit', PLATFORMS['reddit']!.options);
    expect(items).toMatchObject([{ externalId: 't1_3', thread: 't3_9', replyTo: 't1_2' }]);
    expect(pages[0]!.gone).toEqual(['t1_2']);
  });

  it('youtube: asking again brings replies that came since, in their thread', async () => {
    const comment = (id: string, more: object = {}) => ({ id, snippet: { textOriginal: 'words', ...more } });
    const withReplies = (url: URL) => url.searchParams.get('part') === 'snippet,replies';
    answerBy(({ url }) =>
      url.pathname.endsWith('/comments')
        ? json({ kind: 'youtube#commentListResponse', items: [comment('Ug1.r1', { parentId: 'Ug1' })] })
        : json({
            kind: 'youtube#commentThreadListResponse',
            items: [
              {
                id: 'Ug1',
                snippet: { topLevelComment: comment('Ug1') },
                ...(withReplies(url) && { replies: { comments: [comment('Ug1.r3')] } }),
              },
            ],
          }),
    );
    const source = sourceOf('youtube');
    server.asked.length = 0;
    const { items, gone } = await source.recheck!(
      {
        options: source.options.parse(PLATFORMS['youtube']!.options),
        http,
        now: () => new Date(NOW),
        signal: new AbortController().signal,
      },
      ['Ug1', 'Ug1.r1', 'Ug1.r2', 'Ug2'],
    );
    expect(items.map(({ externalId, replyTo }) => [externalId, replyTo])).toEqual([
      ['Ug1', undefined],
      ['Ug1.r3', 'Ug1'],
      ['Ug1.r1', 'Ug1'],
    ]);
    expect(gone).toEqual(['Ug1.r2', 'Ug2']);
    expect(server.asked.map((asked) => param(asked, 'id'))).toEqual(['Ug1,Ug2', 'Ug1.r1,Ug1.r2']);
  });

  it('x: an edit takes the place of what it changes, also where the older version is asked for', async () => {
    const history = ['7', '8'];
    const newer = { id: '8', text: 'Now it &lt;works&gt; &amp; plays', edit_history_tweet_ids: history };
    answerBy(() =>
      json({
        data: [{ id: '7', text: 'It does not work', edit_history_tweet_ids: history }],
        includes: { tweets: [newer] },
        errors: [{ resource_id: '9', type: 'https://api.x.com/2/problems/resource-not-found' }],
      }),
    );
    const source = sourceOf('x');
    const { items, gone } = await source.recheck!(
      {
        options: source.options.parse(PLATFORMS['x']!.options),
        http,
        now: () => new Date(NOW),
        signal: new AbortController().signal,
      },
      ['7', '9'],
    );
    expect(items).toMatchObject([{ externalId: '7', text: 'Now it <works> & plays' }]);
    expect(gone).toEqual(['9']);
    expect(items[0]!.engagement).toBeUndefined();
  });

  it('x: asks no further back than the search reaches', async () => {
    answerBy(PLATFORMS['x']!.serve([]));
    await pull('x', PLATFORMS['x']!.options, { cursor: { newest: '2025-12-01T00:00:00.000Z' } });
    expect(param(server.asked[0]!, 'start_time')).toBeNull();
  });

  it('x: waits until the window that it is told opens', async () => {
    answerBy(() => ({ status: 429, headers: { 'x-rate-limit-reset': String(Math.floor(Date.now() / 1_000) + 300) } }));
    const error = await pull('x', PLATFORMS['x']!.options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REMOTE_RATE_LIMITED' });
    const { afterMs } = (error as { retry: { afterMs: number } }).retry;
    expect(afterMs).toBeGreaterThan(290_000);
    expect(afterMs).toBeLessThanOrEqual(301_000);
  });

  it('discourse: the forum’s own posts say nothing; answers know their place where it is told', async () => {
    const post = (id: number, fields: object) => ({ id, cooked: 'words', topic_id: 5, created_at: NOW, ...fields });
    answerBy(() =>
      json({
        latest_posts: [
          post(13, { post_number: 3, reply_to_post_number: 2, user_id: 4 }),
          post(12, { post_number: 2, reply_to_post_number: 9, user_id: 3 }),
          post(11, { post_number: 4, user_id: -1, staff: true }),
          post(10, { post_number: 1, user_id: -2 }),
        ],
      }),
    );
    const { pages } = await pull('discourse', PLATFORMS['discourse']!.options);
    expect(pages[0]!.items.map(({ externalId, replyTo }) => [externalId, replyTo])).toEqual([
      ['13', '12'],
      ['12', undefined],
    ]);
    expect(pages[0]!.answered).toBeUndefined();
  });

  it('discourse: a push that a post was destroyed erases it, whatever the post says', () => {
    const source = sourceOf('discourse');
    const body = Buffer.from(JSON.stringify({ post: { id: 12, cooked: 'words', topic_id: 5, post_number: 2 } }));
    const headers = { 'x-discourse-event-type': 'post', 'x-discourse-event': 'post_destroyed' };
    const push = { method: 'POST', url: 'http://x/', headers, body };
    const read = source.push!.read(push, source.options.parse(PLATFORMS['discourse']!.options));
    expect(read).toEqual({ items: [], refused: [], gone: ['12'] });
  });

  it('stack-exchange: brings an edit of a question of any age', async () => {
    const { serve, options } = PLATFORMS['stack-exchange']!;
    const old = { ...said[0]!, id: '1', at: '2025-03-01T00:00:00.000Z' };
    const others = Array.from({ length: 3 }, (_, index) => ({ ...old, id: `${index + 2}`, editedAt: NOW }));
    answerBy(serve([...said, old, ...others]));
    const { cursor } = await pull('stack-exchange', options);
    answerBy(serve([...said, ...others, { ...old, editedAt: NOW, text: 'edited' }]));
    expect((await pull('stack-exchange', options, { cursor })).words['1']).toBe('edited');
  });

  it('stack-exchange: waits as long as it is asked to between two pages', async () => {
    const times: number[] = [];
    answerBy((asked) => {
      times.push(performance.now());
      const more = param(asked, 'page') === '1';
      return json({ items: [], has_more: more, ...(more && { backoff: 1 }) });
    });
    await pull('stack-exchange', PLATFORMS['stack-exchange']!.options);
    expect(times[1]! - times[0]!).toBeGreaterThan(990);
  });

  it('stack-exchange: waits for midnight where the day is used up, and loses no page', async () => {
    const serve = PLATFORMS['stack-exchange']!.serve(said);
    answerBy(() => json({ items: [{ question_id: 1, title: 'a' }], has_more: true, quota_remaining: 0 }));
    const { cursor } = await pull('stack-exchange', PLATFORMS['stack-exchange']!.options, { pages: 1 });
    expect(cursor).toEqual({ next: '2' });
    await expect(pull('stack-exchange', PLATFORMS['stack-exchange']!.options)).rejects.toMatchObject({
      code: 'REMOTE_RATE_LIMITED',
      retry: { afterMs: 12 * 3_600_000 },
    });
    answerBy(serve);
    const { ids } = await pull('stack-exchange', PLATFORMS['stack-exchange']!.options, { cursor });
    expect(ids).toHaveLength(8);
  });
});
