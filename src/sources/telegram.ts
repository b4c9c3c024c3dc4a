import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { platformAddress } from '../net/address.ts';
import { ask } from '../net/ask.ts';
import { rowInvalid } from '../text/gather.ts';
import type { Draft } from '../text/gather.ts';
import { fromSeconds, maybeId, readAs, readEntries, words } from '../text/wire.ts';

const options = z.strictObject({
  token: secret().describe('Token of your bot, from @BotFather. Privacy mode must be off for it to see a group.'),
  chats: z.array(z.int()).optional().describe('Numbers of the groups to listen to. Default: all that the bot is in.'),
  staff: z.array(z.string().min(1)).default([]).describe('User names or ids of your own people: they answer.'),
  baseUrl: platformAddress('https://api.telegram.org'),
});
type Options = z.infer<typeof options>;
type Asked = Pick<Options, 'staff' | 'chats'>;

/** Number of the next update, and when one came. Telegram forgets what lies before the number that it is asked for. */
const cursor = z.strictObject({ offset: z.int().optional(), at: z.string().optional() });
type Cursor = z.infer<typeof cursor>;

const EXPECTED = 'updates of a Telegram bot';
const PER_PAGE = 100;
const MAX_PAGES = 50;
/** After a week without an update the numbers begin anew, anywhere: https://core.telegram.org/bots/api#update */
const NUMBERS_HOLD_MS = 6 * 24 * 3_600_000;

/** Telegram keeps updates for a day, so the bot has to be asked at least that often. */
export const telegram = defineSource<Options, Cursor>({
  type: 'telegram',
  channel: 'social',
  about: 'Messages of groups that your Telegram bot is a member of.',
  docs: 'https://core.telegram.org/bots/api#getupdates',
  options,
  cursor,
  example: { token: '${env:TELEGRAM_TOKEN}', chats: [-1001234567890], staff: ['velmora_care'] },
  everySeconds: 60,
  hosts: ({ baseUrl }) => [new URL(baseUrl).origin],
  pull,
  parse: (answer) => mentionsOf(updatesIn(answer), { staff: [], chats: undefined }),
});

/** Asking behind an update tells Telegram to forget it; by then its page is in the durable queue. */
async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const { baseUrl, token, ...asked } = context.options;
  let at = context.cursor ?? {};
  const isOld = context.now().getTime() - Date.parse(at.at ?? '') > NUMBERS_HOLD_MS;
  if (isOld) at = {};
  for (let page = 0; page < MAX_PAGES; page++) {
    const { offset } = at;
    const parameters = { limit: PER_PAGE, timeout: 0, allowed_updates: KINDS, ...(offset !== undefined && { offset }) };
    const answer = await ask(context, {
      url: `${baseUrl}/bot${token}/getUpdates`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(parameters),
      redirect: 'refuse',
    });
    const updates = updatesIn(answer);
    const last = Math.max(...updates.flatMap((one) => numbered.safeParse(one).data?.update_id ?? []));
    if (Number.isFinite(last)) at = { offset: last + 1, at: context.now().toISOString() };
    yield { ...mentionsOf(updates, asked), cursor: at };
    if (updates.length < PER_PAGE) return;
  }
}

const KINDS = ['message', 'edited_message'];
const numbered = z.looseObject({ update_id: z.int() });

const answerSchema = z.union([
  z.looseObject({ ok: z.literal(true), result: z.array(z.unknown()) }),
  z.looseObject({ ok: z.literal(false), description: words, parameters: z.looseObject({}).optional() }),
]);

/** https://core.telegram.org/bots/api#making-requests */
function updatesIn(answer: WireAnswer): unknown[] {
  const read = readAs(answer, EXPECTED, answerSchema);
  if (read.ok === true) return read.result as unknown[];
  throw new AppError('REMOTE_REFUSED', `Telegram refuses the request: ${String(read.description).slice(0, 100)}.`, {
    fix: 'Check the token; a bot with a webhook cannot be asked for updates.',
  });
}

const person = z.looseObject({ id: z.int(), username: words, first_name: words, is_bot: z.boolean().optional() });
const base = z.looseObject({
  message_id: z.int(),
  date: z.number(),
  chat: z.looseObject({ id: z.int(), username: words }),
  from: person.optional().catch(undefined),
  text: words,
  caption: words,
  message_thread_id: maybeId,
  /** A post of the channel that the group belongs to. */
  is_automatic_forward: z.boolean().optional().catch(undefined),
});
const message = base.extend({ reply_to_message: base.optional().catch(undefined) });
type Message = z.infer<typeof message>;

const update = z.looseObject({
  update_id: z.int(),
  message: message.optional(),
  edited_message: message.optional(),
});
/** One message that cannot be read must not hold up those behind it, so only the number decides what an update is. */
const KIND = { expected: EXPECTED, what: 'update', schema: numbered };

const spokenIn = (one: z.infer<typeof update>) => one.message ?? one.edited_message;

function mentionsOf(updates: readonly unknown[], asked: Asked): Parsed {
  const parsed = readEntries(updates, {
    ...KIND,
    draft(one) {
      const { data, error } = update.safeParse(one);
      if (data === undefined)
        throw rowInvalid(`It holds no message: ${error?.issues[0]?.path.join('.')} does not fit.`);
      return draftOf(spokenIn(data), asked);
    },
  });
  const answered = updates.flatMap((entry) => {
    const said = update.safeParse(entry).data;
    const turn = said && spokenIn(said);
    const at = fromSeconds(turn?.date);
    const isAnswer = turn?.reply_to_message !== undefined && isStaff(turn, asked) && isWanted(turn, asked);
    return isAnswer && at !== undefined ? [{ thread: threadOf(turn), at }] : [];
  });
  return answered.length === 0 ? parsed : { ...parsed, answered };
}

const isWanted = ({ chat }: Message, { chats }: Asked) => chats === undefined || chats.includes(chat.id);
const isStaff = ({ from }: Message, { staff }: Asked) =>
  from !== undefined && (staff.includes(String(from.id)) || staff.includes(from.username ?? ''));
const idOf = ({ chat, message_id: id }: z.infer<typeof base>) => `${chat.id}:${id}`;

/** A topic of a forum, or what is replied to. */
function threadOf(said: Message): string {
  if (said.message_thread_id !== undefined) return `${said.chat.id}:${said.message_thread_id}`;
  return idOf(said.reply_to_message ?? said);
}

function authorOf({ from }: Message): Draft['author'] {
  return from && { id: String(from.id), name: from.first_name ?? from.username };
}

function draftOf(said: Message | undefined, asked: Asked): Draft | undefined {
  const text = said?.text ?? said?.caption;
  if (said === undefined || text === undefined || !isWanted(said, asked)) return undefined;
  if (isStaff(said, asked) || said.from?.is_bot === true || said.is_automatic_forward === true) return undefined;
  const { chat } = said;
  return {
    externalId: idOf(said),
    channel: 'social',
    text,
    url: chat.username === undefined ? undefined : `https://t.me/${chat.username}/${said.message_id}`,
    publishedAt: fromSeconds(said.date),
    author: authorOf(said),
    thread: threadOf(said),
    replyTo: said.reply_to_message && idOf(said.reply_to_message),
  };
}
