import { z } from 'zod';
import type { Parsed } from '../domain/source.ts';
import { notInFormat } from './decode.ts';
import { gather } from './gather.ts';
import type { Draft } from './gather.ts';

const question = z.string().min(1).max(200).optional();

/** Options of every survey source: which questions mean what. Free answers are found without them. */
export const surveyOptions = {
  nps: question.describe('Id of the question "would you recommend us", answered 0 to 10.'),
  csat: question.describe('Id of the question "how satisfied are you", answered 1 to 5.'),
  ces: question.describe('Id of the question "how easy was it", answered 1 to 7.'),
  attributes: z
    .record(z.string().min(1).max(60), z.string().min(1).max(200))
    .default({})
    .describe('What else is kept of a response: a name of your own, and the id of a question or hidden field.'),
};
const asked = z.object(surveyOptions);
export type SurveyOptions = z.infer<typeof asked>;

/** One answer of a response. */
export interface SurveyAnswer {
  /** Id of its question, and whatever else it may be called by in the options. */
  question: string;
  alias?: string | undefined;
  /** The respondent's own words. */
  text?: string | undefined;
  /** A number or a chosen label. */
  value?: string | number | undefined;
  /** The platform itself says that this is the NPS question. */
  isNps?: boolean;
}

/** One response, as all survey platforms have it in one form or another. */
export interface SurveyResponse {
  id: string;
  /** When it was handed in, ISO 8601 in UTC. */
  at: string | undefined;
  author?: string | undefined;
  language?: string | undefined;
  url?: string | undefined;
  answers: readonly SurveyAnswer[];
  /** Hidden fields, variables, what the platform knows of the respondent. */
  extra?: Readonly<Record<string, unknown>> | undefined;
}

export interface ResponseKind<T> {
  /** What the whole list is called in errors. */
  expected: string;
  schema: z.ZodType<T>;
  toResponse(entry: T): SurveyResponse;
}

/**
 * Every answer in words is a mention; those of one response are a thread and share its scores. A response that does
 * not fit is refused by its place.
 * @throws {AppError} `SOURCE_SHAPE` where none fits: then it is another list.
 */
export function mentionsOfResponses<T>(
  entries: readonly unknown[],
  { expected, schema, toResponse }: ResponseKind<T>,
  options: Partial<SurveyOptions>,
): Parsed {
  const read = entries.map((entry) => schema.safeParse(entry));
  const misfits = read.flatMap(({ error }, index) => {
    const at = error?.issues[0]?.path.join('.');
    return error === undefined ? [] : [{ where: `response ${index + 1} of the list`, reason: `${at} does not fit.` }];
  });
  if (entries.length > 0 && misfits.length === entries.length) {
    throw notInFormat(expected, `a list of ${entries.length} entries of another kind`);
  }
  const responses = read.flatMap(({ data }) => (data === undefined ? [] : [toResponse(data)]));
  const parsed = mentionsOf(responses, options);
  return { ...parsed, refused: [...misfits, ...parsed.refused] };
}

function mentionsOf(responses: readonly SurveyResponse[], options: Partial<SurveyOptions>): Parsed {
  const spoken = responses.flatMap((response) =>
    response.answers.filter(({ text }) => text?.trim()).map((answer) => ({ response, answer })),
  );
  return gather(
    spoken,
    ({ response, answer }) => `response ${response.id}, question ${answer.question}`,
    ({ response, answer }) => draftOf(response, answer, options),
  );
}

function draftOf(
  response: SurveyResponse,
  { question: id, text }: SurveyAnswer,
  options: Partial<SurveyOptions>,
): Draft {
  return {
    externalId: `${response.id}:${id}`,
    channel: 'survey',
    text,
    url: response.url,
    publishedAt: response.at,
    author: { id: response.author, name: undefined },
    declaredLanguage: response.language,
    thread: response.id,
    scores: {
      nps: within(numberOf(response, options.nps, true), 0, 10, true),
      csat: within(numberOf(response, options.csat), 1, 5),
      ces: within(numberOf(response, options.ces), 1, 7),
    },
    attributes: attributesOf(response, options.attributes ?? {}),
  };
}

function answerTo({ answers }: SurveyResponse, name: string): SurveyAnswer | undefined {
  return answers.find(({ question: id, alias }) => id === name || alias === name);
}

function numberOf(response: SurveyResponse, name: string | undefined, nps = false): number | undefined {
  const answer =
    name === undefined && nps ? response.answers.find(({ isNps }) => isNps) : answerTo(response, name ?? '');
  const value = answer?.value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** An answer beyond the scale is another question's; nothing is bent to fit. */
function within(value: number | undefined, least: number, most: number, whole = false): number | undefined {
  const fits = value !== undefined && value >= least && value <= most && (!whole || Number.isInteger(value));
  return fits ? value : undefined;
}

function attributesOf(response: SurveyResponse, wanted: Record<string, string>): Record<string, string> | undefined {
  const told = Object.entries(wanted).map(([name, from]) => {
    const { value, text } = answerTo(response, from) ?? {};
    const extra = Object.hasOwn(response.extra ?? {}, from) ? response.extra![from] : undefined;
    return [name, value ?? text ?? extra] as const;
  });
  const known = told.filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return known.length === 0 ? undefined : Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}
