import { createSign } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { ask } from './ask.ts';
import type { Asking } from './ask.ts';

/** Of RFC 6749, section 5.1. */
const granted = z.looseObject({ access_token: z.string().min(1) });

export interface TokenRequest {
  url: string;
  form: Record<string, string>;
  headers?: Record<string, string> | undefined;
}

/**
 * Fetches an access token (RFC 6749). It lives as long as the pull that asked for it and is written down nowhere.
 * @throws {AppError} `REMOTE_UNAUTHORIZED` for an answer without a token, `REMOTE_*` for every other failure.
 */
export async function fetchToken(asking: Asking, { url, form, headers = {} }: TokenRequest): Promise<string> {
  const answer = await ask(asking, {
    url,
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    redirect: 'refuse',
  });
  const text = Buffer.from(answer.body).toString('utf8');
  const read = granted.safeParse(jsonOf(text)).data;
  if (read !== undefined) return read.access_token;
  const isJson = jsonOf(text) !== undefined;
  throw new AppError(
    isJson ? 'REMOTE_UNAUTHORIZED' : 'SOURCE_SHAPE',
    `${new URL(url).host} gave no access token${isJson ? '' : `, but ${text.trim() === '' ? 'nothing' : 'something that is no JSON'}`}.`,
    { fix: 'Check the credentials of this source, and that they have not been revoked.' },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export interface ServiceAccount {
  email: string;
  /** PEM. */
  privateKey: string;
  tokenUrl: string;
}

const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LIFE_S = 600;

/**
 * A token for a service account, by a JWT that its key signs (RFC 7523).
 * https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
 */
export async function fetchServiceToken(
  asking: Asking,
  { email, privateKey, tokenUrl }: ServiceAccount,
  scope: string,
  now: Date,
): Promise<string> {
  const at = Math.floor(now.getTime() / 1_000);
  const claims = { iss: email, scope, aud: tokenUrl, iat: at, exp: at + LIFE_S };
  const unsigned = [{ alg: 'RS256', typ: 'JWT' }, claims].map(encoded).join('.');
  const form = { grant_type: JWT_GRANT, assertion: `${unsigned}.${signed(unsigned, privateKey)}` };
  return fetchToken(asking, { url: tokenUrl, form });
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(text: string, privateKey: string): string {
  try {
    return createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url');
  } catch {
    throw new AppError('CONFIG_INVALID', 'The private key of the service account is no PEM key.', {
      fix: 'Give the whole key file as it was downloaded: ${file:/path/to/key.json}.',
    });
  }
}
