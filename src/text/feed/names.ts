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
  'http://purl.org/dc/elements/1.1/': 'dc',
  'http://purl.org/dc/terms/': 'dcterms',
  'http://www.itunes.com/dtds/podcast-1.0.dtd': 'itunes',
  'http://search.yahoo.com/mrss/': 'media',
  'http://www.w3.org/1999/xhtml': 'xhtml',
};

/** Prefix to short name, as it holds inside one element. */
export type Scope = Readonly<Record<string, string>>;

/** Prefixes that many feeds use without declaring them. */
export const CUSTOMARY: Scope = { atom: 'atom', content: 'content', dc: 'dc', rdf: 'rdf', itunes: 'itunes', '': '' };

/** A feed that declares more wants to cost time: each element that declares any copies them all. */
const MAX_PREFIXES = 64;

/** The scope inside an element that may declare namespaces. */
export function scopeWithin(outer: Scope, attributes: Record<string, string>): Scope {
  let inner: Record<string, string> | undefined;
  for (const [name, uri] of Object.entries(attributes)) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    if (Object.keys((inner ??= { ...outer })).length >= MAX_PREFIXES) break;
    const prefix = name.slice(6);
    inner[prefix] = NAMESPACES[uri.trim().toLowerCase()] ?? prefix;
  }
  return inner ?? outer;
}

/** `short:name` in lower case; RSS's own elements have no prefix. */
export function qualify(scope: Scope, tag: string): string {
  const colon = tag.indexOf(':');
  const prefix = colon < 0 ? '' : tag.slice(0, colon).toLowerCase();
  const space = (Object.hasOwn(scope, prefix) ? scope[prefix] : prefix) ?? prefix;
  const name = tag.slice(colon + 1).toLowerCase();
  return space === '' ? name : `${space.toLowerCase()}:${name}`;
}
