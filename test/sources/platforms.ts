import { readFileSync } from 'node:fs';
import type { Asked, Reply } from '../net/server.ts';

type Fields = Record<string, unknown>;

const fixture = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/sources/${path}`, import.meta.url), 'utf8'));

const changed = (template: Fields, fields: Fields): Fields => ({ ...template, ...fields });

const json = (value: unknown, headers: Record<string, string> = {}): Reply => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
});

/** `/gb/rss/customerreviews/page=1/id=…/sortby=mostrecent/json`: pages of two, newest first, empty behind the end. */
export function appStorePlatform(reviews: { id: string; at: string; country: string }[]): (asked: Asked) => Reply {
  const template = (fixture('app-store/one-review.json') as { feed: Fields }).feed;
  return ({ url }) => {
    const [, country, page] = /^\/(..)\/rss\/customerreviews\/page=(\d+)\//.exec(url.pathname) ?? [];
    const here = reviews.filter((review) => review.country === country).toSorted((a, b) => (a.at < b.at ? 1 : -1));
    const start = (Number(page) - 1) * 2;
    const entry = here
      .slice(start, start + 2)
      .map(({ id, at }) => changed(template['entry'] as Fields, { id: { label: id }, updated: { label: at } }));
    return json({ feed: { ...template, entry: entry.length === 1 ? entry[0] : entry } });
  };
}
