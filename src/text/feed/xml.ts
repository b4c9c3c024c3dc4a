import type { Refusal } from '../../domain/source.ts';
import { attributesOf } from './attributes.ts';
import type { Attributes } from './attributes.ts';
import type { RawFeed } from './feed.ts';
import { itemOf } from './item.ts';
import { closingTag, escape, openingTag } from './markup.ts';
import { meaningIn, scopeOfRoot, scopeWithin } from './names.ts';
import type { Scope } from './names.ts';
import { next, passSimple, scanOf, textOf } from './scan.ts';
import type { Scan } from './scan.ts';
import { place } from './fields.ts';
import { addValue, noValues, resolve } from './value.ts';
import type { Value, Values } from './value.ts';
import type { Meaning } from './vocabulary.ts';

/** No honest feed is deeper; without a bound, unmatched tags would cost time by depth. */
const MAX_DEPTH = 256;

type Plain = 'link' | 'xml:lang' | 'rdf:about' | 'lastmod';

interface Element {
  tag: string;
  meaning: Meaning;
  scope: Scope;
  base: string | undefined;
  /** What the names of its children begin with, where they are fields. */
  fields: string | undefined;
}

type Holder = Element & { fields: string };

interface Reader {
  url: string | undefined;
  /** The open elements: a list instead of recursion, so that no depth can exhaust the stack. */
  path: Element[];
  format: RawFeed['format'] | undefined;
  about: Values;
  items: RawFeed['items'];
  refused: Refusal[];
  /** Of the item that is being read, or of the feed. */
  values: Values;
  itemDepth: number;
  /** The element whose content is being collected, and its depth. */
  capture: Value | undefined;
  captureDepth: number;
  seen: number;
  /** Closing tags that closed nothing, in lower case, since the last opening one: they need not be looked for again. */
  unmatched: Set<string>;
}

/**
 * Undefined where no element is that of a feed. Keeps every item that is whole, and names what was cut.
 * @see https://www.rssboard.org/rss-specification
 * @see https://www.rfc-editor.org/rfc/rfc4287
 */
export function readXmlFeed(source: string, url: string | undefined): RawFeed | undefined {
  const about = noValues();
  const start = {
    path: [],
    items: [],
    refused: [],
    itemDepth: 0,
    capture: undefined,
    captureDepth: 0,
    seen: 0,
    format: undefined,
  };
  const reader: Reader = { ...start, url, about, values: about, unmatched: new Set() };
  const scan = scanOf(source);
  const isTooDeep = readTokens(reader, scan);
  if (reader.format === undefined) return undefined;
  const isCut = !isTooDeep && reader.path.some(({ meaning }) => meaning.format !== undefined);
  if (isCut) reader.refused.push({ where: 'end', reason: `The feed breaks off after item ${reader.items.length}.` });
  const { format, refused } = reader;
  const { title, url: link, language } = itemOf(about);
  // Only now is it known what the whole feed says of its language.
  if (language !== undefined) for (const item of reader.items) item.language ??= language;
  return { format, title, link, items: reader.items, refused, truncated: isCut || isTooDeep };
}

/** True where it stopped because of depth. */
function readTokens(reader: Reader, scan: Scan): boolean {
  while (next(scan)) {
    if (scan.token === 'open') {
      if (reader.path.length >= MAX_DEPTH) {
        reader.refused.push({
          where: `item ${reader.seen}`,
          reason: `It is nested deeper than ${MAX_DEPTH} elements.`,
        });
        return true;
      }
      open(reader, scan);
    } else if (scan.token === 'close') closeByTag(reader, scan.tag);
    else if (reader.capture) {
      const text = textOf(scan);
      reader.capture.content += reader.capture.kind === 'html' ? escape(text) : text;
    }
  }
  return false;
}

function open(reader: Reader, scan: Scan): void {
  const { path } = reader;
  const attributes = attributesOf(scan);
  if (reader.unmatched.size > 0) reader.unmatched.clear();
  const around = path.at(-1)?.scope ?? scopeOfRoot(scan.tag);
  const scope = scan.declaresNames ? scopeWithin(around, attributes) : around;
  const meaning = meaningIn(scope, scan.tag);
  if (meaning.isItem || (reader.capture && meaning.beginsField)) mendBefore(reader, meaning);
  const outer = path.at(-1);
  const base = baseWithin(outer === undefined ? reader.url : outer.base, attributes['xml:base']);
  const element: Element = { tag: scan.tag, meaning, scope, base, fields: undefined };
  if (isField(reader, meaning, outer)) openField(reader, scan, element, placeIn(outer.fields, meaning), attributes);
  else {
    path.push(element);
    if (reader.capture) reader.capture.content += openingTag(scan.tag, attributes);
    else if (isNewItem(reader, meaning)) openItem(reader, element, attributes);
    else openHolder(reader, element, outer, attributes);
    if (scan.isSelfClosing) close(reader);
  }
}

const placeIn = (fields: string, meaning: Meaning) => (fields === '' ? meaning.place : meaning.placeInAuthor);

const isNewItem = ({ itemDepth }: Reader, { isItem }: Meaning) => isItem && itemDepth === 0;

function isField(reader: Reader, meaning: Meaning, outer: Element | undefined): outer is Holder {
  const isHeld = !reader.capture && outer?.fields !== undefined;
  return isHeld && meaning.inside === undefined && !isNewItem(reader, meaning);
}

