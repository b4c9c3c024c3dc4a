import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { readWorld } from '../../src/sample/world.ts';
import { allMentions, getJson, newFolder, root, startEarshot } from './earshot.ts';
import type { Earshot } from './earshot.ts';

interface Map {
  stages: { id: string; count: number; touchpoints: unknown[] }[];
}

const running: Earshot[] = [];
function start(env: Record<string, string>): Earshot {
  const earshot = startEarshot(env);
  running.push(earshot);
  return earshot;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((earshot) => earshot.end('SIGKILL')));
});

/** As many as were written; each of them has an id of its own. */
const expected = readWorld(join(root, 'config/sample'), new Date('2026-01-01T00:00:00Z'));
const ids = (mentions: { id: string }[]) => mentions.map(({ id }) => id).toSorted();

describe('a first start without a configuration', { timeout: 120_000 }, () => {
  it('pulls every mention over HTTP, fills every stage, stops on Ctrl-C, and adds nothing the second time', async () => {
    const data = newFolder();
    const first = start({ EARSHOT_DATA: data });
    const url = await first.ready();
    expect(first.told()).toMatch(/Listening: \d+ mentions, \d of 5 sources asked/);
    expect(first.told()).toContain('config/earshot.yaml');

    const mentions = await allMentions(url);
    expect(mentions).toHaveLength(expected.length);
    for (const model of ['five-stage', 'four-stage', 'funnel', 'sale']) {
      const { stages } = await getJson<Map>(url, `/v1/journey?model=${model}`);
      expect(stages.filter(({ count }) => count === 0)).toEqual([]);
    }
    expect(await first.end('SIGINT')).toBe(0);

    const second = start({ EARSHOT_DATA: data });
    const again = await allMentions(await second.ready());
    expect(ids(again)).toEqual(ids(mentions));
    expect(again.map(({ collectedAt }) => collectedAt).toSorted()).toEqual(
      mentions.map(({ collectedAt }) => collectedAt).toSorted(),
    );
    expect(await second.end('SIGTERM')).toBe(0);
  });

  it('ends with the same mentions when it is killed in mid-pull, again and again', async () => {
    const data = newFolder();
    let cutShort = 0;
    for (const delayMs of [30, 5, 90, 150, 60]) {
      const victim = start({ EARSHOT_DATA: data });
      await victim.tells(/Listening:/);
      await pause(delayMs);
      if (!/journey map at/.test(victim.told())) cutShort += 1;
      expect(await victim.end('SIGKILL')).toBe('SIGKILL');
    }
    expect(cutShort).toBeGreaterThan(0);
    const survivor = start({ EARSHOT_DATA: data });
    const mentions = await allMentions(await survivor.ready());
    expect(new Set(ids(mentions)).size).toBe(expected.length);
    expect(mentions).toHaveLength(expected.length);
  });
});
