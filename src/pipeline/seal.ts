import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { RawMention } from '../domain/mention.ts';

/** Who wrote it, as the platform says. */
export type Identity = NonNullable<RawMention['author']>;

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** The lengths that GCM is made for, in bytes: NIST SP 800-38D. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Made from the key of the pseudonyms and apart from it: one key for each purpose. */
const sealingKey = (personKey: Buffer) =>
  Buffer.from(hkdfSync('sha256', personKey, '', 'earshot sealed identities', KEY_BYTES));

/**
 * An identity that only the key opens, and only as that of this pseudonym (AES-256-GCM, the pseudonym as additional
 * data). The same identity looks different each time.
 */
export function seal(identity: Identity, pseudonym: string, personKey: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealingKey(personKey), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(pseudonym));
  const words = Buffer.concat([cipher.update(JSON.stringify(identity), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), words]).toString('base64url');
}

/** The identity; null where it was sealed with another key, for another pseudonym, or is damaged. */
export function unseal(sealed: string, pseudonym: string, personKey: Buffer): Identity | null {
  const bytes = Buffer.from(sealed, 'base64url');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, sealingKey(personKey), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(pseudonym)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const words = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(words.toString()) as Identity;
  } catch {
    return null;
  }
}
