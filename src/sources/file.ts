import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { CHANNELS } from '../domain/mention.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, Refusal, WireAnswer } from '../domain/source.ts';
import { stopIfAborted } from '../net/pace.ts';
import { decodeText, describe, guessEncoding, notInFormat } from '../text/decode.ts';
import { gather } from '../text/gather.ts';
import { FORMATS, formatOf, readRows, readRowsAtOnce } from '../text/rows/rows.ts';
import type { Row, TextFormat } from '../text/rows/rows.ts';
import { COLUMNS, checkColumns, columnMap, draftOfRow } from '../text/rows/mention-row.ts';
import type { ColumnMap } from '../text/rows/mention-row.ts';
import { sheetRows } from '../text/rows/xlsx.ts';
import { isZip } from '../text/rows/zip.ts';

const options = z.strictObject({
  path: z.string().min(1).max(4_000).describe('The file; relative paths are seen from where Earshot runs.'),
  format: z.enum(FORMATS).optional().describe('Where the ending does not tell: jsonl, csv, tsv or xlsx.'),
  channel: z.enum(CHANNELS).default('survey').describe('What kind of place the words come from.'),
  map: columnMap.optional().describe(`Names of the columns; without it they are called ${COLUMNS.join(', ')}.`),
  delimiter: z.string().length(1).optional().describe('Between the columns of CSV; default a comma.'),
  sheet: z.string().min(1).max(200).optional().describe('Name of the sheet of XLSX; default the first that is shown.'),
});
type Options = z.infer<typeof options>;

/** As the file was when it was last read to its end. */
const cursor = z.strictObject({ size: z.number().optional(), mtimeMs: z.number().optional() });
type Cursor = z.infer<typeof cursor>;

const PAGE_ROWS = 500;
/** A workbook is unpacked in memory. In bytes. */
const MAX_WORKBOOK = 64 * 1024 * 1024;
const EXPECTED = 'rows of CSV, TSV, JSON lines or XLSX';

/** Survey answers, exports and anything else that is a table. */
export const file = defineSource<Options, Cursor>({
  type: 'file',
  channel: 'survey',
  about: 'A file of rows: survey answers or an export, as CSV, TSV, JSON lines or XLSX.',
  docs: 'https://www.rfc-editor.org/rfc/rfc4180',
  options,
  cursor,
  example: {
    path: 'data/survey.csv',
    map: { text: 'Answer', date: 'Submitted', nps: 'Would recommend', attributes: { plan: 'Plan' } },
  },
  everySeconds: 60,
  hosts: () => [],
  pull,
  parse,
});

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const { options: asked, cursor: last = {}, signal } = context;
  stopIfAborted(signal);
  const { size, mtimeMs } = await lookAt(asked.path);
  if (last.size === size && last.mtimeMs === mtimeMs) {
    yield { items: [], refused: [], cursor: last };
    return;
  }
  let page: Row[] = [];
  const broken: Refusal[] = [];
  for await (const row of rowsOf(asked, size, broken, signal)) {
    if (page.length === PAGE_ROWS) {
      yield { ...pageOf(page, asked, broken.splice(0)), cursor: {} };
      page = [];
      stopIfAborted(signal);
    }
    page.push(row);
  }
  yield { ...pageOf(page, asked, broken.splice(0)), cursor: { size, mtimeMs } };
}

async function* rowsOf(
  { path, format: told, delimiter, sheet }: Options,
  size: number,
  broken: Refusal[],
  signal: AbortSignal,
): AsyncGenerator<Row> {
  const format = told ?? formatOf(path) ?? 'csv';
  if (format !== 'xlsx') yield* readRows(chunksOf(path, signal), { format, delimiter, broken });
  else yield* sheetRows(await workbookOf(path, size, signal), sheet);
}

async function workbookOf(path: string, size: number, signal: AbortSignal): Promise<Uint8Array> {
  if (size > MAX_WORKBOOK) {
    throw new AppError('REMOTE_TOO_LARGE', `${path} is larger than ${MAX_WORKBOOK / 1_048_576} MB.`, {
      fix: 'Save the sheet as CSV, which is read in pieces of any number.',
    });
  }
  try {
    return await readFile(path, { signal });
  } catch (thrown) {
    stopIfAborted(signal);
    throw unreadable(path, (thrown as NodeJS.ErrnoException).code);
  }
}

/** Throws `FILE_UNREADABLE` where there is no readable file. */
async function lookAt(path: string): Promise<{ size: number; mtimeMs: number }> {
  try {
    const found = await stat(path);
    if (found.isFile()) return { size: found.size, mtimeMs: found.mtimeMs };
  } catch (thrown) {
    throw unreadable(path, (thrown as NodeJS.ErrnoException).code);
  }
  throw unreadable(path, 'it is no file');
}

/** The file as text, decoded by its beginning. */
async function* chunksOf(path: string, signal: AbortSignal): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  try {
    for await (const chunk of createReadStream(path)) {
      stopIfAborted(signal);
      decoder ??= new TextDecoder(guessEncoding(chunk as Uint8Array));
      yield decoder.decode(chunk as Uint8Array, { stream: true });
    }
  } catch (thrown) {
    throw thrown instanceof AppError ? thrown : unreadable(path, (thrown as NodeJS.ErrnoException).code);
  }
  if (decoder) yield decoder.decode();
}

function unreadable(path: string, why: string | undefined): AppError {
  return new AppError('FILE_UNREADABLE', `${path} cannot be read (${why ?? 'unknown reason'}).`, {
    fix: 'Check that `path` is right and that the account that runs Earshot may read the file.',
  });
}

function parse(answer: WireAnswer): Parsed {
  if (isZip(answer.body)) return pageOf([...sheetRows(answer.body, undefined)], { channel: 'survey' }, []);
  const text = decodeText(answer);
  if (text.trimStart().startsWith('<')) throw notInFormat(EXPECTED, describe(text));
  const broken: Refusal[] = [];
  const named = formatOf(answer.url ?? '');
  if (named === 'xlsx') throw notInFormat(EXPECTED, describe(text));
  const format = named ?? formatOfContent(answer.contentType, text);
  return pageOf(readRowsAtOnce(text, { format, broken }), { channel: 'survey' }, broken);
}

function formatOfContent(contentType: string | undefined, text: string): TextFormat {
  if (text.trimStart().startsWith('{')) return 'jsonl';
  return contentType?.includes('tab-separated') ? 'tsv' : 'csv';
}

function pageOf(
  rows: Row[],
  { map, channel }: { map?: ColumnMap; channel: Options['channel'] },
  broken: Refusal[],
): Parsed {
  const [first] = rows;
  if (first) checkColumns(first, map);
  const read = gather(
    rows,
    ({ line }) => `line ${line}`,
    (row) => draftOfRow(row, map, channel),
  );
  return { items: read.items, refused: [...broken, ...read.refused] };
}
