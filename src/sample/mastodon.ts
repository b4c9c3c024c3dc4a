import { escapeHtml } from './markup.ts';
import type { SampleMention } from './world.ts';

/** Hashtag timeline, newest first, with Link paging: https://docs.joinmastodon.org/methods/timelines/#tag */
export function tagTimeline(
  world: readonly SampleMention[],
  url: URL,
): { statuses: unknown[]; link: string | undefined } {
  const limit = Math.min(Number(url.searchParams.get('limit') ?? 20), 40);
  const all = world.map((mention) => ({ id: snowflake(mention), mention })).toReversed();
  const page = select(all, url.searchParams, limit);
  return { statuses: page.map(({ id, mention }) => toStatus(id, mention)), link: linkHeader(page, url) };
}

interface Entry {
  id: bigint;
  mention: SampleMention;
}

/** Mastodon's ids hold the time in milliseconds above 16 bits of sequence. */
function snowflake(mention: SampleMention): bigint {
  return (BigInt(mention.said.getTime()) << 16n) + BigInt(mention.serial);
}

/** `min_id` gives the page just above that id, `since_id` the newest ones above it. */
function select(newestFirst: Entry[], query: URLSearchParams, limit: number): Entry[] {
  const bound = (name: string) => (query.get(name) === null ? undefined : BigInt(query.get(name)!));
  const [max, since, min] = [bound('max_id'), bound('since_id'), bound('min_id')];
  const above = min ?? since;
  const inside = newestFirst.filter(({ id }) => (max === undefined || id < max) && (above === undefined || id > above));
  return min === undefined ? inside.slice(0, limit) : inside.slice(-limit);
}

function linkHeader(page: readonly Entry[], url: URL): string | undefined {
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const to = (name: string, id: bigint) => {
    const target = new URL(url);
    for (const bound of ['max_id', 'min_id', 'since_id']) target.searchParams.delete(bound);
    target.searchParams.set(name, String(id));
    return target.href;
  };
  return `<${to('max_id', last.id)}>; rel="next", <${to('min_id', first.id)}>; rel="prev"`;
}

/** https://docs.joinmastodon.org/entities/Status/ */
function toStatus(id: bigint, mention: SampleMention): unknown {
  const account = {
    id: `11${mention.serial}`,
    username: mention.author,
    acct: mention.author,
    display_name: mention.author,
    bot: false,
  };
  return {
    id: String(id),
    created_at: mention.said.toISOString(),
    edited_at: null,
    in_reply_to_id: null,
    spoiler_text: '',
    visibility: 'public',
    language: mention.language,
    url: `https://social.velmora.example/@${encodeURIComponent(mention.author)}/${id}`,
    uri: `https://social.velmora.example/users/${encodeURIComponent(mention.author)}/statuses/${id}`,
    content: `<p>${escapeHtml(mention.text).replace(/#(\p{L}+)/gu, '<a href="https://social.velmora.example/tags/$1" class="mention hashtag" rel="tag">#<span>$1</span></a>')}</p>`,
    reblog: null,
    account: { ...account, url: `https://social.velmora.example/@${encodeURIComponent(mention.author)}` },
    replies_count: 0,
    reblogs_count: Math.floor((mention.likes ?? 0) / 4),
    favourites_count: mention.likes ?? 0,
  };
}
