import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import type { MentionFilter } from '../domain/query.ts';
import { filterParams } from '../journey/filter-params.ts';
import { understand } from '../journey/personas.ts';
import { choosePeriods, daysOf, periodParams } from '../journey/periods.ts';
import type { Period } from '../journey/periods.ts';
import type { Theme } from '../journey/themes.ts';
import { voicesLink } from '../journey/voices-link.ts';
import type { ApiPorts } from './ports.ts';
import { failures, json, newRouter, paramsHook } from './router.ts';
import { periodAnswer } from './tally.ts';

/** The words of a phrase have to fit behind it into the search for its voices. */
const MAX_SEARCH = 300;
const HOUR_MS = 3_600_000;

const params = z.strictObject({
  ...filterParams,
  ...periodParams,
  limit: z.coerce.number().int().min(1).max(50).default(10).describe('Most themes.'),
});

const voices = z.object({ now: z.string(), before: z.string() }).describe('Where those are who said it.');
const counts = { before: z.int(), now: z.int(), voices };
const themesAnswer = z
  .object({
    now: periodAnswer,
    before: periodAnswer,
    complete: z.boolean().describe('False where only the newest 20,000 mentions of a period were read.'),
    themes: z.array(
      z.object({
        name: z.string().describe('Its leading phrases, as people write them.'),
        language: z.string(),
        ...counts,
        rise: z
          .number()
          .nullable()
          .describe('Share now ÷ share before, in its language; null where nobody said it before.'),
        p: z.number().describe('Probability of chance, adjusted for all phrases that were looked at.'),
        negative: z.int(),
        neutral: z.int(),
        positive: z.int(),
        netSentiment: z.number(),
        phrases: z.array(z.object({ words: z.string(), written: z.string(), ...counts })),
      }),
    ),
  })
  .meta({ id: 'Themes' });

const themesRoute = createRoute({
  method: 'get',
  path: '/v1/themes',
  summary: 'What people have begun to speak of',
  description:
    'Words and phrases whose share rose against their own past, grouped where the same mentions hold them. The last four weeks against those before, unless told otherwise. A story counts once, however often it is copied.',
  request: { query: params },
  responses: { 200: json('Themes, the most surprising first.', themesAnswer), ...failures },
});

export function themesApi({ themes, now, ...ports }: ApiPorts): OpenAPIHono {
  const router = newRouter();
  router.openapi(
    themesRoute,
    async (c) => {
      const { against, againstFrom, againstTo, limit, ...filter } = c.req.valid('query');
      checkSearch(filter);
      const periods = choosePeriods({ against, againstFrom, againstTo, from: filter.from, to: filter.to }, soon(now()));
      const report = await themes(await understand(filter, ports), periods, limit);
      const answer = {
        now: tell(periods.now, report.read.now),
        before: tell(periods.before, report.read.before),
        complete: report.complete,
        themes: report.themes.map((theme) => withVoices(theme, filter, periods)),
      };
      return c.json(answer, 200);
    },
    paramsHook(params),
  );
  return router;
}

const tell = (at: Period, total: number) => ({ ...at, days: daysOf(at), total });

/** The next full hour, so that whoever asks again within it asks the same. */
const soon = (now: Date) => new Date(Math.ceil(now.getTime() / HOUR_MS) * HOUR_MS);

function checkSearch({ q = '' }: MentionFilter): void {
  if (q.length <= MAX_SEARCH) return;
  throw new AppError('QUERY_INVALID', `q: more than ${MAX_SEARCH} characters leave no room for the words of a theme.`, {
    fix: 'Search for less.',
    details: { parameter: 'q' },
  });
}

function withVoices(theme: Theme, filter: MentionFilter, periods: { now: Period; before: Period }) {
  const { language, now, negative, positive } = theme;
  const linksOf = (words: string) => {
    const q = [...(filter.q ? [filter.q] : []), `"${words}"`].join(' ');
    const link = (at: Period) => voicesLink(filter, { q, language: [language], collapse: 'story', ...at });
    return { now: link(periods.now), before: link(periods.before) };
  };
  return {
    ...theme,
    netSentiment: (positive - negative) / now,
    voices: linksOf(theme.phrases[0]!.words),
    phrases: theme.phrases.map((phrase) => ({ ...phrase, voices: linksOf(phrase.words) })),
  };
}
