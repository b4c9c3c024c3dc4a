import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createGate, ownMemory } from '../../src/net/gate.ts';
import { readArrivals } from '../../src/pipeline/arrivals.ts';
import { beatSeconds } from '../../src/pipeline/schedules.ts';
import { END, EVERY_MS, HOSTS, HOUR, MENDED_AT, MINUTE, NAMES, RETRY_AFTER_MS, SECOND } from './polite-day.ts';
import { VALIDATED, shownAt, spendDay } from './polite-day.ts';
import type { Day } from './polite-day.ts';
import type { Asked } from './polite-host.ts';

// 24 simulated hours on real hosts, which three processes spend together. What is proven is read from the hosts' log.

vi.mock(import('../../src/stores/sqlite/open.ts'), { spy: true });
vi.hoisted(() => {
  // The same day each time.
  let seed = 1;
  Math.random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
});

/** What `src/app.ts` promises to every host, and `src/net/gate.ts` to one with fault after fault. */
const PACE_MS = 100;
const CLOSES_AFTER = 5;
const closedMs = (faults: number) => Math.min(30 * SECOND * 2 ** (faults - CLOSES_AFTER), 10 * MINUTE);
/** What decision 6 of src/README.md promises to a source with faults. */
const LONGEST_PAUSE_MS = 6 * HOUR;
const pauseMs = (failures: number) => Math.min(30 * SECOND * 2 ** (failures - 1), LONGEST_PAUSE_MS);
const beatMs = (name: string) => beatSeconds({ name, everySeconds: EVERY_MS / SECOND }) * SECOND;
/** For the worker's next look and the turns of others at the same host. */
const SLACK_MS = 2 * SECOND;
const LEASE_MS = 10 * SECOND;

let day: Day;
beforeAll(async () => void (day = await spendDay()), 240_000);
afterAll(() => day.close());

const isAnswer = ({ status }: Asked) => status === 200 || status === 304;
const isFault = ({ status }: Asked) => status === 500 || status === 'reset';
const isSince =
  (time: number) =>
  ({ at }: Asked) =>
    at >= time;
const askedOf = (name: string) => day.log.filter(({ feed }) => feed === name);
const askedOn = (host: string) => day.log.filter((asked) => asked.host === host);

interface Gap {
  feed: string;
  before: Asked | undefined;
  from: Asked;
  to: Asked;
  ms: number;
  /** Faults in a row that were known when the second began. */
  faults: number;
  /** When a process began in between: failing sources then get a fresh chance, the configuration may be mended. */
  began: number | undefined;
}

/** What lies between the requests of a log. */
function gapsIn(log: readonly Asked[]): Gap[] {
  return log.slice(0, -1).map((from, index) => {
    const to = log[index + 1]!;
    const known = log.slice(0, index + 1).filter(({ endedAt }) => endedAt <= to.at);
    const faults = known.length - 1 - known.findLastIndex((asked) => !isFault(asked));
    const began = day.begins.find((at) => at > from.at && at <= to.at);
    return { feed: from.feed, before: log[index - 1], from, to, ms: to.at - from.at, faults, began };
  });
}

const gapsOf = (names: readonly string[]) => names.flatMap((name) => gapsIn(askedOf(name)));

/** Those that are wrong, in words. */
function wrong(gaps: readonly Gap[], isWrong: (gap: Gap) => boolean): string[] {
  expect(gaps.length).toBeGreaterThan(0);
  return gaps
    .filter((gap) => isWrong(gap))
    .map(({ feed, from, to, ms }) => {
      const time = new Date(from.at).toISOString();
      return `${feed}: ${from.status} to ${from.process} at ${time}, then ${to.process} asked ${to.feed} after ${ms} ms`;
    });
}

describe('the day', () => {
  it('was spent by all processes, and none had trouble of its own', () => {
    expect(day.problems).toEqual([]);
    const counts = ['first', 'second', 'third', 'fourth', 'fifth'].map(
      (name) => day.log.filter(({ process }) => process === name).length,
    );
    expect(Math.min(...counts)).toBeGreaterThan(10);
    expect(day.left).toHaveLength(2);
  });
});

describe('a host', () => {
  it.each(Object.keys(HOSTS))('never has two requests start closer than the pace: %s', (host) => {
    expect(wrong(gapsIn(askedOn(host)), ({ ms }) => ms < PACE_MS)).toEqual([]);
  });

  it('keeps its pace where somebody had to fight for his turn', async () => {
    const memory = ownMemory();
    const fights = [40, 0, 70, 10];
    const starts: number[] = [];
    let ms = 0;
    const change: typeof memory.change = (host, next) => {
      ms += fights.shift()!;
      return memory.change(host, next);
    };
    const wait = async (forMs: number) => void starts.push(ms + forMs);
    const gate = createGate({ ...memory, change }, { perHostMs: PACE_MS, now: () => new Date(ms), wait });
    while (fights.length > 0) await gate.enter('a.example', new AbortController().signal);
    expect(starts).toEqual([40, 140, 240, 340]);
  });

  it('with fault after fault gets single probes from all its sources together', () => {
    const closed = gapsIn(askedOn('island')).filter(({ faults }) => faults >= CLOSES_AFTER);
    expect(wrong(closed, ({ ms, faults }) => ms < closedMs(faults))).toEqual([]);
    expect(closed.length).toBeGreaterThan(10);
    expect(new Set(closed.map(({ to }) => to.feed)).size).toBeGreaterThan(1);
    expect(new Set(closed.map(({ to }) => to.process)).size).toBeGreaterThan(1);
  });
});

