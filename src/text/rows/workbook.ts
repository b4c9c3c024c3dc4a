import { Parser } from 'htmlparser2';
import { AppError } from '../../domain/errors.ts';
import { notInFormat } from '../decode.ts';
import { openZip } from './zip.ts';
import type { Unzip } from './zip.ts';

export const EXPECTED = 'an XLSX workbook';

export interface Workbook {
  /** XML of the sheet that was asked for. */
  sheet: Buffer;
  /** Texts that cells refer to by number. */
  strings: string[];
  /** Whether numbers in cells of that style are days. */
  isDate: (style: number) => boolean;
  /** The first day is 1904-01-01 instead of 1900-01-01. */
  since1904: boolean;
}

const MB = 1_048_576;
const MAX_SHEET = 96 * MB;
const MAX_STRINGS = 48 * MB;
const MAX_SMALL = 8 * MB;
/** Parsed in pieces, so that no second copy of the whole is needed. */
const PIECE = 262_144;

/** Start tags with their attributes, text, and end tags; names without the prefix of their namespace. */
export interface XmlHandler {
  open?(name: string, attributes: Record<string, string | undefined>): void;
  text?(text: string): void;
  close?(name: string): void;
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1);

/**
 * Reads XML piece by piece, and hands over after each what was made of it. Nothing that it refers to is loaded.
 * @param take What the handler has gathered since it was last called.
 */
export function* readXml<T>(bytes: Uint8Array, handler: XmlHandler, take: () => T[]): Generator<T> {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => handler.open?.(localName(name), attributes),
      ontext: (text) => handler.text?.(text),
      onclosetag: (name) => handler.close?.(localName(name)),
    },
    { xmlMode: true },
  );
  const decoder = new TextDecoder();
  for (let at = 0; at < bytes.length; at += PIECE) {
    parser.write(decoder.decode(bytes.subarray(at, at + PIECE), { stream: true }));
    yield* take();
  }
  parser.end(decoder.decode());
  yield* take();
}

function readWhole(bytes: Uint8Array, handler: XmlHandler): void {
  Array.from(readXml(bytes, handler, () => []));
}

/**
 * Opens the sheet of that name, or the first that is shown.
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-376/ part 1, 12.3 and 18
 * @throws {AppError} `SOURCE_SHAPE` for another kind of file, `REMOTE_TOO_LARGE` for one that unpacks to too much.
 */
export function openWorkbook(bytes: Uint8Array, name: string | undefined): Workbook {
  const unzip = openZip(bytes, EXPECTED);
  const parts = partsOf(unzip);
  const { sheets, since1904 } = sheetsOf(needed(unzip, 'xl/workbook.xml'));
  const found = name === undefined ? (sheets.find(({ isShown }) => isShown) ?? sheets[0]) : sheets.find(named(name));
  const path = found && parts.get(found.id)?.path;
  if (path === undefined) throw noSheet(name, sheets);
  const pathOf = (kind: string) => [...parts.values()].find((part) => part.kind === kind)?.path;
  const strings = unzip(pathOf('sharedStrings') ?? 'xl/sharedStrings.xml', MAX_STRINGS);
  const styles = unzip(pathOf('styles') ?? 'xl/styles.xml', MAX_SMALL);
  return {
    sheet: needed(unzip, path, MAX_SHEET),
    strings: strings === undefined ? [] : stringsOf(strings),
    isDate: styles === undefined ? () => false : datesOf(styles),
    since1904,
  };
}

function needed(unzip: Unzip, name: string, maxBytes = MAX_SMALL): Buffer {
  const part = unzip(name, maxBytes);
  if (part === undefined) throw notInFormat(EXPECTED, `a ZIP archive without ${name.slice(0, 100)}`);
  return part;
}

