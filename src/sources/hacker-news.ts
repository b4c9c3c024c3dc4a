import { z } from 'zod';
import { defineSource } from '../domain/source.ts';
import type { WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { readInstant } from '../text/dates.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';
import { maybeId, readAs, readEntries, tally, words } from '../text/wire.ts';

const options = z.strictObject({
  query: z.string().min(1).max(200).describe('Words that must occur; "a phrase" in quotes.'),
  kinds: z
    .array(z.enum(['story', 'comment']))
    .min(1)
    .default(['story', 'comment'])
    .describe('What to look for.'),
  baseUrl: platformAddress('https://hn.algolia.com'),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'search results of Hacker News';
const PER_PAGE = 100;
/** Authors may edit for two hours. */
const OVERLAP_MS = 6 * 3_600_000;
const MAX_PAGES = 20;

export const hackerNews = defineSource<Options, Mark>({
  type: 'hacker-news',
  channel: 'social',
  about: 'Stories and comments on Hacker News that hold certain words.',
  docs: 'https://hn.algolia.com/api',
  options,
  cursor: mark,
  example: { query: '"velmora"', kinds: ['comment'] },
  everySeconds: 600,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: MAX_PAGES,
      ask: async (next, until) =>
        pageOf(await ask(context, { url: addressOf(context.options, placeOf(next), until) }), placeOf(next)),
    }),
  parse: (answer) => withoutNext(pageOf(answer, placeOf(undefined))),
});

/** The search shows a thousand results; what is older is searched anew, `before` the oldest of them. */
interface Place {
  page: string;
  /** Seconds since 1970, or nothing. */
  before: string;
}

function placeOf(next = '0'): Place {
  const [page, before] = next.split('<');
  return { page: page!, before: before ?? '' };
}

function addressOf({ baseUrl, query, kinds }: Options, { page, before }: Place, until: string | undefined): string {
  const filters = [
    ...(until === undefined ? [] : [`created_at_i>=${Math.floor(Date.parse(until) / 1_000)}`]),
    ...(before === '' ? [] : [`created_at_i<=${before}`]),
  ];
  const parameters = new URLSearchParams({
    query,
    tags: `(${kinds.join(',')})`,
    hitsPerPage: String(PER_PAGE),
    page,
    advancedSyntax: 'true',
    ...(filters.length > 0 && { numericFilters: filters.join(',') }),
  });
  return `${baseUrl}/api/v1/search_by_date?${parameters}`;
}

const listSchema = z.looseObject({
  hits: z.array(z.unknown()),
  page: z.int(),
  nbPages: z.int(),
  nbHits: tally,
  hitsPerPage: tally,
});

function pageOf(answer: WireAnswer, { before }: Place): ListPage {
  const { hits, page, nbPages, nbHits = 0, hitsPerPage = PER_PAGE } = readAs(answer, EXPECTED, listSchema);
  const parsed = readEntries(hits, KIND);
  if (hits.length === 0) return parsed;
  if (page + 1 < nbPages) return { ...parsed, next: `${page + 1}<${before}` };
  const oldest = parsed.items.at(-1)?.publishedAt;
  const isCut = nbHits > nbPages * hitsPerPage && oldest !== undefined;
  return { ...parsed, ...(isCut && { next: `0<${Date.parse(oldest) / 1_000}` }) };
}

const hitSchema = z.looseObject({
  objectID: z.string().min(1),
  created_at: words,
  author: words,
  title: words,
  story_text: words,
  comment_text: words,
  points: tally,
  num_comments: tally,
  story_id: maybeId,
  parent_id: maybeId,
});

const KIND = { expected: EXPECTED, what: 'hit', schema: hitSchema, draft: draftOf };

function draftOf(hit: z.infer<typeof hitSchema>): Draft {
  const isComment = hit.comment_text !== undefined;
  return {
    externalId: hit.objectID,
    channel: 'social',
    text: htmlToText(hit.comment_text ?? hit.story_text ?? ''),
    title: isComment ? undefined : hit.title,
    url: `https://news.ycombinator.com/item?id=${encodeURIComponent(hit.objectID)}`,
    publishedAt: readInstant(hit.created_at),
    author: { id: hit.author, name: undefined },
    thread: hit.story_id ?? hit.objectID,
    replyTo: isComment ? hit.parent_id : undefined,
    engagement: { likes: hit.points, replies: hit.num_comments },
  };
}
