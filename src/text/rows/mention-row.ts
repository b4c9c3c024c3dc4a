import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Channel } from '../../domain/mention.ts';
import { readDayOrInstant } from '../dates.ts';
import { rowInvalid } from '../gather.ts';
import type { Draft } from '../gather.ts';
import { columnKey } from './rows.ts';
import type { Row } from './rows.ts';

const column = (about: string) => z.string().min(1).max(200).optional().describe(about);

/** What a row can hold; also the names of the columns unless a map says otherwise. */
const columns = {
  text: column('The words.'),
  title: column('A heading.'),
  date: column('The date: ISO 8601 or RFC 822 with a zone, or a day such as 2026-01-31.'),
  author: column('What tells one author from another.'),
  rating: column('1 to 5.'),
  nps: column('Would recommend: 0 to 10.'),
  csat: column('Satisfied: 1 to 5.'),
  ces: column('How easy it was: 1 to 7.'),
  id: column('An id that never changes.'),
  url: column('An address.'),
  language: column('A language tag.'),
  thread: column('Id of the conversation.'),
  replyTo: column('Id of what it answers.'),
};
type Column = keyof typeof columns;
export const COLUMNS = Object.keys(columns) as Column[];

/** Where in a row each fact stands. */
export const columnMap = z.strictObject({
  ...columns,
  attributes: z
    .record(z.string().min(1).max(60), z.string().min(1).max(200))
    .optional()
    .describe('Anything else that is worth keeping, each under a name of your own.'),
});
export type ColumnMap = z.infer<typeof columnMap> | undefined;

/** Throws `SOURCE_SHAPE` where the table has no column of words, or lacks one that the map names. */
export function checkColumns({ header }: Row, map: ColumnMap): void {
  if (header === undefined) return;
  const there = new Set(header.map(columnKey));
  const { attributes = {}, ...facts } = map ?? {};
  const wanted = [map?.text ?? 'text', ...Object.values(facts), ...Object.values(attributes)];
  const missing = wanted.find((name) => name !== undefined && !there.has(columnKey(name)));
  if (missing === undefined) return;
  const names = header.join(', ').slice(0, 300);
  throw new AppError('SOURCE_SHAPE', `There is no column "${missing}"; the columns are: ${names}.`, {
    fix: 'Name the columns under `map`, or set `delimiter` if the columns are parted by another sign.',
    details: { header },
  });
}

/** Throws `ROW_INVALID` with the reason where the row does not fit: nothing in it is guessed. */
export function draftOfRow(row: Row, map: ColumnMap, channel: Channel): Draft {
  if (row.problem !== undefined) throw rowInvalid(row.problem);
  const cells = Object.fromEntries(COLUMNS.map((name) => [name, cellOf(row, map?.[name] ?? name)])) as Cells;
  if (cells.text === undefined && cells.title === undefined) throw rowInvalid('It has no words.');
  return {
    externalId: cells.id ?? hashOf(cells),
    channel,
    text: cells.text,
    title: cells.title,
    url: cells.url,
    publishedAt: dateOf(cells.date),
    author: { id: cells.author, name: undefined },
    rating: numberOf('rating', cells.rating, 1, 5),
    scores: {
      nps: numberOf('NPS', cells.nps, 0, 10),
      csat: numberOf('CSAT', cells.csat, 1, 5),
      ces: numberOf('CES', cells.ces, 1, 7),
    },
    attributes: attributesOf(row, map),
    declaredLanguage: cells.language,
    thread: cells.thread,
    replyTo: cells.replyTo,
  };
}

type Cells = Record<Column, string | undefined>;

function cellOf({ values }: Row, name: string): string | undefined {
  const key = columnKey(name);
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  return text === '' ? undefined : text;
}

function attributesOf(row: Row, map: ColumnMap): Record<string, string> | undefined {
  const told = Object.entries(map?.attributes ?? {}).map(([name, from]) => [name, cellOf(row, from)] as const);
  const known = told.filter((pair): pair is [string, string] => pair[1] !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function dateOf(text: string | undefined): string | undefined {
  const date = readDayOrInstant(text);
  if (text === undefined || date !== undefined) return date;
  throw rowInvalid(`Its date "${text.slice(0, 60)}" is not a whole one: 2026-01-31 or 2026-01-31T10:00:00Z.`);
}

function numberOf(what: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,2}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most && (what !== 'NPS' || Number.isInteger(number))) return number;
  throw rowInvalid(`Its ${what} "${text.slice(0, 20)}" is not a number from ${least} to ${most}.`);
}

/** Twice the same row is the same mention. */
function hashOf(cells: Cells): string {
  const content = HASHED.map((name) => (name === 'id' ? null : (cells[name] ?? null)));
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

/** Fixed for ever: the ids of rows without one hang on it. */
const HASHED = ['text', 'title', 'date', 'author', 'rating', 'id', 'url', 'language'] as const;
