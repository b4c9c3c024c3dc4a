import { hash } from 'node:crypto';
import type { Refusal, WireAnswer } from '../../domain/source.ts';
import { decodeText, describe, notInFormat, WINDOWS_1252 } from '../decode.ts';
import { readJsonFeed } from './json.ts';
import { resolve } from './value.ts';
import { readXmlFeed } from './xml.ts';

export interface FeedItem {
  /** The feed's own id, else its link, else a hash of its words. Unique within the feed. */
  id: string;
  title?: string | undefined;
  url?: string | undefined;
  /** Body as mark-up; at most one of `html` and `text` is there. */
  html?: string | undefined;
  text?: string | undefined;
  /** ISO 8601 in UTC; absent where the feed gives no complete date. */
  publishedAt?: string | undefined;
  author?: { name?: string | undefined; id?: string | undefined } | undefined;
  language?: string | undefined;
  /** How many comments it has, where the feed counts them. */
  replies?: number | undefined;
  views?: number | undefined;
  /** Plain values of elements outside the feed's own vocabulary, by `prefix:name`, for instance `im:rating`. */
  extensions?: Record<string, string> | undefined;
}

export interface Feed {
  format: 'rss' | 'rdf' | 'atom' | 'json';
  title?: string | undefined;
  link?: string | undefined;
  items: FeedItem[];
  refused: Refusal[];
  /** The feed breaks off: what is there is whole, and there was more. */
  truncated: boolean;
}

/** A feed as its format's reader leaves it: items may still lack an id. */
export type RawFeed = Omit<Feed, 'items'> & { items: (Omit<FeedItem, 'id'> & { id?: string | undefined })[] };

export const EXPECTED = 'a feed (RSS, Atom or JSON Feed)';

/**
 * Reads RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, and JSON Feed 1.x, told apart by their content. Whole items of a
 * truncated feed are kept. Throws `SOURCE_SHAPE` that says what came instead.
 */
export function readFeed(answer: WireAnswer): Feed {
  const text = mended(decodeText(answer), answer.body);
  const start = text.trimStart();
  const feed = start.startsWith('{') ? readJsonFeed(text) : readXmlFeed(text, answer.url);
  if (feed === undefined || (feed.truncated && feed.items.length === 0)) {
    const came = feed ? 'a feed that breaks off before its first item ends' : describe(text);
    throw notInFormat(EXPECTED, came, feed ? undefined : fixFor(text, answer.url));
  }
  return { ...feed, items: withIds(feed.items) };
}

/** How UTF-8 begins the characters 128 to 191. */
const LEAD = 0xc2;

/** Control characters that nobody can mean: somebody took windows-1252 for Latin-1, as browsers know of `&#146;`. */
function mended(text: string, body: Uint8Array): string {
  if (!body.includes(LEAD)) return text;
  return text.replace(/[\u0080-\u0084\u0086-\u009f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!);
}

const LINK = /<link\b[^>]{0,2000}>/gi;
const FEED_TYPE = /type\s*=\s*["']?application\/(?:rss\+xml|atom\+xml|feed\+json)/i;
const ALTERNATE = /rel\s*=\s*["']?alternate/i;
const HREF = /href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i;

/** A page says where its feed is: https://www.rssboard.org/rss-autodiscovery */
function fixFor(text: string, url: string | undefined): string | undefined {
  for (const [link] of text.slice(0, 100_000).matchAll(LINK)) {
    const [, double, single, bare] = (ALTERNATE.test(link) && FEED_TYPE.test(link) && HREF.exec(link)) || [];
    const address = resolve(double ?? single ?? bare, url) ?? double ?? single ?? bare;
    if (address) return `This is a page that says its feed is at ${address.slice(0, 500)} : use that address.`;
  }
  return undefined;
}

/**
 * Some feeds give all their items one id. Nothing may be lost by that, so items that share an id and differ in
 * substance are told apart by a hash of their words; true repetitions collapse.
 */
function withIds(items: RawFeed['items']): FeedItem[] {
  const ids = items.map((item) => item.id ?? item.url ?? hashOf(item));
  if (new Set(ids).size === ids.length) return items.map((item, index) => withId(item, ids[index]!));
  const byId = new Map<string, RawFeed['items']>(ids.map((id) => [id, []]));
  items.forEach((item, index) => byId.get(ids[index]!)!.push(item));
  return [...byId].flatMap(([id, same]) => (same.length === 1 ? [withId(same[0]!, id)] : toldApart(id, same)));
}

function toldApart(id: string, same: RawFeed['items']): FeedItem[] {
  const byHash = new Map(same.toReversed().map((item) => [hashOf(item), item]));
  const different = [...byHash].toReversed();
  return different.map(([words, item]) => withId(item, different.length === 1 ? id : `${id}#${words}`));
}

/** In place, because feeds of tens of thousands of items would be copied for nothing. */
function withId(item: RawFeed['items'][number], id: string): FeedItem {
  item.id = bounded(id);
  return item as FeedItem;
}

function hashOf({ title, url, html, text }: Omit<FeedItem, 'id'>): string {
  return hash('sha256', JSON.stringify([title, url, html, text]), 'hex').slice(0, 32);
}

/** Ids are kept for ever, so a monstrous one is replaced by its hash. */
function bounded(id: string): string {
  return id.length <= 512 ? id : hash('sha256', id, 'hex');
}
