import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { agreed, checkStandardWebhook, wireOf } from '../net/signature.ts';
import { readInstant } from '../text/dates.ts';
import { NOTHING } from '../text/gather.ts';
import { mentionsOfResponses, surveyOptions } from '../text/survey.ts';
import type { SurveyAnswer, SurveyOptions, SurveyResponse } from '../text/survey.ts';
import { readAs, words } from '../text/wire.ts';

const options = z.strictObject({
  survey: z
    .string()
    .regex(/^\w{1,60}$/)
    .describe('Id of the survey.'),
  apiKey: secret().describe('API key with the right to read responses.'),
  texts: z
    .array(z.string().min(1))
    .optional()
    .describe('Ids of the questions that are answered in words. Default: every answer of two words or more.'),
  ...surveyOptions,
  webhookSecret: secret().optional().describe('Secret of the webhook, where Formbricks shall push.'),
  baseUrl: platformAddress('https://app.formbricks.com', 'Of your own Formbricks where you host it yourself.'),
});
type Options = z.infer<typeof options>;
type Asked = Partial<SurveyOptions> & Pick<Partial<Options>, 'texts'>;

const EXPECTED = 'responses of a Formbricks survey';
const PER_PAGE = 100;
const OVERLAP_MS = 24 * 3_600_000;

export const formbricks = defineSource<Options, Mark>({
  type: 'formbricks',
  channel: 'survey',
  about: 'Answers to a Formbricks survey; every answer in words is a mention, scores go with it.',
  docs: 'https://formbricks.com/docs/api-reference/management-api--response/get-survey-responses',
  options,
  cursor: mark,
  example: { survey: 'clx0a1b2c3d4', apiKey: '${env:FORMBRICKS_KEY}', nps: 'q_nps', texts: ['q_why'] },
  everySeconds: 900,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 100,
      ask: async (next) => {
        const skip = Number(next ?? 0);
        return pageOf(await ask(context, requestFor(context.options, skip)), context.options, skip);
      },
    }),
  push: {
    about: 'Add a webhook with the address /v1/inbound/<name> for finished responses.',
    docs: 'https://formbricks.com/docs/xm-and-surveys/core-features/integrations/webhooks',
    verify(request, { webhookSecret }, now) {
      checkStandardWebhook(request, agreed(webhookSecret, 'webhookSecret'), now);
    },
    read: (request, asked) => withoutNext(pageOf(wireOf(request), asked, 0)),
  },
  parse: (answer) => withoutNext(pageOf(answer, {}, 0)),
});

function requestFor({ baseUrl, survey, apiKey }: Options, skip: number) {
  const parameters = new URLSearchParams({ surveyId: survey, limit: String(PER_PAGE), skip: String(skip) });
  return { url: `${baseUrl}/api/v1/management/responses?${parameters}`, headers: { 'x-api-key': apiKey } };
}

const response = z.looseObject({
  id: z.string().min(1),
  createdAt: words,
  updatedAt: words,
  finished: z.boolean().optional().catch(undefined),
  data: z.record(z.string(), z.unknown()),
  language: words,
  contact: z.looseObject({ id: words, userId: words }).nullish().catch(undefined),
  contactAttributes: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  hiddenFields: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
const body = z.union([
  z.looseObject({ data: z.array(z.unknown()) }),
  z.looseObject({ event: z.string(), data: z.looseObject({}) }),
]);

function pageOf(wire: WireAnswer, asked: Asked, skip: number): ListPage {
  const { data } = readAs(wire, EXPECTED, body);
  if (Array.isArray(data)) {
    const next = data.length === PER_PAGE ? { next: String(skip + PER_PAGE) } : {};
    return { ...mentionsOfResponses(data, kindOf(asked), asked), ...next };
  }
  return 'surveyId' in data ? mentionsOfResponses([data], kindOf(asked), asked) : NOTHING;
}

function kindOf(asked: Asked) {
  return {
    expected: EXPECTED,
    schema: response,
    toResponse: (one: z.infer<typeof response>) => toResponse(one, asked),
  };
}

function toResponse(given: z.infer<typeof response>, { texts }: Asked): SurveyResponse {
  return {
    id: given.id,
    at: readInstant(given.createdAt),
    author: given.contact?.userId ?? given.contact?.id,
    language: given.language === 'default' ? undefined : given.language,
    answers: Object.entries(given.data).map(([question, value]) => toAnswer(question, value, texts)),
    extra: { ...given.contactAttributes, ...given.hiddenFields },
  };
}

/** Answers carry no type: a chosen label mostly is one word, what somebody wrote is more. */
function toAnswer(question: string, value: unknown, texts: readonly string[] | undefined): SurveyAnswer {
  if (typeof value === 'number') return { question, value };
  if (typeof value !== 'string') return { question };
  const isFree = texts === undefined ? /\S\s+\S/.test(value) : texts.includes(question);
  return isFree ? { question, text: value } : { question, value };
}
