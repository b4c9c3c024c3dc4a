import { Parser } from 'htmlparser2';
import { WINDOWS_1252 } from '../decode.ts';

/** The names that HTML knows and that were asked for; HTML has 2,231 of them, so it stays small. */
const known = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const NAME = /^[a-z][\da-z]*$/i;
const NUMBER = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i;
/** Longest name in HTML, and longer than any number that is a character. */
const MAX_NAME = 32;
/** A document's own entities may add this many characters in all: a few hundred bytes must not become gigabytes. */
const MAX_EXPANSION = 65_536;
const MAX_VALUE = 256;
const MAX_ENTITIES = 64;

/** The entities that a document declares, and how much they may still add. */
export interface Entities {
  declared: Map<string, string>;
  left: number;
}

export const noEntities = (): Entities => ({ declared: new Map(), left: MAX_EXPANSION });

/** Short plain values only; one entity inside another stays as it is written. */
export function declareEntities(doctype: string, entities: Entities): void {
  for (const [, name, double, single] of doctype.matchAll(
    /<!ENTITY\s+([\w.-]{1,64})\s+(?:"([^"<&]*)"|'([^'<&]*)')\s*>/g,
  )) {
    const value = double ?? single ?? '';
    if (value.length <= MAX_VALUE && entities.declared.size < MAX_ENTITIES) entities.declared.set(name!, value);
  }
}

/** Text with its references replaced. What is no reference, such as a bare `&`, stays as it is. */
export function decodeEntities(text: string, entities: Entities): string {
  let decoded = '';
  let done = 0;
  let semicolon = -1;
  for (let ampersand = text.indexOf('&'); ampersand >= 0; ampersand = text.indexOf('&', ampersand + 1)) {
    let meant: string | undefined = frequentAt(text, ampersand);
    if (meant !== undefined) semicolon = ampersand + (meant === '&' ? 4 : 3);
    else {
      // Looked for once only, however many ampersands stand before it.
      if (semicolon < ampersand) semicolon = text.indexOf(';', ampersand);
      if (semicolon < 0) break;
      if (semicolon - ampersand > MAX_NAME) continue;
      meant = meaningOf(text.slice(ampersand + 1, semicolon), entities);
      if (meant === undefined) continue;
    }
    if (ampersand > done) decoded += text.slice(done, ampersand);
    decoded += meant;
    done = semicolon + 1;
  }
  return done === 0 ? text : decoded + text.slice(done);
}

const [A, G, L, M, P, T, SEMICOLON] = [97, 103, 108, 109, 112, 116, 59];

/** Escaped mark-up is full of `&lt;`, `&gt;` and `&amp;`, so these are known without cutting them out. */
function frequentAt(text: string, ampersand: number): '<' | '>' | '&' | undefined {
  const first = text.charCodeAt(ampersand + 1);
  const second = text.charCodeAt(ampersand + 2);
  const third = text.charCodeAt(ampersand + 3);
  if (second === T && third === SEMICOLON) return first === L ? '<' : first === G ? '>' : undefined;
  const isAmp = first === A && second === M && third === P && text.charCodeAt(ampersand + 4) === SEMICOLON;
  return isAmp ? '&' : undefined;
}

function meaningOf(name: string, entities: Entities): string | undefined {
  return declaredAs(name, entities) ?? known.get(name) ?? numbered(name) ?? namedInHtml(name);
}

function numbered(name: string): string | undefined {
  const [, hex, decimal] = NUMBER.exec(name) ?? [];
  if (hex === undefined && decimal === undefined) return undefined;
  return characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
}

/** As browsers read it: 128 to 159 mean windows-1252, and what cannot be a character is the replacement character. */
function characterOf(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252[code - 0x80]!;
  const isNone = code === 0 || code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff);
  return isNone ? '\ufffd' : String.fromCodePoint(code);
}

function declaredAs(name: string, entities: Entities): string | undefined {
  const value = entities.declared.get(name);
  if (value === undefined || value.length > entities.left) return undefined;
  entities.left -= value.length;
  return value;
}

/** Feeds use HTML's names as if XML had them. */
function namedInHtml(name: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  let found = '';
  const parser = new Parser({ ontext: (text) => void (found += text) });
  parser.end(`&${name};`);
  // Browsers read `&notit;` as `¬it;`: only what was used up to its semicolon is a name.
  if (found.endsWith(';')) return undefined;
  known.set(name, found);
  return found;
}
