import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { PullContext, WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { fetchServiceToken } from '../net/oauth.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import type { Draft } from '../text/gather.ts';
import { fromSeconds, readAs, readEntries, tally, words } from '../text/wire.ts';

/** The key file of a service account, as Google gives it out. */
const keyFile = z.looseObject({ client_email: z.email(), private_key: z.string().min(1), token_uri: z.url() });

const credentials = secret()
  .refine((text) => keyFileOf(text) !== undefined, 'must be the key file of a service account, as JSON')
  .describe('The key file of a service account that may see reviews: ${file:/path/to/key.json}.');

const options = z.strictObject({
  package: z
    .string()
    .regex(/^[a-zA-Z]\w*(?:\.[a-zA-Z]\w*)+$/)
    .describe('Package name of the app, such as com.example.app.'),
  credentials,
  baseUrl: platformAddress('https://androidpublisher.googleapis.com'),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'a list of Google Play reviews';
const SCOPE = 'https://www.googleapis.com/auth/androidpublisher';
const PER_PAGE = 100;
/** Google shows what was written or edited within the last week, so all of it is read each time. */
const OVERLAP_MS = 8 * 24 * 3_600_000;

export const googlePlay = defineSource<Options, Mark>({
  type: 'google-play',
  channel: 'review',
  about: 'Reviews of your own Android app; Google shows those that were written or changed in the last week.',
  docs: 'https://developers.google.com/android-publisher/api-ref/rest/v3/reviews/list',
  options,
  cursor: mark,
  example: { package: 'com.velmora.app', credentials: '${env:GOOGLE_PLAY_KEY}' },
  everySeconds: 3_600,
  leastSeconds: 60,
  hosts: ({ baseUrl, credentials: key }) => [new URL(baseUrl).origin, new URL(keyFileOf(key)!.token_uri).origin],
  async *pull(context) {
    const token = await tokenOf(context);
    yield* readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 200,
      ask: async (next) => pageOf(await ask(context, requestFor(context.options, token, next))),
    });
  },
  parse: (answer) => withoutNext(pageOf(answer)),
});

function keyFileOf(text: string): z.infer<typeof keyFile> | undefined {
  try {
    return keyFile.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function tokenOf(context: PullContext<Options, Mark>): Promise<string> {
  const { client_email: email, private_key: privateKey, token_uri: tokenUrl } = keyFileOf(context.options.credentials)!;
  return fetchServiceToken(context, { email, privateKey, tokenUrl }, SCOPE, context.now());
}

function requestFor({ baseUrl, package: app }: Options, token: string, next: string | undefined) {
  const parameters = new URLSearchParams({ maxResults: String(PER_PAGE), ...(next !== undefined && { token: next }) });
  return {
    url: `${baseUrl}/androidpublisher/v3/applications/${app}/reviews?${parameters}`,
    headers: { authorization: `Bearer ${token}` },
  };
}

/** An app without recent reviews answers `{}`. */
const listSchema = z.strictObject({
  reviews: z.array(z.unknown()).default([]),
  tokenPagination: z.looseObject({ nextPageToken: words }).optional().catch(undefined),
  pageInfo: z.unknown().optional(),
});

function pageOf(answer: WireAnswer): ListPage {
  const { reviews, tokenPagination } = readAs(answer, EXPECTED, listSchema);
  const next = tokenPagination?.nextPageToken;
  return { ...readEntries(reviews, KIND), ...(next !== undefined && next !== '' && { next }) };
}

const time = z
  .looseObject({ seconds: z.union([z.string(), z.number()]) })
  .optional()
  .catch(undefined);
const reviewSchema = z.looseObject({
  reviewId: z.string().min(1),
  authorName: words,
  comments: z.array(
    z.looseObject({
      userComment: z
        .looseObject({
          text: words,
          originalText: words,
          lastModified: time,
          starRating: z.int().min(1).max(5).optional().catch(undefined),
          reviewerLanguage: words,
          thumbsUpCount: tally,
          appVersionName: words,
          device: words,
        })
        .optional(),
      developerComment: z.looseObject({ lastModified: time }).optional().catch(undefined),
    }),
  ),
});

const KIND = { expected: EXPECTED, what: 'review', schema: reviewSchema, draft: draftOf };

function draftOf({ reviewId, authorName, comments }: z.infer<typeof reviewSchema>): Draft | undefined {
  const said = comments.findLast(({ userComment }) => userComment !== undefined)?.userComment;
  if (said === undefined) return undefined;
  const answer = comments.findLast(({ developerComment }) => developerComment !== undefined)?.developerComment;
  const { title, text } = titleOf(
    said.originalText === undefined || said.originalText === '' ? said.text : said.originalText,
  );
  const attributes = {
    ...(said.appVersionName && { version: said.appVersionName }),
    ...(said.device && { device: said.device }),
  };
  return {
    externalId: reviewId,
    channel: 'review',
    text,
    title,
    publishedAt: fromSeconds(said.lastModified?.seconds),
    author: { id: undefined, name: authorName },
    rating: said.starRating,
    declaredLanguage: said.reviewerLanguage?.replace('_', '-'),
    engagement: { likes: said.thumbsUpCount },
    attributes,
    answeredAt: fromSeconds(answer?.lastModified?.seconds),
  };
}

/** Old reviews have a title, parted from the text by a tab. */
function titleOf(text: string | undefined): { title?: string | undefined; text: string | undefined } {
  const [, title, rest] = /^([^\t]*)\t([^]*)$/.exec(text ?? '') ?? [];
  return rest === undefined ? { text } : { title, text: rest };
}
