import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, PullContext } from '../domain/source.ts';
import { AppError } from '../domain/errors.ts';
import { ask } from '../net/ask.ts';
import { mark, readList } from '../net/pages.ts';
import type { Mark } from '../net/pages.ts';
import { nextOf, pagingOptions, sinceOptions, sinceText } from '../text/paging.ts';
import { readJson } from '../text/decode.ts';
import { itemsIn, jsonShape, readItems } from '../text/rows/json-items.ts';

const options = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(4_000)
    .describe('Where the list is asked for, with the parameters that never change.'),
  headers: z
    .record(z.string().regex(/^[\w-]+$/), secret())
    .default({})
    .meta({ secret: true })
    .describe('Sent along, for instance authorization.'),
  ...jsonShape,
  paging: pagingOptions.optional().describe('How further pages are asked for. Default: there is one page.'),
  since: sinceOptions.optional().describe('Parameter that asks only for what is new; what it means is the platform’s.'),
  newestFirst: z
    .boolean()
    .default(false)
    .describe('The list begins with the newest: reading ends where everything of a page is known already.'),
  overlapHours: z
    .number()
    .min(0)
    .max(8_760)
    .default(24)
    .describe('How far behind the newest known date is read again, so that edits and late ones arrive.'),
  maxPages: z.int().min(1).max(1_000).default(50).describe('Most pages of one pull; the next pull goes on there.'),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'JSON';
const HOUR_MS = 3_600_000;

/** Any REST endpoint by configuration, so that a missing connector needs no code. */
export const httpJson = defineSource<Options, Mark>({
  type: 'http-json',
  channel: 'review',
  about: 'Any address that answers with JSON: where the list is, what its fields mean, how pages follow.',
  docs: 'https://www.rfc-editor.org/rfc/rfc9110',
  options,
  cursor: mark,
  example: {
    url: 'https://shop.example/api/reviews?per_page=100',
    headers: { authorization: 'Bearer ${env:SHOP_TOKEN}' },
    items: 'data',
    map: { id: 'uid', text: 'body', date: 'created_at', author: 'customer.id', rating: 'stars' },
    paging: { by: 'page', parameter: 'page' },
    newestFirst: true,
  },
  everySeconds: 900,
  hosts: ({ url }) => [new URL(url).origin],
  pull,
  parse: (answer) => readItems(readJson(answer, EXPECTED), options.parse({ url: 'https://example.com' })),
});

function pull(context: PullContext<Options, Mark>): AsyncGenerator<Page<Mark>> {
  const { options: asked } = context;
  return readList(context.cursor, {
    overlapMs: asked.overlapHours * HOUR_MS,
    maxPages: asked.maxPages,
    newestFirst: asked.newestFirst,
    ask: async (next, until) => {
      const url = next ?? firstUrl(asked, until);
      const answer = await ask(context, { url, headers: asked.headers, timeoutMs: 60_000 });
      const json = readJson(answer, EXPECTED);
      return { ...readItems(json, asked), next: followingUrl(asked, url, answer.headers, json) };
    },
  });
}

function firstUrl({ url, since }: Options, until: string | undefined): string {
  if (since === undefined || until === undefined) return url;
  const first = new URL(url);
  first.searchParams.set(since.parameter, sinceText(until, since.as));
  return first.href;
}

/** @throws {AppError} `SOURCE_SHAPE` where the answer leads to another host, which must not get our headers. */
function followingUrl(asked: Options, url: string, headers: Record<string, string>, json: unknown): string | undefined {
  if (asked.paging === undefined) return undefined;
  const next = nextOf(asked.paging, { url, headers, json, count: itemsIn(json, asked.items).length });
  if (next === undefined || next === url) return undefined;
  if (new URL(next).origin === new URL(asked.url).origin) return next;
  throw new AppError('SOURCE_SHAPE', `The next page is said to be at ${new URL(next).host}, which is another host.`, {
    fix: 'Ask that host in `url` if it is the right one.',
  });
}
