import { z } from 'zod';
import type { Parsed, Pushed, WireAnswer } from '../domain/source.ts';
import { readInstant } from './dates.ts';
import { notInFormat } from './decode.ts';
import { NOTHING, rowInvalid } from './gather.ts';
import type { Draft } from './gather.ts';
import { mentionsOfTurns } from './thread.ts';
import { maybeId, readAs, wireId, words } from './wire.ts';

export const EXPECTED = 'a list of Zendesk tickets or comments';

const flag = z.boolean().nullish().catch(undefined);
const via = z
  .looseObject({ channel: z.union([z.string(), z.number()]).optional() })
  .nullish()
  .catch(undefined);

/** https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#json-format */
export const ticketSchema = z.looseObject({
  id: wireId,
  url: words,
  subject: words,
  raw_subject: words,
  description: z.string().nullish(),
  status: z.string(),
  created_at: words,
  updated_at: words,
  requester_id: maybeId,
  is_public: flag,
  via,
});
export type Ticket = z.infer<typeof ticketSchema>;

/** https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#json-format */
export const commentSchema = z.looseObject({
  id: wireId,
  author_id: maybeId,
  body: z.string().nullish(),
  public: z.boolean(),
  created_at: words,
  via,
});

const userSchema = z.looseObject({ id: wireId, role: words, name: words });
export type Users = ReadonlyMap<string, z.infer<typeof userSchema>>;

/** Who is spoken of, where the answer tells it along. */
export function usersOf(users: readonly unknown[]): Users {
  return new Map(
    users.flatMap((user) => {
      const read = userSchema.safeParse(user).data;
      return read === undefined ? [] : [[read.id, read] as const];
    }),
  );
}

/** A ticket with what was said on it, as far as it was asked for; the first comment is its description. */
export interface Talk {
  ticket: unknown;
  comments?: readonly unknown[] | undefined;
  users?: Users | undefined;
}

const maybe = z.string().optional();
/** A turn as it is read below. */
const turn = z.object({
  id: z.string(),
  thread: maybe,
  title: maybe,
  text: maybe,
  url: maybe,
  at: maybe,
  author: z.object({ id: maybe, name: maybe }),
  by: z.enum(['customer', 'agent', 'nobody']),
  isGone: z.boolean(),
  /** Which field of the platform's makes it unreadable. */
  unfit: maybe,
});
type Turn = z.infer<typeof turn>;

/** @throws {AppError} `SOURCE_SHAPE` where none of the tickets is one. */
export function mentionsOfTalks(talks: readonly Talk[]): Parsed {
  if (talks.length > 0 && !talks.some(({ ticket }) => ticketSchema.safeParse(ticket).success)) {
    throw notInFormat(EXPECTED, `a list of ${talks.length} entries of another kind`);
  }
  return mentionsOfTurns(talks.flatMap(turnsOf), kind, true);
}

function turnsOf({ ticket: entry, comments = [], users = new Map() }: Talk): Turn[] {
  const { data: ticket, error } = ticketSchema.safeParse(entry);
  if (ticket === undefined) return [unfitTurn(entry, error)];
  if (ticket.via?.channel === 'sample_ticket') return [];
  const [first, ...later] = comments;
  const isHidden = (commentSchema.safeParse(first).data?.public ?? ticket.is_public) === false;
  return [
    firstTurn(ticket, users, isHidden),
    ...later.map((comment) => laterTurn(comment, { thread: ticket.id, url: agentUrl(ticket), ticket, users })),
  ];
}

/**
 * Zendesk makes who submits a ticket the author of its first comment, so on tickets that an agent submitted for
 * somebody, the agent wrote down what the customer said, for instance on the phone. Leaving them out would silence
 * everybody who calls; the requester is the customer either way and is named as the author.
 */
function firstTurn(ticket: Ticket, users: Users, isHidden: boolean): Turn {
  const { id, requester_id: requester } = ticket;
  return {
    id,
    thread: id,
    title: ticket.subject ?? ticket.raw_subject,
    text: ticket.description ?? undefined,
    url: agentUrl(ticket),
    at: ticket.created_at,
    author: { id: requester, name: requester && users.get(requester)?.name },
    by: 'customer',
    isGone: ticket.status === 'deleted' || isHidden,
  };
}

/** Goes on to where it is named with the reason. */
function unfitTurn(entry: unknown, error: z.ZodError | undefined): Turn {
  const id = withId.safeParse(entry).data?.id ?? '?';
  const unfit = error?.issues[0]?.path.join('.') || 'its kind';
  return { id, author: {}, by: 'customer', isGone: false, unfit };
}

const withId = z.looseObject({ id: wireId });

interface Beside {
  thread: string | undefined;
  url?: string | undefined;
  ticket?: Ticket | undefined;
  users: Users;
}

function laterTurn(entry: unknown, { thread, url, ticket, users }: Beside): Turn {
  const { data: comment, error } = commentSchema.safeParse(entry);
  if (comment === undefined) return unfitTurn(entry, error);
  const author = comment.author_id;
  const user = author === undefined ? undefined : users.get(author);
  return {
    id: commentId(comment.id),
    thread,
    text: comment.body ?? undefined,
    url,
    at: comment.created_at,
    author: { id: author, name: user?.name },
    by: speakerOf(author, user?.role, ticket),
    isGone: !comment.public || ticket?.status === 'deleted',
  };
}

const commentId = (id: string) => `comment-${id}`;

