import { vi } from 'vitest';
import { itemsOf, openHosts, watchClient } from './polite-host.ts';
import type { Asked, Feed, Trouble } from './polite-host.ts';
import { createClock, createStreet } from './polite-street.ts';
import type { House } from './polite-street.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const START = Date.parse('2026-03-02T00:00:00Z');
export const END = START + 24 * HOUR;
export const EVERY_MS = 20 * MINUTE;
export const RETRY_AFTER_MS = 2 * HOUR;

const between = (from: number, to: number, trouble: Trouble) => (at: number) =>
  at >= START + from * HOUR && at < START + to * HOUR ? trouble : undefined;
const LIMITED = between(2, 5, { status: 429, retryAfterSeconds: RETRY_AFTER_MS / SECOND });

export const HOSTS: Record<string, Record<string, Feed>> = {
  town: {
    news: { everyMinutes: 50, validators: 'both' },
    forum: { everyMinutes: 70, validators: 'etag' },
    blog: { everyMinutes: 170, validators: 'modified' },
    notes: { everyMinutes: 110, validators: 'none' },
    slow: { everyMinutes: 90, validators: 'both', answersAfterMs: 12 * SECOND },
    limited: { everyMinutes: 80, validators: 'both', trouble: LIMITED },
  },
  mill: { mended: { everyMinutes: 60, validators: 'both', trouble: between(1, 5, { status: 500 }) } },
  ruin: { ruin: { everyMinutes: 60, validators: 'both', trouble: () => ({ status: 500 }) } },
  island: Object.fromEntries(
    ['north', 'east', 'south', 'west'].map((name): [string, Feed] => [
      name,
      { everyMinutes: 60, validators: 'both', answersAfterMs: 2 * SECOND, trouble: between(0, 12, 'reset') },
    ]),
  ),
};
const FEEDS: Record<string, Feed> = Object.assign({}, ...Object.values(HOSTS));
export const NAMES = Object.keys(FEEDS);
/** When troubles that end did end. */
export const MENDED_AT = {
  mended: START + 5 * HOUR,
  limited: START + 5 * HOUR,
  ...Object.fromEntries(Object.keys(HOSTS['island']!).map((name) => [name, START + 12 * HOUR])),
};

/** What the test looks at when the day is over. */
export interface Day {
  /** The hosts' own. */
  log: Asked[];
  /** When a process began during the day, milliseconds since 1970. */
  begins: number[];
  /** The processes that ended during the day: one was told to stop, one was killed. */
  left: string[];
  /** Those at work at the end. */
  houses: House[];
  /** Faults that were not a source's. */
  problems: string[];
  close(): Promise<void>;
}

/** Three processes at a time spend 24 hours on the hosts; one is stopped and one killed, and both are replaced. */
export async function spendDay(): Promise<Day> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'], now: START });
  const hosts = await openHosts(HOSTS, START);
  const street = createStreet(
    Object.fromEntries(NAMES.map((name) => [name, { type: 'rss', url: hosts.addressOf(name), every: '20m' }])),
  );
  const open = watchClient();
  const clock = createClock(street.nextDue, () => open() > hosts.held().length);
  const day: Day = {
    log: hosts.log,
    begins: [],
    left: [],
    houses: [],
    problems: street.problems,
    async close() {
      vi.useRealTimers();
      for (const { app } of day.houses) await app.close(0);
      await hosts.close();
      street.remove();
    },
  };
  const begin = async (process: string) => {
    const house = await street.open(process);
    day.begins.push(Date.now());
    // Workers look around at moments of their own.
    setTimeout(house.work, 20 + 30 * day.begins.length);
    day.houses.push(house);
  };
  const isAsking = (name: string) => hosts.held().some(({ feed, process }) => feed === 'slow' && process === name);
  /** Runs until somebody waits for the slow feed's answer, and takes that process out. */
  const leaveWhileAsking = async (until: number): Promise<House> => {
    const asking = () => day.houses.find(({ process }) => isAsking(process));
    await clock.run(until, () => asking() !== undefined);
    const house = asking()!;
    day.left.push(house.process);
    day.houses = day.houses.filter((other) => other !== house);
    return house;
  };

  for (const process of ['first', 'second', 'third']) day.houses.push(await street.open(process));
  for (const house of day.houses) {
    house.work();
    vi.advanceTimersByTime(80);
  }
  await clock.run(START + 2.5 * HOUR);
  const stopped = await leaveWhileAsking(START + 4 * HOUR);
  // As by Ctrl-C.
  await clock.during(stopped.app.close(3 * SECOND));
  await clock.run(Date.now() + 10 * MINUTE);
  await begin('fourth');
  await clock.run(START + 10 * HOUR);
  const killed = await leaveWhileAsking(START + 12 * HOUR);
  killed.kill();
  hosts.cutOff(killed.process);
  await clock.run(Date.now() + 20 * MINUTE);
  await begin('fifth');
  await clock.run(END);
  return day;
}

/** The ids that a feed has shown to whoever asked for it at that time. */
export const shownAt = (name: string, at: number): string[] => itemsOf(name, FEEDS[name]!, START, at);

/** The feeds that say when they changed last. */
export const VALIDATED = NAMES.filter((name) => FEEDS[name]!.validators !== 'none' && name !== 'ruin');
