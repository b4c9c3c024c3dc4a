import { createHash } from 'node:crypto';
import type { Refusal, WireAnswer } from '../../domain/source.ts';
import { decodeText, describe, notInFormat } from '../decode.ts';
import { readJsonFeed } from './json.ts';
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
  const text = decodeText(answer);
  const start = text.trimStart();
  const feed = start.startsWith('{') ? readJsonFeed(text) : readXmlFeed(text, answer.url);
  if (feed === undefined || (feed.truncated && feed.items.length === 0)) {
    throw notInFormat(EXPECTED, feed ? 'a feed that breaks off before its first item ends' : describe(text));
  }
  return { ...feed, items: withIds(feed.items) };
}

/**
 * Some feeds give all their items one id. Nothing may be lost by that, so items that share an id and differ in
 * substance are told apart by a hash of their words; true repetitions collapse.
 */
function withIds(items: RawFeed['items']): FeedItem[] {
  const byId = new Map<string, RawFeed['items']>();
  for (const item of items) {
    const id = item.id ?? item.url ?? hashOf(item);
    const same = byId.get(id);
    if (same) same.push(item);
    else byId.set(id, [item]);
  }
  return [...byId].flatMap(([id, same]) => (same.length === 1 ? [withId(same[0]!, id)] : toldApart(id, same)));
}

function toldApart(id: string, same: RawFeed['items']): FeedItem[] {
  const byHash = new Map(same.toReversed().map((item) => [hashOf(item), item]));
  const different = [...byHash].toReversed();
  return different.map(([hash, item]) => withId(item, different.length === 1 ? id : `${id}#${hash}`));
}

const withId = (item: RawFeed['items'][number], id: string): FeedItem => ({ ...item, id: bounded(id) });

function hashOf({ title, url, html, text }: Omit<FeedItem, 'id'>): string {
  return createHash('sha256')
    .update(JSON.stringify([title, url, html, text]))
    .digest('hex')
    .slice(0, 32);
}

/** Ids are kept for ever, so a monstrous one is replaced by its hash. */
function bounded(id: string): string {
  return id.length <= 512 ? id : createHash('sha256').update(id).digest('hex');
}
