import type { Feed } from './feed.ts';
import { placeOf } from './fields.ts';

/** Outermost elements. */
const ROOTS = new Map<string, Feed['format']>([
  ['rss', 'rss'],
  ['channel', 'rss'],
  ['rdf:rdf', 'rdf'],
  ['atom:feed', 'atom'],
]);
const ITEMS = new Set(['item', 'atom:entry']);
const AUTHOR = 'atom:author/';
/** Their children count as if they stood in the item or the channel itself, under the prefix. */
const TRANSPARENT = new Map([
  ['channel', ''],
  ['media:group', ''],
  ['media:content', ''],
  ['media:community', ''],
  ['atom:author', AUTHOR],
]);
/** Short plain fields: another field that begins inside one of them shows that its end is missing. */
const SHORT = ['title', 'link', 'guid', 'pubdate', 'author', 'comments', 'dc:creator', 'dc:date', 'dc:title'];
const ATOM_SHORT = ['atom:title', 'atom:id', 'atom:updated', 'atom:published'];
const SHORT_FIELDS = new Set([...SHORT, ...ATOM_SHORT]);
const BEGINS_FIELD = new Set([
  ...SHORT_FIELDS,
  'description',
  'content:encoded',
  'atom:content',
  'atom:summary',
  'atom:link',
]);
/** Fields in which an item cannot begin, so that one that does shows that the item before never ended. */
const NO_ITEM_INSIDE = new Set([...BEGINS_FIELD, 'category', 'enclosure', 'atom:author', 'atom:category']);
const XHTML_BODIES = new Set(['xhtml:body', 'body']);

/** What the name of an element says, looked up once per name. */
export interface Meaning {
  /** Qualified: `short:name`. */
  name: string;
  format: Feed['format'] | undefined;
  isItem: boolean;
  /** What the names of its children begin with, where they count as fields of what is around it. */
  inside: string | undefined;
  isXhtml: boolean;
  isShort: boolean;
  beginsField: boolean;
  barsItems: boolean;
  /** Where it stands among the values, where it is a field. */
  place: number | undefined;
  /** The same inside an author. */
  placeInAuthor: number | undefined;
}

export function meaningOf(name: string): Meaning {
  return {
    name,
    format: ROOTS.get(name),
    isItem: ITEMS.has(name),
    inside: TRANSPARENT.get(name),
    isXhtml: XHTML_BODIES.has(name),
    isShort: SHORT_FIELDS.has(name),
    beginsField: BEGINS_FIELD.has(name),
    barsItems: NO_ITEM_INSIDE.has(name),
    place: placeOf(name),
    placeInAuthor: placeOf(AUTHOR + name),
  };
}
