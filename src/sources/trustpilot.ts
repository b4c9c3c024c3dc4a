import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask, askIfThere } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { readInstant } from '../text/dates.ts';
import type { Draft } from '../text/gather.ts';
import { readAs, readEntries, tally, wireId, words } from '../text/wire.ts';

const options = z.strictObject({
  businessUnit: z
    .string()
    .regex(/^[0-9a-f]{24}$/i)
    .describe('Id of the business unit: 24 characters, from the address of its page in Trustpilot Business.'),
  apiKey: secret().describe('API key of your Trustpilot application.'),
  baseUrl: platformAddress('https://api.trustpilot.com'),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'a list of Trustpilot reviews';
const PER_PAGE = 100;
const OVERLAP_MS = 7 * 24 * 3_600_000;

export const trustpilot = defineSource<Options, Mark>({
  type: 'trustpilot',
  channel: 'review',
  about: 'Reviews of a business on Trustpilot.',
  docs: 'https://developers.trustpilot.com/business-units-api-(public)',
  options,
  cursor: mark,
  example: { businessUnit: '507f191e810c19729de860ea', apiKey: '${env:TRUSTPILOT_KEY}' },
  everySeconds: 1_800,
  terms: {
    url: 'https://legal.trustpilot.com/for-businesses/api-terms-of-use',
    demands: 'What was removed at Trustpilot is erased here; reviews are shown with their stars and a link.',
    recheckHours: 24,
  },
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 100,
      ask: async (next) => pageOf(await ask(context, requestFor(context.options, Number(next ?? 1)))),
    }),
  recheckBatch: 20,
  async recheck(context, ids) {
    const { baseUrl, apiKey } = context.options;
    const found = await Promise.all(
      ids.map(async (id) => {
        const request = { url: `${baseUrl}/v1/reviews/${encodeURIComponent(id)}`, headers: { apikey: apiKey } };
        return askIfThere(() => ask(context, request));
      }),
    );
    const there = found.flatMap((answer) => (answer === undefined ? [] : [readAs(answer, EXPECTED, z.unknown())]));
    const parsed = readEntries(there, KIND);
    return { ...parsed, gone: ids.filter((_, index) => found[index] === undefined) };
  },
  parse: (answer) => withoutNext(pageOf(answer)),
});

function requestFor({ baseUrl, businessUnit, apiKey }: Options, page: number) {
  const parameters = new URLSearchParams({ page: String(page), perPage: String(PER_PAGE), orderBy: 'createdat.desc' });
  return { url: `${baseUrl}/v1/business-units/${businessUnit}/reviews?${parameters}`, headers: { apikey: apiKey } };
}

const listSchema = z.looseObject({
  reviews: z.array(z.unknown()),
  links: z
    .array(z.looseObject({ rel: words, href: words }))
    .optional()
    .catch(undefined),
});

function pageOf(answer: WireAnswer): ListPage {
  const { reviews, links } = readAs(answer, EXPECTED, listSchema);
  const href = links?.find(({ rel }) => rel === 'next-page')?.href;
  const next = href !== undefined && URL.canParse(href) ? new URL(href).searchParams.get('page') : null;
  return { ...readEntries(reviews, KIND), ...(next !== null && /^\d{1,6}$/.test(next) && { next }) };
}

const reviewSchema = z.looseObject({
  id: wireId,
  stars: z.number().min(1).max(5),
  title: words,
  text: words,
  language: words,
  createdAt: words,
  numberOfLikes: tally,
  status: words,
  consumer: z.looseObject({ id: words, displayName: words }).nullish().catch(undefined),
  companyReply: z.looseObject({ createdAt: words, updatedAt: words }).nullish().catch(undefined),
});

const KIND = { expected: EXPECTED, what: 'review', schema: reviewSchema, draft: draftOf };

function draftOf(review: z.infer<typeof reviewSchema>): Draft | undefined {
  if (review.status !== undefined && review.status !== 'active') return undefined;
  return {
    externalId: review.id,
    channel: 'review',
    text: review.text,
    title: review.title,
    url: `https://www.trustpilot.com/reviews/${encodeURIComponent(review.id)}`,
    publishedAt: readInstant(review.createdAt),
    author: { id: review.consumer?.id, name: review.consumer?.displayName },
    rating: review.stars,
    declaredLanguage: review.language,
    engagement: { likes: review.numberOfLikes },
    answeredAt: readInstant(review.companyReply?.updatedAt ?? review.companyReply?.createdAt),
  };
}
