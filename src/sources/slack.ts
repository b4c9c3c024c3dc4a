import { z } from 'zod';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Parsed, Pushed, PushRequest, WireAnswer } from '../domain/source.ts';
import { nothingToAsk } from '../net/pages.ts';
import { checkSigned, checkTime, secondsOf, wireOf } from '../net/signature.ts';
import { notInFormat, readJson } from '../text/decode.ts';
import { NOTHING, gather, rowInvalid } from '../text/gather.ts';
import type { Draft } from '../text/gather.ts';

const options = z.strictObject({
  signingSecret: secret().describe('Signing Secret of your Slack app (Basic Information).'),
  staff: z.array(z.string().min(1)).default([]).describe('User ids of your own people: their turns answer a thread.'),
  channels: z.array(z.string().min(1)).optional().describe('Ids of the channels to listen to. Default: all it is in.'),
});
type Options = z.infer<typeof options>;

const EXPECTED = 'an event of Slack';
/** Of messages that a person wrote; other kinds are joins, topics and the like. */
const SPOKEN = new Set([undefined, 'thread_broadcast', 'file_share', 'me_message']);

/** A channel that customers share with you: Slack sends every message, nothing is asked. */
export const slack = defineSource<Options, null>({
  type: 'slack',
  channel: 'social',
  about: 'Messages of Slack channels that you share with customers, pushed by the Events API.',
  docs: 'https://docs.slack.dev/apis/events-api/',
  options,
  cursor: z.null(),
  example: { signingSecret: '${env:SLACK_SIGNING_SECRET}', staff: ['U012AB3CD'] },
  everySeconds: 86_400,
  hosts: () => [],
  pull: nothingToAsk,
  push: {
    about: 'Make a Slack app, subscribe it to message.channels with the address /v1/inbound/<name>, invite it.',
    docs: 'https://docs.slack.dev/authentication/verifying-requests-from-slack/',
    verify({ headers, body }: PushRequest, { signingSecret: key }, now) {
      const time = headers['x-slack-request-timestamp'] ?? '';
      checkTime(secondsOf(time), now);
      const given = headers['x-slack-signature']?.replace(/^v0=/, '');
      checkSigned(given, { algorithm: 'sha256', key, signed: [`v0:${time}:`, body], encoding: 'hex' });
    },
    read: (request, asked) => pushedOf(readJson(wireOf(request), EXPECTED), asked),
  },
  parse: (answer: WireAnswer): Parsed => {
    const { items, refused, gone, answered } = pushedOf(readJson(answer, EXPECTED), { staff: [], signingSecret: '-' });
    return { items, refused, ...(gone && { gone }), ...(answered && { answered }) };
  },
});

const message = z.looseObject({
  type: z.literal('message'),
  subtype: z.string().optional(),
  channel: z.string().min(1),
  ts: z.string().regex(/^\d{9,11}\.\d{1,6}$/),
  user: z.string().optional().catch(undefined),
  bot_id: z.string().optional().catch(undefined),
  text: z.string().optional().catch(undefined),
  thread_ts: z.string().optional().catch(undefined),
  deleted_ts: z.string().optional().catch(undefined),
  message: z.looseObject({}).optional().catch(undefined),
});
type Message = z.infer<typeof message>;

/** https://docs.slack.dev/apis/events-api/#callback-field */
const envelope = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('url_verification'), challenge: z.string().max(1_000) }),
  z.looseObject({ type: z.literal('event_callback'), event: z.looseObject({ type: z.string() }) }),
  z.looseObject({ type: z.literal('app_rate_limited') }),
]);

function pushedOf(json: unknown, asked: Options): Pushed {
  const read = envelope.safeParse(json).data;
  if (read === undefined) throw notInFormat(EXPECTED, 'JSON of another kind');
  if (read.type === 'url_verification') return { ...NOTHING, reply: read.challenge };
  if (read.type !== 'event_callback' || read.event.type !== 'message') return NOTHING;
  return messageOf(read.event, asked);
}

function messageOf(event: unknown, asked: Options): Parsed {
  const read = message.safeParse(event);
  if (!read.success) return refusedAs(`It is not a message: ${read.error.issues[0]?.path.join('.')} does not fit.`);
  const { channel, subtype, deleted_ts: deleted, message: edited } = read.data;
  if (asked.channels && !asked.channels.includes(channel)) return NOTHING;
  if (subtype === 'message_deleted') return { ...NOTHING, ...(deleted && { gone: [`${channel}:${deleted}`] }) };
  if (subtype === 'message_changed') return messageOf({ ...edited, type: 'message', channel }, asked);
  if (!SPOKEN.has(subtype) || read.data.bot_id !== undefined || read.data.user === undefined) return NOTHING;
  return spoken(read.data, asked);
}

const refusedAs = (reason: string): Parsed => ({ items: [], refused: [{ where: 'the message', reason }] });

function spoken(said: Message, { staff }: Options): Parsed {
  const thread = said.thread_ts === undefined ? undefined : `${said.channel}:${said.thread_ts}`;
  if (!staff.includes(said.user!)) return gather([said], ({ ts }) => `message ${ts}`, draftOf);
  return thread === undefined ? NOTHING : { ...NOTHING, answered: [{ thread, at: timeOf(said.ts) }] };
}

function draftOf({ channel, ts, user, text, thread_ts: threadTs }: Message): Draft {
  if (!text?.trim()) throw rowInvalid('It has no words.');
  const externalId = `${channel}:${ts}`;
  const thread = threadTs === undefined ? externalId : `${channel}:${threadTs}`;
  return {
    externalId,
    channel: 'social',
    text: plain(text),
    publishedAt: timeOf(ts),
    author: { id: user, name: undefined },
    thread,
    replyTo: thread === externalId ? undefined : thread,
  };
}

/** `ts` is seconds since 1970 with a counter behind the point. */
const timeOf = (ts: string) => new Date(Math.floor(Number(ts) * 1_000)).toISOString();

/** https://docs.slack.dev/messaging/formatting-message-text/ */
function plain(text: string): string {
  return text
    .replace(
      /<(?:[@#!][^>|]{0,200}|mailto:[^>|]{0,400}|https?:[^>|]{0,4000})(?:\|([^>]{0,1000}))?>/g,
      (whole, label: string | undefined) => {
        if (label !== undefined) return label;
        return whole.startsWith('<http') ? whole.slice(1, -1) : '@…';
      },
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
