import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { agreed, checkSigned, wireOf } from '../net/signature.ts';
import { readInstant } from '../text/dates.ts';
import { NOTHING } from '../text/gather.ts';
import { mentionsOfResponses, surveyOptions } from '../text/survey.ts';
import type { SurveyAnswer, SurveyOptions, SurveyResponse } from '../text/survey.ts';
import { readAs, words } from '../text/wire.ts';

const options = z.strictObject({
  form: z
    .string()
    .regex(/^\w{1,40}$/)
    .describe('Id of the form: the end of its address.'),
  token: secret().describe('Personal access token with the scope responses:read.'),
  ...surveyOptions,
  webhookSecret: secret().optional().describe('Secret of the webhook, where Typeform shall push.'),
  baseUrl: platformAddress(
    'https://api.typeform.com',
    'https://api.eu.typeform.com for accounts in the EU data centre.',
  ),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'responses of a Typeform form';
const PER_PAGE = 200;
/** Responses become visible some minutes late. */
const OVERLAP_MS = 24 * 3_600_000;

export const typeform = defineSource<Options, Mark>({
  type: 'typeform',
  channel: 'survey',
  about: 'Answers to a Typeform form; every answer in words is a mention, scores go with it.',
  docs: 'https://www.typeform.com/developers/responses/reference/retrieve-responses/',
  options,
  cursor: mark,
  example: {
    form: 'lT4Z3j',
    token: '${env:TYPEFORM_TOKEN}',
    csat: 'satisfaction',
    attributes: { plan: 'plan' },
    webhookSecret: '${env:TYPEFORM_SECRET}',
  },
  everySeconds: 900,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: 100,
      ask: async (next, until) => pageOf(await ask(context, requestFor(context.options, next, until)), context.options),
    }),
  push: {
    about: 'Add a webhook with the address /v1/inbound/<name> and a secret to the form (Connect).',
    docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
    verify({ headers, body }, { webhookSecret }) {
      const key = agreed(webhookSecret, 'webhookSecret');
      const given = headers['typeform-signature']?.replace(/^sha256=/, '');
      checkSigned(given, { algorithm: 'sha256', key, signed: [body], encoding: 'base64' });
    },
    read: (request, asked) => withoutNext(pageOf(wireOf(request), asked)),
  },
  parse: (answer) => withoutNext(pageOf(answer, {})),
});

function requestFor({ baseUrl, form, token }: Options, next: string | undefined, until: string | undefined) {
  const parameters = new URLSearchParams({
    page_size: String(PER_PAGE),
    ...(next !== undefined && { before: next }),
    ...(until !== undefined && { since: `${until.slice(0, 19)}Z` }),
  });
  return { url: `${baseUrl}/forms/${form}/responses?${parameters}`, headers: { authorization: `Bearer ${token}` } };
}

const field = z.looseObject({ id: z.string(), type: words, ref: words });
const answer = z.looseObject({
  field,
  type: z.string(),
  text: words,
  number: z.number().optional().catch(undefined),
  boolean: z.boolean().optional().catch(undefined),
  choice: z.looseObject({ label: words, other: words }).optional().catch(undefined),
});
const response = z.looseObject({
  token: z.string().min(1),
  landed_at: words,
  submitted_at: words,
  hidden: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  answers: z.array(answer).nullish(),
});

/** A list of responses, or the push of one: https://www.typeform.com/developers/webhooks/example-payload/ */
const listSchema = z.looseObject({ items: z.array(z.unknown()), total_items: z.int() });
const pushSchema = z.looseObject({ event_type: z.string(), form_response: z.unknown() });
const last = z.looseObject({ token: z.string().min(1) });
const KIND = { expected: EXPECTED, schema: response, toResponse };

function pageOf(wire: WireAnswer, asked: Partial<SurveyOptions>): ListPage {
  const read = readAs(wire, EXPECTED, z.union([listSchema, pushSchema]));
  if ('event_type' in read) {
    return read.event_type === 'form_response' ? mentionsOfResponses([read.form_response], KIND, asked) : NOTHING;
  }
  const { items, total_items: total } = read as z.infer<typeof listSchema>;
  const next = items.length < total ? last.safeParse(items.at(-1)).data?.token : undefined;
  return { ...mentionsOfResponses(items, KIND, asked), ...(next !== undefined && { next }) };
}

function toResponse({ token, submitted_at: at, hidden, answers }: z.infer<typeof response>): SurveyResponse {
  return { id: token, at: readInstant(at), answers: (answers ?? []).map(toAnswer), extra: hidden ?? {} };
}

/** Fields in which people write freely; names, addresses and numbers are no anecdotes. */
const FREE = new Set(['short_text', 'long_text']);

function toAnswer({ field: { id, type, ref }, text, number, boolean, choice }: z.infer<typeof answer>): SurveyAnswer {
  const isFree = FREE.has(type ?? '');
  const isNps = type === 'nps';
  const value =
    number ?? choice?.label ?? (boolean === undefined ? undefined : String(boolean)) ?? (isFree ? undefined : text);
  return { question: id, alias: ref, text: isFree ? text : choice?.other, value, isNps };
}
