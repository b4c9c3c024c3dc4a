import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Notice } from '../../src/domain/notice.ts';
import { startSample } from '../../src/sample/server.ts';
import type { RunningSample } from '../../src/sample/server.ts';
import { readWorld } from '../../src/sample/world.ts';
import { allMentions, getJson, newFolder, root, startEarshot } from './earshot.ts';
import type { Earshot } from './earshot.ts';
import { SECRET, startReceiver } from './receiver.ts';

const NEGATIVE_PURCHASE = '&stage=purchase&sentiment=negative';
const FIRST_PAUSE_MS = 5_000;

let sample: RunningSample;
beforeAll(async () => {
  sample = await startSample(readWorld(join(root, 'config/sample'), new Date()));
});
afterAll(() => sample.close());

const running: Earshot[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((earshot) => earshot.end('SIGKILL')));
});

/** Earshot with the sample world's sources and one subscription in its configuration. */
function start(data: string, hook: string): Earshot {
  const config = join(data, 'earshot.yaml');
  const sources = readFileSync(join(root, 'config/sample/earshot.yaml'), 'utf8');
  const subscription = `
subscriptions:
  card-trouble:
    query: { stage: purchase }
    notify: [{ type: webhook, url: "${hook}", secret: ${SECRET} }]
`;
  writeFileSync(config, sources + subscription);
  const earshot = startEarshot({ EARSHOT_DATA: data, EARSHOT_CONFIG: config, EARSHOT_SAMPLE_URL: sample.url });
  running.push(earshot);
  return earshot;
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  for (const end = Date.now() + withinMs; !(await condition()); await pause(50)) {
    if (Date.now() > end) throw new Error(`did not become true: ${condition}`);
  }
}

describe('a subscriber', { timeout: 180_000 }, () => {
  it('gets one signed notice for each new negative mention at the purchase stage, also when Earshot is killed in between', async () => {
    const data = newFolder();
    const receiver = await startReceiver();
    for (const atLeast of [1, 4, 9]) {
      const victim = start(data, receiver.url);
      await until(() => receiver.received.length >= atLeast);
      await victim.end('SIGKILL');
    }
    const url = await start(data, receiver.url).ready();
    const wanted = (await allMentions(url, NEGATIVE_PURCHASE)).map(({ id }) => id).toSorted();
    expect(wanted.length).toBeGreaterThan(10);
    await until(
      async () => (await getJson<{ notices: Notice[] }>(url, '/v1/notices?state=pending&limit=1')).notices.length === 0,
    );

    expect(receiver.faults).toEqual([]);
    expect([...new Set(receiver.received.map(({ mentionId }) => mentionId))].toSorted()).toEqual(wanted);
    // Killed between delivery and log entry, a notice comes again under the same id: that is what the id is for.
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(wanted.length);
    const { notices } = await getJson<{ notices: Notice[] }>(url, '/v1/notices?limit=200');
    expect(notices.map(({ mentionId }) => mentionId).toSorted()).toEqual(wanted);
    expect(JSON.stringify(notices)).not.toContain(SECRET);
    await receiver.close();
  });

  it('that subscribes later hears only of what is new, or of everything since the time it asked for', async () => {
    const receiver = await startReceiver();
    const silent = await startReceiver();
    const url = await start(newFolder(), silent.url).ready();
    const wanted = (await allMentions(url, NEGATIVE_PURCHASE)).length;
    const post = (since?: string) =>
      fetch(new URL('/v1/subscriptions', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: { stage: ['purchase'] },
          since,
          notify: [{ type: 'webhook', url: receiver.url, secret: SECRET }],
        }),
      });
    expect((await post()).status).toBe(201);
    const answer = await post('2020-01-01');
    expect(answer.status).toBe(201);
    const asked = (await answer.json()) as { subscription: { id: string } };
    await until(() => receiver.received.length >= wanted);
    expect(new Set(receiver.received.map(({ subscription }) => subscription))).toEqual(
      new Set([asked.subscription.id]),
    );
    await Promise.all([receiver.close(), silent.close()]);
  });

  it('whose server fails at first is tried again', async () => {
    const data = newFolder();
    const receiver = await startReceiver((count) => (count <= 3 ? 500 : 204));
    const url = await start(data, receiver.url).ready();
    await pause(FIRST_PAUSE_MS);
    await until(
      async () => (await getJson<{ notices: Notice[] }>(url, '/v1/notices?state=pending&limit=1')).notices.length === 0,
    );
    const { notices } = await getJson<{ notices: Notice[] }>(url, '/v1/notices?limit=200');
    const retried = notices.filter(({ attempts }) => attempts.length > 1);
    expect(retried).toHaveLength(3);
    expect(retried[0]).toMatchObject({ state: 'delivered', attempts: [{ error: { code: 'REMOTE_UNAVAILABLE' } }, {}] });
    await receiver.close();
  });
});

/** One page of the feed, with the position to go on from. */
async function readFeed(url: string, after: string) {
  const response = await fetch(new URL(`/v1/feed?limit=40${after && `&after=${after}`}`, url));
  const lines = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { eventId?: string; mentionId?: string; next?: string });
  return { next: lines.at(-1)!.next!, events: lines.slice(0, -1) };
}

describe('a consumer of the feed', { timeout: 120_000 }, () => {
  it('that dies and comes back misses nothing', async () => {
    const receiver = await startReceiver();
    const data = newFolder();
    const seen = new Map<string, string>();
    // The consumer keeps its place only after it has dealt with a page, and dies before that every second time.
    let after = '';
    let deaths = 0;
    const follow = async (url: string) => {
      for (let round = 0; ; round++) {
        const page = await readFeed(url, after);
        if (page.events.length === 0) return;
        for (const { eventId, mentionId } of page.events) seen.set(eventId!, mentionId!);
        if (round % 2 === 0) deaths += 1;
        else after = page.next;
      }
    };
    const first = start(data, receiver.url);
    await follow(await first.ready());
    await first.end('SIGKILL');
    const url = await start(data, receiver.url).ready();
    await follow(url);
    expect(deaths).toBeGreaterThan(3);
    expect([...new Set(seen.values())].toSorted()).toEqual((await allMentions(url)).map(({ id }) => id).toSorted());
    await receiver.close();
  });
});
