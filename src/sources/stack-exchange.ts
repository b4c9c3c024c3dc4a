import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { pause } from '../net/pace.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';
import { fromSeconds, maybeId, readAs, readEntries, tally, words } from '../text/wire.ts';

const options = z
  .strictObject({
    site: z
      .string()
      .regex(/^[a-z0-9.-]{2,60}$/)
      .default('stackoverflow')
      .describe('Name of the site, such as superuser.'),
    query: z.string().min(1).max(200).optional().describe('Words that questions must hold.'),
    tagged: z.array(z.string().min(1)).default([]).describe('Any of these tags.'),
    key: secret().optional().describe('Key of your Stack Apps application: 10,000 requests a day instead of 300.'),
    baseUrl: platformAddress('https://api.stackexchange.com'),
  })
  .refine(({ query, tagged }) => query !== undefined || tagged.length > 0, 'needs a query or tags');
type Options = z.infer<typeof options>;

const EXPECTED = 'questions of Stack Exchange';
const PER_PAGE = 100;
const OVERLAP_MS = 2 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

export const stackExchange = defineSource<Options, Mark>({
  type: 'stack-exchange',
  channel: 'social',
  about: 'Questions on Stack Overflow and its sister sites.',
  docs: 'https://api.stackexchange.com/docs/advanced-search',
  options,
  cursor: mark,
  example: { site: 'stackoverflow', tagged: ['velmora-sdk'], key: '${env:STACK_KEY}' },
  everySeconds: 1_800,
  leastSeconds: 60,
  terms: {
    url: 'https://stackoverflow.com/help/licensing',
    demands: 'Words are shown with a link to the question and the name of its author (CC BY-SA).',
  },
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  async *pull(context) {
    let waitMs = 0;
    let isUsedUp = false;
    yield* readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 25,
      newestFirst: false,
      ask: async (next, until) => {
        if (isUsedUp) throw usedUp(context.now());
        await pause(waitMs, context.signal);
        const page = Number(next ?? 1);
        const answer = pageOf(await ask(context, { url: searchAddress(context.options, page, until) }), page);
        ({ backoffMs: waitMs, isUsedUp } = answer);
        return answer.page;
      },
    });
  },
  parse: (answer) => withoutNext(pageOf(answer, 1).page),
});

function searchAddress(
  { baseUrl, site, query, tagged, key }: Options,
  page: number,
  until: string | undefined,
): string {
  const parameters = new URLSearchParams({
    site,
    // An edit or an answer is activity too, so questions of any age come again with it.
    sort: 'activity',
    order: 'desc',
    filter: 'withbody',
    pagesize: String(PER_PAGE),
    page: String(page),
    ...(query !== undefined && { q: query }),
    ...(tagged.length > 0 && { tagged: tagged.join(';') }),
    ...(until !== undefined && { min: String(Math.floor(Date.parse(until) / 1_000)) }),
    ...(key !== undefined && { key }),
  });
  return `${baseUrl}/2.3/search/advanced?${parameters}`;
}

/** https://api.stackexchange.com/docs/wrapper */
const wrapper = z.union([
  z.looseObject({
    items: z.array(z.unknown()),
    has_more: z.boolean(),
    backoff: z.int().positive().optional().catch(undefined),
    quota_remaining: z.int().optional().catch(undefined),
  }),
  z.looseObject({ error_id: z.int(), error_name: z.string() }),
]);

function pageOf(answer: WireAnswer, page: number): { page: ListPage; backoffMs: number; isUsedUp: boolean } {
  const read = readAs(answer, EXPECTED, wrapper);
  if ('error_id' in read) throw refused(String(read.error_name));
  const {
    items,
    has_more: more,
    backoff = 0,
    quota_remaining: left,
  } = read as Extract<typeof read, { has_more: unknown }>;
  const parsed = readEntries(items as unknown[], KIND);
  return {
    page: { ...parsed, ...(more === true && { next: String(page + 1) }) },
    backoffMs: Number(backoff) * 1_000,
    isUsedUp: left === 0,
  };
}

/** The requests of a day are given out anew at midnight UTC: https://api.stackexchange.com/docs/throttle */
function usedUp(now: Date): AppError {
  return new AppError('REMOTE_RATE_LIMITED', 'The requests of this day to Stack Exchange are used up.', {
    retry: { afterMs: DAY_MS - (now.getTime() % DAY_MS) },
    fix: 'Set a key, or raise `every`.',
  });
}

/** https://api.stackexchange.com/docs/error-handling */
function refused(name: string): AppError {
  if (name === 'throttle_violation') {
    return new AppError('REMOTE_RATE_LIMITED', 'Stack Exchange asks for a pause.', {
      retry: { afterMs: DAY_MS / 24 },
      fix: 'Set a key, or raise `every`.',
    });
  }
  return new AppError('REMOTE_REFUSED', `Stack Exchange refuses the request: ${name.slice(0, 60)}.`, {
    fix: 'Check the name of the site and the options.',
  });
}

const question = z.looseObject({
  question_id: z.int(),
  title: words,
  body: words,
  link: words,
  creation_date: z.number().optional().catch(undefined),
  score: z.int().optional().catch(undefined),
  answer_count: tally,
  view_count: tally,
  owner: z.looseObject({ user_id: maybeId, display_name: words }).optional().catch(undefined),
});

const KIND = { expected: EXPECTED, what: 'question', schema: question, draft: draftOf };

function draftOf(one: z.infer<typeof question>): Draft {
  return {
    externalId: String(one.question_id),
    channel: 'social',
    text: htmlToText(one.body ?? ''),
    title: htmlToText(one.title ?? ''),
    url: one.link,
    publishedAt: fromSeconds(one.creation_date),
    author: { id: one.owner?.user_id, name: one.owner && htmlToText(one.owner.display_name ?? '') },
    thread: String(one.question_id),
    engagement: {
      likes: one.score === undefined ? undefined : Math.max(0, one.score),
      replies: one.answer_count,
      views: one.view_count,
    },
  };
}
