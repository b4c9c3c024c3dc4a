import { isUtf8 as isWholeUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { AppError } from '../domain/errors.ts';
import type { WireAnswer } from '../domain/source.ts';
import { htmlToText } from './html.ts';

/** What stands at the very beginning decides first: https://www.w3.org/TR/xml/#sec-guessing */
const MARKS: [number[], string][] = [
  [[0xff, 0xfe, 0x00, 0x00], 'utf-32le'],
  [[0x00, 0x00, 0xfe, 0xff], 'utf-32be'],
  [[0x3c, 0x00, 0x00, 0x00], 'utf-32le'],
  [[0x00, 0x00, 0x00, 0x3c], 'utf-32be'],
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0x3c, 0x00, 0x3f, 0x00], 'utf-16le'],
  [[0x00, 0x3c, 0x00, 0x3f], 'utf-16be'],
];
/** The XML declaration has to be within this many bytes. */
const HEAD = 1_024;
const CHARSET = /charset\s*=\s*["']?([\w.:-]+)/i;
const DECLARATION = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)["']/i;
/** Names that old programs write, beside those of https://encoding.spec.whatwg.org/#names-and-labels */
const ALIASES: Record<string, string> = {
  'ms-ee': 'windows-1250',
  'ms-cyrl': 'windows-1251',
  'ms-ansi': 'windows-1252',
  'ms-greek': 'windows-1253',
  'ms-turk': 'windows-1254',
  'ms-hebr': 'windows-1255',
  'ms-arab': 'windows-1256',
  winbaltrim: 'windows-1257',
  macroman: 'macintosh',
  'mac-cyrillic': 'x-mac-cyrillic',
  maccyrillic: 'x-mac-cyrillic',
};
/** Bytes 128 to 159: https://encoding.spec.whatwg.org/index-windows-1252.txt */
export const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Bytes to text by byte order mark, then the charset of the HTTP header, then the XML declaration; where nothing is
 * said, UTF-8 if the bytes are, else windows-1252. What is said is checked: where header and declaration differ and one
 * of them is UTF-8, the bytes decide; and UTF-8 of which not one character is right is windows-1252.
 */
export function decodeText({ body, contentType }: Pick<WireAnswer, 'body' | 'contentType'>): string {
  const mark = markOf(body);
  if (mark !== undefined) return decodeAs(body, mark);
  const header = known(CHARSET.exec(contentType ?? '')?.[1]);
  const declared = known(DECLARATION.exec(latin1(body.subarray(0, HEAD)))?.[1]);
  const said = header ?? declared;
  if (said === undefined) return decodeAs(body, guessEncoding(body, true));
  const other = said === declared ? undefined : declared;
  if (other === 'utf-8' && isUtf8(body)) return decodeAs(body, other);
  return said === 'utf-8' ? decodeSaidUtf8(body, other) : decodeAs(body, said);
}

function decodeSaidUtf8(body: Uint8Array, other: string | undefined): string {
  const text = decodeAs(body, 'utf-8');
  if (!text.includes('\ufffd') || isUtf8(body)) return text;
  const isWrong = other !== undefined || !/[\u0080-\ufffc]/.test(text);
  return isWrong ? decodeAs(body, other ?? 'windows-1252') : text;
}

function decodeAs(body: Uint8Array, label: string): string {
  if (label.startsWith('utf-32')) return decodeUtf32(body, label === 'utf-32le');
  if (label !== 'windows-1252') return decoderOf(label).decode(body);
  // Node 20 leaves bytes 128 to 159 as control characters, which would cost the quotation marks and the euro sign.
  return latin1(body).replace(/[\u0080-\u009f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!);
}

/** https://www.unicode.org/faq/utf_bom.html#gen6 ; `TextDecoder` does not know it. */
function decodeUtf32(body: Uint8Array, isLittle: boolean): string {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const characters: string[] = [];
  for (let at = 0; at + 4 <= body.byteLength; at += 4) {
    const code = view.getUint32(at, isLittle);
    const isNone = code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff);
    characters.push(isNone ? '\ufffd' : String.fromCodePoint(code));
  }
  return characters.join('').replace(/^\ufeff/, '');
}

/** The encoding of text that says nothing about it, from its beginning, which may end inside a character if not whole. */
export function guessEncoding(beginning: Uint8Array, isWhole = false): string {
  const marked = markOf(beginning);
  if (marked !== undefined) return marked;
  return isUtf8(beginning, isWhole) ? 'utf-8' : 'windows-1252';
}

function isUtf8(bytes: Uint8Array, isWhole = true): boolean {
  if (isWhole) return isWholeUtf8(bytes);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The JSON value of an answer. Throws `SOURCE_SHAPE` that says what came instead. */
export function readJson(answer: WireAnswer, expected: string): unknown {
  const text = decodeText(answer);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notInFormat(expected, describe(text));
  }
}

const LOOK = 'Open the address in a browser: a login page, a proxy or a change of the platform may stand in between.';

/** Error for an answer that is something else as a whole. Both are phrases: `a list of reviews`, `an HTML page`. */
export function notInFormat(expected: string, came: string, fix = LOOK): AppError {
  return new AppError('SOURCE_SHAPE', `Expected ${expected}, but ${came} came.`, { fix });
}

/** In words what a text is, for people who expected something else. */
export function describe(text: string): string {
  const start = text.slice(0, 20_000).trimStart();
  if (start === '') return 'nothing';
  if (/^(<!doctype html|<html|<head|<body|<!--[^]{0,500}?--><html)/i.test(start)) return describeHtml(start);
  if (/^[{[]/.test(start)) return 'JSON that is broken or cut off';
  if (start.startsWith('<')) return 'an XML document that is broken or of another kind';
  return `text that begins "${start.slice(0, 40).replace(/\s+/g, ' ')}"`;
}

function describeHtml(start: string): string {
  const title = /<title[^>]{0,200}>([^<]{1,500})/i.exec(start)?.[1];
  const said = title === undefined ? '' : htmlToText(title).slice(0, 100);
  return said === '' ? 'an HTML page without a title' : `an HTML page titled "${said}"`;
}

function markOf(bytes: Uint8Array): string | undefined {
  return MARKS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte))?.[1];
}

/** Made once each, since making one takes longer than decoding a small answer; browsers know some 40 encodings. */
const decoders = new Map<string, TextDecoder>();

function decoderOf(label: string): TextDecoder {
  const made = decoders.get(label) ?? new TextDecoder(label);
  if (decoders.size < MAX_DECODERS) decoders.set(label, made);
  return made;
}

/** Every name of every encoding: https://encoding.spec.whatwg.org/#names-and-labels */
const MAX_DECODERS = 256;

function known(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  const name = label.toLowerCase().replaceAll('_', '-');
  try {
    return decoderOf(ALIASES[name] ?? name).encoding;
  } catch {
    return undefined;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
