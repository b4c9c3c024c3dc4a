import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Parsed, WireAnswer } from '../domain/source.ts';
import { serverAddress } from '../net/address.ts';
import { ask, askIfThere } from '../net/ask.ts';
import { mark, readList, withoutNext } from '../net/pages.ts';
import type { ListPage, Mark } from '../net/pages.ts';
import { agreed, checkSigned, wireOf } from '../net/signature.ts';
import { readInstant } from '../text/dates.ts';
import { NOTHING } from '../text/gather.ts';
import type { Draft } from '../text/gather.ts';
import { htmlToText } from '../text/html.ts';
import { readAs, readEntries, tally, words } from '../text/wire.ts';

const options = z.strictObject({
  baseUrl: serverAddress().describe('Address of the forum.'),
  apiKey: secret().optional().describe('API key, where the forum is not public.'),
  apiUsername: z.string().min(1).default('system').describe('Whom the key belongs to.'),
  categories: z.array(z.int()).optional().describe('Numbers of the categories to listen to. Default: all.'),
  own: z.array(z.string().min(1)).default([]).describe('User names of your own people.'),
  staffIsOwn: z.boolean().default(true).describe('Admins and moderators of the forum are your own people.'),
  webhookSecret: secret().optional().describe('Secret of the webhook, where the forum shall push.'),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'posts of a Discourse forum';
const OVERLAP_MS = 2 * 24 * 3_600_000;
/** A page goes back by fifty posts. */
const MAX_PAGES = 200;

export const discourse = defineSource<Options, Mark>({
  type: 'discourse',
  channel: 'social',
  about: 'Posts of a Discourse forum; posts of its staff answer a topic.',
  docs: 'https://docs.discourse.org/#tag/Posts/operation/listPosts',
  options,
  cursor: mark,
  example: { baseUrl: 'https://forum.velmora.example', apiKey: '${env:FORUM_KEY}', own: ['velmora_care'] },
  everySeconds: 300,
  terms: {
    url: 'https://docs.discourse.org/',
    demands: 'What was deleted in the forum is erased here.',
    recheckHours: 24 * 7,
  },
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull: (context) =>
    readList(context.cursor, {
      overlapMs: OVERLAP_MS,
      maxPages: MAX_PAGES,
      ask: async (next) => pageOf(await ask(context, requestFor(context.options, listPath(next))), context.options),
    }),
  recheckBatch: 20,
  async recheck(context, ids) {
    const answers = await Promise.all(
      ids.map((id) =>
        askIfThere(() => ask(context, requestFor(context.options, `/posts/${encodeURIComponent(id)}.json`))),
      ),
    );
    const there = answers.flatMap((answer) => (answer === undefined ? [] : [readAs(answer, EXPECTED, z.unknown())]));
    const { items, refused, gone = [] } = mentionsOf(there, context.options);
    return { items, refused, gone: [...gone, ...ids.filter((_, index) => answers[index] === undefined)] };
  },
  push: {
    about: 'Add a webhook for post events with the address /v1/inbound/<name> and a secret.',
    docs: 'https://meta.discourse.org/t/configure-webhooks-that-trigger-on-discourse-events/49045',
    verify({ headers, body }, { webhookSecret }) {
      const key = agreed(webhookSecret, 'webhookSecret');
      const given = headers['x-discourse-event-signature']?.replace(/^sha256=/, '');
      checkSigned(given, { algorithm: 'sha256', key, signed: [body], encoding: 'hex' });
    },
    read(request, asked) {
      const { headers } = request;
      if (headers['x-discourse-event-type'] !== 'post') return NOTHING;
      const answer = wireOf(request);
      if (headers['x-discourse-event'] !== 'post_destroyed') return withoutNext(pageOf(answer, asked));
      return { items: [], refused: [], gone: [String(readAs(answer, EXPECTED, single).post.id)] };
    },
  },
  parse: (answer) => withoutNext(pageOf(answer, { own: [], staffIsOwn: false })),
});

const listPath = (next: string | undefined) => `/posts.json${next === undefined ? '' : `?before=${next}`}`;

function requestFor({ baseUrl, apiKey, apiUsername }: Options, path: string) {
  const headers: Record<string, string> =
    apiKey === undefined ? {} : { 'api-key': apiKey, 'api-username': apiUsername };
  return { url: `${baseUrl}${path}`, headers };
}

const latest = z.looseObject({ latest_posts: z.array(z.unknown()) });
const topic = z.looseObject({ post_stream: z.looseObject({ posts: z.array(z.unknown()) }), title: words });
const single = z.looseObject({ post: z.looseObject({ id: z.int() }) });

/** The newest posts, a topic with its posts, or the push of one post. */
function pageOf(answer: WireAnswer, asked: Asked): ListPage {
  const read = readAs(answer, EXPECTED, z.union([latest, topic, single]));
  if ('post' in read) return mentionsOf([read.post], asked);
  if ('post_stream' in read) {
    const { post_stream: stream, title } = read as z.infer<typeof topic>;
    return mentionsOf(
      stream.posts.map((one) => Object.assign({ topic_title: title }, one)),
      asked,
    );
  }
  const { latest_posts: posts } = read as z.infer<typeof latest>;
  const oldest = Math.min(...posts.flatMap((one) => post.safeParse(one).data?.id ?? []));
  return { ...mentionsOf(posts, asked), ...(posts.length > 0 && oldest > 1 && { next: String(oldest) }) };
}

type Asked = Pick<Options, 'own' | 'staffIsOwn'> & Partial<Pick<Options, 'categories' | 'baseUrl'>>;

const post = z.looseObject({
  id: z.int(),
  username: words,
  user_id: z.int().optional().catch(undefined),
  created_at: words,
  cooked: z.string(),
  raw: words,
  post_number: z.int(),
  post_type: z.int().optional().catch(undefined),
  reply_to_post_number: z.int().nullish().catch(undefined),
  topic_id: z.int(),
  topic_slug: words,
  topic_title: words,
  category_id: z.int().optional().catch(undefined),
  reply_count: tally,
  reads: tally,
  staff: z.boolean().optional().catch(undefined),
  hidden: z.boolean().optional().catch(undefined),
  user_deleted: z.boolean().optional().catch(undefined),
  deleted_at: words,
});
type Post = z.infer<typeof post>;

/** What people write; the others are whispers, moves and closings. */
const REGULAR = 1;
const threadOf = ({ topic_id: id }: Post) => `topic-${id}`;
/** The forum itself (-1) and its tutor (-2). */
const isProgram = ({ user_id: id }: Post) => id !== undefined && id < 0;
const isDeleted = ({ user_deleted: byUser, deleted_at: at }: Post) => byUser === true || at !== undefined;

function mentionsOf(entries: readonly unknown[], { own, staffIsOwn, categories, baseUrl }: Asked): Parsed {
  const read = entries.flatMap((entry) => post.safeParse(entry).data ?? []);
  const isOwn = ({ staff, username }: Post) => (staffIsOwn && staff === true) || own.includes(username ?? '');
  const isWanted = ({ category_id: category }: Post) =>
    categories === undefined || category === undefined || categories.includes(category);
  const byNumber = new Map(read.map((one) => [`${one.topic_id}/${one.post_number}`, String(one.id)]));
  const draft = (one: Post) => {
    if (!isWanted(one) || isOwn(one) || isProgram(one)) return undefined;
    return draftOf(one, baseUrl, byNumber.get(`${one.topic_id}/${one.reply_to_post_number ?? ''}`));
  };
  const parsed = readEntries(entries, { expected: EXPECTED, what: 'post', schema: post, draft });
  const gone = read.filter(isDeleted).map(({ id }) => String(id));
  const answered = read
    .filter(
      (one) =>
        isWanted(one) && isOwn(one) && !isProgram(one) && one.post_number > 1 && (one.post_type ?? REGULAR) === REGULAR,
    )
    .flatMap((one) => {
      const at = readInstant(one.created_at);
      return at === undefined ? [] : [{ thread: threadOf(one), at }];
    });
  return { ...parsed, ...(gone.length > 0 && { gone }), ...(answered.length > 0 && { answered }) };
}

/** `replyTo` is known where what is answered stands in the same answer: the forum tells its number in the topic only. */
function draftOf(one: Post, baseUrl: string | undefined, replyTo: string | undefined): Draft | undefined {
  if (isDeleted(one) || one.hidden === true || (one.post_type ?? REGULAR) !== REGULAR) return undefined;
  const path = `/t/${one.topic_slug ?? '-'}/${one.topic_id}/${one.post_number}`;
  return {
    externalId: String(one.id),
    channel: 'social',
    text: htmlToText(one.cooked),
    title: one.post_number === 1 ? one.topic_title : undefined,
    url: baseUrl === undefined ? undefined : `${baseUrl}${path}`,
    publishedAt: readInstant(one.created_at),
    author: { id: one.user_id === undefined ? one.username : String(one.user_id), name: one.username },
    thread: threadOf(one),
    replyTo,
    engagement: { replies: one.reply_count, views: one.reads },
  };
}
