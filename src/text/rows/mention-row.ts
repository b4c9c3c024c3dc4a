import { createHash } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { Channel } from '../../domain/mention.ts';
import { readDayOrInstant } from '../dates.ts';
import { rowInvalid } from '../gather.ts';
import type { Draft } from '../gather.ts';
import { columnKey } from './rows.ts';
import type { Row } from './rows.ts';

/** What a row can hold; also the names of the columns unless a map says otherwise. */
export const COLUMNS = ['text', 'title', 'date', 'author', 'rating', 'id', 'url', 'language'] as const;
type Column = (typeof COLUMNS)[number];
export type ColumnMap = { [Name in Column]?: string | undefined } | undefined;

/** Throws `SOURCE_SHAPE` where the table has no column of words, or lacks one that the map names. */
export function checkColumns({ header }: Row, map: ColumnMap): void {
  if (header === undefined) return;
  const there = new Set(header.map(columnKey));
  const wanted = [map?.text ?? 'text', ...Object.values(map ?? {})];
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
    rating: ratingOf(cells.rating),
    declaredLanguage: cells.language,
  };
}

type Cells = Record<Column, string | undefined>;

function cellOf({ values }: Row, column: string): string | undefined {
  const key = columnKey(column);
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  return text === '' ? undefined : text;
}

function dateOf(text: string | undefined): string | undefined {
  const date = readDayOrInstant(text);
  if (text === undefined || date !== undefined) return date;
  throw rowInvalid(`Its date "${text.slice(0, 60)}" is not a whole one: 2026-01-31 or 2026-01-31T10:00:00Z.`);
}

function ratingOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-5](?:\.\d{1,6})?$/.test(text) && Number(text) <= 5) return Number(text);
  throw rowInvalid(`Its rating "${text.slice(0, 20)}" is not a number from 1 to 5.`);
}

/** Twice the same row is the same mention. */
function hashOf(cells: Cells): string {
  const content = COLUMNS.map((name) => (name === 'id' ? null : (cells[name] ?? null)));
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}
