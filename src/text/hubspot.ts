import { z } from 'zod';
import type { Parsed, Pushed, WireAnswer } from '../domain/source.ts';
import { readInstant } from './dates.ts';
import { NOTHING } from './gather.ts';
import type { Draft } from './gather.ts';
import { htmlToText } from './html.ts';
import { mentionsOfTurns } from './thread.ts';
import { maybeId, readAs, readEntries, wireId, words } from './wire.ts';

export const EXPECTED = 'tickets, messages or events of HubSpot';

const optional = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.looseObject(shape).nullish().catch(undefined);
const flag = z.boolean().nullish().catch(undefined);
const list = z.array(z.unknown());

/** Lists of HubSpot have one layout; the next page is asked for by `after`. */
export const page = z.looseObject({ results: list, paging: optional({ next: optional({ after: maybeId }) }) });

/** Objects of other kinds have other properties; those of a ticket may be null. */
const isOfTicket = (value: unknown) =>
  typeof value === 'object' && value !== null && ('subject' in value || 'content' in value);

/** https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide */
const ticket = z.looseObject({
  id: wireId,
  properties: z
    .custom<object>(isOfTicket)
    .pipe(z.looseObject({ subject: words, content: words, createdate: words, first_agent_reply_date: words })),
  createdAt: words,
  archived: flag,
  /** Added by us: the customer, as the platform tells it apart. */
  contact: maybeId,
});
type Ticket = z.infer<typeof ticket>;

export const TICKET_PROPERTIES = ['subject', 'content', 'createdate', 'hs_lastmodifieddate', 'first_agent_reply_date'];
export const ticketId = (id: string) => `ticket-${id}`;

/** @throws {AppError} `SOURCE_SHAPE` where none of the entries is a ticket. */
export function mentionsOfTickets(entries: readonly unknown[]): Parsed {
  const parsed = readEntries(entries, { expected: EXPECTED, what: 'ticket', schema: ticket, draft: draftOfTicket });
  const gone = entries.flatMap((entry) => {
    const read = ticket.safeParse(entry).data;
    return read?.archived === true ? [ticketId(read.id)] : [];
  });
  return { ...parsed, ...(gone.length > 0 && { gone }) };
}

function draftOfTicket({ id, properties, createdAt, archived, contact }: Ticket): Draft | undefined {
  if (archived === true) return undefined;
  // Agents open tickets without a word, to fill them in later.
  if (!properties.content?.trim() && !properties.subject?.trim()) return undefined;
  return {
    externalId: ticketId(id),
    channel: 'ticket',
    text: plain(properties.content),
    title: properties.subject,
    publishedAt: readInstant(properties.createdate ?? createdAt),
    author: { id: contact, name: undefined },
    thread: ticketId(id),
    answeredAt: readInstant(properties.first_agent_reply_date),
  };
}

/** Agents' own descriptions come as HTML, customers' mails as text. */
const plain = (text: string | undefined) =>
  text !== undefined && /<\/?[a-z][^>]{0,300}>/i.test(text) ? htmlToText(text) : text;

/** https://developers.hubspot.com/docs/api-reference/conversations-conversations-inbox-&-messages-v3/guide */
export const thread = z.looseObject({
  id: wireId,
  latestMessageTimestamp: words,
  spam: flag,
  associatedContactId: maybeId,
  threadAssociations: optional({ associatedTicketId: maybeId }),
});
export type Thread = z.infer<typeof thread>;

const message = z.looseObject({
  id: wireId,
  type: z.string(),
  conversationsThreadId: maybeId,
  createdAt: words,
  createdBy: words,
  direction: words,
  senders: z.array(optional({ actorId: words, name: words })).catch([]),
  text: words,
  richText: words,
  subject: words,
  archived: flag,
  status: optional({ statusType: words }),
  /** Added by us: what the thread says of all its messages. */
  thread: optional({ ticket: maybeId, contact: maybeId }),
});
type Message = z.infer<typeof message>;

