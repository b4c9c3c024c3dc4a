import { z } from 'zod';
import { readInstant } from '../dates.ts';
import type { RawFeed } from './feed.ts';

const text = z.string().optional().catch(undefined);
const author = z.looseObject({ name: text, url: text }).optional().catch(undefined);

/** https://www.jsonfeed.org/version/1.1/ ; what has the wrong type is as good as absent. */
const jsonFeed = z.looseObject({
  version: z.string().regex(/jsonfeed\.org\/version\//),
  title: text,
  home_page_url: text,
  language: text,
  items: z.array(z.unknown()),
});
const jsonItem = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String).optional().catch(undefined),
  url: text,
  external_url: text,
  title: text,
  content_html: text,
  content_text: text,
  summary: text,
  date_published: text,
  date_modified: text,
  language: text,
  author,
  authors: z.array(author).optional().catch(undefined),
});

/** Undefined where the text is no JSON Feed. */
export function readJsonFeed(source: string): RawFeed | undefined {
  const feed = jsonFeed.safeParse(parse(source));
  if (!feed.success) return undefined;
  const { title, home_page_url: link, language } = feed.data;
  const items: RawFeed['items'] = [];
  const refused: RawFeed['refused'] = [];
  feed.data.items.forEach((entry, index) => {
    const item = jsonItem.safeParse(entry);
    if (item.success) items.push(readItem(item.data, language));
    else refused.push({ where: `item ${index + 1}`, reason: 'It is not an object.' });
  });
  return { format: 'json', title, link, items, refused, truncated: false };
}

function readItem(item: z.infer<typeof jsonItem>, language: string | undefined): RawFeed['items'][number] {
  const by = item.authors?.[0] ?? item.author;
  const plain = item.content_text ?? item.summary;
  return {
    id: item.id || undefined,
    title: item.title,
    url: item.url ?? item.external_url,
    ...(item.content_html ? { html: item.content_html } : { text: plain }),
    publishedAt: readInstant(item.date_published) ?? readInstant(item.date_modified),
    author: by && { name: by.name, id: by.url },
    language: item.language ?? language,
  };
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}
