import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../domain/errors.ts';
import type { PushRequest, WireAnswer } from '../domain/source.ts';

/** A push older, or further ahead, than this may be somebody's recording. In milliseconds. */
export const TOLERANCE_MS = 5 * 60_000;

export interface Signature {
  algorithm: 'sha1' | 'sha256';
  key: string | Uint8Array;
  /** What was signed, in order. */
  signed: readonly (string | Uint8Array)[];
  encoding: 'hex' | 'base64';
}

/** Whether this is the signature (HMAC, RFC 2104). Takes the same time however much of it is right. */
export function isSigned(given: string | undefined, { algorithm, key, signed, encoding }: Signature): boolean {
  if (given === undefined) return false;
  const hmac = createHmac(algorithm, key);
  for (const part of signed) hmac.update(part);
  return isSame(given, hmac.digest(encoding));
}

/** Compares two texts in a time that tells nothing about where they differ. */
export function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(wanted));
}

/** Of one length, whatever the length of the text. */
const digestOf = (text: string) => createHash('sha256').update(text).digest();

/**
 * The agreed secret.
 * @throws {AppError} `PUSH_REFUSED` where none was agreed: what anybody could have sent is not taken.
 */
export function agreed(secret: string | undefined, option: string): string {
  if (secret !== undefined) return secret;
  throw refused('no secret was agreed', `Set ${option} of this source.`);
}

/** @throws {AppError} `PUSH_REFUSED` for a time that is missing, no time, or too far from now. */
export function checkTime(atMs: number, now: Date): void {
  if (Math.abs(now.getTime() - atMs) <= TOLERANCE_MS) return;
  throw refused('its time is missing or too far from now', 'Check the clocks of both machines.');
}

/** What was pushed, ready to be read as an answer of the platform is. */
export function wireOf({ headers, body }: PushRequest): WireAnswer {
  return { body, contentType: headers['content-type'] };
}

/** @throws {AppError} `PUSH_REFUSED` */
export function checkSigned(given: string | undefined, signature: Signature): void {
  if (!isSigned(given, signature)) throw wrongSignature(given);
}

export function wrongSignature(given: string | undefined): AppError {
  return refused(
    given === undefined ? 'it carries no signature' : 'its signature is not made with the agreed secret',
    'Copy the secret from the platform once more; nothing in between may change the body.',
  );
}

function refused(why: string, fix: string): AppError {
  return new AppError('PUSH_REFUSED', `The push is not taken: ${why}.`, { fix });
}

const WHSEC = 'whsec_';

/**
 * Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws {AppError} `PUSH_REFUSED`
 */
export function checkStandardWebhook({ headers, body }: PushRequest, secret: string, now: Date): void {
  const { 'webhook-id': id = '', 'webhook-timestamp': time = '', 'webhook-signature': given } = headers;
  checkTime(secondsOf(time), now);
  const key = secret.startsWith(WHSEC) ? Buffer.from(secret.slice(WHSEC.length), 'base64') : secret;
  const signature: Signature = { algorithm: 'sha256', key, signed: [`${id}.${time}.`, body], encoding: 'base64' };
  const known = (given ?? '').split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : []));
  if (!known.some((one) => isSigned(one, signature))) throw wrongSignature(given);
}

/**
 * `X-Hub-Signature: sha1=…`, as WebSub brought it about: https://www.w3.org/TR/websub/#authenticated-content-distribution
 * @throws {AppError} `PUSH_REFUSED`
 */
export function checkHubSignature({ headers, body }: PushRequest, key: string): void {
  const given = headers['x-hub-signature']?.replace(/^sha1=/, '');
  checkSigned(given, { algorithm: 'sha1', key, signed: [body], encoding: 'hex' });
}

/** `Authorization: Bearer …` or `X-Earshot-Secret`. @throws {AppError} `PUSH_REFUSED` */
export function checkPlainSecret({ headers }: PushRequest, secret: string): void {
  const bearer = /^bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  const given = headers['x-earshot-secret'] ?? bearer;
  if (given === undefined || !isSame(given, secret)) throw wrongSignature(given);
}

/** Seconds since 1970 as written in a header, in milliseconds; NaN for anything else. */
export function secondsOf(text: string | undefined): number {
  return /^\d{9,11}$/.test(text ?? '') ? Number(text) * 1_000 : Number.NaN;
}
