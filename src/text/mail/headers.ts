import { decodeText } from '../decode.ts';

/** Header fields by their name in lower case; the values unfolded, each as it is written otherwise. */
export type MailHeaders = ReadonlyMap<string, readonly string[]>;

export interface MailAddress {
  /** In lower case. */
  address: string;
  name: string | undefined;
}

/** A value such as `text/plain; charset=utf-8`, its names in lower case. */
export interface Parameters {
  value: string;
  parameters: Readonly<Record<string, string | undefined>>;
}

/** More of them than any mail program writes. */
const MAX_FIELDS = 2_000;
const FIELD = /^([!-9;-~]{1,120})[ \t]*:(.*)$/s;

/**
 * The header of a mail or of a part: https://www.rfc-editor.org/rfc/rfc5322#section-2.2
 * Lines that are no fields are passed over, as is what stands before the first one.
 */
export function readHeaders(bytes: Uint8Array): MailHeaders {
  const unfolded = decodeText({ body: bytes }).replace(/\r?\n(?=[ \t])/g, '');
  const fields = new Map<string, string[]>();
  for (const line of unfolded.split(/\r?\n/, MAX_FIELDS)) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase();
    fields.set(key, [...(fields.get(key) ?? []), value!.trim()]);
  }
  return fields;
}

/** The field where it stands once; the first of several, because a mail is handed on by writing above. */
export function fieldOf(headers: MailHeaders, name: string): string | undefined {
  const value = headers.get(name)?.[0];
  return value === '' ? undefined : value;
}

const WORD = String.raw`=\?[^?\s]{1,60}\?[bq]\?[^?]{0,2000}\?=`;
const WORDS = new RegExp(`(?:${WORD}[ \\t]{0,20})*${WORD}`, 'gi');
const ONE_WORD = /=\?([^?*\s]{1,60})(?:\*[^?\s]{0,40})?\?([bq])\?([^?]{0,2000})\?=/gi;

/**
 * Encoded words as text: https://www.rfc-editor.org/rfc/rfc2047
 * Neighbours of one charset are decoded together, because mail programs cut in the middle of a character.
 */
export function decodeWords(value: string): string {
  return value.replace(WORDS, (run) => {
    const words = [...run.matchAll(ONE_WORD)].map(([, charset, kind, text]) => ({
      charset: charset!.toLowerCase(),
      bytes: kind!.toLowerCase() === 'b' ? Buffer.from(text!, 'base64') : qBytes(text!),
    }));
    const pieces: { charset: string; bytes: Buffer[] }[] = [];
    for (const { charset, bytes } of words) {
      const last = pieces.at(-1);
      if (last?.charset === charset) last.bytes.push(bytes);
      else pieces.push({ charset, bytes: [bytes] });
    }
    return pieces.map(({ charset, bytes }) => decodeCharset(Buffer.concat(bytes), charset)).join('');
  });
}

const qBytes = (text: string) => unescapeBytes(text.replaceAll('_', ' '));

/** `=E9` and its like, in mails and in header words. */
export function unescapeBytes(text: string): Buffer {
  const plain = text.replace(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(plain, 'latin1');
}

/** Names that mail programs write, beside those of https://encoding.spec.whatwg.org/#names-and-labels */
const CHARSETS: Record<string, string> = {
  'ks_c_5601-1987': 'euc-kr',
  ks_c_5601: 'euc-kr',
  cp949: 'euc-kr',
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp950: 'big5',
  ansi: 'windows-1252',
};

/** Text of a charset that the mail names; where it names none or an unknown one, the bytes decide. */
export function decodeCharset(bytes: Uint8Array, charset: string | undefined): string {
  const name = charset?.toLowerCase();
  return decodeText({ body: bytes, contentType: name && `text/plain; charset=${CHARSETS[name] ?? name}` });
}

/** Ids of mails in a field, without their angle brackets: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4 */
export function idsIn(value: string | undefined): string[] {
  return [...(value ?? '').matchAll(/<([^<>\s]{1,500})>/g)].map(([, id]) => id!);
}

const PARAMETER = /;\s*([\w*.-]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.){0,1000})"|([^;\s"]{0,1000}))/gs;

/** https://www.rfc-editor.org/rfc/rfc2045#section-5.1 */
export function readParameters(value: string | undefined): Parameters {
  const [first = ''] = (value ?? '').split(';', 1);
  const pairs = [...(value ?? '').matchAll(PARAMETER)].map(
    ([, name, quoted, bare]) => [name!.toLowerCase(), quoted?.replace(/\\(.)/gs, '$1') ?? bare!] as const,
  );
  return { value: first.trim().toLowerCase(), parameters: Object.fromEntries(pairs) };
}

/** Most addresses of one field that are read. */
const MAX_ADDRESSES = 200;

/** Addresses of a field, groups opened: https://www.rfc-editor.org/rfc/rfc5322#section-3.4 */
export function addressesIn(value: string | undefined): MailAddress[] {
  return splitAddresses(value ?? '')
    .slice(0, MAX_ADDRESSES)
    .flatMap((entry) => {
      const angle = /<([^<>\s]{1,320})>[^<]*$/.exec(entry);
      const bare = angle ? undefined : /[^\s<>()",;:]{1,64}@[^\s<>()",;:]{1,255}/.exec(entry);
      const address = angle?.[1] ?? bare?.[0];
      if (!address?.includes('@')) return [];
      const said = angle ? entry.slice(0, angle.index) : /\(([^()]{1,200})\)/.exec(entry)?.[1];
      return [{ address: address.toLowerCase(), name: nameOf(said) }];
    });
}

/** Encoded words are decoded last, because what they hold is no syntax. */
function nameOf(said: string | undefined): string | undefined {
  const plain = said
    ?.trim()
    .replace(/^"(.*)"$/s, '$1')
    .replace(/\\(.)/gs, '$1');
  const name = decodeWords(plain ?? '').trim();
  return name === '' ? undefined : name;
}

/** Parts a field at its commas and at the signs of groups, unless they stand in quotes, brackets or comments. */
function splitAddresses(value: string): string[] {
  const entries = [''];
  let until = '';
  for (let at = 0; at < value.length; at++) {
    const sign = value[at]!;
    if (sign === '\\' && until !== '') entries[entries.length - 1] += sign + (value[++at] ?? '');
    else if (until === '' && /[,;:]/.test(sign)) entries.push('');
    else {
      if (until === sign) until = '';
      else if (until === '') until = CLOSING[sign] ?? '';
      entries[entries.length - 1] += sign;
    }
  }
  return entries;
}

const CLOSING: Record<string, string> = { '"': '"', '<': '>', '(': ')' };
