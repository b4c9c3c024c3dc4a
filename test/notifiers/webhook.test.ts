import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/domain/http.ts';
import { mention as mentionSchema } from '../../src/domain/mention.ts';
import type { Mention } from '../../src/domain/mention.ts';
import { NOTIFIERS, notifierOf } from '../../src/notifiers/index.ts';
import { webhook } from '../../src/notifiers/webhook.ts';
import { deliveryOf, notifierContract } from '../contracts/notifier.ts';

const newSecret = (bytes = 32) => `whsec_${randomBytes(bytes).toString('base64')}`;
const [secret, nextSecret] = [newSecret(), newSecret()];

const by = { by: 'test@1', confidence: 0.9 };
const unhappy: Mention = mentionSchema.parse({
  id: '0123456789abcdef0123456789abcdef',
  source: 'shop-reviews',
  externalId: 'r-17',
  channel: 'review',
  title: 'Zepsuty',
  text: 'Paczka spóźniona, a “prezent” uszkodzony 😡',
  url: 'https://reviews.example/r/17',
  author: { id: 'author-4711', name: 'Jan Kowalski' },
  rating: 2,
  brands: ['acme'],
  collectedAt: '2026-02-03T04:05:06.000Z',
  at: '2026-02-02T10:00:00.000Z',
  dated: true,
  judgements: {
    language: { value: 'pl', ...by },
    sentiment: { value: 'negative', score: -0.8, evidence: ['spóźniona', 'uszkodzony'], ...by },
    step: { value: 'fulfilment', ...by },
    touchpoint: { value: 'delivery', ...by },
    topics: [
      { value: 'delivery_time', sentiment: 'negative', ...by },
      { value: 'packaging', sentiment: 'neutral', ...by },
    ],
    pains: [{ value: 'delivery_time', ...by }],
  },
});
/** Nothing but what every mention has; nothing judged. */
const bare: Mention = mentionSchema.parse({
  id: 'fedcba9876543210fedcba9876543210',
  source: 'posts',
  externalId: '1',
  channel: 'social',
  text: 'Hm.',
  brands: [],
  collectedAt: '2026-02-03T04:05:06.000Z',
  at: '2026-02-03T04:05:06.000Z',
  dated: false,
  judgements: { language: { value: null, by: 'test@1', confidence: 0 } },
});

notifierContract(webhook, {
  optionsFor: (url) => ({ url, secret }),
  secrets: [secret, secret.slice('whsec_'.length)],
  secretOptions: ['secret'],
  eventIdOf: ({ headers }) => headers['webhook-id'] as string | undefined,
  golden: {
    mention: unhappy,
    body: {
      type: 'mention.negative',
      timestamp: '2026-02-03T04:05:06.000Z',
      data: {
        subscription: 'unhappy',
        mention: {
          id: '0123456789abcdef0123456789abcdef',
          source: 'shop-reviews',
          channel: 'review',
          title: 'Zepsuty',
          text: 'Paczka spóźniona, a “prezent” uszkodzony 😡',
          url: 'https://reviews.example/r/17',
          at: '2026-02-02T10:00:00.000Z',
          dated: true,
          rating: 2,
          language: 'pl',
          sentiment: 'negative',
          score: -0.8,
          evidence: ['spóźniona', 'uszkodzony'],
          step: 'fulfilment',
          touchpoint: 'delivery',
          topics: [
            { value: 'delivery_time', sentiment: 'negative' },
            { value: 'packaging', sentiment: 'neutral' },
          ],
          pains: ['delivery_time'],
        },
      },
    },
  },
});

/** What is sent for these options, caught on its way to the network. */
async function sent(mention: Mention, options: Record<string, unknown>, now = new Date()): Promise<HttpRequest> {
  let caught: HttpRequest | undefined;
  const http = async (request: HttpRequest) => {
    caught = request;
    return { status: 204, headers: {}, body: new Uint8Array(), url: request.url };
  };
  await webhook.send({ ...deliveryOf(mention), now, http }, options);
  if (caught === undefined) throw new Error('Nothing was sent.');
  return caught;
}

const url = 'https://hooks.example/in';

