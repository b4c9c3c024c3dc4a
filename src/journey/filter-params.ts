import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { LIST_FIELDS, mentionFilter } from '../domain/query.ts';
import { didYouMean, nearest } from '../text/nearest.ts';

/** A query string by name: one value, or several where the name is repeated. */
export type RawParams = Record<string, string | string[] | undefined>;

/**
 * Lets a list be written as `a,b`, as a repeated parameter, or both.
 * @throws Nothing: what is left after splitting is judged by the schema.
 */
export function commaList<T extends z.ZodType>(schema: T) {
  return z.preprocess(splitList, schema);
}

const splitList = (value: unknown): unknown =>
  [value].flat().flatMap((item) => (typeof item === 'string' ? item.split(',').filter((part) => part !== '') : [item]));

/**
 * Every field of a mention filter, as written in a query string. Same names, same meaning, same types as
 * `mentionFilter`, from which it is made.
 */
export const filterParams = Object.fromEntries(
  Object.entries(mentionFilter.shape).map(([name, schema]) => {
    if (!LIST_FIELDS.has(name)) return [name, schema];
    return [
      name,
      commaList(schema.unwrap())
        .optional()
        .describe(schema.description ?? ''),
    ];
  }),
) as unknown as typeof mentionFilter.shape;

/**
 * Reads a query string.
 * @throws {AppError} `QUERY_INVALID`, see `queryProblem`.
 */
export function readParams<T extends z.ZodObject>(schema: T, raw: RawParams): z.infer<T> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw queryProblem(parsed.error, raw, Object.keys(schema.shape));
}

/**
 * Says of the first problem of a query what is wrong, what is allowed, and what is nearest to it.
 * @param known Names of all parameters.
 */
export function queryProblem(error: z.core.$ZodError, raw: RawParams, known: readonly string[]): AppError {
  const stranger = error.issues.find((issue) => issue.code === 'unrecognized_keys');
  if (stranger) return unknownParameter(stranger.keys[0]!, known);
  const issue = error.issues[0]!;
  const parameter = String(issue.path[0] ?? '');
  const value = valueAt(raw, issue.path);
  if (issue.code === 'invalid_value') return unknownValue(parameter, value, issue.values.map(String));
  return new AppError('QUERY_INVALID', `${parameter}: "${value}" does not fit. ${explain(issue, parameter)}`, {
    fix: `Correct or leave out ${parameter}.`,
    details: { parameter },
  });
}

function unknownParameter(name: string, known: readonly string[]): AppError {
  const near = nearest(name, known);
  return new AppError('QUERY_INVALID', `"${shown(name)}" is no parameter here.${didYouMean(name, known)}`, {
    fix: known.length === 0 ? 'Leave it out: there are no parameters here.' : `Known: ${known.join(', ')}.`,
    details: { parameter: shown(name), known: [...known], ...(near === undefined ? {} : { nearest: near }) },
  });
}

function unknownValue(parameter: string, value: string, allowed: string[]): AppError {
  const near = nearest(value, allowed);
  return new AppError('QUERY_INVALID', `${parameter}: "${value}" is not allowed.${didYouMean(value, allowed)}`, {
    fix: `Allowed: ${allowed.join(', ')}.`,
    details: { parameter, known: allowed, ...(near === undefined ? {} : { nearest: near }) },
  });
}

function explain(issue: z.core.$ZodIssue, parameter: string): string {
  if (issue.code === 'invalid_union' && INSTANTS.has(parameter))
    return 'Give a date (2026-05-31) or a time with its zone (2026-05-31T10:00:00Z; write + as %2B).';
  return `${issue.message}.`;
}

const INSTANTS: ReadonlySet<string> = new Set(['from', 'to', 'collectedFrom', 'collectedTo']);

function valueAt(raw: RawParams, [name, index]: PropertyKey[]): string {
  const value = raw[String(name)];
  const told = typeof index === 'number' ? (splitList(value) as unknown[])[index] : value;
  return shown(String(told ?? ''));
}

/** What strangers wrote is repeated to them only so far. */
const shown = (value: string) => value.slice(0, 100);
