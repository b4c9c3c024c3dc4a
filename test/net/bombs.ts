import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';

/** What a hostile or broken platform answers. */
export interface Bomb {
  headers?: Record<string, string>;
  body: Buffer;
  /** The body is sent again and again, without an end. */
  endless?: boolean;
  /** Single bytes, far apart. */
  slow?: boolean;
}

/** A page of a platform as it should be: the fixture of its type that holds most mentions. */
export interface GoodPage {
  type: string;
  body: string;
  format: 'json' | 'xml';
}

const MB = 1_024 * 1_024;
const DEEP = 100_000;

/** Where the fixture with most mentions is not the answer that a pull asks for first. */
const FIRST: Record<string, string> = {
  freshdesk: 'tickets.json',
  intercom: 'list.json',
  hubspot: 'tickets.json',
  zendesk: 'cursor-export.json',
};

export function goodPage(type: string): GoodPage {
  // As its example in the reference asks for it.
  if (type === 'http-json') return { type, body: JSON.stringify({ data: OWN_SHAPE }), format: 'json' };
  const folder = new URL(`../fixtures/sources/${type}/`, import.meta.url);
  const golden = readdirSync(folder).filter((name) => name.endsWith('.golden.json'));
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
  const sized = golden.map((name) => [itemsOf(read(name)), name.replace(/\.golden\.json$/, '')] as const);
  const file = FIRST[type] ?? sized.toSorted(([one], [other]) => other - one)[0]![1];
  return { type, body: read(file), format: /\.(json|xml)$/.exec(file)?.[1] === 'json' ? 'json' : 'xml' };
}

const OWN_SHAPE = [
  { uid: 'r-1001', body: 'The strap came loose twice.', created_at: '2026-02-01T10:00:00Z', stars: 2 },
];

const itemsOf = (golden: string) => (JSON.parse(golden) as { items?: unknown[] }).items?.length ?? 0;

/** Every bomb, made for one type. */
export const BOMBS: Record<string, (page: GoodPage) => Bomb> = {
  'a gzip bomb of 200 MB': () => packed('gzip', gzipped()),
  'gzip within gzip': () => packed('gzip, gzip', gzipSync(gzipped())),
  'a deflate bomb of 200 MB': () => packed('deflate', deflated()),
  'a brotli bomb of 200 MB': () => packed('br', brotli()),
  '50 MB at once': () => ({ body: fifty(), headers: { 'content-length': String(fifty().length) } }),
  'a body without an end': (page) => ({ body: Buffer.alloc(MB, page.body), endless: true }),
  'a byte now and then': (page) => ({ body: Buffer.from(page.body.slice(0, 20)), slow: true }),
  '100,000 nested arrays': () => ({ body: Buffer.from('['.repeat(DEEP)) }),
  '100,000 nested arrays, closed': () => ({ body: Buffer.from('['.repeat(DEEP) + ']'.repeat(DEEP)) }),
  '100,000 nested objects': () => ({ body: Buffer.from(`${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`) }),
  '100,000 nested tags': () => ({ body: Buffer.from(`<rss><channel><item>${'<a>'.repeat(DEEP)}`) }),
  'a page with 100,000 nested tags as text': (page) => withText(page, `${'<b>'.repeat(DEEP)}deep`),
  'a page with 1 MB of entities as text': (page) => withText(page, '&#65;'.repeat(MB / 5)),
  'a page with 1 MB of broken mark-up as text': (page) => withText(page, '<a <!-- <![CDATA[ &amp'.repeat(MB / 23)),
  'a page with 1 MB of words as text': (page) =>
    withText(page, 'Strings went out of tune, call +40 721. '.repeat(26_000)),
  'an entity bomb': () => ({ body: Buffer.from(laughs()) }),
  '5 MB of entities': () => ({ body: Buffer.from(`<rss><channel><item><title>${'&#65;'.repeat(MB)}`) }),
  'another charset than is said': (page) => ({
    body: Buffer.from(page.body, 'utf16le'),
    headers: { 'content-type': 'application/json; charset=utf-8' },
  }),
  'a charset that nobody knows': (page) => ({
    body: Buffer.from(page.body, 'latin1'),
    headers: { 'content-type': 'text/xml; charset=x-velmora-7' },
  }),
  'a page with __proto__ in every object': (page) =>
    inJson(page, (body) => body.replaceAll('{"', '{"__proto__":{"hurt":1},"')),
  'a page with NUL and lone surrogates in every text': (page) =>
    inJson(page, (body) => body.replaceAll(/":"/g, String.raw`":"\u0000\ud800`)),
  'a page with characters that are none as text': (page) => withText(page, '\0\ud800 &#0;&#xd800; &#x110000;'),
  'NUL bytes only': () => ({ body: Buffer.alloc(MB) }),
  'a page of 1 MB': (page) => bigPage(page, MB),
  'a page with 20,000 empty entries': (page) => bigPage(page, MB / 16, true),
  'a page of 7 MB of words': (page) => withText(page, 'Șirul s-a rupt, din nou. '.repeat(90_000)),
  '7 MB of empty entries': (page) => ({
    body: Buffer.from(page.format === 'xml' ? '<item/>'.repeat(MB) : `[${'{},'.repeat(2.3 * MB)}{}]`),
  }),
};

