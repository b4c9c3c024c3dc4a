import { readInstant } from '../dates.ts';
import { htmlToText } from '../html.ts';
import type { FeedItem, RawFeed } from './feed.ts';
import { resolve } from './value.ts';
import type { Value, Values } from './value.ts';

/** Fields in the order in which they are believed. When it was written comes before when it was changed. */
const DATES = [
  'atom:published',
  'pubdate',
  'dc:date',
  'atom:issued',
  'dcterms:issued',
  'dcterms:created',
  'atom:created',
  'atom:updated',
  'atom:modified',
  'dcterms:modified',
  'lastmod',
];
/** The whole text before a summary of it. */
const BODIES = [
  'content:encoded',
  'atom:content',
  'xhtml:body',
  'body',
  'fullitem',
  'description',
  'atom:summary',
  'summary',
  'dc:description',
  'abstract',
  'itunes:summary',
  'media:description',
];
const TITLES = ['title', 'atom:title', 'dc:title', 'media:title'];
const OWN = /^(?:atom:|dc:|dcterms:|content:|xhtml:|rdf:|itunes:|media:|slash:|thr:|feedburner:|xml:)/;

/**
 * One item out of its elements.
 * @see https://www.rssboard.org/rss-specification
 * @see https://web.resource.org/rss/1.0/spec
 * @see https://www.rfc-editor.org/rfc/rfc4287
 */
export function itemOf(values: Values): RawFeed['items'][number] {
  const body = firstReadable(values, BODIES);
  const title = firstReadable(values, TITLES);
  const isHtml = body !== undefined && isMarkup(body);
  return {
    id: contentOf(values, 'guid') ?? contentOf(values, 'atom:id') ?? contentOf(values, 'rdf:about'),
    title: title && titleText(title),
    url: linkOf(values),
    html: isHtml ? body?.content : undefined,
    text: isHtml ? undefined : body?.content,
    publishedAt: dateOf(values),
    author: authorOf(values),
    language: contentOf(values, 'dc:language') ?? contentOf(values, 'language') ?? languageOf(values, body),
    replies: repliesOf(values),
    views: count(values.get('media:statistics')?.[0]?.attributes['views']),
    extensions: extensionsOf(values),
  };
}

const isFilled = ({ content }: Value) => /\S/.test(content);

function firstReadable(values: Values, names: string[]): Value | undefined {
  for (const name of names) {
    for (const value of values.get(name) ?? []) {
      const readable = isFilled(value) ? asText(value) : undefined;
      if (readable) return readable;
    }
  }
  return undefined;
}

/** Of several of one name the last one that is a date. */
function dateOf(values: Values): string | undefined {
  for (const name of DATES) {
    const found = values.get(name);
    const date = found?.map(({ content }) => readInstant(content)).findLast((instant) => instant !== undefined);
    if (date !== undefined) return date;
  }
  return undefined;
}

/**
 * A value as text, decoded from base64 where it is told to be; undefined where it is something else (an image, a film)
 * or stands elsewhere (`src`).
 */
function asText(value: Value): Value | undefined {
  const { type = '', mode, src } = value.attributes;
  if (src !== undefined) return undefined;
  const isText = !type.includes('/') || /^text\/|html|\+xml$|\/xml$/.test(type);
  if (mode !== 'base64' && (isText || mode !== undefined)) return isText ? value : undefined;
  const content = textOfBase64(value.content);
  return content === undefined
    ? undefined
    : { ...value, content, kind: isText && type === 'text/plain' ? 'plain' : 'html' };
}

/** Undefined where it is no base64 or where its bytes are no text. */
function textOfBase64(encoded: string): string | undefined {
  const written = encoded.replace(/\s+/g, '');
  if (!/^[\w+/-]+={0,2}$/.test(written)) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(written, 'base64'));
    return /[^\P{Cc}\n\r\t]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** RSS carries HTML without saying so; Atom says what it carries, and plain text where it says nothing. */