describe('a source', () => {
  it('that is well is asked in its rhythm: not more often, not less', () => {
    // The retry that finds a source mended stands beside the rhythm.
    const well = gapsOf(NAMES).filter(({ before, from }) => isAnswer(from) && (!before || isAnswer(before)));
    expect(wrong(well, ({ ms }) => ms < EVERY_MS)).toEqual([]);
    expect(wrong(well, ({ ms, feed }) => ms > beatMs(feed) + SLACK_MS)).toEqual([]);
    const missed = ['news', 'forum', 'blog', 'notes', 'slow'].filter(
      (name) => askedOf(name).filter(isAnswer).length < Math.floor((24 * HOUR) / beatMs(name)),
    );
    expect(missed).toEqual([]);
  });

  it('whose answer was lost with its process is asked again by another, once the lease is over', () => {
    const lost = gapsOf(NAMES).filter(({ from }) => from.status === 'lost');
    expect(lost.map(({ from }) => from.process)).toEqual(day.left);
    expect(wrong(lost, ({ ms, from, to }) => ms > LEASE_MS + SLACK_MS || from.process === to.process)).toEqual([]);
  });

  it('that asks for a pause gets it from every process, also over a restart', () => {
    const pauses = gapsOf(['limited']).filter(({ from }) => from.status === 429);
    expect(wrong(pauses, ({ ms }) => ms < RETRY_AFTER_MS)).toEqual([]);
    expect(wrong(pauses, ({ ms }) => ms > RETRY_AFTER_MS + beatMs('limited') + SLACK_MS)).toEqual([]);
    expect(pauses.filter(({ began }) => began !== undefined)).toHaveLength(1);
  });

  it('that fails is asked at growing intervals', () => {
    const failing = gapsOf(NAMES).filter(({ faults, began }) => faults > 0 && began === undefined);
    expect(wrong(failing, ({ ms, faults }) => ms < pauseMs(faults))).toEqual([]);
    // Where a host is left alone, its sources grow more patient without having asked.
    const alone = failing.filter(({ from }) => from.host !== 'island');
    // A pause longer than the rhythm ends with the next beat.
    const longestMs = ({ feed, faults }: Gap) => pauseMs(faults) + (pauseMs(faults) < EVERY_MS ? 0 : beatMs(feed));
    expect(wrong(alone, (gap) => gap.ms > longestMs(gap) + SLACK_MS)).toEqual([]);
    expect(alone.filter(({ ms }) => ms >= LONGEST_PAUSE_MS).length).toBeGreaterThanOrEqual(2);
  });

  it('that fails is asked at once when a process begins', () => {
    const fresh = gapsOf(['ruin', 'mended']).filter(({ faults, began }) => faults > 0 && began !== undefined);
    expect(wrong(fresh, ({ began, to }) => to.at > began! + SLACK_MS)).toEqual([]);
    expect(fresh.map(({ feed }) => feed).toSorted()).toEqual(['mended', 'ruin', 'ruin']);
  });

  it.each(Object.entries(MENDED_AT))('that works again is asked within its last pause: %s', (name, mendedAt) => {
    const after = askedOf(name).filter(isSince(mendedAt));
    expect(after[0]!.at).toBeLessThanOrEqual(mendedAt + LONGEST_PAUSE_MS + beatMs(name) + SLACK_MS);
    expect(after.filter((asked) => !isAnswer(asked))).toEqual([]);
    expect(after.length).toBeGreaterThanOrEqual(Math.floor((END - after[0]!.at) / beatMs(name)));
  });

  it.each(NAMES)('is asked with the validators that it gave last: %s', (name) => {
    let last: Record<string, string> = {};
    const expected: unknown[] = [];
    for (const { status, gave } of askedOf(name)) {
      expected.push([last['etag'], last['last-modified']]);
      if (status === 200) last = gave;
    }
    const sent = askedOf(name).map(({ headers }) => [headers['if-none-match'], headers['if-modified-since']]);
    expect(sent).toEqual(expected);
  });

  it.each(VALIDATED)('may say that nothing is new: %s', (name) => {
    const answers = askedOf(name).filter(isAnswer);
    expect(answers.filter(({ status }) => status === 304).length).toBeGreaterThan(answers.length / 2);
  });
});

describe('everything that was in the feeds', () => {
  it.each(NAMES)('is stored, and was new once: %s', async (name) => {
    const { app } = day.houses[0]!;
    const last = askedOf(name).findLast(isAnswer);
    const shown = last === undefined ? [] : shownAt(name, last.at);
    const { mentions } = await app.mentions.search({ source: [name] }, { limit: 200 });
    expect(mentions.map(({ externalId }) => externalId).toSorted()).toEqual(shown.toSorted());
    const { days } = await readArrivals(app.state, name);
    expect(Object.values(days).reduce((sum, { added }) => sum + added, 0)).toBe(shown.length);
  });

  it('left no job behind', async () => {
    const { queue } = day.houses[0]!.app;
    expect(await queue.counts('ingest')).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 0 });
    expect((await queue.counts('pull')).dead).toBe(0);
  });
});
