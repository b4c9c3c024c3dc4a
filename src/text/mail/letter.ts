import { createHash } from 'node:crypto';
import { readInstant } from '../dates.ts';
import { notInFormat, decodeText, describe } from '../decode.ts';
import type { Draft } from '../gather.ts';
import { addressesIn, decodeWords, fieldOf, idsIn, readHeaders } from './headers.ts';
import type { MailAddress, MailHeaders } from './headers.ts';
import { ownWords } from './own-words.ts';
import { splitHeader, wordsOf } from './parts.ts';

/** One mail, as far as it says what a customer said. */
export interface Letter {
  /** Its Message-ID, or a hash of its header where it has none. */
  id: string;
  /** Id of the mail that the conversation began with; its own where it began one. */
  thread: string;
  replyTo: string | undefined;
  /** ISO 8601 in UTC. */
  sentAt: string | undefined;
  from: MailAddress | undefined;
  /** Where an answer is to go, if elsewhere. */
  answerTo: MailAddress | undefined;
  recipients: MailAddress[];
  subject: string | undefined;
  /** Without what it quotes and without the signature. */
  text: string;
  /** A program wrote it: an answer by machine, a report of a mail that did not arrive, spam by the server's word. */
  isAutomatic: boolean;
  /** It came over a mailing list or in bulk. */
  isListed: boolean;
}

const EXPECTED = 'a mail';
const MAX_ID = 500;

/**
 * One mail as it is stored (RFC 5322 and MIME). Its end may be missing.
 * @throws {AppError} `SOURCE_SHAPE` for what is no mail.
 */
export function readLetter(bytes: Uint8Array): Letter {
  const { header, body } = splitHeader(bytes);
  const headers = readHeaders(header);
  if (!['from', 'date', 'message-id', 'received'].some((name) => headers.has(name))) {
    throw notInFormat(EXPECTED, describe(decodeText({ body: bytes })), 'Give one mail as it is stored, headers first.');
  }
  const id = idOf(headers);
  const references = idsIn(fieldOf(headers, 'references'));
  const replyTo = idsIn(fieldOf(headers, 'in-reply-to'))[0] ?? references.at(-1);
  const subject = decodeWords(fieldOf(headers, 'subject') ?? '');
  const isReply =
    replyTo !== undefined || /^(?:re|aw|sv|antw|odp|ynt|rif|回复|答复)\s?(?:\[\d+\])?\s?[:：]/i.test(subject);
  return {
    id,
    thread: references[0] ?? replyTo ?? id,
    replyTo,
    sentAt: readInstant(fieldOf(headers, 'date')),
    from: addressesIn(fieldOf(headers, 'from'))[0],
    answerTo: addressesIn(fieldOf(headers, 'reply-to'))[0],
    recipients: ['to', 'cc'].flatMap((name) => addressesIn(fieldOf(headers, name))),
    subject: subject === '' ? undefined : subject,
    text: ownWords(wordsOf(headers, body), isReply),
    isAutomatic: isByMachine(headers),
    isListed: headers.has('list-id') || headers.has('list-unsubscribe') || isBulk(headers),
  };
}

function idOf(headers: MailHeaders): string {
  const id = idsIn(fieldOf(headers, 'message-id'))[0];
  if (id !== undefined && id.length <= MAX_ID) return id;
  const told = ['message-id', 'date', 'from', 'to', 'subject'].map((name) => fieldOf(headers, name) ?? null);
  return `mail-${createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 32)}`;
}

const is = (headers: MailHeaders, name: string, value: RegExp) => value.test(fieldOf(headers, name) ?? '');

/**
 * https://www.rfc-editor.org/rfc/rfc3834#section-5 , https://www.rfc-editor.org/rfc/rfc6522 , and what programs write
 * that know neither.
 */
function isByMachine(headers: MailHeaders): boolean {
  const submitted = fieldOf(headers, 'auto-submitted');
  return (
    (submitted !== undefined && !/^no\b/i.test(submitted)) ||
    is(headers, 'return-path', /^<\s{0,9}>$/) ||
    is(headers, 'content-type', /^multipart\/report\b/i) ||
    is(headers, 'precedence', /^auto_?reply$/i) ||
    is(headers, 'from', /\b(?:mailer-daemon|postmaster)@/i) ||
    is(headers, 'x-spam-flag', /^yes$/i) ||
    ['x-autoreply', 'x-autorespond', 'x-failed-recipients'].some((name) => headers.has(name))
  );
}

const isBulk = (headers: MailHeaders) => is(headers, 'precedence', /^(?:bulk|junk|list)$/i);

export interface LetterOptions {
  /** Whether an address is one of the brand's. */
  isOwn(address: string): boolean;
  /** Also what came over a mailing list. */
  lists: boolean;
  /** It lies where the brand keeps what it sent. */
  isSent?: boolean | undefined;
}

/**
 * The customer's words in a mail; undefined where it is none of a customer. A form on the brand's own site sends from
 * the brand's address, and names the customer as the one to answer to.
 */
export function draftOfLetter(letter: Letter, { isOwn, lists, isSent }: LetterOptions): Draft | undefined {
  if (isSent || letter.isAutomatic || (letter.isListed && !lists)) return undefined;
  const { from, answerTo } = letter;
  const isForm = from !== undefined && isOwn(from.address) && answerTo !== undefined && !isOwn(answerTo.address);
  const author = isForm ? answerTo : from;
  if (author !== undefined && isOwn(author.address)) return undefined;
  return {
    externalId: letter.id,
    channel: 'ticket',
    text: letter.text,
    title: letter.subject,
    publishedAt: letter.sentAt,
    author: { id: author?.address, name: author?.name },
    thread: letter.thread,
    replyTo: letter.replyTo,
  };
}

/** The brand's turn in a mail; undefined where it says nothing to somebody outside, or answers nothing. */
export function answerOfLetter(
  letter: Letter,
  { isOwn, lists, isSent }: LetterOptions,
): { thread: string; at: string } | undefined {
  const { from, replyTo, sentAt, recipients, isAutomatic, isListed, thread } = letter;
  if (isAutomatic || (isListed && !lists) || replyTo === undefined || sentAt === undefined) return undefined;
  const isOurs = isSent || (from !== undefined && isOwn(from.address));
  return isOurs && recipients.some(({ address }) => !isOwn(address)) ? { thread, at: sentAt } : undefined;
}
