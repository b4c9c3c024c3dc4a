import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnswers } from '../../src/answers.ts';
import { workIngests } from '../../src/pipeline/work.ts';
import { openHouse, until } from '../pipeline/house.ts';

const YAML = `
brands: { Velmora: {}, Rivella: { competitor: true } }
sources:
  partner: { type: inbound, secret: a-secret-of-16-chars, signature: plain }
  team: { type: slack, signingSecret: shh, staff: [U0STAFF] }
  feed: { type: rss, url: "https://fretboard.example/feed" }
`;
let house: Awaited<ReturnType<typeof openHouse>>;
let answers: ReturnType<typeof createAnswers>;
beforeEach(async () => {
  house = await openHouse(YAML);
  answers = createAnswers(house, '127.0.0.1');
});
afterEach(() => house.remove());

const send = (
  source: string,
  body: string,
  headers: Record<string, string> = { authorization: 'Bearer a-secret-of-16-chars' },
) => answers.request(`http://127.0.0.1/v1/inbound/${source}`, { method: 'POST', body, headers });
const work = () => workIngests(house.queue, { ...house, sources: [] });
const settled = async () => {
  await until(async () => {
    const { waiting, running } = await house.queue.counts('ingest');
    return waiting + running === 0;
  });
  return (await house.mentions.search({}, { limit: 50 })).mentions;
};

function slackPush(event: object) {
  const body = JSON.stringify({
    type: 'event_callback',
    event: { type: 'message', channel: 'C1', user: 'U1', ts: '1769940000.000100', ...event },
  });
  const time = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', 'shh').update(`v0:${time}:${body}`).digest('hex');
  return send('team', body, { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${signature}` });
}

describe('POST /v1/inbound/{source}', () => {
  const two = JSON.stringify([
    { id: '1', text: 'Velmora is great, ask joe@example.com', date: '2026-01-01' },
    { id: '2', text: 'Rivella is late.' },
    { id: '3' },
  ]);

  it('is durable before it answers, masked, and a replay changes nothing', async () => {
    const answer = await send('partner', two);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ accepted: 2, refused: [{ where: 'item 3', reason: 'It has no words.' }] });
    expect(await house.queue.counts('ingest')).toMatchObject({ waiting: 1 });
    await send('partner', two);
    work();
    const mentions = await settled();
    expect(mentions.map(({ externalId, text }) => [externalId, text]).toSorted()).toEqual([
      ['1', 'Velmora is great, ask [email]'],
      ['2', 'Rivella is late.'],
    ]);
    const { changes } = await house.mentions.changes(undefined, 10);
    expect(changes).toHaveLength(2);
  });

  it.each([
    ['another secret', { authorization: 'Bearer another-secret-ok' }, /not made with the agreed secret/],
    ['no secret', {}, /no signature/],
  ])('refuses %s, whatever the body is', async (_name, headers, says) => {
    for (const body of [two, 'no JSON', '']) {
      const answer = await send('partner', body, headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'PUSH_REFUSED', detail: expect.stringMatching(says) });
    }
    expect(await house.queue.counts('ingest')).toMatchObject({ waiting: 0 });
  });

  it.each([
    ['a source that takes none', 'feed', two, 404, /takes no pushes/],
    ['a source that is not there', 'nobody', two, 404, /no source "nobody"/],
    ['what is no JSON', 'partner', '<html>', 400, /Expected JSON/],
    ['what is too large', 'partner', ' '.repeat(5 * 1024 * 1024 + 1), 400, /larger than/],
  ])('says what is wrong with %s', async (_name, source, body, status, says) => {
    const answer = await send(source, body);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(says);
  });

  it('a replayed push does not forget what was answered since', async () => {
    work();
    await slackPush({ text: 'Help!' });
    await settled();
    await slackPush({ user: 'U0STAFF', text: 'On it.', ts: '1769940900.000100', thread_ts: '1769940000.000100' });
    await until(async () => (await house.mentions.search({}, { limit: 1 })).mentions[0]!.answeredAt !== undefined);
    await slackPush({ text: 'Help!' });
    const [mention] = await settled();
    expect(mention).toMatchObject({ text: 'Help!', answeredAt: '2026-02-01T10:15:00.000Z' });
    expect(await house.mentions.changes(undefined, 10)).toMatchObject({ changes: [{}] });
  });

  it('a handshake is answered in plain text', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'say this' });
    const time = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', 'shh').update(`v0:${time}:${body}`).digest('hex');
    const answer = await send('team', body, {
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${signature}`,
    });
    expect(await answer.text()).toBe('say this');
  });
});

describe('what marketers see of it', () => {
  it('GET /v1/brands is the share of voice', async () => {
    work();
    await send(
      'partner',
      JSON.stringify([1, 2, 3].map((id) => ({ id, text: id === 3 ? 'Rivella broke, awful.' : 'Velmora is great.' }))),
    );
    await settled();
    const answer = await answers.request('http://127.0.0.1/v1/brands?source=partner');
    const { brands } = (await answer.json()) as { brands: object[] };
    expect(brands).toEqual([
      { name: 'Velmora', competitor: false, count: 2, share: 2 / 3, netSentiment: 1 },
      { name: 'Rivella', competitor: true, count: 1, share: 1 / 3, netSentiment: -1 },
    ]);
    const nothing = await answers.request('http://127.0.0.1/v1/brands?source=nobody');
    expect(await nothing.json()).toMatchObject({ brands: [{ count: 0, share: null, netSentiment: null }, {}] });
  });

  it('POST /v1/sources/{id}/pull queues a pull', async () => {
    const pull = (id: string) =>
      answers.request(`http://127.0.0.1/v1/sources/${id}/pull`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
    const answer = await pull('feed');
    expect([answer.status, await answer.json()]).toEqual([202, { source: 'feed', queued: true }]);
    expect(await house.queue.counts('pull')).toMatchObject({ waiting: 1 });
    expect((await pull('nobody')).status).toBe(404);
  });
});
