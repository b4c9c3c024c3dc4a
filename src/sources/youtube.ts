import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { readInstant } from '../text/dates.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';
import { missingIn, readAs, readEntries, tally, words } from '../text/wire.ts';

const options = z
  .strictObject({
    channelId: z
      .string()
      .regex(/^UC[\w-]{22}$/)
      .optional()
      .describe('Comments on all videos of this channel.'),
    videoId: z
      .string()
      .regex(/^[\w-]{11}$/)
      .optional()
      .describe('Comments on this video.'),
    search: z.string().min(1).max(200).optional().describe('Only comments that hold these words.'),
    own: z
      .array(z.string().regex(/^UC[\w-]{22}$/))
      .default([])
      .describe('Ids of your own channels: their replies answer a thread. The channel listened to is one of them.'),
    apiKey: secret().describe('Key of the YouTube Data API; a page of comments costs one of its 10,000 units a day.'),
    baseUrl: platformAddress('https://www.googleapis.com'),
  })
  .refine(
    ({ channelId, videoId }) => (channelId === undefined) !== (videoId === undefined),
    'needs channelId or videoId',
  );
type Options = z.infer<typeof options>;

const EXPECTED = 'a list of YouTube comments';
const PER_PAGE = 100;
/** Replies to and edits of older comments are met within this time. */
const OVERLAP_MS = 3 * 24 * 3_600_000;

export const youtube = defineSource<Options, Mark>({
  type: 'youtube',
  channel: 'social',
  about: 'Comments on the videos of a channel, or on one video, with their newest replies.',
  docs: 'https://developers.google.com/youtube/v3/docs/commentThreads/list',
  options,
  cursor: mark,
  example: { channelId: 'UCabcdefghijklmnopqrstuv', apiKey: '${env:YOUTUBE_KEY}' },
  everySeconds: 1_800,
  leastSeconds: 300,
  terms: {
    url: 'https://developers.google.com/youtube/terms/developer-policies#e.-handling-youtube-data-and-content',
    demands: 'Everything stored is asked for again or erased within 30 days; deleted comments are erased.',
    recheckHours: 24 * 14,
    keepDays: 30,
  },
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 100,
      ask: async (next) =>
        pageOf(await ask(context, { url: threadsAddress(context.options, next) }), ownOf(context.options)),
    }),
  recheckBatch: 50,
  async recheck(context, ids) {
    const own = ownOf(context.options);
    // Threads come with the replies that they got since.
    const answers = [
      await askByIds(
        context,
        'commentThreads',
        ids.filter((id) => !isReply(id)),
      ),
      await askByIds(context, 'comments', ids.filter(isReply)),
    ].filter((answer) => answer !== undefined);
    const pages = answers.map((answer) => pageOf(answer, own));
    const there = answers.flatMap((answer) => readAs(answer, EXPECTED, listSchema).items);
    const items = new Map(pages.flatMap((page) => page.items.map((item) => [item.externalId, item])));
    return {
      items: [...items.values()],
      refused: pages.flatMap(({ refused }) => refused),
      gone: missingIn(there, ids),
    };
  },
  parse: (answer) => withoutNext(pageOf(answer, [])),
});

/** The id of a thread is that of its first comment, and the id of a reply begins with it and a dot. */
const isReply = (id: string) => id.includes('.');

async function askByIds(
  context: Pick<PullContext<Options, Mark>, 'options' | 'http' | 'signal'>,
  list: 'commentThreads' | 'comments',
  ids: readonly string[],
) {
  if (ids.length === 0) return undefined;
  const { baseUrl, apiKey: key } = context.options;
  const part = list === 'comments' ? 'snippet' : 'snippet,replies';
  const parameters = new URLSearchParams({ part, id: ids.join(','), maxResults: '100', key });
  return ask(context, { url: `${baseUrl}/youtube/v3/${list}?${parameters}` });
}

const ownOf = ({ own, channelId }: Options) => (channelId === undefined ? own : [...own, channelId]);

