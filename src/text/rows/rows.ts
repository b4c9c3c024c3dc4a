import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Options as CsvOptions } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import { AppError } from '../../domain/errors.ts';
import type { Refusal } from '../../domain/source.ts';

export const FORMATS = ['jsonl', 'csv', 'tsv', 'xlsx'] as const;
export type RowFormat = (typeof FORMATS)[number];
/** Those that are text; workbooks are read by `xlsx.ts`. */
export type TextFormat = Exclude<RowFormat, 'xlsx'>;

/** One row, its values by the name of their column in lower case. */
export interface Row {
  /** Where it begins in the file, counted from 1. */
  line: number;
  values: Record<string, unknown>;
  /** Of tables: the names in the header as they are written. */
  header?: string[] | undefined;
  /** Why it cannot be read. */
  problem?: string | undefined;
}

export interface RowOptions {
  format: TextFormat;
  delimiter?: string | undefined;
  /** Rows that are not even rows are put here. */
  broken: Refusal[];
}

/** A forgotten quote would otherwise swallow the rest of the file into one row. */
const MAX_ROW = 1_000_000;

/** By the ending of a path or address; undefined where it is another one. */
export function formatOf(path: string): RowFormat | undefined {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'jsonl' || ending === 'ndjson') return 'jsonl';
  return ending === 'csv' || ending === 'tsv' || ending === 'xlsx' ? ending : undefined;
}

/** Rows of a text that comes in pieces. */
export async function* readRows(chunks: AsyncIterable<string>, options: RowOptions): AsyncGenerator<Row> {
  if (options.format === 'jsonl') {
    yield* jsonRows(chunks);
    return;
  }
  const source = Readable.from(chunks, { objectMode: false });
  const parser = parse({ ...csvOptions(options), info: true });
  source.on('error', (error) => parser.destroy(error));
  const table = tableReader();
  try {
    for await (const record of source.pipe(parser)) {
      const row = table(record as CsvRecord);
      if (row) yield row;
    }
  } catch (thrown) {
    options.broken.push(refusalOf(thrown));
  } finally {
    source.destroy();
  }
}

/** Rows of a whole text, read in the same way. */
export function readRowsAtOnce(text: string, options: RowOptions): Row[] {
  if (options.format === 'jsonl') {
    return text.split('\n').flatMap((line, index) => jsonRow(line, index + 1) ?? []);
  }
  const records: CsvRecord[] = [];
  try {
    // Collected one by one, so that what stands before an error is kept.
    parseAtOnce(text, {
      ...csvOptions(options),
      on_record: (record: string[], info) => {
        records.push({ record, info });
        return null;
      },
    });
  } catch (thrown) {
    options.broken.push(refusalOf(thrown));
  }
  const table = tableReader();
  return records.flatMap((record) => table(record) ?? []);
}

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

/** https://www.rfc-editor.org/rfc/rfc4180 , read with patience: byte order mark, quotes inside words, ragged rows. */
function csvOptions({ format, delimiter }: RowOptions): CsvOptions<string[], string[]> {
  return {
    bom: true,
    delimiter: delimiter ?? (format === 'tsv' ? '\t' : ','),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW,
  };
}

/** The first record is the header. */
function tableReader(): (record: CsvRecord) => Row | undefined {
  let header: string[] | undefined;
  return ({ record, info }) => {
    if (header === undefined) {
      header = record;
      return undefined;
    }
    // The parser says where a record ends; its own line breaks lie before.
    const line = info.lines - record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
    const values = Object.fromEntries(header.map((name, index) => [columnKey(name), record[index]]));
    const problem =
      record.length > header.length
        ? `It has ${record.length} cells, but the header has ${header.length} columns.`
        : undefined;
    return { line, values, header, problem };
  };
}

/** Under which a column is looked up: case and outer blanks do not matter. */
export function columnKey(name: string): string {
  return name.trim().toLowerCase();
}

async function* jsonRows(chunks: AsyncIterable<string>): AsyncGenerator<Row> {
  let line = 1;
  let rest = '';
  for await (const chunk of chunks) {
    const lines = chunk.split('\n');
    lines[0] = rest + lines[0]!;
    rest = lines.pop()!;
    for (const text of lines) {
      const row = jsonRow(text, line++);
      if (row) yield row;
    }
  }
  const last = jsonRow(rest, line);
  if (last) yield last;
}

function jsonRow(text: string, line: number): Row | undefined {
  if (text.trim() === '') return undefined;
  const value = objectOf(text);
  if (value === undefined) return { line, values: {}, problem: 'It is not a JSON object, or it is cut off.' };
  return { line, values: Object.fromEntries(Object.entries(value).map(([name, cell]) => [columnKey(name), cell])) };
}

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof AppError || !(thrown instanceof CsvError)) throw thrown;
  const line = typeof thrown['lines'] === 'number' ? thrown['lines'] : undefined;
  const reason =
    thrown.code === 'CSV_QUOTE_NOT_CLOSED' || thrown.code === 'CSV_MAX_RECORD_SIZE'
      ? 'A quote that opens before here is never closed, so nothing behind it could be read.'
      : thrown.message;
  return { where: line === undefined ? 'end' : `line ${line}`, reason };
}
