import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { mentionsOfResponses, surveyOptions } from '../text/survey.ts';
import type { SurveyAnswer, SurveyOptions, SurveyResponse } from '../text/survey.ts';
import { fromSeconds, readAs, wireId, words } from '../text/wire.ts';

const options = z.strictObject({
  survey: z
    .string()
    .regex(/^\d{1,20}$/)
    .describe('Number of the survey.'),
  apiKey: secret().describe('API key of your QuestionPro account.'),
  ...surveyOptions,
  baseUrl: platformAddress(
    'https://api.questionpro.com',
    'Of your data centre: api.questionpro.eu, api.questionpro.ca and so on.',
  ),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'responses of a QuestionPro survey';
const PER_PAGE = 100;

/** The list is in no order that is promised, and knows no "since": all of it is read each time. */
export const questionpro = defineSource<Options, Mark>({
  type: 'questionpro',
  channel: 'survey',
  about: 'Answers to a QuestionPro survey; every answer in words is a mention, scores go with it.',
  docs: 'https://www.questionpro.com/api/get-survey-responses.html',
  options,
  cursor: mark,
  example: { survey: '7654321', apiKey: '${env:QUESTIONPRO_KEY}', nps: 'Q1', attributes: { store: 'custom1' } },
  everySeconds: 3_600,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: 0,
      maxPages: 1_000,
      newestFirst: false,
      ask: async (next) => {
        const page = Number(next ?? 1);
        return pageOf(await ask(context, requestFor(context.options, page)), context.options, page);
      },
    }),
  parse: (answer) => withoutNext(pageOf(answer, {}, 1)),
});

function requestFor({ baseUrl, survey, apiKey }: Options, page: number) {
  return {
    url: `${baseUrl}/a/api/v2/surveys/${survey}/responses?page=${page}&perPage=${PER_PAGE}`,
    headers: { 'api-key': apiKey },
  };
}

const answerValue = z.looseObject({
  answerText: words,
  value: z.looseObject({ scale: words, other: words, text: words }).nullish().catch(undefined),
});
const response = z.looseObject({
  responseID: wireId,
  responseStatus: words,
  utctimestamp: z.number().optional().catch(undefined),
  customVariables: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  externalReference: words,
  responseSet: z.array(
    z.looseObject({ questionID: wireId, questionCode: words, answerValues: z.array(answerValue).nullish() }),
  ),
});
const listSchema = z.looseObject({
  response: z.union([z.array(z.unknown()), z.looseObject({ responseID: wireId }).transform((one) => [one])]),
  pagination: z.looseObject({ nextPage: z.unknown().optional() }).optional().catch(undefined),
});

function pageOf(wire: WireAnswer, asked: Partial<SurveyOptions>, page: number): ListPage {
  const { response: responses } = readAs(wire, EXPECTED, listSchema);
  const parsed = mentionsOfResponses(responses, KIND, asked);
  return { ...parsed, ...(responses.length === PER_PAGE && { next: String(page + 1) }) };
}

const KIND = { expected: EXPECTED, schema: response, toResponse };

function toResponse(given: z.infer<typeof response>): SurveyResponse {
  return {
    id: given.responseID,
    at: fromSeconds(given.utctimestamp),
    author: given.externalReference === '' ? undefined : given.externalReference,
    answers: given.responseSet.flatMap(({ questionID, questionCode, answerValues }) =>
      (answerValues ?? []).map((one) => toAnswer(questionID, questionCode, one)),
    ),
    extra: given.customVariables ?? {},
  };
}

function toAnswer(question: string, alias: string | undefined, given: z.infer<typeof answerValue>): SurveyAnswer {
  const { text, other } = given.value ?? {};
  return { question, alias, text: text === '' ? other : text, value: given.answerText };
}
