import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../src/sources/index.ts';
import { sourceContract } from '../contracts/source.ts';

const slack = sourceOf('slack');
sourceContract(slack, {
  wire: [{ file: 'message.json' }, { file: 'edited.json' }, { file: 'deleted.json' }],
  broken: [
    { name: 'JSON of another kind', body: '{"ok":true}', says: /JSON of another kind/ },
    { name: 'nothing', body: '', says: /nothing came/ },
  ],
  undated: [],
});

const now = new Date('2026-02-01T10:00:00Z');
const options = slack.options.parse({ signingSecret: 'shh', staff: ['U0STAFF'], channels: ['C0HELP'] });
const event = (fields: object) => ({
  type: 'event_callback',
  event: { type: 'message', channel: 'C0HELP', user: 'U0GUEST', text: 'x', ts: '1769940000.000200', ...fields },
});

function push(json: unknown, key = 'shh', seconds = now.getTime() / 1000) {
  const body = Buffer.from(JSON.stringify(json));
  const signature = `v0=${createHmac('sha256', key).update(`v0:${seconds}:`).update(body).digest('hex')}`;
  const headers = { 'x-slack-request-timestamp': String(seconds), 'x-slack-signature': signature };
  return { method: 'POST', url: 'http://x/v1/inbound/slack', headers, body };
}

describe('Slack pushes', () => {
  it('are taken with the signature of the app only', () => {
    expect(() => slack.push!.verify(push(event({})), options, now)).not.toThrow();
    for (const wrong of [push(event({}), 'other'), push(event({}), 'shh', now.getTime() / 1000 - 400)])
      expect(() => slack.push!.verify(wrong, options, now)).toThrow(expect.objectContaining({ code: 'PUSH_REFUSED' }));
  });

  it('the handshake is answered', () => {
    expect(slack.push!.read(push({ type: 'url_verification', challenge: 'c1' }), options)).toMatchObject({
      reply: 'c1',
      items: [],
    });
  });

  it.each([
    [
      'our own people in a thread answer it',
      event({ user: 'U0STAFF', thread_ts: '1769930000.000100' }),
      { answered: [{ thread: 'C0HELP:1769930000.000100', at: '2026-02-01T10:00:00.000Z' }], items: [] },
    ],
    ['our own people outside of threads say nothing of customers', event({ user: 'U0STAFF' }), { items: [] }],
    ['other channels', event({ channel: 'C0OTHER' }), { items: [] }],
    ['bots', event({ bot_id: 'B1' }), { items: [] }],
    ['joins', event({ subtype: 'channel_join' }), { items: [] }],
    ['reactions', { type: 'event_callback', event: { type: 'reaction_added' } }, { items: [] }],
  ])('%s', (_name, json, wanted) => {
    const { items, answered } = slack.push!.read(push(json), options);
    expect({ items, ...(answered && { answered }) }).toEqual(wanted);
  });

  it('a reply knows its thread', () => {
    const { items } = slack.push!.read(push(event({ thread_ts: '1769930000.000100' })), options);
    expect(items).toMatchObject([{ thread: 'C0HELP:1769930000.000100', replyTo: 'C0HELP:1769930000.000100' }]);
  });

  it('an edit has the id of the first wording', () => {
    const body = readFileSync(new URL('../fixtures/sources/slack/edited.json', import.meta.url));
    expect(slack.parse({ body }).items[0]!.externalId).toBe('C0HELP:1769940100.000100');
  });
});
