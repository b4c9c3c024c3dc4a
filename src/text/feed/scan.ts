import { EQUALS, isQuote, SLASH } from './attributes.ts';
import { declareEntities, decodeEntities, noEntities } from './entities.ts';
import type { Entities } from './entities.ts';

/** What stands at one place of a document. */
export type Token = 'text' | 'cdata' | 'open' | 'close';

/** A reading head over a document; `next` moves it. */
export interface Scan {
  source: string;
  /** Where the next token begins. */
  at: number;
  token: Token;
  /** Of text: from here to `end`. Of a tag: its name. */
  start: number;
  end: number;
  tag: string;
  /** Where the attributes of an opening tag are; equal where there are none. */
  attributesStart: number;
  attributesEnd: number;
  isSelfClosing: boolean;
  /** The attributes that were read last declare namespaces. */
  declaresNames: boolean;
  entities: Entities;
}

export function scanOf(source: string): Scan {
  return {
    source,
    at: 0,
    token: 'text',
    start: 0,
    end: 0,
    tag: '',
    attributesStart: 0,
    attributesEnd: 0,
    isSelfClosing: false,
    declaresNames: false,
    entities: noEntities(),
  };
}

const CDATA = '<![CDATA[';
const LESS = 60;
const GREATER = 62;

/**
 * Moves to the next token; false at the end. It looks for `<` and `>` with the engine's own search instead of going
 * from character to character, which is what makes it fast. Comments and declarations are passed over. A `<` that
 * begins no tag is text.
 */
export function next(scan: Scan): boolean {
  const { source } = scan;
  while (scan.at < source.length) {
    const less = beginOfTag(source, scan.at);
    if (less > scan.at) return isToken(scan, 'text', scan.at, less, less);
    const after = source.charCodeAt(less + 1);
    if (after === 33 || after === 63) {
      if (passOver(scan, less)) return true;
    } else if (after === SLASH) return closing(scan, less);
    else return opening(scan, less);
  }
  return false;
}

/** The words of a text token. */
export function textOf(scan: Scan): string {
  const text = scan.source.slice(scan.start, scan.end);
  return scan.token === 'cdata' ? text : decodeEntities(text, scan.entities);
}

/**
 * Moves behind the element that was just opened where it holds nothing but words, which is so with nearly all; `textOf`
 * gives them. False where it holds more, and the scan stays.
 */
export function passSimple(scan: Scan): boolean {
  const { source, at, tag } = scan;
  const isCdata = source.startsWith(CDATA, at);
  const start = isCdata ? at + CDATA.length : at;
  const end = source.indexOf(isCdata ? ']]>' : '<', start);
  const close = isCdata ? end + 3 : end;
  const isEnd = end >= 0 && source.startsWith('</', close) && source.startsWith(tag, close + 2);
  if (!isEnd || source.charCodeAt(close + 2 + tag.length) !== GREATER) return false;
  return isToken(scan, isCdata ? 'cdata' : 'text', start, end, close + 3 + tag.length);
}

function isToken(scan: Scan, token: Token, start: number, end: number, at: number): true {
  scan.token = token;
  scan.start = start;
  scan.end = end;
  scan.at = at;
  return true;
}

/** Where the next tag, comment or declaration begins, or the end. */
function beginOfTag(source: string, from: number): number {
  for (let at = source.indexOf('<', from); at >= 0; at = source.indexOf('<', at + 1)) {
    if (beginsTag(source.charCodeAt(at + 1))) return at;
  }
  return source.length;
}

/** Letters, `_`, `:`, anything beyond ASCII; `/`, `!` and `?`. */
function beginsTag(code: number): boolean {
  const letter = code | 32;
  return (
    (letter >= 97 && letter <= 122) ||
    code === SLASH ||
    code === 33 ||
    code === 63 ||
    code === 95 ||
    code === 58 ||
    code > 127
  );
}

/** True where it was a CDATA section, which is text; everything else between `<!` or `<?` and its end is nothing. */
function passOver(scan: Scan, less: number): boolean {
  const { source } = scan;
  if (source.startsWith(CDATA, less)) {
    const end = endOf(scan, ']]>', less + 9);
    return isToken(scan, 'cdata', less + 9, end, Math.min(end + 3, source.length));
  }
  if (source.startsWith('<!--', less)) scan.at = endOf(scan, '-->', less + 4) + 3;
  else if (source.charCodeAt(less + 1) === 63) scan.at = endOf(scan, '>', less + 2) + 1;
  else passDoctype(scan, less);
  return false;
}

function passDoctype(scan: Scan, less: number): void {
  const { source } = scan;
  const end = endOf(scan, '>', less);
  const bracket = source.slice(less, end).indexOf('[');
  if (bracket < 0) scan.at = end + 1;
  else {
    const last = endOf(scan, ']', less + bracket);
    declareEntities(source.slice(less + bracket, last), scan.entities);
    scan.at = endOf(scan, '>', last) + 1;
  }
}

function endOf({ source }: Scan, mark: string, from: number): number {
  const end = source.indexOf(mark, from);
  return end < 0 ? source.length : end;
}

/** At the very end even its `>` may be missing: what it closes is whole. */
function closing(scan: Scan, less: number): true {
  const { source } = scan;
  const greater = source.indexOf('>', less + 2);
  const end = greater < 0 ? source.length : greater;
  scan.tag = source.slice(less + 2, end).trimEnd();
  return isToken(scan, 'close', less + 2, end, end + 1);
}

function opening(scan: Scan, less: number): boolean {
  const { source } = scan;
  const nameEnd = endOfName(source, less + 1);
  const greater = source.charCodeAt(nameEnd) === GREATER ? nameEnd : endOfTag(source, nameEnd);
  if (greater >= source.length) {
    scan.at = source.length;
    return false;
  }
  scan.tag = source.slice(less + 1, nameEnd);
  scan.isSelfClosing = source.charCodeAt(greater - 1) === SLASH;
  scan.attributesStart = nameEnd;
  scan.attributesEnd = scan.isSelfClosing ? greater - 1 : greater;
  return isToken(scan, 'open', less + 1, nameEnd, greater + 1);
}

function endOfName(source: string, from: number): number {
  let at = from;
  for (; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code <= 32 || code === GREATER || code === SLASH || code === LESS) break;
  }
  return at;
}

/** The `>` that ends a tag; one inside quotes does not, and quotes count only behind a `=`. */
function endOfTag(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code === GREATER) return at;
    if (!isQuote(code) || !isBehindEquals(source, at)) continue;
    const quote = source.indexOf(code === 34 ? '"' : "'", at + 1);
    if (quote < 0) return source.length;
    at = quote;
  }
  return source.length;
}

function isBehindEquals(source: string, quote: number): boolean {
  let at = quote - 1;
  while (source.charCodeAt(at) <= 32) at--;
  return source.charCodeAt(at) === EQUALS;
}
