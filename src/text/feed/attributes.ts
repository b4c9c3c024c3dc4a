import { decodeEntities } from './entities.ts';
import type { Scan } from './scan.ts';

export type Attributes = Readonly<Record<string, string>>;

export const EQUALS = 61;
export const SLASH = 47;
const NO_ATTRIBUTES: Attributes = Object.freeze({});

/** Attributes of an opening tag, names in lower case; the first of one name counts. */
export function attributesOf(scan: Scan): Attributes {
  const { source, entities, attributesEnd } = scan;
  let at = pastBlanks(source, scan.attributesStart, attributesEnd);
  scan.declaresNames = false;
  if (at >= attributesEnd) return NO_ATTRIBUTES;
  // Without a prototype, so that `__proto__` is a name like any other.
  const found = { __proto__: null } as unknown as Record<string, string>;
  while (at < attributesEnd) {
    const nameEnd = endOfAttributeName(source, at, attributesEnd);
    const name = source.slice(at, nameEnd).toLowerCase();
    at = pastBlanks(source, nameEnd, attributesEnd);
    let value = '';
    if (source.charCodeAt(at) === EQUALS && at < attributesEnd) {
      const start = pastBlanks(source, at + 1, attributesEnd);
      const end = endOfValue(source, start, attributesEnd);
      const isQuoted = isQuote(source.charCodeAt(start));
      value = source.slice(isQuoted ? start + 1 : start, end);
      at = isQuoted ? end + 1 : end;
    } else if (nameEnd === at && name === '') at++;
    if (name.startsWith('xmlns')) scan.declaresNames = true;
    if (name !== '') found[name] ??= decodeEntities(value, entities);
    at = pastBlanks(source, at, attributesEnd);
  }
  return found;
}

export const isQuote = (code: number) => code === 34 || code === 39;

function pastBlanks(source: string, from: number, end: number): number {
  let at = from;
  while (at < end && source.charCodeAt(at) <= 32) at++;
  return at;
}

function endOfAttributeName(source: string, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const code = source.charCodeAt(at);
    if (code <= 32 || code === EQUALS || code === SLASH || isQuote(code)) break;
  }
  return at;
}

/** Where the value ends that begins here, quotes not counted. */
function endOfValue(source: string, from: number, end: number): number {
  const first = source.charCodeAt(from);
  if (isQuote(first)) {
    const quote = source.indexOf(first === 34 ? '"' : "'", from + 1);
    return quote < 0 || quote > end ? end : quote;
  }
  let at = from;
  while (at < end && source.charCodeAt(at) > 32) at++;
  return at;
}
