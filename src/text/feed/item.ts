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
];
const BODIES = ['content:encoded', 'atom:content', 'xhtml:body', 'description', 'atom:summary', 'dc:description'];
const TITLES = ['title', 'atom:title', 'dc:title'];
const OWN = /^(?:atom:|dc:|dcterms:|content:|xhtml:|rdf:|itunes:|media:)/;

/**
 * One item out of its elements.
 * @see https://www.rssboard.org/rss-specification
 * @see https://web.resource.org/rss/1.0/spec
 * @see https://www.rfc-editor.org/rfc/rfc4287
 */
export function itemOf(values: Values, feedLanguage?: string): RawFeed['items'][number] {
  const body = BODIES.map((name) => values.get(name)?.find(isBody)).find((value) => value !== undefined);
  const title = TITLES.map((name) => values.get(name)?.find(isFilled)).find((value) => value !== undefined);
  const dates = DATES.map((name) => readInstant(contentOf(values, name)));
  return {
    id: contentOf(values, 'guid') ?? contentOf(values, 'atom:id') ?? contentOf(values, 'rdf:about'),
    title: title && titleText(title),
    url: linkOf(values),
    ...(body && (isMarkup(body) ? { html: body.content } : { text: body.content })),
    publishedAt: dates.find((date) => date !== undefined),
    author: authorOf(values),
    language: contentOf(values, 'dc:language') ?? contentOf(values, 'language') ?? feedLanguage,
    extensions: extensionsOf(values),
  };
}

const isFilled = ({ content }: Value) => content.trim() !== '';

/** Atom's content may also stand elsewhere (`src`) or be something that is no text. */
function isBody(value: Value): boolean {
  const { type = '' } = value.attributes;
  const isText = !type.includes('/') || type.startsWith('text/') || type.includes('html');
  return value.attributes['src'] === undefined && isText && isFilled(value);
}

/** RSS carries HTML without saying so; Atom says what it carries, and plain text where it says nothing. */
function isMarkup({ name, kind, attributes: { type } }: Value): boolean {
  return kind === 'html' || (type === undefined ? !name.startsWith('atom:') : type.includes('html'));
}

function titleText(value: Value): string | undefined {
  return (isMarkup(value) ? htmlToText(value.content) : value.content.trim()) || undefined;
}

function contentOf(values: Values, name: string): string | undefined {
  return values.get(name)?.find(isFilled)?.content.trim();
}

function linkOf(values: Values): string | undefined {
  const atom = values.get('atom:link') ?? [];
  const alternate = atom.find(({ attributes: { rel = 'alternate', href } }) => rel === 'alternate' && href);
  const plain = values.get('link')?.find(isFilled);
  const guid = values.get('guid')?.find(({ attributes }) => attributes['ispermalink']?.toLowerCase() !== 'false');
  const related = atom.find(({ attributes: { rel, href } }) => rel !== 'self' && rel !== 'edit' && href);
  return (
    resolve(plain?.content, plain?.base) ??
    resolve(alternate?.attributes['href'], alternate?.base) ??
    (guid && /^https?:/.test(guid.content.trim()) ? guid.content.trim() : undefined) ??
    resolve(related?.attributes['href'], related?.base)
  );
}

/** RSS writes `address (name)`; the name is enough, since addresses are nobody's business. */
const RSS_AUTHOR = /^\S+@\S+\s*\(([^)]{1,500})\)$/;

function authorOf(values: Values): FeedItem['author'] {
  const name = contentOf(values, 'atom:author/atom:name') ?? contentOf(values, 'dc:creator');
  const id = contentOf(values, 'atom:author/atom:uri') ?? contentOf(values, 'atom:author/atom:url');
  const plain = contentOf(values, 'author') ?? contentOf(values, 'itunes:author');
  const said = name ?? RSS_AUTHOR.exec(plain ?? '')?.[1] ?? plain;
  return said === undefined && id === undefined ? undefined : { name: said && htmlToText(said), id };
}

function extensionsOf(values: Values): Record<string, string> | undefined {
  const found = [...values].filter(([name]) => name.includes(':') && !name.includes('/') && !OWN.test(name));
  const pairs = found
    .map(([name, [first]]) => [name, first!.content.trim()] as const)
    .filter(([, text]) => text !== '');
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}