/** Where the parts of the workbook are, by their id. */
function partsOf(unzip: Unzip): Map<string, { path: string; kind: string }> {
  const parts = new Map<string, { path: string; kind: string }>();
  readWhole(needed(unzip, 'xl/_rels/workbook.xml.rels'), {
    open(name, { Id: id, Target: target, Type: type }) {
      if (name !== 'Relationship' || id === undefined || target === undefined) return;
      const path = target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`;
      parts.set(id, { path, kind: type?.slice(type.lastIndexOf('/') + 1) ?? '' });
    },
  });
  return parts;
}

interface Sheet {
  name: string;
  id: string;
  isShown: boolean;
}

function sheetsOf(workbook: Buffer): { sheets: Sheet[]; since1904: boolean } {
  const sheets: Sheet[] = [];
  let since1904 = false;
  readWhole(workbook, {
    open(tag, attributes) {
      if (tag === 'workbookPr') since1904 = /^(?:1|true)$/.test(attributes['date1904'] ?? '');
      if (tag !== 'sheet') return;
      const id = Object.entries(attributes).find(([name]) => /(?:^|:)id$/.test(name))?.[1];
      const { name, state } = attributes;
      if (name !== undefined && id !== undefined)
        sheets.push({ name, id, isShown: (state ?? 'visible') === 'visible' });
    },
  });
  return { sheets, since1904 };
}

const key = (name: string) => name.trim().toLowerCase();
const named = (wanted: string) => (sheet: Sheet) => key(sheet.name) === key(wanted);

function noSheet(name: string | undefined, sheets: readonly Sheet[]): AppError {
  const names = sheets.map((sheet) => sheet.name).join(', ');
  const what = name === undefined ? 'The workbook has no sheet that can be read.' : `There is no sheet "${name}".`;
  return new AppError('SOURCE_SHAPE', `${what} Its sheets are: ${names.slice(0, 300) || 'none'}.`, {
    fix: 'Set `sheet` to the name of the sheet that holds the rows.',
  });
}

/** Texts may be cut into runs of one look each; how they are pronounced (`rPh`) is no part of them. */
function stringsOf(bytes: Buffer): string[] {
  const strings: string[] = [];
  let parts: string[] = [];
  let isText = false;
  let isSpoken = false;
  readWhole(bytes, {
    open(name) {
      if (name === 'si') parts = [];
      if (name === 'rPh') isSpoken = true;
      isText = name === 't' && !isSpoken;
    },
    text(text) {
      if (isText) parts.push(text);
    },
    close(name) {
      if (name === 'si') strings.push(unescape(parts.join('')));
      if (name === 'rPh') isSpoken = false;
      if (name === 't') isText = false;
    },
  });
  return strings;
}

/** `_x000A_` stands for what XML cannot hold: part 1, 22.4.2.4. */
export function unescape(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Formats that every workbook knows: part 1, 18.8.30. */
const isBuiltInDate = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
/** What stands in quotes, brackets (but for lasting hours) or behind a backslash is shown as it is. */
const LITERAL = /"[^"]{0,200}"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]{0,200}\]/gi;
const isDateFormat = (code: string) =>
  /[ymdhs]/i.test(
    code
      .split(';', 1)[0]!
      .replace(LITERAL, '')
      .replace(/general/i, ''),
  );

function datesOf(styles: Buffer): (style: number) => boolean {
  const own = new Map<number, boolean>();
  const cells: number[] = [];
  let isCells = false;
  readWhole(styles, {
    open(name, { numFmtId, formatCode }) {
      if (name === 'numFmt') own.set(Number(numFmtId), isDateFormat(formatCode ?? ''));
      if (name === 'cellXfs') isCells = true;
      if (name === 'xf' && isCells) cells.push(Number(numFmtId ?? 0));
    },
    close(name) {
      if (name === 'cellXfs') isCells = false;
    },
  });
  return (style) => {
    const id = cells[style] ?? 0;
    return own.get(id) ?? isBuiltInDate(id);
  };
}