const baseWithin = (outer: string | undefined, own: string | undefined) =>
  own === undefined ? outer : (resolve(own, outer) ?? outer);

/** The feed itself and what holds fields; anything else is passed over. */
function openHolder(reader: Reader, element: Element, outer: Element | undefined, attributes: Attributes): void {
  const { meaning, base } = element;
  const { name, format, inside } = meaning;
  // Some servers print a warning before or a script behind the feed; the feed is still there.
  const isRoot = outer === undefined && format !== undefined;
  if (!isRoot && outer?.fields === undefined) return;
  element.fields = isRoot ? '' : inside;
  if (name === 'channel' && attributes['href']) addPlain(reader, 'link', attributes['href'], base);
  if (!isRoot) return;
  reader.format ??= format;
  if (attributes['xml:lang']) addPlain(reader, 'xml:lang', attributes['xml:lang'], base);
}

function openField(reader: Reader, scan: Scan, element: Element, at: number | undefined, attributes: Attributes): void {
  const { type, mode } = attributes;
  const { name, isXhtml: isBody } = element.meaning;
  const isXhtml = isBody || (type?.includes('xhtml') === true && mode !== 'escaped' && mode !== 'base64');
  const isEmpty = scan.isSelfClosing;
  const isSimple = !isEmpty && !isXhtml && passSimple(scan);
  if ((isEmpty || isSimple) && at === undefined) return;
  const content = isSimple ? textOf(scan) : '';
  const kind = isXhtml ? 'html' : 'plain';
  const value: Value = { name, place: at, content, kind, attributes, base: element.base };
  if (isSimple || isEmpty) addValue(reader.values, value);
  else {
    reader.path.push(element);
    reader.capture = value;
    reader.captureDepth = reader.path.length;
  }
}

/** The Channel Definition Format, oldest of all, has fields as attributes: https://www.w3.org/TR/NOTE-CDFsubmit */
const ITEM_ATTRIBUTES = [
  ['rdf:about', 'rdf:about'],
  ['xml:lang', 'xml:lang'],
  ['href', 'link'],
  ['lastmod', 'lastmod'],
] as const;

function openItem(reader: Reader, element: Element, attributes: Attributes): void {
  reader.seen++;
  reader.itemDepth = reader.path.length;
  reader.values = noValues();
  element.fields = '';
  for (const [attribute, name] of ITEM_ATTRIBUTES) {
    const value = attributes[attribute];
    if (value) addPlain(reader, name, value, element.base);
  }
}

/** Closes what the feed forgot to close, where another field or item begins in a place where none can be. */
function mendBefore(reader: Reader, begins: Meaning): void {
  const { capture, itemDepth } = reader;
  const inside = capture && reader.path[reader.captureDepth - 1]!.meaning;
  const isMarkup = capture?.kind === 'html';
  if (begins.isItem) {
    if (inside && (isMarkup || !inside.barsItems)) return;
    if (itemDepth > 0) endItem(reader, itemDepth);
    else if (capture) endField(reader, capture, begins.name);
  } else if (capture && inside?.isShort && !isMarkup) endField(reader, capture, begins.name);
}

/** An item of which only the end is missing is whole; one that breaks off inside a field is not. */
function endItem(reader: Reader, itemDepth: number): void {
  const { capture } = reader;
  const reason = `It breaks off in its ${capture?.name}, before the next one begins.`;
  if (capture) reader.refused.push({ where: `item ${reader.seen}`, reason });
  reader.capture = undefined;
  while (reader.path.length >= itemDepth) close(reader, capture === undefined);
}

function endField(reader: Reader, capture: Value, name: string): void {
  const where = reader.itemDepth > 0 ? `item ${reader.seen}` : 'head of the feed';
  reader.refused.push({
    where,
    reason: `Its ${capture.name} is never closed; it was taken to end where ${name} begins.`,
  });
  while (reader.path.length >= reader.captureDepth) close(reader);
}

/** A closing tag closes everything inside its element; one that closes nothing is passed over. */
function closeByTag(reader: Reader, tag: string): void {
  const { path } = reader;
  let depth = path.length;
  if (path[depth - 1]?.tag !== tag) {
    const wanted = tag.toLowerCase();
    if (reader.unmatched.has(wanted)) return;
    while (depth > 0 && path[depth - 1]!.tag.toLowerCase() !== wanted) depth--;
    if (depth === 0) {
      reader.unmatched.add(wanted);
      return;
    }
  }
  while (path.length >= depth) close(reader);
}

/** Closes the innermost element; an item that is not whole is not kept. */
function close(reader: Reader, isWhole = true): void {
  const { capture, path } = reader;
  const depth = path.length;
  if (capture && reader.captureDepth === depth) {
    reader.capture = undefined;
    addValue(reader.values, capture);
  } else if (capture) capture.content += closingTag(path[depth - 1]!.tag);
  if (reader.itemDepth === depth) {
    if (isWhole) reader.items.push(itemOf(reader.values));
    reader.itemDepth = 0;
    reader.values = reader.about;
  }
  path.pop();
}

function addPlain({ values }: Reader, name: Plain, content: string, base: string | undefined): void {
  addValue(values, { name, place: place(name), content, kind: 'plain', attributes: {}, base });
}
