import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseFeed } from 'htmlparser2';
import type { WireAnswer } from '../../src/domain/source.ts';
import { decodeText } from '../../src/text/decode.ts';
import type { Feed } from '../../src/text/feed/feed.ts';
import type { Reading } from '../text/feedparser-corpus.ts';

/** A parser of feeds, ours or another, as the bench sees it. */
export interface FeedParser {
  name: string;
  /** From the bytes of an answer to items. The others take text, so they are handed what we decode: a gift, since they cannot. */
  parse(answer: WireAnswer): unknown;
  /** What it found, in the words that the corpus asks for; the most favourable field of each. */
  read(parsed: unknown): Reading;
}

/** Ours, htmlparser2's own, and `rss-parser` and `feedsmith` where they are installed. */
export async function feedParsers(): Promise<FeedParser[]> {
  const others = [await rssParser(), await feedsmith()].filter((parser) => parser !== undefined);
  return [await ours(), ...others, ownOfHtmlparser2];
}

/**
 * Compiled as it is shipped. The test runner turns every use of an import into a look-up, which costs half as much
 * again, and which the others, being installed packages, do not pay.
 */
async function ours(): Promise<FeedParser> {
  const root = process.cwd();
  const folder = join(root, 'node_modules/.cache/feed-bench');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = { noEmit: false, rootDir: root, outDir: folder };
  const settings = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [] };
  const files = [join(root, 'src/text/feed/feed.ts')];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...settings, files }));
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { timeout: 120_000 });
  const built = pathToFileURL(join(folder, 'src/text/feed/feed.js')).href;
  const { readFeed } = (await import(/* @vite-ignore */ built)) as { readFeed(answer: WireAnswer): Feed };
  return { name: 'ours', parse: readFeed, read: readingOf };
}

function readingOf(parsed: unknown): Reading {
  const { title, link, items } = parsed as Feed;
  const read = items.map((item) => ({
    title: item.title,
    link: item.url,
    id: item.id,
    date: item.publishedAt,
    contents: present([item.html, item.text]),
  }));
  return { title, link, items: read };
}

const ownOfHtmlparser2: FeedParser = {
  name: 'htmlparser2 parseFeed',
  parse: (answer) => parseFeed(decodeText(answer)),
  read: (parsed) => ({
    title: words(parsed, ['title']),
    link: words(parsed, ['link']),
    items: list(parsed, 'items').map((item) => ({
      title: words(item, ['title']),
      link: words(item, ['link']),
      id: words(item, ['id']),
      date: (at(item, 'pubDate') as Date | undefined)?.toISOString(),
      contents: all(item, ['description']),
    })),
  }),
};

async function rssParser(): Promise<FeedParser | undefined> {
  const found = await installed('rss-parser');
  if (found === undefined) return undefined;
  const Parser = at(found, 'default') as new () => { parseString(text: string): Promise<unknown> };
  return {
    name: 'rss-parser',
    parse: (answer) => new Parser().parseString(decodeText(answer)),
    read: (parsed) => ({
      title: words(parsed, ['title', 'title._']),
      link: words(parsed, ['link']),
      items: list(parsed, 'items').map((item) => ({
        title: words(item, ['title', 'title._']),
        link: words(item, ['link']),
        id: words(item, ['guid', 'id', 'rdf:about']),
        date: words(item, ['isoDate', 'pubDate', 'date']),
        contents: all(item, ['content:encoded', 'content', 'summary', 'description']),
      })),
    }),
  };
}

async function feedsmith(): Promise<FeedParser | undefined> {
  const found = await installed('feedsmith');
  if (found === undefined) return undefined;
  const parse = at(found, 'parseFeed') as (text: string) => { feed: unknown };
  return {
    name: 'feedsmith',
    parse: (answer) => parse(decodeText(answer)).feed,
    read: (feed) => ({
      title: words(feed, ['title', 'title.value']),
      link: words(feed, ['link']) ?? alternateOf(feed),
      items: [...list(feed, 'items'), ...list(feed, 'entries')].map((item) => ({
        title: words(item, ['title', 'title.value', 'dc.titles.0', 'media.title.value']),
        link: words(item, ['link']) ?? alternateOf(item) ?? permalinkOf(item),
        id: words(item, ['guid.value', 'id', 'rdf.about']),
        date: words(item, FEEDSMITH_DATES),
        contents: all(item, FEEDSMITH_BODIES),
      })),
    }),
  };
}

const FEEDSMITH_DATES = [
  'published',
  'pubDate',
  'dc.dates.0',
  'dcterms.issued.0',
  'dcterms.created.0',
  'updated',
  'dcterms.modified.0',
];
const FEEDSMITH_BODIES = [
  'content.encoded',
  'content.value',
  'description',
  'summary',
  'summary.value',
  'dc.descriptions.0',
];

function alternateOf(subject: unknown): string | undefined {
  const links = list(subject, 'links');
  const alternate = links.find((link) => (at(link, 'rel') ?? 'alternate') === 'alternate') ?? links[0];
  return words(alternate, ['href']);
}

const permalinkOf = (item: unknown) =>
  at(item, 'guid.isPermaLink') === false ? undefined : words(item, ['guid.value']);

/** What stands at a path such as `dc.dates.0`. */
function at(subject: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], subject);
}

const all = (subject: unknown, paths: string[]): string[] => present(paths.map((path) => at(subject, path)));

const words = (subject: unknown, paths: string[]): string | undefined => all(subject, paths)[0];

function list(subject: unknown, path: string): unknown[] {
  const found = at(subject, path);
  return Array.isArray(found) ? found : [];
}

const present = (texts: unknown[]): string[] => texts.filter((text) => typeof text === 'string');

async function installed(name: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ name);
  } catch {
    return undefined;
  }
}
