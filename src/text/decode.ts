import { AppError } from '../domain/errors.ts';
import type { WireAnswer } from '../domain/source.ts';
import { htmlToText } from './html.ts';

/** What stands at the very beginning decides first: https://www.w3.org/TR/xml/#sec-guessing */
const MARKS: [number[], string][] = [
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

/**
 * Bytes to text by byte order mark, then the charset of the HTTP header, then the XML declaration; where nothing is
 * said, UTF-8 if the bytes are, else windows-1252. Names of encodings as in https://encoding.spec.whatwg.org/#names-and-labels
 */
export function decodeText({ body, contentType }: Pick<WireAnswer, 'body' | 'contentType'>): string {
  const declared = DECLARATION.exec(latin1(body.subarray(0, HEAD)))?.[1];
  const label = markOf(body) ?? known(CHARSET.exec(contentType ?? '')?.[1]) ?? known(declared);
  return new TextDecoder(label ?? guessEncoding(body, true)).decode(body);
}

/** The encoding of text that says nothing about it, from its beginning, which may end inside a character if not whole. */
export function guessEncoding(beginning: Uint8Array, isWhole = false): string {
  const marked = markOf(beginning);
  if (marked !== undefined) return marked;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(beginning, { stream: !isWhole });
    return 'utf-8';
  } catch {
    return 'windows-1252';
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

/** Error for an answer that is something else as a whole. Both are phrases: `a list of reviews`, `an HTML page`. */
export function notInFormat(expected: string, came: string): AppError {
  return new AppError('SOURCE_SHAPE', `Expected ${expected}, but ${came} came.`, {
    fix: 'Open the address in a browser: a login page, a proxy or a change of the platform may stand in between.',
  });
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

function known(label: string | undefined): string | undefined {
  try {
    return label === undefined ? undefined : new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
