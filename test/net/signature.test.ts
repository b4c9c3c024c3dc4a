import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import {
  checkPlainSecret,
  checkStandardWebhook,
  checkTime,
  isSame,
  isSigned,
  secondsOf,
} from '../../src/net/signature.ts';

const now = new Date('2026-02-01T10:00:00Z');
const secret = `whsec_${Buffer.from('a'.repeat(32)).toString('base64')}`;
const body = Buffer.from('{"text":"é\u0000"}');
const push = (headers: Record<string, string>, sent: Uint8Array = body) => ({
  method: 'POST',
  url: 'http://x/',
  headers,
  body: sent,
});

function signedHeaders(at: Date, id = 'msg_1') {
  const signature = new Webhook(secret).sign(id, at, body.toString());
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  };
}

describe('Standard Webhooks', () => {
  it('takes what the reference library signs, also among other signatures', () => {
    const headers = signedHeaders(now);
    expect(() => checkStandardWebhook(push(headers), secret, now)).not.toThrow();
    const several = { ...headers, 'webhook-signature': `v1,AAAA v1a,BBBB ${headers['webhook-signature']}` };
    expect(() => checkStandardWebhook(push(several), secret, now)).not.toThrow();
  });

  const good = signedHeaders(now);
  it.each([
    ['another body', push(good, Buffer.from('{"text":"è\u0000"}')), secret, /not made with the agreed secret/],
    ['another id', push({ ...good, 'webhook-id': 'msg_2' }), secret, /not made with/],
    ['another secret', push(good), `whsec_${Buffer.from('b'.repeat(32)).toString('base64')}`, /not made with/],
    [
      'no signature',
      push({ 'webhook-id': 'msg_1', 'webhook-timestamp': good['webhook-timestamp'] }),
      secret,
      /no signature/,
    ],
    ['no time', push({ ...good, 'webhook-timestamp': '' }), secret, /time is missing/],
    ['an old recording', push(signedHeaders(new Date(now.getTime() - 301_000))), secret, /too far from now/],
    ['one from ahead', push(signedHeaders(new Date(now.getTime() + 301_000))), secret, /too far from now/],
  ])('refuses %s', (_name, request, agreed, says) => {
    expect(() => checkStandardWebhook(request, agreed, now)).toThrow(
      expect.objectContaining({ code: 'PUSH_REFUSED', message: expect.stringMatching(says) }),
    );
  });
});

describe('the pieces', () => {
  it('a plain secret comes as a bearer or in a header of its own', () => {
    expect(() => checkPlainSecret(push({ authorization: 'Bearer s3cret' }), 's3cret')).not.toThrow();
    expect(() => checkPlainSecret(push({ 'x-earshot-secret': 's3cret' }), 's3cret')).not.toThrow();
    for (const headers of [
      {},
      { authorization: 's3cret' },
      { authorization: 'Bearer s3cre' },
      { 'x-earshot-secret': '' },
    ])
      expect(() => checkPlainSecret(push(headers), 's3cret')).toThrow(
        expect.objectContaining({ code: 'PUSH_REFUSED' }),
      );
  });

  it('signatures are HMACs over the parts in order', () => {
    const given = createHmac('sha1', 'k').update('ab').digest('hex');
    const signature = { algorithm: 'sha1', key: 'k', encoding: 'hex' } as const;
    expect(isSigned(given, { ...signature, signed: ['a', 'b'] })).toBe(true);
    expect(isSigned(given, { ...signature, signed: ['b', 'a'] })).toBe(false);
    expect(isSigned(undefined, { ...signature, signed: [] })).toBe(false);
    expect(isSigned(given.toUpperCase(), { ...signature, signed: ['a', 'b'] })).toBe(false);
  });

  it('times are seconds, and nothing else is a time', () => {
    expect(secondsOf('1769940000')).toBe(1_769_940_000_000);
    for (const text of [undefined, '', '1e9', '-1769940000', '1769940000000', ' 1769940000'])
      expect(() => checkTime(secondsOf(text), now)).toThrow(expect.objectContaining({ code: 'PUSH_REFUSED' }));
    expect(isSame('a', 'a') && !isSame('a', 'b') && !isSame('a', 'aa')).toBe(true);
  });
});
