import { decodeCharset, fieldOf, readHeaders, readParameters, unescapeBytes } from './headers.ts';
import type { MailHeaders } from './headers.ts';

/** A readable part of a mail, decoded. */
export interface Words {
  isHtml: boolean;
  text: string;
}

/** Deeper or further mails are made to hurt. */
const MAX_DEPTH = 8;
const MAX_PARTS = 40;
/** Pieces of words between pictures, all of which somebody wrote. */
const MAX_WORDS = 10;

/** Where the header ends and the rest begins. Without an empty line, everything is header. */
export function splitHeader(bytes: Uint8Array): { header: Uint8Array; body: Buffer } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blank = /^\r?\n/.exec(text.subarray(0, 2).toString('latin1'));
  if (blank) return { header: Buffer.alloc(0), body: text.subarray(blank[0].length) };
  const end = [
    { at: text.indexOf('\n\n'), length: 2 },
    { at: text.indexOf('\n\r\n'), length: 3 },
  ]
    .filter(({ at }) => at >= 0)
    .toSorted((one, other) => one.at - other.at)[0];
  if (end === undefined) return { header: text, body: Buffer.alloc(0) };
  return { header: text.subarray(0, end.at), body: text.subarray(end.at + end.length) };
}

/**
 * What a person wrote in a mail: https://www.rfc-editor.org/rfc/rfc2046
 * Of alternatives the plain one, of the rest all words that are no attachment. The mail may break off.
 */
export function wordsOf(headers: MailHeaders, body: Buffer): Words[] {
  return collect(headers, body, 0).slice(0, MAX_WORDS);
}

function collect(headers: MailHeaders, body: Buffer, depth: number): Words[] {
  const { value: type, parameters } = readParameters(fieldOf(headers, 'content-type') ?? 'text/plain');
  if (!type.startsWith('multipart/')) return leafOf(type, parameters, headers, body);
  const boundary = parameters['boundary'];
  if (boundary === undefined || boundary === '' || depth >= MAX_DEPTH) return [];
  const children = splitParts(body, boundary);
  const read = (part: Buffer) => {
    const { header, body: rest } = splitHeader(part);
    return collect(readHeaders(header), rest, depth + 1);
  };
  if (type === 'multipart/alternative') return bestOf(children.map(read));
  // Only the root of these is for reading; the rest are its pictures, or a signature by machine.
  if (type === 'multipart/related' || type === 'multipart/signed') return children.slice(0, 1).flatMap(read);
  if (type === 'multipart/encrypted') return [];
  return children.flatMap(read);
}

/** The first plain one that says anything, else the first of any kind that does. */
function bestOf(alternatives: Words[][]): Words[] {
  const said = alternatives.filter((one) => one.some(({ text }) => text.trim() !== ''));
  return said.find((one) => one.every(({ isHtml }) => !isHtml)) ?? said[0] ?? [];
}

/** Parts between lines of `--boundary`; what stands before the first and after the last is for no one. */
function splitParts(body: Buffer, boundary: string): Buffer[] {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Buffer[] = [];
  let start: number | undefined;
  for (let at = body.indexOf(mark); at >= 0 && parts.length < MAX_PARTS; at = body.indexOf(mark, at + mark.length)) {
    if (at > 0 && body[at - 1] !== NEWLINE) continue;
    if (start !== undefined) parts.push(body.subarray(start, Math.max(start, at - 1)));
    const isLast = body[at + mark.length] === DASH && body[at + mark.length + 1] === DASH;
    const line = body.indexOf('\n', at);
    start = isLast || line < 0 ? undefined : line + 1;
    if (start === undefined) break;
  }
  if (start !== undefined && parts.length < MAX_PARTS) parts.push(body.subarray(start));
  return parts;
}

const NEWLINE = 10;
const DASH = 45;

function leafOf(
  type: string,
  parameters: Readonly<Record<string, string | undefined>>,
  headers: MailHeaders,
  body: Buffer,
): Words[] {
  if (type !== 'text/plain' && type !== 'text/html') return [];
  const disposition = readParameters(fieldOf(headers, 'content-disposition'));
  const isFile = disposition.value === 'attachment' || disposition.parameters['filename'] !== undefined;
  if (isFile || parameters['name'] !== undefined) return [];
  const bytes = decodeTransfer(body, fieldOf(headers, 'content-transfer-encoding'));
  const text = decodeCharset(bytes, parameters['charset']).replace(/\r\n?/g, '\n');
  const isFlowed = parameters['format']?.toLowerCase() === 'flowed';
  const unfolded = isFlowed ? unflow(text, parameters['delsp']?.toLowerCase() === 'yes') : text;
  return [{ isHtml: type === 'text/html', text: unfolded }];
}

/** https://www.rfc-editor.org/rfc/rfc2045#section-6 */
function decodeTransfer(body: Buffer, encoding: string | undefined): Uint8Array {
  const kind = encoding?.trim().toLowerCase();
  if (kind === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
  if (kind === 'quoted-printable') return unescapeBytes(body.toString('latin1').replace(/=[ \t]{0,80}\r?\n/g, ''));
  return body;
}

/** Lines that end in a blank go on in the next: https://www.rfc-editor.org/rfc/rfc3676#section-4.1 */
function unflow(text: string, dropsBlank: boolean): string {
  const lines: string[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    const isQuote = line.startsWith('>');
    const plain = isQuote ? line : line.replace(/^ /, '');
    const goesOn = plain.endsWith(' ') && plain !== '-- ' && !isQuote;
    const kept = goesOn && dropsBlank ? plain.slice(0, -1) : plain;
    if (isOpen && !isQuote && plain !== '-- ') lines[lines.length - 1] += kept;
    else lines.push(kept);
    isOpen = goesOn;
  }
  return lines.join('\n');
}
