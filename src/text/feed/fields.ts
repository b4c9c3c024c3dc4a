/** Dates in the order in which they are believed. When it was written comes before when it was changed. */
const DATE_FIELDS = [
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
] as const;
/** The whole text before a summary of it. */
const BODY_FIELDS = [
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
] as const;
const TITLE_FIELDS = ['title', 'atom:title', 'dc:title', 'media:title'] as const;
const SINGLE_FIELDS = [
  'guid',
  'atom:id',
  'rdf:about',
  'link',
  'atom:link',
  'feedburner:origlink',
  'author',
  'dc:creator',
  'itunes:author',
  'atom:author/atom:name',
  'atom:author/atom:uri',
  'atom:author/atom:url',
  'language',
  'dc:language',
  'xml:lang',
  'thr:total',
  'slash:comments',
  'media:statistics',
] as const;
const FIELDS = [...DATE_FIELDS, ...BODY_FIELDS, ...TITLE_FIELDS, ...SINGLE_FIELDS];
type Field = (typeof FIELDS)[number];

const PLACES = new Map<string, number>(FIELDS.map((name, place) => [name, place]));
const OWN = /^(?:atom|dc|dcterms|content|xhtml|rdf|itunes|media|slash|thr|feedburner|xml):/;

/** The place of what is outside the feed's own vocabulary. */
export const FOREIGN = -1;
/** A list with every place empty, to copy. */
export const EMPTY: readonly undefined[] = FIELDS.map(() => undefined);

/** Where a field stands in `Values`; undefined for what nobody reads, such as categories. */
export function placeOf(name: string): number | undefined {
  const known = PLACES.get(name);
  if (known !== undefined) return known;
  return name.includes(':') && !name.includes('/') && !OWN.test(name) ? FOREIGN : undefined;
}

export const place = (name: Field): number => PLACES.get(name)!;

export const DATES = DATE_FIELDS.map(place);
export const BODIES = BODY_FIELDS.map(place);
export const TITLES = TITLE_FIELDS.map(place);
