import { escapeHtml } from './markup.ts';
import type { SampleMention } from './world.ts';

/** RSS 2.0 (https://www.rssboard.org/rss-specification): the players' forum. */
export function forumRss(world: readonly SampleMention[]): string {
  const items = world.toReversed().map(
    (mention) => `<item>
<guid isPermaLink="false">forum-${mention.id}</guid>
<link>https://forum.velmora.example/t/${mention.id}</link>
<dc:creator>${escapeHtml(mention.author)}</dc:creator>
<pubDate>${mention.said.toUTCString()}</pubDate>
<description>${escapeHtml(`<p>${escapeHtml(mention.text)}</p>`)}</description>
</item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Velmora players' forum</title>
<link>https://forum.velmora.example/</link>
<description>Posts of the last months</description>
${items.join('\n')}
</channel></rss>`;
}

/** Atom (RFC 4287): what blogs and papers write. */
export function newsAtom(world: readonly SampleMention[]): string {
  const entries = world.toReversed().map(
    (mention) => `<entry>
<id>tag:news.velmora.example,2026:${mention.id}</id>
<title>${escapeHtml(mention.title ?? '')}</title>
<link rel="alternate" href="https://news.velmora.example/${mention.id}"/>
<author><name>${escapeHtml(mention.author)}</name></author>
<published>${mention.said.toISOString()}</published>
<updated>${mention.said.toISOString()}</updated>
<content type="text">${escapeHtml(mention.text)}</content>
</entry>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>tag:news.velmora.example,2026:all</id>
<title>Velmora in the news</title>
<link rel="alternate" href="https://news.velmora.example/"/>
<updated>${(world.at(-1)?.said ?? new Date(0)).toISOString()}</updated>
${entries.join('\n')}
</feed>`;
}
