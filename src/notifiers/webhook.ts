import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { defineNotifier } from '../domain/notice.ts';
import type { Delivery } from '../domain/notice.ts';
import type { Mention } from '../domain/mention.ts';

const TIMEOUT_MS = 10_000;
/** The one status beside 2xx that the client does not throw. */
const NOT_MODIFIED = 304;

const SECRET_PREFIX = 'whsec_';
const SECRET_RULE = 'must be whsec_ followed by the base64 of 24 to 64 bytes; two of them while one replaces the other';

const signingSecret = z.string().refine((value) => keyOf(value) !== undefined, SECRET_RULE);

const options = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' }).max(4_000),
  secret: z
    .union([signingSecret, z.array(signingSecret).min(1, SECRET_RULE).max(2, SECRET_RULE)], { error: SECRET_RULE })
    .meta({ secret: true })
    .describe('Signs each delivery: `whsec_` and the base64 of 24 to 64 random bytes. Two while rotating.'),
});

/**
 * Posts each mention as signed JSON to any address, by the Standard Webhooks specification, so that the receiver can
 * check it with a library that exists for its language.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhook = defineNotifier({
  type: 'webhook',
  about: 'Signed JSON to an address of yours, by Standard Webhooks.',
  docs: 'https://www.standardwebhooks.com',
  options,
  key: ({ url }) => whereTo(url),
  async send(delivery, { url, secret: secrets }) {
    const body = JSON.stringify(payloadOf(delivery));
    const headers = { 'content-type': 'application/json', ...signatureHeaders(delivery, body, [secrets].flat()) };
    const { status } = await delivery.http({
      url,
      method: 'POST',
      headers,
      body,
      timeoutMs: TIMEOUT_MS,
      redirect: 'refuse',
      signal: delivery.signal,
    });
    if (status === NOT_MODIFIED) throw notTaken(url);
  },
});

/** The same place with another login or token is the same destination. */
function whereTo(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function notTaken(url: string): AppError {
  const { host } = new URL(url);
  return new AppError('REMOTE_REFUSED', `${host} answered a delivery with "not modified" (HTTP 304).`, {
    fix: 'Let the receiver answer 2xx once it has the delivery.',
  });
}

/** The same notice gives the same body on every attempt; its `timestamp` is when the notice arose. */
function payloadOf({ notice, mention }: Delivery) {
  const negative = mention.judgements.sentiment?.value === 'negative';
  return {
    type: negative ? 'mention.negative' : 'mention.matched',
    timestamp: notice.createdAt,
    data: { subscription: notice.subscription, mention: asTold(mention) },
  };
}

/** What a receiver learns of a mention: never its author. `null` = could not tell; facts that are unknown are absent. */
function asTold({ judgements, ...facts }: Mention) {
  const { id, source, channel, text, title, url, at, dated, rating } = facts;
  const { language, sentiment, step, touchpoint, topics, pains } = judgements;
  return {
    id,
    source,
    channel,
    text,
    title,
    url,
    at,
    dated,
    rating,
    language: language?.value ?? null,
    sentiment: sentiment?.value ?? null,
    score: sentiment?.score ?? null,
    evidence: sentiment?.evidence ?? [],
    step: step?.value ?? null,
    touchpoint: touchpoint?.value ?? null,
    topics: (topics ?? []).map((topic) => ({ value: topic.value, sentiment: topic.sentiment })),
    pains: (pains ?? []).map((pain) => pain.value),
  };
}

/** `webhook-id` stays the same on every attempt, so that a receiver can tell a repetition; the time is of the attempt. */
function signatureHeaders({ notice, now }: Delivery, body: string, secrets: string[]): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signed = `${notice.id}.${timestamp}.${body}`;
  return {
    'webhook-id': notice.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((value) => signature(value, signed)).join(' '),
  };
}

function signature(value: string, signed: string): string {
  const key = keyOf(value);
  if (key === undefined) throw new AppError('CONFIG_INVALID', `The webhook's secret ${SECRET_RULE}.`);
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

/** The bytes of a signing secret, or nothing where it is not one. */
function keyOf(value: string): Buffer | undefined {
  if (!value.startsWith(SECRET_PREFIX)) return undefined;
  const base64 = value.slice(SECRET_PREFIX.length);
  const key = Buffer.from(base64, 'base64');
  const wellFormed = key.toString('base64') === base64 && key.length >= 24 && key.length <= 64;
  return wellFormed ? key : undefined;
}
