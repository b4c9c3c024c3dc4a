import type { Attributes } from './attributes.ts';
import { meaningOf } from './vocabulary.ts';
import type { Meaning } from './vocabulary.ts';

/** Namespaces by the short name that the readers know them by; '' holds the elements of RSS itself. */
const NAMESPACES: Record<string, string> = {
  'http://www.w3.org/2005/atom': 'atom',
  'http://purl.org/atom/ns#': 'atom',
  'http://purl.org/rss/1.0/': '',
  'http://my.netscape.com/rdf/simple/0.9/': '',
  'http://channel.netscape.com/rdf/simple/0.9/': '',
  'http://backend.userland.com/rss2': '',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#': 'rdf',
  'http://purl.org/rss/1.0/modules/content/': 'content',
  'http://purl.org/rss/1.0/modules/slash/': 'slash',
  'http://purl.org/dc/elements/1.1/': 'dc',
  'http://purl.org/dc/terms/': 'dcterms',
  'http://purl.org/syndication/thread/1.0': 'thr',
  'http://rssnamespace.org/feedburner/ext/1.0': 'feedburner',
  'http://www.itunes.com/dtds/podcast-1.0.dtd': 'itunes',
  'http://search.yahoo.com/mrss/': 'media',
  'http://search.yahoo.com/mrss': 'media',
  'http://www.w3.org/1999/xhtml': 'xhtml',
  'http://www.w3.org/2000/svg': 'svg',
  'http://www.w3.org/1998/math/mathml': 'mathml',
};

/** What prefixes mean inside one element, and the tags that were looked up there already. */
export interface Scope {
  prefixes: ReadonlyMap<string, string>;
  tags: Map<string, Meaning>;
}

/** Prefixes that many feeds use without declaring them. */
const CUSTOMARY = ['atom', 'content', 'dc', 'rdf', 'itunes'];
/** A feed that declares more wants to cost time: each element that declares any copies them all. */
const MAX_PREFIXES = 64;

/** The scope around the outermost element; Atom without a namespace that is known is still Atom. */
export function scopeOfRoot(tag: string): Scope {
  const own = tag.toLowerCase() === 'feed' ? 'atom' : '';
  return { prefixes: new Map([...CUSTOMARY.map((name) => [name, name] as const), ['', own]]), tags: new Map() };
}

/** The scope inside an element that may declare namespaces. */
export function scopeWithin(outer: Scope, attributes: Attributes): Scope {
  let inner: Map<string, string> | undefined;
  for (const name in attributes) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    inner ??= new Map(outer.prefixes);
    if (inner.size >= MAX_PREFIXES) break;
    const prefix = name.slice(6);
    const known = NAMESPACES[attributes[name]!.trim().toLowerCase()];
    inner.set(prefix, known ?? (prefix === '' ? (outer.prefixes.get('') ?? '') : prefix));
  }
  return inner === undefined ? outer : { prefixes: inner, tags: new Map() };
}

/** What a tag means in a scope. */
export function meaningIn(scope: Scope, tag: string): Meaning {
  const before = scope.tags.get(tag);
  if (before !== undefined) return before;
  const meaning = meaningOf(qualify(scope, tag));
  scope.tags.set(tag, meaning);
  return meaning;
}

/** `short:name` in lower case; RSS's own elements have no prefix. */
function qualify(scope: Scope, tag: string): string {
  const colon = tag.indexOf(':');
  const prefix = colon < 0 ? '' : tag.slice(0, colon).toLowerCase();
  const space = scope.prefixes.get(prefix) ?? prefix;
  const name = tag.slice(colon + 1).toLowerCase();
  return space === '' ? name : `${space.toLowerCase()}:${name}`;
}