function threadsAddress({ baseUrl, channelId, videoId, search, apiKey }: Options, next: string | undefined): string {
  const parameters = new URLSearchParams({
    part: 'snippet,replies',
    order: 'time',
    maxResults: String(PER_PAGE),
    ...(channelId !== undefined && { allThreadsRelatedToChannelId: channelId }),
    ...(videoId !== undefined && { videoId }),
    ...(search !== undefined && { searchTerms: search }),
    ...(next !== undefined && { pageToken: next }),
    key: apiKey,
  });
  return `${baseUrl}/youtube/v3/commentThreads?${parameters}`;
}

const listSchema = z.looseObject({
  kind: z.enum(['youtube#commentThreadListResponse', 'youtube#commentListResponse']),
  items: z.array(z.unknown()),
  nextPageToken: words,
});

const comment = z.looseObject({
  id: z.string().min(1),
  snippet: z.looseObject({
    textOriginal: words,
    textDisplay: words,
    authorDisplayName: words,
    authorChannelId: z.looseObject({ value: words }).optional().catch(undefined),
    videoId: words,
    parentId: words,
    likeCount: tally,
    publishedAt: words,
    totalReplyCount: tally,
    answeredAt: words,
  }),
});
type Comment = z.infer<typeof comment>;

const threadSchema = z.looseObject({
  snippet: z.looseObject({ topLevelComment: comment, totalReplyCount: tally, videoId: words }),
  replies: z
    .looseObject({ comments: z.array(comment) })
    .optional()
    .catch(undefined),
});

const KIND = { expected: EXPECTED, what: 'comment', schema: comment, draft: draftOf };

function pageOf(answer: WireAnswer, own: readonly string[]): ListPage {
  const { items, nextPageToken: next } = readAs(answer, EXPECTED, listSchema);
  const isOwn = (entry: unknown) => own.includes(comment.safeParse(entry).data?.snippet.authorChannelId?.value ?? '');
  const spoken = items.flatMap((item) => turnsOf(item, isOwn)).filter((entry) => !isOwn(entry));
  const parsed: Parsed = spoken.length === 0 ? { items: [], refused: [] } : readEntries(spoken, KIND);
  return { ...parsed, ...(next !== undefined && { next }) };
}

/** The turns of a thread; those of customers know when the channel last answered after them. */
function turnsOf(item: unknown, isOwn: (entry: unknown) => boolean): unknown[] {
  const thread = threadSchema.safeParse(item).data;
  if (thread === undefined) return [item];
  const { topLevelComment: top, totalReplyCount, videoId } = thread.snippet;
  const replies = (thread.replies?.comments ?? []).map((reply) => within(reply, { parentId: top.id, videoId }));
  const answers = replies.filter(isOwn).map(({ snippet }) => snippet.publishedAt ?? '');
  return [within(top, { totalReplyCount, videoId }), ...replies].map((turn) => {
    const later = answers.filter((at) => at > (turn.snippet.publishedAt ?? '~')).toSorted();
    return within(turn, { answeredAt: later.at(-1) });
  });
}

function within(turn: Comment, more: Partial<Comment['snippet']>): Comment {
  return { ...turn, snippet: { ...turn.snippet, ...more } };
}

function draftOf({ id, snippet }: Comment): Draft {
  const { videoId, parentId } = snippet;
  return {
    externalId: id,
    channel: 'social',
    text: snippet.textOriginal ?? htmlToText(snippet.textDisplay ?? ''),
    url:
      videoId === undefined
        ? undefined
        : `https://www.youtube.com/watch?${new URLSearchParams({ v: videoId, lc: id })}`,
    publishedAt: readInstant(snippet.publishedAt),
    author: { id: snippet.authorChannelId?.value, name: snippet.authorDisplayName },
    thread: parentId ?? id,
    replyTo: parentId,
    engagement: { likes: snippet.likeCount, replies: snippet.totalReplyCount },
    answeredAt: readInstant(snippet.answeredAt),
  };
}
