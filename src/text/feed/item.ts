import { readInstant } from '../dates.ts';
import { htmlToText } from '../html.ts';
import { decodeEntities, noEntities } from './entities.ts';
import type { FeedItem, RawFeed } from './feed.ts';
import { BODIES, DATES, place, TITLES } from './fields.ts';
import { all, find, resolve } from './value.ts';
import type { Value, Values } from './value.ts';

const [GUID, ATOM_ID, ABOUT] = [place('guid'), place('atom:id'), place('rdf:about')];
const [LINK, ATOM_LINK, ORIGINAL_LINK] = [place('link'), place('atom:link'), place('feedburner:origlink')];
const [AUTHOR, CREATOR, ITUNES_AUTHOR] = [place('author'), place('dc:creator'), place('itunes:author')];
const ATOM_NAME = place('atom:author/atom:name');
const [ATOM_URI, ATOM_URL] = [place('atom:author/atom:uri'), place('atom:author/atom:url')];
const [LANGUAGE, DC_LANGUAGE, XML_LANGUAGE] = [place('language'), place('dc:language'), place('xml:lang')];
const [REPLIES, COMMENTS, STATISTICS] = [place('thr:total'), place('slash:comments'), place('media:statistics')];

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
    id: contentOf(values, GUID) ?? contentOf(values, ATOM_ID) ?? contentOf(values, ABOUT),
    title: title && titleText(title),
    url: linkOf(values),
    html: isHtml ? body?.content : undefined,
    text: isHtml ? undefined : body?.content,
    publishedAt: dateOf(values),
    author: authorOf(values),
    language: contentOf(values, DC_LANGUAGE) ?? contentOf(values, LANGUAGE) ?? languageOf(values, body),
    replies: repliesOf(values),
    views: count(values.firsts[STATISTICS]?.attributes['views']),
    extensions: extensionsOf(values),
  };
}

const isFilled = ({ content }: Value) => /\S/.test(content);

function firstReadable(values: Values, places: readonly number[]): Value | undefined {
  for (const wanted of places) {
    const found = find(values, wanted, isReadable);
    if (found) return asText(found);
  }
  return undefined;
}

const isReadable = (value: Value) => isFilled(value) && asText(value) !== undefined;

/** Of several of one name the last one that is a date. */
function dateOf(values: Values): string | undefined {
  for (const wanted of DATES) {
    if (values.firsts[wanted] === undefined) continue;
    const instants = all(values, wanted).map(({ content }) => readInstant(content));
    const date = instants.findLast((instant) => instant !== undefined);
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

/** Tags, blanks that a browser would not show, and all references but the usual ones, which mean no blanks. */
const NEEDS_HTML = /<|[^\S ]|\s\s|&(?!(?:amp|lt|gt|quot|#82(?:1[1267]|2[01]|30));)[#a-z]/i;

/** As `htmlToText`, which most titles and names do not need. */
function wordsOf(markup: string): string {
  const trimmed = markup.trim();
  return NEEDS_HTML.test(trimmed) ? htmlToText(trimmed) : decodeEntities(trimmed, noEntities());
}

function contentOf(values: Values, wanted: number): string | undefined {
  return find(values, wanted, isFilled)?.content.trim();
}

/** Where people read it: a proxy that counts clicks comes after the address that it stands for. */
function linkOf(values: Values): string | undefined {
  return (
    addressIn(values, ORIGINAL_LINK) ??
    addressIn(values, LINK) ??
    atomLink(values, isAlternate) ??
    permalinkOf(values) ??
    atomLink(values, isForReaders)
  );
}

const isAlternate = ({ attributes: { href, rel } }: Value) => !!href && (rel ?? 'alternate') === 'alternate';
const isForReaders = ({ attributes: { href, rel } }: Value) => !!href && rel !== 'self' && rel !== 'edit';
const isPermanent = ({ attributes }: Value) => attributes['ispermalink']?.toLowerCase() !== 'false';

function addressIn(values: Values, wanted: number): string | undefined {
  const value = find(values, wanted, isFilled);
  return value && resolve(value.content, value.base);
}

function atomLink(values: Values, isWanted: (value: Value) => boolean): string | undefined {
  const link = find(values, ATOM_LINK, isWanted);
  return link && resolve(link.attributes['href'], link.base);
}

function permalinkOf(values: Values): string | undefined {
  const address = find(values, GUID, isPermanent)?.content.trim() ?? '';
  return /^https?:/.test(address) ? address : undefined;
}

/** RSS writes `address (name)`; the name is enough, since addresses are nobody's business. */
const RSS_AUTHOR = /^\S+@\S+\s*\(([^)]{1,500})\)$/;

function authorOf(values: Values): FeedItem['author'] {
  const name = contentOf(values, ATOM_NAME) ?? contentOf(values, CREATOR);
  const id = contentOf(values, ATOM_URI) ?? contentOf(values, ATOM_URL);
  const plain = contentOf(values, AUTHOR) ?? contentOf(values, ITUNES_AUTHOR);
  const said = name ?? RSS_AUTHOR.exec(plain ?? '')?.[1] ?? plain;
  return said === undefined && id === undefined ? undefined : { name: said && wordsOf(said), id };
}

/** As declared on the item or on its text: https://www.w3.org/TR/xml/#sec-lang-tag */
function languageOf(values: Values, body: Value | undefined): string | undefined {
  return contentOf(values, XML_LANGUAGE) ?? (body?.attributes['xml:lang'] || undefined);
}

/**
 * How many comments there are.
 * @see https://www.rfc-editor.org/rfc/rfc4685
 * @see https://web.resource.org/rss/1.0/modules/slash/
 */
function repliesOf(values: Values): number | undefined {
  const counted = find(values, ATOM_LINK, isCounted);
  return (
    count(contentOf(values, REPLIES)) ?? count(contentOf(values, COMMENTS)) ?? count(counted?.attributes['thr:count'])
  );
}

const isCounted = ({ attributes }: Value) => attributes['rel'] === 'replies' && attributes['thr:count'] !== undefined;

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}

function extensionsOf({ foreign }: Values): Record<string, string> | undefined {
  if (foreign.length === 0) return undefined;
  const found = new Map<string, string>();
  for (const { name, content } of foreign) {
    const text = content.trim();
    if (text !== '' && !found.has(name)) found.set(name, text);
  }
  return found.size === 0 ? undefined : Object.fromEntries(found);
}
