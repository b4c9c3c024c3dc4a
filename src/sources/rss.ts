import { z } from 'zod';
import { CHANNELS } from '../domain/mention.ts';
import type { Channel } from '../domain/mention.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { stopIfAborted } from '../net/pace.ts';
import { readFeed } from '../text/feed/feed.ts';
import type { Feed, FeedItem } from '../text/feed/feed.ts';
import { gather } from '../text/gather.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';

const options = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Address of the feed.'),
  channel: z.enum(CHANNELS).default('news').describe('What kind of place the feed comes from.'),
});
type Options = z.infer<typeof options>;

/** Validators exactly as the server gave them: https://www.rfc-editor.org/rfc/rfc9110#section-8.8 */
const cursor = z.strictObject({ etag: z.string().optional(), lastModified: z.string().optional() });
type Cursor = z.infer<typeof cursor>;

const ACCEPT = 'application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8';

/** RSS, Atom and JSON Feed. A feed shows its newest items only, so what falls out between two polls is not seen. */
export const rss = defineSource<Options, Cursor>({
  type: 'rss',
  channel: 'news',
  about: 'Any RSS, Atom or JSON feed: news, blogs, forums, video channels.',
  docs: 'https://www.rssboard.org/rss-specification',
  options,
  cursor,
  example: { url: 'https://example.com/feed.xml', channel: 'news' },
  everySeconds: 900,
  hosts: ({ url }) => [new URL(url).origin],
  pull,
  parse: (answer) => mentionsOf(readFeed(answer), 'news'),
});

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const { options: asked, cursor: last = {}, http, signal } = context;
  stopIfAborted(signal);
  const answer = await http({ url: asked.url, headers: headersOf(last), signal });
  if (answer.status === 304) {
    yield { items: [], refused: [], cursor: last };
    return;
  }
  const { etag, 'last-modified': lastModified, 'content-type': contentType } = answer.headers;
  const feed = readFeed({ body: answer.body, contentType, url: answer.url } satisfies WireAnswer);
  // With the validators of a feed that broke off, its missing items would be answered with 304 for ever.
  const next = feed.truncated ? {} : { ...(etag && { etag }), ...(lastModified && { lastModified }) };
  yield { ...mentionsOf(feed, asked.channel), cursor: next };
}

function headersOf({ etag, lastModified }: Cursor): Record<string, string> {
  return {
    accept: ACCEPT,
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
  };
}

/** Feeds put the newest first; mentions are handed on oldest first. */
function mentionsOf(feed: Feed, channel: Channel): Parsed {
  const { items, refused } = gather(
    feed.items,
    ({ id }) => id,
    (item) => draftOf(item, channel),
  );
  return { items: items.toReversed(), refused: [...feed.refused, ...refused] };
}

function draftOf(item: FeedItem, channel: Channel): Draft {
  return {
    externalId: item.id,
    channel,
    text: item.html === undefined ? item.text : htmlToText(item.html),
    title: item.title,
    url: item.url,
    publishedAt: item.publishedAt,
    author: item.author && { id: item.author.id, name: item.author.name },
    declaredLanguage: item.language,
    engagement: { replies: item.replies, views: item.views },
  };
}
