import { columnKey } from './rows.ts';
import type { Row } from './rows.ts';
import { openWorkbook, readXml, unescape } from './workbook.ts';
import type { Workbook } from './workbook.ts';

/** Of one row; what stands further right is not read. */
const MAX_COLUMNS = 2_000;
const DAY_MS = 86_400_000;
/** Day 0 of both countings, after the 29th of February 1900, which never was. */
const SINCE_1900 = Date.UTC(1899, 11, 30);
const SINCE_1904 = Date.UTC(1904, 0, 1);
const FIRST_SAFE_DAY = 61;
const LAST_DAY = 2_958_465;

/**
 * Rows of one sheet of a workbook; the first row that is not empty is the header. Cells of formulas give the result
 * that was saved with them; formulas themselves are never read.
 *
 * Days come as 2026-01-31. A workbook knows no time zones, so of a day with a time only the day is certain.
 *
 * @param sheet Its name; by default the first that is shown.
 * @throws {AppError} `SOURCE_SHAPE` for another kind of file, `REMOTE_TOO_LARGE` for one that unpacks to too much.
 */
export function* sheetRows(bytes: Uint8Array, sheet: string | undefined): Generator<Row> {
  const workbook = openWorkbook(bytes, sheet);
  const reader = cellReader(workbook);
  let header: string[] | undefined;
  for (const { line, cells } of readXml(workbook.sheet, reader, () => reader.rows.splice(0))) {
    if (header === undefined) header = cells;
    else yield rowOf(line, cells, header);
  }
}

function rowOf(line: number, cells: readonly string[], header: string[]): Row {
  const names = header.map((name, index) => [columnKey(name ?? ''), cells[index]] as const);
  return { line, values: Object.fromEntries(names.filter(([name]) => name !== '')), header: header.filter(Boolean) };
}

interface Cells {
  line: number;
  /** By column; empty ones are holes. */
  cells: string[];
}

/** Part 1, 18.3.1.4 and 18.18.11. */
function cellReader({ strings, isDate, since1904 }: Workbook) {
  const rows: Cells[] = [];
  let row: Cells = { line: 0, cells: [] };
  let cell = { column: -1, type: 'n', style: 0 };
  let parts: string[] = [];
  let isValue = false;
  let isSpoken = false;
  const valueOf = (text: string) => {
    if (cell.type === 's') return strings[Number(text)];
    if (cell.type === 'inlineStr' || cell.type === 'str') return unescape(text);
    if (cell.type === 'b') return text.trim() === '1' ? 'TRUE' : 'FALSE';
    if (cell.type === 'e') return undefined;
    if (cell.type === 'd') return text.trim().slice(0, 10);
    return isDate(cell.style) ? dayOf(text, since1904) : numberOf(text);
  };
  return {
    rows,
    open(name: string, { r, t, s }: Record<string, string | undefined>) {
      if (name === 'row') row = { line: Number(r) || row.line + 1, cells: [] };
      if (name === 'c') {
        cell = { column: columnOf(r) ?? cell.column + 1, type: t ?? 'n', style: Number(s ?? 0) };
        parts = [];
      }
      if (name === 'rPh') isSpoken = true;
      isValue = name === 'v' || (name === 't' && !isSpoken);
    },
    text(text: string) {
      if (isValue) parts.push(text);
    },
    close(name: string) {
      isValue = false;
      if (name === 'rPh') isSpoken = false;
      if (name === 'c' && parts.length > 0 && cell.column < MAX_COLUMNS) {
        const value = valueOf(parts.join(''));
        if (value !== undefined) row.cells[cell.column] = value;
      }
      if (name !== 'row') return;
      if (row.cells.some((value) => value.trim() !== '')) rows.push(row);
      cell = { column: -1, type: 'n', style: 0 };
    },
  };
}

/** Of a reference such as AB12, counted from 0. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^([a-z]{1,3})\d/i.exec(reference ?? '')?.[1]?.toUpperCase();
  if (letters === undefined) return undefined;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/** Long ids are saved as 1.2345678901E10. */
function numberOf(text: string): string {
  const number = Number(text);
  return /e/i.test(text) && Number.isSafeInteger(number) ? String(number) : text.trim();
}

/** A time without a day stays a time; what is no day that was ever counted stays a number. */
function dayOf(text: string, since1904: boolean): string {
  const serial = Number(text);
  if (text.trim() === '' || !(serial >= 0)) return text.trim();
  if (serial < 1) return new Date(Math.round(serial * 86_400) * 1_000).toISOString().slice(11, 16);
  if (serial > LAST_DAY || (!since1904 && serial < FIRST_SAFE_DAY)) return text.trim();
  return new Date((since1904 ? SINCE_1904 : SINCE_1900) + Math.floor(serial) * DAY_MS).toISOString().slice(0, 10);
}
