import { z } from 'zod';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, Refusal, WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { stopIfAborted } from '../net/pace.ts';
import { latest } from '../net/pages.ts';
import { readInstant } from '../text/dates.ts';
import { decodeText, notInFormat, readJson } from '../text/decode.ts';
import { readFeed } from '../text/feed/feed.ts';
import type { FeedItem } from '../text/feed/feed.ts';
import { gather, rowInvalid } from '../text/gather.ts';
import type { Draft } from '../text/gather.ts';

const options = z.strictObject({
  app: z
    .string()
    .regex(/^\d{1,20}$/)
    .describe('Number of the app: the digits behind `id` in its App Store address.'),
  countries: z
    .array(z.string().regex(/^[a-z]{2}$/))
    .min(1)
    .max(200)
    .default(['us'])
    .describe('Stores to listen to, as two-letter country codes.'),
  baseUrl: platformAddress('https://itunes.apple.com'),
});
type Options = z.infer<typeof options>;

/** Date of the newest review that is safely stored, by country. */
const cursor = z.strictObject({ newest: z.record(z.string(), z.iso.datetime()) });
type Cursor = z.infer<typeof cursor>;

/** Apple gives at most ten pages of fifty reviews per store. */
const LAST_PAGE = 10;
/** Reviews become visible late and out of order; those of the last three days are read again. */
const OVERLAP_MS = 3 * 24 * 60 * 60 * 1000;
const EXPECTED = 'the customer reviews feed of the App Store';

/**
 * The newest 500 reviews per country are all that Apple shows, so a busy app has to be listened to often. Apple does not
 * describe this feed anywhere; the layout is as it answers, the meaning of the fields as in its reviews API (`docs`).
 */
export const appStore = defineSource<Options, Cursor>({
  type: 'app-store',
  channel: 'review',
  about: 'Reviews of an app in Apple’s App Store, per country.',
  docs: 'https://developer.apple.com/documentation/appstoreconnectapi/customer-reviews',
  options,
  cursor,
  example: { app: '310633997', countries: ['gb', 'it'] },
  everySeconds: 3600,
  leastSeconds: 300,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull,
  parse,
});

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const newest = { ...context.cursor?.newest };
  for (const country of context.options.countries) {
    for await (const { mark, ...page } of pullCountry(context, country, newest[country])) {
      if (mark !== undefined) newest[country] = mark;
      yield { ...page, cursor: { newest: { ...newest } } };
    }
  }
}

/** Newest first, so the mark comes with the last page only: moved earlier, a crash would lose the older pages. */
async function* pullCountry(context: PullContext<Options, Cursor>, country: string, from: string | undefined) {
  const isKnown = knownBefore(from);
  let newest = from;
  for (let page = 1; ; page++) {
    const { items, refused } = await askPage(context, country, page);
    newest = items.map(({ publishedAt }) => publishedAt).reduce(latest, newest);
    const isThrough = items.length === 0 ? refused.length === 0 : items.every(isKnown);
    const isLast = page === LAST_PAGE || isThrough;
    yield { items: items.toReversed(), refused, mark: isLast ? newest : undefined };
    if (isLast) return;
  }
}

function knownBefore(newest: string | undefined): (item: { publishedAt?: string | undefined }) => boolean {
  if (newest === undefined) return () => false;
  const limit = new Date(Date.parse(newest) - OVERLAP_MS).toISOString();
  return ({ publishedAt }) => publishedAt !== undefined && publishedAt < limit;
}

async function askPage({ options: asked, http, signal }: PullContext<Options, Cursor>, country: string, page: number) {
  stopIfAborted(signal);
  const path = `${country}/rss/customerreviews/page=${page}/id=${asked.app}/sortby=mostrecent/json`;
  const answer = await http({ url: `${asked.baseUrl}/${path}`, headers: { accept: 'application/json' }, signal });
  return parse({ body: answer.body, contentType: answer.headers['content-type'], url: answer.url });
}

/** Every value of the JSON spelling stands in a `label`; a list of one may be the one itself. */
const label = z
  .looseObject({ label: z.string().optional().catch(undefined) })
  .transform((value) => value.label)
  .optional()
  .catch(undefined);