/** What the system says of itself has the author -1; of a deleted user it is known only whether he asked. */
function speakerOf(author: string | undefined, role: string | undefined, ticket: Ticket | undefined): Turn['by'] {
  if (author !== undefined && author === ticket?.requester_id) return 'customer';
  if (role === 'end-user') return 'customer';
  return role === 'agent' || role === 'admin' ? 'agent' : 'nobody';
}

/** `url` is the address for programs; people open the same host's /agent/tickets/<id>. */
function agentUrl({ url, id }: Ticket): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  return `${new URL(url).origin}/agent/tickets/${encodeURIComponent(id)}`;
}

const kind = {
  expected: EXPECTED,
  what: 'turn',
  schema: turn,
  idOf: ({ id }: Turn) => id,
  threadOf: ({ thread }: Turn) => thread ?? '?',
  timeOf: ({ at }: Turn) => readInstant(at),
  isCustomers: ({ by }: Turn) => by === 'customer',
  isGone: ({ isGone }: Turn) => isGone,
  isAnswer: ({ by, thread }: Turn) => by === 'agent' && thread !== undefined,
  draft,
};

/** Who sends a picture only says nothing. */
function draft({ id, thread, title, text, url, at, author, unfit }: Turn): Draft | undefined {
  if (unfit !== undefined) throw rowInvalid(`It is no ticket or comment: ${unfit} does not fit.`);
  if (!text?.trim() && !title) return undefined;
  const { id: authorId, name } = author;
  const publishedAt = readInstant(at);
  return { externalId: id, channel: 'ticket', text, title, url, publishedAt, author: { id: authorId, name }, thread };
}

const PREFIX = 'zen:event-type:';
const event = z.looseObject({
  type: z.string().startsWith(PREFIX),
  time: words,
  detail: z.looseObject({}),
  event: z
    .looseObject({ comment: z.looseObject({}).optional() })
    .nullish()
    .catch(undefined),
});
const answerSchema = z.union([
  z.looseObject({ tickets: z.array(z.unknown()) }),
  z.looseObject({ comments: z.array(z.unknown()), users: z.array(z.unknown()) }),
  event,
]);

/** Tickets, the comments of one with their users, or a pushed event. */
export function parseZendesk(answer: WireAnswer): Parsed {
  const read = readAs<Record<string, unknown>>(answer, EXPECTED, answerSchema);
  const { tickets, comments, users } = read;
  if (Array.isArray(tickets)) return mentionsOfTalks(tickets.map((ticket: unknown) => ({ ticket })));
  if (Array.isArray(comments)) return mentionsOfComments(comments, users as unknown[], answer.url);
  return mentionsOfEvent(read as z.infer<typeof event>);
}

/** Comments do not say to which ticket they belong; their address does. */
function mentionsOfComments(comments: readonly unknown[], users: readonly unknown[], url: string | undefined): Parsed {
  const thread = /\/tickets\/(\d+)\/comments/.exec(url ?? '')?.[1];
  if (comments.length > 0 && !comments.some((comment) => commentSchema.safeParse(comment).success)) {
    throw notInFormat(EXPECTED, `a list of ${comments.length} entries of another kind`);
  }
  const known = usersOf(users);
  return mentionsOfTurns(
    comments.map((comment) => laterTurn(comment, { thread, users: known })),
    kind,
    true,
  );
}

const GONE = /^ticket\.(?:soft_deleted|permanently_deleted|marked_as_spam)$/;
/** Of these the words are asked for: a pull exports the ticket anew. */
const CHANGED =
  /^ticket\.(?:comment_redacted|comment_made_private|description_changed|subject_changed|undeleted|merged)$/;

/** https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/ */
function mentionsOfEvent({ type, time, detail, event: what }: z.infer<typeof event>): Pushed {
  const name = type.slice(PREFIX.length);
  const ticket = ticketSchema.safeParse(detail).data;
  if (ticket === undefined) return NOTHING;
  if (GONE.test(name)) return { ...NOTHING, gone: [ticket.id] };
  if (CHANGED.test(name)) return { ...NOTHING, wakes: true };
  if (name === 'ticket.created') return mentionsOfTalks([{ ticket }]);
  return name === 'ticket.comment_added' ? mentionsOfPushed(what?.comment, ticket, time) : NOTHING;
}

/** A new ticket is followed by an event for its first comment, which is its description. */
function mentionsOfPushed(entry: unknown, ticket: Ticket, time: string | undefined): Parsed {
  const { data: comment, error } = pushedComment.safeParse(entry);
  if (comment === undefined) return mentionsOfTurns([unfitTurn(entry, error)], kind, false);
  if (comment.body === ticket.description)
    return mentionsOfTalks([{ ticket: { ...ticket, is_public: comment.is_public } }]);
  const said: Turn = {
    id: commentId(comment.id),
    thread: ticket.id,
    text: comment.body ?? undefined,
    at: time,
    author: { id: comment.author?.id, name: comment.author?.name },
    by: SPEAKERS[String(comment.author?.is_staff)] ?? 'nobody',
    isGone: comment.is_public !== true,
  };
  return mentionsOfTurns([said], kind, false);
}

const SPEAKERS: Record<string, Turn['by']> = { true: 'agent', false: 'customer' };
const pushedComment = z.looseObject({
  id: wireId,
  body: z.string().nullish(),
  is_public: z.boolean(),
  author: z.looseObject({ id: maybeId, is_staff: flag, name: words }).nullish().catch(undefined),
});