function isMarkup({ name, kind, attributes: { type } }: Value): boolean {
  return kind === 'html' || (type === undefined ? !name.startsWith('atom:') : type.includes('html'));
}

function titleText(value: Value): string | undefined {
  return (isMarkup(value) ? wordsOf(value.content) : value.content.trim()) || undefined;
}

/** As `htmlToText`, which most titles and names do not need. */
function wordsOf(markup: string): string {
  const trimmed = markup.trim();
  return /<|&[#a-z]|[^\S ]|\s\s/i.test(trimmed) ? htmlToText(trimmed) : trimmed;
}

function contentOf(values: Values, name: string): string | undefined {
  return values.get(name)?.find(isFilled)?.content.trim();
}

/** Where people read it: a proxy that counts clicks comes after the address that it stands for. */
function linkOf(values: Values): string | undefined {
  return (
    addressIn(values, 'feedburner:origlink') ??
    addressIn(values, 'link') ??
    atomLink(values, (rel) => rel === 'alternate') ??
    permalinkOf(values) ??
    atomLink(values, (rel) => rel !== 'self' && rel !== 'edit')
  );
}

function addressIn(values: Values, name: string): string | undefined {
  const value = values.get(name)?.find(isFilled);
  return value && resolve(value.content, value.base);
}

function atomLink(values: Values, isMeant: (rel: string) => boolean): string | undefined {
  const link = values.get('atom:link')?.find(({ attributes: { rel, href } }) => href && isMeant(rel ?? 'alternate'));
  return link && resolve(link.attributes['href'], link.base);
}

function permalinkOf(values: Values): string | undefined {
  const guid = values.get('guid')?.find(({ attributes }) => attributes['ispermalink']?.toLowerCase() !== 'false');
  const address = guid?.content.trim() ?? '';
  return /^https?:/.test(address) ? address : undefined;
}

/** RSS writes `address (name)`; the name is enough, since addresses are nobody's business. */
const RSS_AUTHOR = /^\S+@\S+\s*\(([^)]{1,500})\)$/;

function authorOf(values: Values): FeedItem['author'] {
  const name = contentOf(values, 'atom:author/atom:name') ?? contentOf(values, 'dc:creator');
  const id = contentOf(values, 'atom:author/atom:uri') ?? contentOf(values, 'atom:author/atom:url');
  const plain = contentOf(values, 'author') ?? contentOf(values, 'itunes:author');
  const said = name ?? RSS_AUTHOR.exec(plain ?? '')?.[1] ?? plain;
  return said === undefined && id === undefined ? undefined : { name: said && wordsOf(said), id };
}

/** As declared on the item or on its text: https://www.w3.org/TR/xml/#sec-lang-tag */
function languageOf(values: Values, body: Value | undefined): string | undefined {
  return contentOf(values, 'xml:lang') ?? (body?.attributes['xml:lang'] || undefined);
}

/**
 * How many comments there are.
 * @see https://www.rfc-editor.org/rfc/rfc4685
 * @see https://web.resource.org/rss/1.0/modules/slash/
 */
function repliesOf(values: Values): number | undefined {
  const links = values.get('atom:link') ?? [];
  const counted = links.find(({ attributes: { rel, 'thr:count': told } }) => rel === 'replies' && told !== undefined);
  return (
    count(contentOf(values, 'thr:total')) ??
    count(contentOf(values, 'slash:comments')) ??
    count(counted?.attributes['thr:count'])
  );
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}

const isForeign = (name: string) => name.includes(':') && !name.includes('/') && !OWN.test(name);

function extensionsOf(values: Values): Record<string, string> | undefined {
  let pairs: [string, string][] | undefined;
  for (const [name, [first]] of values) {
    if (!isForeign(name)) continue;
    const text = first!.content.trim();
    if (text !== '') (pairs ??= []).push([name, text]);
  }
  return pairs && Object.fromEntries(pairs);
}