/** Messages with what their thread says of all of them. */
export function messagesOf(
  { threadAssociations, associatedContactId }: Thread,
  entries: readonly unknown[],
): unknown[] {
  const told = { ticket: threadAssociations?.associatedTicketId, contact: associatedContactId };
  return entries.map((entry) => Object.assign({}, entry, { thread: told }));
}

const isAgent = (actor: string | undefined) => actor?.startsWith('A-') === true;
const isMessage = ({ type }: Message) => type === 'MESSAGE';

/**
 * Comments are notes among agents; welcome messages, assignments and the like are the system's; what bots send is no
 * answer. A ticket and the conversation that it was made of are one thread.
 */
const kind = {
  expected: EXPECTED,
  what: 'message',
  schema: message,
  idOf: ({ id }: Message) => `message-${id}`,
  threadOf: (one: Message) =>
    one.thread?.ticket === undefined ? `conversation-${one.conversationsThreadId ?? '?'}` : ticketId(one.thread.ticket),
  timeOf: ({ createdAt }: Message) => readInstant(createdAt),
  isCustomers: (one: Message) => isMessage(one) && one.direction === 'INCOMING' && !isAgent(one.senders[0]?.actorId),
  isGone: ({ archived }: Message) => archived === true,
  isAnswer: (one: Message) =>
    isMessage(one) && one.direction === 'OUTGOING' && isAgent(one.createdBy) && one.status?.statusType !== 'FAILED',
  draft: draftOfMessage,
};

function draftOfMessage(one: Message): Draft | undefined {
  const text = one.text?.trim() ? one.text : one.richText && htmlToText(one.richText);
  // A file that is sent alone says nothing.
  if (!text?.trim()) return undefined;
  const [sender] = one.senders;
  return {
    externalId: kind.idOf(one),
    channel: 'ticket',
    text,
    title: one.subject,
    publishedAt: readInstant(one.createdAt),
    author: { id: one.thread?.contact ?? sender?.actorId, name: sender?.name },
    thread: kind.threadOf(one),
  };
}

/** The answers are handed on, because the ticket of a conversation comes with another list. */
export function mentionsOfMessages(entries: readonly unknown[]): Parsed {
  return mentionsOfTurns(entries, kind, false);
}

/** https://developers.hubspot.com/docs/apps/legacy-apps/public-apps/create-generic-webhook-subscriptions */
const event = z.looseObject({ subscriptionType: z.string(), objectId: maybeId, objectTypeId: words });
type Event = z.infer<typeof event>;

/** What tickets are called in events of any object. */
const TICKETS = '0-5';

/** Events hold no words, so what is new is asked for; only what was deleted is known at once. */
export function readEvents(answer: WireAnswer): Pushed {
  const events = readAs(answer, EXPECTED, z.union([z.array(event), event]));
  const all: Event[] = Array.isArray(events) ? events : [events];
  const gone = all.filter(isDeletion).flatMap(({ objectId }) => (objectId === undefined ? [] : [ticketId(objectId)]));
  const wakes = all.some((one) => isOurs(one) && !isDeletion(one));
  return { ...NOTHING, ...(gone.length > 0 && { gone }), ...(wakes && { wakes }) };
}

const isOurs = ({ subscriptionType: type, objectTypeId }: Event) =>
  /^(?:ticket|conversation)\./.test(type) || (type.startsWith('object.') && objectTypeId === TICKETS);
const isDeletion = (one: Event) =>
  isOurs(one) && /^(?:ticket|object)\.(?:privacyD|d)eletion$/.test(one.subscriptionType);

const answerSchema = z.union([page, z.array(event), event]);

/** A list of tickets or of messages, or pushed events. */
export function parseHubspot(answer: WireAnswer): Parsed {
  const read = readAs(answer, EXPECTED, answerSchema);
  if (Array.isArray(read) || !Array.isArray(read['results'])) return readEvents(answer);
  const entries = read['results'] as unknown[];
  return entries.some((entry) => ticket.safeParse(entry).success)
    ? mentionsOfTickets(entries)
    : mentionsOfMessages(entries);
}