describe('webhook', () => {
  it('says null for what could not be told and leaves out unknown facts', async () => {
    const { body = '' } = await sent(bare, { url, secret });
    expect(JSON.parse(body)).toEqual({
      type: 'mention.matched',
      timestamp: '2026-02-03T04:05:06.000Z',
      data: {
        subscription: 'unhappy',
        mention: {
          id: 'fedcba9876543210fedcba9876543210',
          source: 'posts',
          channel: 'social',
          text: 'Hm.',
          at: '2026-02-03T04:05:06.000Z',
          dated: false,
          language: null,
          sentiment: null,
          score: null,
          evidence: [],
          step: null,
          touchpoint: null,
          topics: [],
          pains: [],
        },
      },
    });
  });

  it('asks for ten seconds, one address and no redirects', async () => {
    expect(await sent(unhappy, { url, secret })).toMatchObject({
      url,
      method: 'POST',
      timeoutMs: 10_000,
      redirect: 'refuse',
    });
  });

  it('is verified by the reference library, which notices every change', async () => {
    const { body = '', headers = {} } = await sent(unhappy, { url, secret });
    const reader = new Webhook(secret);
    expect(reader.verify(body, headers)).toEqual(JSON.parse(body));
    for (const [changedBody, changedHeaders] of [
      [`${body} `, headers],
      [body, { ...headers, 'webhook-id': 'ntc_other' }],
      [body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }],
    ] as const)
      expect(() => reader.verify(changedBody, changedHeaders)).toThrow('No matching signature');
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow('No matching signature');
  });

  it('carries the time of the attempt, in seconds', async () => {
    const { headers } = await sent(unhappy, { url, secret }, new Date('2026-03-01T00:00:00.999Z'));
    expect(headers?.['webhook-timestamp']).toBe('1772323200');
  });

  it('is verified with either secret while rotating', async () => {
    const { body = '', headers = {} } = await sent(unhappy, { url, secret: [nextSecret, secret] });
    expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
    for (const one of [secret, nextSecret]) expect(new Webhook(one).verify(body, headers)).toEqual(JSON.parse(body));
  });

  it('gives the very signature of the reference library', async () => {
    const at = new Date('2026-03-01T00:00:00Z');
    const { body = '', headers } = await sent(unhappy, { url, secret }, at);
    const { id } = deliveryOf(unhappy).notice;
    expect(headers?.['webhook-signature']).toBe(new Webhook(secret).sign(id, at, body));
  });

  it.each([
    ['24 bytes', newSecret(24)],
    ['64 bytes', newSecret(64)],
    ['two', [secret, nextSecret]],
    ['a list of one', [secret]],
  ])('accepts as secret: %s', (_what, value) => {
    expect(webhook.options.safeParse({ url, secret: value }).success).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['no prefix', randomBytes(32).toString('base64')],
    ['23 bytes', newSecret(23)],
    ['65 bytes', newSecret(65)],
    ['no base64', `whsec_${'!'.repeat(40)}`],
    ['an unresolved reference', '${env:WEBHOOK_SECRET}'],
    ['an empty list', []],
    ['three', [secret, nextSecret, newSecret()]],
    ['a list with a bad one', [secret, 'whsec_short']],
  ])('refuses as secret: %s, and does not repeat it', (_what, value) => {
    const { error } = webhook.options.safeParse({ url, secret: value });
    expect(error?.issues[0]?.path[0]).toBe('secret');
    expect(error?.issues[0]?.message).toContain('whsec_ followed by the base64 of 24 to 64 bytes');
    for (const one of [value].flat().filter(Boolean)) expect(JSON.stringify(error)).not.toContain(one);
  });

  it.each(['ftp://hooks.example', 'hooks.example', 'file:///etc/passwd'])('refuses the address %s', (bad) => {
    expect(webhook.options.safeParse({ url: bad, secret }).success).toBe(false);
  });

  it('has a key without login', () => {
    expect(webhook.key({ url: 'https://user:pass@hooks.example/in' })).toBe(webhook.key({ url }));
  });
});

describe('the list of notifiers', () => {
  it('finds each by its type, once', () => {
    expect(new Set(NOTIFIERS.map(({ type }) => type)).size).toBe(NOTIFIERS.length);
    for (const notifier of NOTIFIERS) expect(notifierOf(notifier.type)).toBe(notifier);
    expect(() => notifierOf('pigeon')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
