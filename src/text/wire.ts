import { z } from 'zod';
import type { Parsed, WireAnswer } from '../domain/source.ts';
import { notInFormat, readJson } from './decode.ts';
import { gather, rowInvalid } from './gather.ts';
import type { Draft } from './gather.ts';

/** Fields as platforms send them: what is missing, null or of another kind is undefined, and harms nothing else. */
export const words = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined)
  .catch(undefined);
/** Ids come as numbers or as texts. */
export const wireId = z.union([z.int(), z.string().min(1)]).transform(String);
export const maybeId = wireId
  .nullish()
  .transform((value) => value ?? undefined)
  .catch(undefined);
/** How often something was liked or shared; numbers as texts are read too. */
export const tally = z
  .union([
    z.int().nonnegative(),
    z
      .string()
      .regex(/^\d{1,12}$/)
      .transform(Number),
  ])
  .nullish()
  .transform((value) => value ?? undefined)
  .catch(undefined);

/** Seconds since 1970 as ISO 8601 in UTC; undefined for what is no time after 1990. */
export function fromSeconds(seconds: number | string | undefined): string | undefined {
  const number = Number(seconds ?? Number.NaN);
  return number > 631_152_000 && number < 253_402_300_800 ? new Date(number * 1_000).toISOString() : undefined;
}

/**
 * One JSON answer in the layout of its platform.
 * @throws {AppError} `SOURCE_SHAPE` that says what came instead.
 */
export function readAs<T>(answer: WireAnswer, expected: string, schema: z.ZodType<T>): T {
  const json = readJson(answer, expected);
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const names = typeof json === 'object' && json !== null ? Object.keys(json).slice(0, 6).join(', ') : '';
  throw notInFormat(expected, names === '' ? 'JSON of another kind' : `JSON with ${names.slice(0, 100)}`);
}

export interface EntryKind<T> {
  /** What the whole list is called in errors: `a list of reviews`. */
  expected: string;
  /** What one entry is called: `review`. */
  what: string;
  schema: z.ZodType<T>;
  /** Undefined = not a customer's words, left out on purpose. */
  draft(entry: T): Draft | undefined;
}

const withId = z.looseObject({ id: wireId });

/** Those of the ids that no entry has under that name. An entry that cannot be read is there all the same. */
export function missingIn(entries: readonly unknown[], ids: readonly string[], name = 'id'): string[] {
  const found = entries.map((entry) => wireId.safeParse(record.safeParse(entry).data?.[name]).data);
  const there = new Set(found);
  return ids.filter((id) => !there.has(id));
}
const record = z.looseObject({});

/**
 * The entries of a list. One that is of another kind is refused by name.
 * @throws {AppError} `SOURCE_SHAPE` where none is of the kind: then it is another list.
 */
export function readEntries<T>(entries: readonly unknown[], { expected, what, schema, draft }: EntryKind<T>): Parsed {
  // Of a failure only the reason is kept: a list may hold a hundred thousand of them.
  const read = entries.map((entry) => {
    const { data, error } = schema.safeParse(entry);
    return error === undefined ? { data } : { flaw: `${error.issues[0]?.path.join('.')} does not fit` };
  });
  if (entries.length > 0 && read.every(({ flaw }) => flaw !== undefined)) {
    throw notInFormat(expected, `a list of ${entries.length} entries of another kind`);
  }
  const nameOf = (_: unknown, index: number) => {
    const id = withId.safeParse(entries[index]).data?.id;
    return id === undefined ? `${what} ${index + 1} of the list` : `${what} ${id}`;
  };
  return gather(read, nameOf, ({ data, flaw }) => {
    if (data === undefined) throw rowInvalid(`It is not a ${what}: ${flaw}.`);
    return draft(data);
  });
}
