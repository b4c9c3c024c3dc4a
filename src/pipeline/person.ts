import { createHmac } from 'node:crypto';
import type { RawMention } from '../domain/mention.ts';
import { mask } from '../text/mask.ts';

export type AuthorPolicy = 'pseudonym' | 'keep' | 'drop';

/** Protects the person behind a mention, before it is queued or stored. */
export function protectPerson(raw: RawMention, policy: AuthorPolicy, key: Buffer): RawMention {
  const { author, title, ...rest } = raw;
  const kept = author && protectAuthor(author, policy, key);
  return {
    ...rest,
    text: mask(raw.text),
    ...(title === undefined ? {} : { title: mask(title) }),
    ...(kept === undefined ? {} : { author: kept }),
  };
}

/** The same author keeps the same pseudonym, which nobody without the key can compute (HMAC-SHA-256). */
function protectAuthor(
  author: NonNullable<RawMention['author']>,
  policy: AuthorPolicy,
  key: Buffer,
): RawMention['author'] {
  if (policy === 'keep') return author;
  if (policy === 'drop') return undefined;
  return { id: `anon_${createHmac('sha256', key).update(author.id).digest('base64url').slice(0, 22)}` };
}
