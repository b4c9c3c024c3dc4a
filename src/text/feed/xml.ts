import { Parser } from 'htmlparser2';
import type { Refusal } from '../../domain/source.ts';
import type { RawFeed } from './feed.ts';
import { itemOf } from './item.ts';
import { CUSTOMARY, qualify, scopeWithin } from './names.ts';
import type { Scope } from './names.ts';
import { resolve } from './value.ts';
import type { Value, Values } from './value.ts';

/** No honest feed is deeper; without a bound, unmatched tags would cost time by depth. */
const MAX_DEPTH = 256;
const ROOTS: Record<string, RawFeed['format']> = { rss: 'rss', channel: 'rss', 'rdf:rdf': 'rdf', 'atom:feed': 'atom' };
const ITEMS = new Set(['item', 'atom:entry']);

interface Element {
  name: string;
  scope: Scope;
  base: string | undefined;
}

/** An element whose content is being collected. */
interface Capture {
  name: string;
  depth: number;
  parts: string[];
  attributes: Record<string, string>;
  base: string | undefined;
  xhtml: boolean;
}

class TooDeep extends Error {}

/** Undefined where the outermost element is not that of a feed. */
export function readXmlFeed(source: string, url: string | undefined): RawFeed | undefined {
  const reader = new FeedReader(url);
  const parser = new Parser(reader, { xmlMode: true, decodeEntities: true, lowerCaseAttributeNames: true });
  try {
    parser.write(source);
    reader.atEnd();
    parser.end();
  } catch (thrown) {
    if (!(thrown instanceof TooDeep)) throw thrown;
    reader.breakOff(`It is nested deeper than ${MAX_DEPTH} elements.`);
  }
  return reader.feed();
}

/** Follows the tags with a list instead of recursion, so that no depth can exhaust the stack. */
class FeedReader {
  private readonly path: Element[] = [];
  private readonly url: string | undefined;
  private readonly about: Values = new Map();
  private readonly items: Values[] = [];
  private readonly refused: Refusal[] = [];
  private format: RawFeed['format'] | undefined;
  private values: Values = this.about;
  private itemDepth = 0;
  private capture: Capture | undefined;
  private ended = false;
  private truncated = false;
  private seen = 0;

  constructor(url: string | undefined) {
    this.url = url;
  }

  onopentag(tag: string, attributes: Record<string, string>): void {
    if (this.path.length >= MAX_DEPTH) throw new TooDeep();
    const outer = this.path.at(-1) ?? { scope: scopeOfRoot(tag), base: this.url };
    const scope = scopeWithin(outer.scope, attributes);
    const base = resolve(attributes['xml:base'], outer.base) ?? outer.base;
    const name = qualify(scope, tag);
    this.path.push({ name, scope, base });
    // Some servers print a warning before or a script behind the feed; the feed is still there.
    if (this.path.length === 1 && Object.hasOwn(ROOTS, name)) this.format ??= ROOTS[name];
    if (this.capture) this.openInside(this.capture, tag, attributes);
    else if (this.itemDepth === 0 && ITEMS.has(name)) this.openItem(attributes);
    else if (this.isField()) this.openField(name, attributes, base);
  }

  ontext(text: string): void {
    const { capture } = this;
    if (capture) capture.parts.push(capture.xhtml ? escape(text) : text);
  }

  onclosetag(tag: string): void {
    const { capture } = this;
    const depth = this.path.length;
    if (capture?.depth === depth) this.closeField(capture);
    else if (capture) capture.parts.push(`</${localName(tag)}>`);
    if (this.itemDepth === depth) this.closeItem();
    this.path.pop();
    if (this.ended) this.truncated = true;
    if (this.ended && depth === 1)
      this.refused.push({ where: 'end', reason: `The feed breaks off after item ${this.items.length}.` });
  }

  /** What is closed from here on was never closed by the feed. */
  atEnd(): void {
    this.ended = true;
  }

  breakOff(reason: string): void {
    this.truncated = true;
    this.refused.push({ where: `item ${this.seen}`, reason });
  }

  feed(): RawFeed | undefined {
    if (this.format === undefined) return undefined;
    const { title, url, language } = itemOf(this.about);
    const { format, refused, truncated } = this;
    const items = this.items.map((values) => itemOf(values, language));
    return { format, title, link: url, items, refused, truncated };
  }

  private openItem(attributes: Record<string, string>): void {
    this.seen++;
    this.itemDepth = this.path.length;
    this.values = new Map();
    const about = attributes['rdf:about'];
    if (about !== undefined)
      this.add({ name: 'rdf:about', content: about, kind: 'plain', attributes: {}, base: undefined });
  }

  private closeItem(): void {
    if (!this.ended) this.items.push(this.values);
    this.itemDepth = 0;
    this.values = this.about;
  }

  /** Children of an item or of the feed's head, and the parts of an author. */
  private isField(): boolean {
    const depth = this.path.length;
    if (this.itemDepth > 0) return depth === this.itemDepth + 1 || depth === this.itemDepth + 2;
    return depth === 2 || (depth === 3 && this.path[1]!.name === 'channel');
  }

  private openField(name: string, attributes: Record<string, string>, base: string | undefined): void {
    const isPart = this.itemDepth > 0 && this.path.length === this.itemDepth + 2;
    const parent = this.path.at(-2)!.name;
    if (isPart && parent !== 'atom:author') return;
    if (name === 'atom:author' || name === 'channel') return;
    const key = isPart ? `${parent}/${name}` : name;
    const xhtml = attributes['type']?.includes('xhtml') === true || name === 'xhtml:body';
    this.capture = { name: key, depth: this.path.length, parts: [], attributes, base, xhtml };
  }

  /** Mark-up that stands unescaped inside a text is part of it. */
  private openInside(capture: Capture, tag: string, attributes: Record<string, string>): void {
    const shown = attributes['class'] === undefined ? '' : ` class="${escape(attributes['class'])}"`;
    capture.parts.push(`<${localName(tag)}${shown}>`);
  }

  private closeField({ name, parts, attributes, base, xhtml }: Capture): void {
    this.capture = undefined;
    this.add({ name, content: parts.join(''), kind: xhtml ? 'html' : 'plain', attributes, base });
  }

  private add(value: Value): void {
    const values = this.values.get(value.name);
    if (values) values.push(value);
    else this.values.set(value.name, [value]);
  }
}

/** Atom without its namespace is still Atom. */
function scopeOfRoot(tag: string): Scope {
  return tag.toLowerCase() === 'feed' ? { ...CUSTOMARY, '': 'atom' } : CUSTOMARY;
}

function localName(tag: string): string {
  return tag.slice(tag.indexOf(':') + 1);
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
