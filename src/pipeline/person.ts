import { createHash, createHmac } from 'node:crypto';
import type { RawMention } from '../domain/mention.ts';
import { mask } from '../text/mask.ts';
import type { QueuedMention } from './jobs.ts';
import { seal } from './seal.ts';

export type AuthorPolicy = 'pseudonym' | 'reversible' | 'keep' | 'drop';

/** How much of the people behind its mentions a source keeps. */
export interface Protection {
  authors: AuthorPolicy;
  /** Absent = every @name in a text stays; else all but these are masked. */
  keepsHandle?: ((handle: string) => boolean) | undefined;
}

/** Protects the person behind a mention, before it is queued or stored. */
export function protectPerson(raw: RawMention, { authors, keepsHandle }: Protection, key: Buffer): QueuedMention {
  const masked = (text: string) => mask(text, keepsHandle && { keepsHandle });
  const { author, title, url, replyTo, thread, attributes, ...rest } = raw;
  return present({
    ...rest,
    externalId: protectId(raw.externalId),
    replyTo: replyTo && protectId(replyTo),
    thread: thread && protectId(thread),
    text: masked(raw.text),
    title: title && masked(title),
    url: url && protectUrl(url),
    attributes:
      attributes &&
      Object.fromEntries(Object.entries(attributes).map(([name, value]) => [masked(name), masked(value)])),
    author: author && protectAuthor(author, authors, key),
    identity: authors === 'reversible' ? sealed(author, key) : undefined,
  });
}

function present(fields: { [Field in keyof QueuedMention]: QueuedMention[Field] | undefined }): QueuedMention {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as QueuedMention;
}

/** Some platforms put an address or a number into their ids. The same id stays the same, and tells nothing. */
export function protectId(id: string): string {
  return isInnocent(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 32);
}

/** A link that names a person loses its query, and where that is not enough, is left out. */
function protectUrl(url: string): string | undefined {
  if (isInnocent(url)) return url;
  const { origin, pathname } = new URL(url);
  return isInnocent(origin + pathname) ? origin + pathname : undefined;
}

/** Long numbers in ids and paths are ids; only in a query may one be a card. */
function isInnocent(address: string): boolean {
  const readable = address.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  const query = readable.slice(readable.indexOf('?') + 1 || readable.length).replaceAll(/[&=]/g, ' ');
  return !mask(readable.replaceAll(/[/?&=#]/g, ' ')).includes('[email]') && !mask(query).includes('[card]');
}

/** The same author keeps the same pseudonym, which nobody without the key can compute (HMAC-SHA-256). */
function protectAuthor(
  author: NonNullable<RawMention['author']>,
  policy: AuthorPolicy,
  key: Buffer,
): RawMention['author'] {
  if (policy === 'keep') return author;
  if (policy === 'drop') return undefined;
  return { id: pseudonym(author.id, key) };
}

const sealed = (author: RawMention['author'], key: Buffer) =>
  author ? seal(author, pseudonym(author.id, key), key) : null;

export function pseudonym(id: string, key: Buffer): string {
  return `anon_${createHmac('sha256', key).update(id).digest('base64url').slice(0, 22)}`;
}
