import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { fetchToken } from '../net/oauth.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { readInstant } from '../text/dates.ts';
import type { Draft } from '../text/gather.ts';
import { readAs, readEntries, words } from '../text/wire.ts';

const options = z.strictObject({
  account: z.string().regex(/^\d+$/).describe('Number of the Business Profile account.'),
  location: z.string().regex(/^\d+$/).describe('Number of the location.'),
  clientId: z.string().min(1).describe('Of an OAuth client in your Google Cloud project.'),
  clientSecret: secret().describe('Of the same OAuth client.'),
  refreshToken: secret().describe('Of a person who manages the location, with the scope business.manage.'),
  baseUrl: platformAddress('https://mybusiness.googleapis.com'),
  tokenUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://oauth2.googleapis.com/token')
    .describe('For proxies and tests.'),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'a list of Google Business reviews';
const PER_PAGE = 50;
const OVERLAP_MS = 7 * 24 * 3_600_000;
const STARS: Record<string, number> = { ONE: 1, TWO: 2, THREE: 3, FOUR: 4, FIVE: 5 };

export const googleBusiness = defineSource<Options, Mark>({
  type: 'google-business',
  channel: 'review',
  about: 'Reviews of your own place on Google Maps and Search.',
  docs: 'https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews/list',
  options,
  cursor: mark,
  example: {
    account: '10234567890',
    location: '5566778899',
    clientId: 'velmora.apps.googleusercontent.com',
    clientSecret: '${env:GOOGLE_CLIENT_SECRET}',
    refreshToken: '${env:GOOGLE_REFRESH_TOKEN}',
  },
  everySeconds: 1_800,
  terms: {
    url: 'https://developers.google.com/my-business/content/policies',
    demands: 'Reviews are kept for 30 days at most without being asked for again.',
    recheckHours: 24 * 14,
    keepDays: 30,
  },
  hosts: ({ baseUrl, tokenUrl }) => [new URL(baseUrl).origin, new URL(tokenUrl).origin],
  async *pull(context) {
    const token = await tokenOf(context);
    yield* readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 200,
      ask: async (next) => pageOf(await ask(context, requestFor(context.options, token, next))),
    });
  },
  /** One review cannot be asked for without its page, so the whole list is read: it names all that is still there. */
  recheckBatch: 200,
  async recheck(context, ids) {
    const token = await tokenOf(context);
    const there = new Map<string, ListPage['items'][number]>();
    let next: string | undefined;
    do {
      const page = pageOf(await ask(context, requestFor(context.options, token, next)));
      for (const item of page.items) there.set(item.externalId, item);
      next = page.next;
    } while (next !== undefined);
    const items = ids.flatMap((id) => there.get(id) ?? []);
    return { items, refused: [], gone: ids.filter((id) => !there.has(id)) };
  },
  parse: (answer) => withoutNext(pageOf(answer)),
});

function tokenOf(context: Parameters<typeof fetchToken>[0] & { options: Options }): Promise<string> {
  const { tokenUrl, clientId, clientSecret, refreshToken } = context.options;
  const form = {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  };
  return fetchToken(context, { url: tokenUrl, form });
}

function requestFor({ baseUrl, account, location }: Options, token: string, next: string | undefined) {
  const parameters = new URLSearchParams({
    pageSize: String(PER_PAGE),
    orderBy: 'updateTime desc',
    ...(next !== undefined && { pageToken: next }),
  });
  return {
    url: `${baseUrl}/v4/accounts/${account}/locations/${location}/reviews?${parameters}`,
    headers: { authorization: `Bearer ${token}` },
  };
}

/** A place without reviews answers `{}`. */
const listSchema = z.strictObject({
  reviews: z.array(z.unknown()).default([]),
  averageRating: z.unknown().optional(),
  totalReviewCount: z.unknown().optional(),
  nextPageToken: words,
});

function pageOf(answer: WireAnswer): ListPage {
  const { reviews, nextPageToken: next } = readAs(answer, EXPECTED, listSchema);
  return { ...readEntries(reviews, KIND), ...(next !== undefined && next !== '' && { next }) };
}

const reviewSchema = z.looseObject({
  reviewId: z.string().min(1),
  reviewer: z.looseObject({ displayName: words, isAnonymous: z.unknown().optional() }).optional().catch(undefined),
  starRating: words,
  comment: words,
  createTime: words,
  updateTime: words,
  reviewReply: z.looseObject({ updateTime: words }).optional().catch(undefined),
});

const KIND = { expected: EXPECTED, what: 'review', schema: reviewSchema, draft: draftOf };

/** Stars without words are no anecdote. */
function draftOf(review: z.infer<typeof reviewSchema>): Draft | undefined {
  if (!review.comment?.trim()) return undefined;
  return {
    externalId: review.reviewId,
    channel: 'review',
    text: spoken(review.comment),
    publishedAt: readInstant(review.updateTime ?? review.createTime),
    author: review.reviewer?.isAnonymous === true ? undefined : { id: undefined, name: review.reviewer?.displayName },
    rating: STARS[review.starRating ?? ''],
    answeredAt: readInstant(review.reviewReply?.updateTime),
  };
}

/** Google puts its own translation beside the words: only the customer's own are kept. */
function spoken(comment: string): string {
  const original = /\(Original\)\s*([^]+)$/.exec(comment)?.[1];
  return original ?? comment.replace(/\s*\(Translated by Google\)[^]*$/, '');
}