const link = z
  .looseObject({ attributes: z.looseObject({ href: z.string().optional().catch(undefined) }).optional() })
  .optional()
  .catch(undefined);
const entrySchema = z.looseObject({
  id: label,
  title: label,
  content: label,
  updated: label,
  'im:rating': label,
  'im:voteSum': label,
  author: z.looseObject({ name: label, uri: label }).optional().catch(undefined),
  link: z
    .union([link, z.array(link)])
    .optional()
    .catch(undefined),
});
const feedSchema = z.looseObject({
  feed: z.looseObject({ id: label, entry: z.union([z.array(z.unknown()), z.looseObject({})]).optional() }),
});

/** One entry of either spelling. */
interface Entry {
  id: string | undefined;
  title: string | undefined;
  text: string | undefined;
  date: string | undefined;
  rating: string | undefined;
  votes: string | undefined;
  author: string | undefined;
  authorUrl: string | undefined;
  url: string | undefined;
}

/** Reads the JSON and the Atom spelling, told apart by content. */
function parse(answer: WireAnswer): Parsed {
  const isJson = /^[{[]/.test(decodeText(answer).trimStart());
  const feed = isJson ? { items: jsonEntries(answer), refused: [] } : atomEntries(answer);
  const { items, refused } = gather(feed.items, (entry, index) => entry.id ?? `entry ${index + 1}`, draftOf);
  return { items, refused: [...feed.refused, ...refused] };
}

function atomEntries(answer: WireAnswer): { items: Entry[]; refused: Refusal[] } {
  const { items, refused } = readFeed(answer);
  return { items: items.map(atomEntry), refused };
}

function jsonEntries(answer: WireAnswer): Entry[] {
  const read = feedSchema.safeParse(readJson(answer, EXPECTED));
  const isReviews = read.success && (read.data.feed.id?.includes('customerreviews') ?? true);
  if (!read.success || !isReviews) throw notInFormat(EXPECTED, 'JSON of another kind');
  const { entry = [] } = read.data.feed;
  return (Array.isArray(entry) ? entry : [entry]).map(jsonEntry);
}

function jsonEntry(value: unknown): Entry {
  // What is no entry at all must be named as refused, not taken for the entry about the app.
  const entry: Partial<z.infer<typeof entrySchema>> = entrySchema.safeParse(value).data ?? { 'im:rating': '' };
  const { author, link: links } = entry;
  const first = Array.isArray(links) ? links[0] : links;
  return {
    id: entry.id,
    title: entry.title,
    text: entry.content,
    date: entry.updated,
    rating: entry['im:rating'],
    votes: entry['im:voteSum'],
    author: author?.name,
    authorUrl: author?.uri,
    url: first?.attributes?.href,
  };
}

function atomEntry(item: FeedItem): Entry {
  return {
    id: item.id,
    title: item.title,
    text: item.text ?? item.html,
    date: item.publishedAt,
    rating: item.extensions?.['im:rating'],
    votes: item.extensions?.['im:votesum'],
    author: item.author?.name,
    authorUrl: item.author?.id,
    url: item.url,
  };
}

/** Ids are unique over all stores. An entry without a rating describes the app itself and is no review. */
function draftOf(entry: Entry): Draft | undefined {
  if (entry.rating === undefined) return undefined;
  if (!entry.id) throw rowInvalid('It has no id.');
  if (!/^[1-5]$/.test(entry.rating.trim()))
    throw rowInvalid(`Its rating "${entry.rating.slice(0, 20)}" is not 1 to 5.`);
  return {
    externalId: entry.id,
    channel: 'review',
    text: entry.text,
    title: entry.title,
    url: entry.url,
    publishedAt: readInstant(entry.date),
    author: { id: /\/id(\d+)/.exec(entry.authorUrl ?? '')?.[1] ?? entry.author, name: entry.author },
    rating: Number(entry.rating),
    engagement: { likes: /^\d{1,9}$/.test(entry.votes ?? '') ? Number(entry.votes) : undefined },
  };
}
