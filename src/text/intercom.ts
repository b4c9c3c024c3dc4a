import { z } from 'zod';
import type { Parsed, WireAnswer } from '../domain/source.ts';
import { NOTHING } from './gather.ts';
import type { Draft } from './gather.ts';
import { htmlToText } from './html.ts';
import { mentionsOfTurns } from './thread.ts';
import { fromSeconds, maybeId, readAs, wireId, words } from './wire.ts';

export const EXPECTED = 'conversations or tickets of Intercom';

const optional = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.looseObject(shape).nullish().catch(undefined);
const pages = optional({ next: optional({ starting_after: words }) });
export const conversationList = z.looseObject({
  type: z.literal('conversation.list'),
  conversations: z.array(z.unknown()),
  pages,
});
export const ticketList = z.looseObject({ type: z.literal('ticket.list'), tickets: z.array(z.unknown()), pages });

const flag = z.boolean().optional().catch(undefined);
const person = z.looseObject({ type: words, id: maybeId, name: words, is_ai_answer: flag }).nullish().catch(undefined);
const many = z.array(z.unknown()).catch([]);

const conversation = z.looseObject({
  type: z.literal('conversation'),
  id: wireId,
  created_at: z.unknown(),
  source: optional({ subject: words }),
  conversation_parts: optional({ conversation_parts: many }),
  conversation_rating: optional({ remark: words, contact: person }),
});
const ticket = z.looseObject({
  type: z.literal('ticket'),
  id: wireId,
  category: words,
  created_at: z.unknown(),
  contacts: optional({ contacts: z.array(person).catch([]) }),
  ticket_attributes: optional({}),
  ticket_parts: optional({ ticket_parts: many }),
});
const event = z.looseObject({
  type: z.literal('notification_event'),
  topic: z.string(),
  data: z.looseObject({ item: z.unknown() }),
});

/** Turns as they are read below: the platform's own fields, and where they belong. */
const turn = z.looseObject({
  id: z.string(),
  thread: z.string(),
  title: words,
  part_type: words,
  body: words,
  /** Whether the body is text and no HTML. */
  isPlain: flag,
  created_at: z.union([z.number(), z.string()]).nullish().catch(undefined),
  author: person,
  redacted: flag,
  csat: z.number().min(1).max(5).optional().catch(undefined),
});
type Turn = z.infer<typeof turn>;

export const threadOf = (id: string) => `conversation-${id}`;

/** A conversation or ticket as its turns; what is neither stays as it is and is refused by name. */
function turnsOf(entry: unknown): unknown[] {
  const { data: talk } = conversation.safeParse(entry);
  if (talk) return turnsOfConversation(talk);
  const { data: form } = ticket.safeParse(entry);
  return form ? turnsOfTicket(form) : [entry];
}

function turnsOfConversation({
  id,
  created_at,
  source,
  conversation_parts: parts,
  conversation_rating: rating,
}: z.infer<typeof conversation>) {
  const thread = threadOf(id);
  const first = source ? [Object.assign({}, source, { id: thread, thread, created_at, title: source.subject })] : [];
  const remark = rating?.remark?.trim()
    ? [
        {
          ...rating,
          id: `rating-${id}`,
          thread,
          body: rating.remark,
          isPlain: true,
          author: { type: 'contact', ...rating.contact },
          csat: rating['rating'],
        },
      ]
    : [];
  return [...first, ...partsOf(thread, parts?.conversation_parts), ...remark];
}

/** Those of the categories Back-office and Tracker are written by teammates for teammates. */
function turnsOfTicket({
  id,
  category,
  created_at,
  contacts,
  ticket_attributes: form,
  ticket_parts: parts,
}: z.infer<typeof ticket>) {
  if (category !== 'Customer') return [];
  const thread = threadOf(id);
  const first = {
    id: `ticket-${id}`,
    thread,
    created_at,
    author: { ...contacts?.contacts[0], type: 'contact' },
    title: form?.['_default_title_'],
    body: form?.['_default_description_'],
    isPlain: true,
  };
  return [first, ...partsOf(thread, parts?.ticket_parts)];
}

function partsOf(thread: string, parts: readonly unknown[] = []): unknown[] {
  return parts.map((part) => {
    const id = identity.safeParse(part).data?.id;
    return id === undefined ? part : Object.assign({}, part, { id: `part-${id}`, thread });
  });
}

const CUSTOMERS = new Set(['user', 'lead', 'contact', 'visitor']);
const timeOf = ({ created_at: at }: Turn) => fromSeconds(at ?? undefined);

/** Not notes among teammates, events without words, or what a workflow says; Fin answers. */
function isAnswer({ author, part_type: partType, body }: Turn): boolean {
  const isBrand = author?.type === 'admin' || (author?.type === 'bot' && author.is_ai_answer === true);
  return isBrand && !partType?.startsWith('note') && (body ?? '') !== '';
}

const kind = {
  expected: EXPECTED,
  what: 'turn',
  schema: turn,
  idOf: ({ id }: Turn) => id,
  threadOf: ({ thread }: Turn) => thread,
  timeOf,
  isCustomers: ({ author }: Turn) => CUSTOMERS.has(author?.type ?? ''),
  isGone: ({ redacted }: Turn) => redacted === true,
  isAnswer,
  draft: draftOf,
};
/** @param isWhole Whether all parts of them came along. */
export const mentionsOf = (entries: readonly unknown[], isWhole: boolean) =>
  mentionsOfTurns(entries.flatMap(turnsOf), kind, isWhole);

/** Turns without words are events, or files that were sent. */
function draftOf(one: Turn): Draft | undefined {
  const text = one.isPlain === true ? one.body : htmlToText(one.body ?? '');
  if (!text?.trim()) return undefined;
  return {
    externalId: one.id,
    channel: 'ticket',
    text,
    title: one.title,
    publishedAt: timeOf(one),
    author: { id: one.author?.id, name: one.author?.name },
    thread: one.thread,
    scores: { csat: one.csat },
  };
}

/** A list, one conversation or ticket, or a push of one. */
export function parse(answer: WireAnswer): Parsed {
  const layouts = [conversationList, ticketList, conversation, ticket, event] as const;
  const read = readAs(answer, EXPECTED, z.discriminatedUnion('type', layouts));
  if (read.type === 'notification_event') return pushed(read);
  if (read.type === 'conversation.list') return mentionsOf(read.conversations, false);
  return mentionsOf(read.type === 'ticket.list' ? read.tickets : [read], false);
}

/** https://developers.intercom.com/docs/references/webhooks/webhook-models */
function pushed({ topic, data: { item } }: z.infer<typeof event>): Parsed {
  const id = identity.safeParse(item).data;
  if (topic === 'conversation.deleted') {
    const deleted = id?.conversation_id ?? id?.id;
    return { ...NOTHING, ...(deleted !== undefined && { gone: [threadOf(deleted)] }) };
  }
  if (topic === 'conversation_part.redacted' && id?.type === 'conversation_part')
    return { ...NOTHING, ...(id.id !== undefined && { gone: [`part-${id.id}`] }) };
  return /^(conversation|ticket)[._]/.test(topic) && TALKS.has(id?.type ?? '') ? mentionsOf([item], false) : NOTHING;
}

const identity = z.looseObject({ type: words, id: maybeId, conversation_id: maybeId });
const TALKS = new Set(['conversation', 'ticket']);
