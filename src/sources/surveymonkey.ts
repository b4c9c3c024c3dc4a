import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { readInstant } from '../text/dates.ts';
import { mentionsOfResponses, surveyOptions } from '../text/survey.ts';
import type { SurveyAnswer, SurveyOptions, SurveyResponse } from '../text/survey.ts';
import { maybeId, readAs, wireId, words } from '../text/wire.ts';

const options = z.strictObject({
  survey: z
    .string()
    .regex(/^\d{1,20}$/)
    .describe('Number of the survey.'),
  token: secret().describe('Access token of your SurveyMonkey app, with the right to view responses.'),
  ...surveyOptions,
  baseUrl: platformAddress(
    'https://api.surveymonkey.com',
    'https://api.eu.surveymonkey.com for accounts in the EU data centre.',
  ),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'responses of a SurveyMonkey survey';
const PER_PAGE = 100;
const OVERLAP_MS = 24 * 3_600_000;

export const surveymonkey = defineSource<Options, Mark>({
  type: 'surveymonkey',
  channel: 'survey',
  about: 'Answers to a SurveyMonkey survey; every answer in words is a mention, scores go with it.',
  docs: 'https://api.surveymonkey.com/v3/docs#api-endpoints-get-surveys-id-responses-bulk',
  options,
  cursor: mark,
  example: {
    survey: '105724755',
    token: '${env:SURVEYMONKEY_TOKEN}',
    nps: '319352788',
    attributes: { customer: 'customer' },
  },
  everySeconds: 3_600,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 50,
      ask: async (next, until) => pageOf(await ask(context, requestFor(context.options, next, until)), context.options),
    }),
  parse: (answer) => withoutNext(pageOf(answer, {})),
});

function requestFor({ baseUrl, survey, token }: Options, next: string | undefined, until: string | undefined) {
  const parameters = new URLSearchParams({
    per_page: String(PER_PAGE),
    page: next ?? '1',
    sort_by: 'date_modified',
    sort_order: 'DESC',
    ...(until !== undefined && { start_modified_at: `${until.slice(0, 19)}+00:00` }),
  });
  return {
    url: `${baseUrl}/v3/surveys/${survey}/responses/bulk?${parameters}`,
    headers: { authorization: `Bearer ${token}` },
  };
}

const answer = z.looseObject({
  text: words,
  choice_id: maybeId,
  other_id: maybeId,
  row_id: maybeId,
  choice_metadata: z
    .looseObject({ weight: z.union([z.string(), z.number()]) })
    .optional()
    .catch(undefined),
});
const response = z.looseObject({
  id: wireId,
  response_status: words,
  date_modified: words,
  date_created: words,
  recipient_id: maybeId,
  custom_variables: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  metadata: z
    .looseObject({ respondent: z.looseObject({ language: z.looseObject({ value: words }) }) })
    .optional()
    .catch(undefined),
  pages: z.array(z.looseObject({ questions: z.array(z.looseObject({ id: wireId, answers: z.array(answer) })) })),
});
const listSchema = z.looseObject({
  data: z.array(z.unknown()),
  links: z.looseObject({ next: words }).optional().catch(undefined),
  page: z.int(),
});

function pageOf(wire: WireAnswer, asked: Partial<SurveyOptions>): ListPage {
  const { data, links, page } = readAs(wire, EXPECTED, listSchema);
  const parsed = mentionsOfResponses(data, KIND, asked);
  return { ...parsed, ...(links?.next !== undefined && { next: String(page + 1) }) };
}

const KIND = { expected: EXPECTED, schema: response, toResponse };

function toResponse(given: z.infer<typeof response>): SurveyResponse {
  return {
    id: given.id,
    at: readInstant(given.date_modified ?? given.date_created),
    author: given.recipient_id,
    language: given.metadata?.respondent.language.value,
    answers: given.pages.flatMap(({ questions }) =>
      questions.flatMap(({ id, answers }) => answers.map((one) => toAnswer(id, one, answers.length))),
    ),
    extra: given.custom_variables ?? {},
  };
}

/** Several answers to one question stand in its rows; "other, please say" comes with words too. */
function toAnswer(question: string, given: z.infer<typeof answer>, count: number): SurveyAnswer {
  const row = given.row_id ?? given.other_id;
  const weight = given.choice_metadata?.weight;
  return {
    question: count > 1 && row !== undefined ? `${question}.${row}` : question,
    alias: question,
    text: given.text,
    value: weight ?? given.choice_id,
  };
}