const once = <T>(make: () => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};
const zeros = () => Buffer.alloc(200 * MB, ' ');
const gzipped = once(() => gzipSync(zeros()));
const deflated = once(() => deflateSync(zeros()));
const brotli = once(() => brotliCompressSync(zeros(), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }));
const fifty = once(() => Buffer.alloc(50 * MB, '{"a":"bbbbbbbbbb"},'));

const packed = (encoding: string, body: Buffer): Bomb => ({ body, headers: { 'content-encoding': encoding } });

/** https://en.wikipedia.org/wiki/Billion_laughs_attack */
function laughs(): string {
  const levels = [...Array(12).keys()].map((level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`);
  return `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">${levels.join('')}]><rss><channel><item><guid>1</guid><title>&l12;</title></item></channel></rss>`;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Feeds come as JSON too: https://www.jsonfeed.org/version/1.1/ */
const JSON_FEED = {
  version: 'https://jsonfeed.org/version/1.1',
  title: 'Velmora',
  items: [{ id: 'f-1', content_text: 'Strings that stay in tune.' }],
};

function inJson({ body, format }: GoodPage, change: (body: string) => string): Bomb {
  return { body: Buffer.from(change(JSON.stringify(format === 'json' ? JSON.parse(body) : JSON_FEED))) };
}

/** The page with its longest text replaced everywhere. */
function withText(page: GoodPage, text: string): Bomb {
  if (page.format === 'xml') {
    const escaped = text.replaceAll('<', '&lt;');
    return {
      body: Buffer.from(
        page.body.replaceAll(/(<(title|description)>)[^<]*(?=<\/)/g, (_, tag: string) => tag + escaped),
      ),
    };
  }
  const json = JSON.parse(page.body) as Json;
  const longest = textsIn(json).toSorted((one, other) => other.length - one.length)[0]!;
  let left = 3;
  const swap = (_: string, value: Json) => (value === longest && left-- > 0 ? text : value);
  return { body: Buffer.from(JSON.stringify(json, swap)) };
}

/** Words of people: they hold spaces, which dates and ids do not. */
function textsIn(json: Json): string[] {
  if (typeof json === 'string') return /\p{L} \p{L}/u.test(json) ? [json] : [];
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap(textsIn) : [];
}

/** The page with its entries repeated under other ids, or followed by empty ones, until it is that long. */
function bigPage(page: GoodPage, bytes: number, empty = false): Bomb {
  if (page.format === 'json') return { body: Buffer.from(bigJson(JSON.parse(page.body) as Json, bytes, empty)) };
  const [entry] = /<(item|entry)[ >].*?<\/\1>/s.exec(page.body)!;
  const one = empty ? entry.replace(/>.*</s, '><') : entry;
  const copies: string[] = [];
  for (let size = 0; size < bytes; size += one.length)
    copies.push(one.replaceAll(/\d{4,}/g, (digits) => String(Number(digits) + copies.length)));
  return { body: Buffer.from(page.body.replace(entry, () => copies.join(''))) };
}

function bigJson(json: Json, bytes: number, empty: boolean): string {
  const list = longestList(json) ?? [];
  const copies: Json[] = [];
  for (let size = 0; size < bytes;) {
    const copy = empty ? {} : renamed(list[copies.length % Math.max(list.length, 1)] ?? {}, copies.length);
    copies.push(copy);
    size += JSON.stringify(copy).length + 1;
  }
  return JSON.stringify(json, (_, value: Json) => (value === list ? [...list, ...copies] : value));
}

function longestList(json: Json): Json[] | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const below = Object.values(json).flatMap((value) => (longestList(value) ? [longestList(value)!] : []));
  const own = Array.isArray(json) && json.every((one) => typeof one === 'object') && json.length > 0 ? [json] : [];
  // Of two of the same length the outer one.
  return [...own, ...below].toSorted((one, other) => other.length - one.length)[0];
}

const ID = /^(?:id|.*_id|.*Id|uri|guid|uuid|token|objectID|label)$/;

function renamed(json: Json, number: number): Json {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map((one) => renamed(one, number));
  const pairs = Object.entries(json).map(([name, value]) => {
    if (!ID.test(name) || (typeof value !== 'string' && typeof value !== 'number'))
      return [name, renamed(value, number)];
    return [name, typeof value === 'number' ? value + number : `${value}${number}`];
  });
  return Object.fromEntries(pairs) as Json;
}
