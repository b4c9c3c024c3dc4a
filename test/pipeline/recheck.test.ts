import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { Parsed, Source } from '../../src/domain/source.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { ConfiguredSource } from '../../src/pipeline/pull.ts';
import { RECHECK, recheck, scheduleRechecks, workRechecks } from '../../src/pipeline/recheck.ts';
import { workIngests } from '../../src/pipeline/work.ts';
import { never, openHouse, raw, scripted, until } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.remove());

const terms = { url: 'https://example.com/terms', demands: 'x', recheckHours: 24, keepDays: 30 };
const collectedAt = '2026-05-01T10:00:00.000Z';
const fill = (source: string, ids: string[]) =>
  ingest({ source, collectedAt, items: ids.map((id) => raw(id, { publishedAt: `2026-04-0${id}T00:00:00Z` })) }, house);
const stored = async () => {
  await until(async () => {
    const { waiting, running } = await house.queue.counts('ingest');
    return waiting + running === 0;
  });
  const { mentions } = await house.mentions.search({}, { limit: 50 });
  return mentions.map(({ externalId, text }) => `${externalId} ${text}`);
};

/** A source that answers for what it is asked, and notes what that was. */
function asking(answer: (ids: string[]) => Promise<Parsed>, changes: Partial<Source> = {}) {
  const asked: string[][] = [];
  const configured: ConfiguredSource = scripted('s', []);
  const ask: NonNullable<Source['recheck']> = (_context, ids) => {
    asked.push(ids);
    return answer(ids);
  };
  return {
    asked,
    configured: { ...configured, source: { ...configured.source, terms, recheck: ask, recheckBatch: 2, ...changes } },
  };
}

describe('what a platform’s terms demand of what is stored', () => {
  it('is asked for again in batches: edits arrive, what is gone is erased', async () => {
    await fill('s', ['1', '2', '3', '4', '5']);
    await fill('other', ['6']);
    workIngests(house.queue, { ...house, sources: [] });
    const { asked, configured } = asking(async (ids) => ({
      items: ids
        .filter((id) => id !== '2')
        .map((id) => raw(id, { text: `now ${id}`, publishedAt: `2026-04-0${id}T00:00:00Z` })),
      gone: ids.filter((id) => id === '2'),
      refused: [],
    }));
    await recheck(configured, house, never);
    expect(asked).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(await stored()).toEqual(['6 A good guitar, number 6.', '5 now 5', '4 now 4', '3 now 3', '1 now 1']);
  });

  it('a sweep goes on where it was interrupted', async () => {
    await fill('s', ['1', '2', '3', '4', '5']);
    let down = true;
    const { asked, configured } = asking(async (ids) => {
      if (down && ids.includes('3')) throw new AppError('REMOTE_UNAVAILABLE', 'down');
      return { items: [], refused: [] };
    });
    await expect(recheck(configured, house, never)).rejects.toMatchObject({ code: 'REMOTE_UNAVAILABLE' });
    down = false;
    asked.length = 0;
    await recheck(configured, house, never);
    expect(asked).toEqual([['3', '2'], ['1']]);
  });

  it('what could not be asked for in time is erased, what could stays', async () => {
    await fill('s', ['1']);
    const days = (count: number) => () => new Date(house.now().getTime() + count * 86_400_000);
    const { configured } = asking(() => Promise.reject(new AppError('REMOTE_UNAUTHORIZED', 'no')));
    const once = (now: () => Date) => recheck(configured, { ...house, now }, never).catch(() => {});
    await once(days(0));
    const able = { ...configured, source: { ...configured.source, recheck: async () => ({ items: [], refused: [] }) } };
    await recheck(able, { ...house, now: days(31) }, never);
    expect(await stored()).toHaveLength(1);
    await once(days(60));
    expect(await stored()).toHaveLength(1);
    await once(days(62));
    expect(await stored()).toEqual([]);
  });

  it('a platform that refuses makes no dead letter', async () => {
    await fill('s', ['1']);
    const { asked, configured } = asking(() =>
      Promise.reject(new AppError('REMOTE_UNAUTHORIZED', 'no', { retry: 'never' })),
    );
    workRechecks(house.queue, { ...house, sources: [configured] });
    await house.queue.add(RECHECK, { source: 's' });
    await until(async () => asked.length > 0 && (await house.queue.counts(RECHECK)).running === 0);
    expect(await house.queue.counts(RECHECK)).toMatchObject({ waiting: 0, delayed: 0, dead: 0 });
  });

  it('is scheduled for bound sources only, twice within the time', async () => {
    const { configured } = asking(async () => ({ items: [], refused: [] }));
    await scheduleRechecks(house.queue, [configured, scripted('free', [])]);
    expect(await house.queue.schedules()).toMatchObject([{ key: 'recheck/s', everySeconds: 43_200 }]);
    await scheduleRechecks(house.queue, []);
    expect(await house.queue.schedules()).toEqual([]);
  });
});
