import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { openApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import { schedulePulls, workIngests, workPulls } from '../../src/pipeline/work.ts';
import { createTables } from '../../src/queues/sqlite/schema.ts';
import { readEnvironment } from '../../src/settings/environment.ts';
import { readSettings } from '../../src/settings/load.ts';
import { closeDatabase, openDatabase } from '../../src/stores/sqlite/open.ts';
import type { Database } from '../../src/stores/sqlite/open.ts';

/** How often a worker looks for work, in milliseconds. */
const POLL_MS = 250;
/** Turns of the event loop without traffic after which everything that could go on has gone on. */
const CALM_TURNS = 12;

/** Time that moves only when nothing is left to do in the moment. */
interface Clock {
  /** Lets the houses work until then, or until the condition holds. */
  run(until: number, condition?: () => boolean): Promise<void>;
  /** Lets time pass until the promise is settled. */
  during<T>(promise: Promise<T>): Promise<T>;
}

/**
 * Where a job runs, time goes from timer to timer, and between two of them all traffic comes to its end. Where nothing
 * is due, it jumps.
 */
export function createClock(nextDue: () => number, moving: () => boolean): Clock {
  let jumps = 0;
  const step = async () => {
    vi.advanceTimersToNextTimer();
    for (let calm = 0; calm < CALM_TURNS; calm++) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      if (moving()) calm = 0;
    }
  };
  return {
    async run(until, condition = () => false) {
      while (Date.now() < until && !condition()) {
        // Ends at another point of the workers' rounds each time, so that each of them comes first now and then.
        const jump = Math.min(nextDue(), until) - ((jumps * 97) % POLL_MS);
        if (jump > Date.now() + POLL_MS) vi.setSystemTime(jump);
        jumps += 1;
        await step();
      }
    },
    async during(promise) {
      const state = { settled: false };
      const end = () => void (state.settled = true);
      promise.then(end, end);
      while (!state.settled) await step();
      return promise;
    },
  };
}

/** When the next job or beat is due; 0 while a job runs. */
function dueIn(database: Database): () => number {
  const due = database.prepare(
    `SELECT min(at) AS at FROM (
       SELECT CASE WHEN leased_until > ? THEN 0 ELSE due_at END AS at FROM queue_jobs
       UNION ALL SELECT coalesce(last_at + every_ms, 0) FROM queue_schedules)`,
  );
  return () => (due.all([Date.now()])[0] as { at: number }).at;
}

/** What pulls and stores of `earshot up`. */
export interface House {
  process: string;
  app: App;
  /** Begins to work. */
  work(): void;
  /** Ends as a killed process does: nothing is handed back, no lease given up. */
  kill(): void;
}

/** Opens houses over one SQLite file. `openDatabase` has to be spied on. */
export function createStreet(sources: object) {
  const dataDir = mkdtempSync(join(tmpdir(), 'earshot-polite-'));
  const problems: string[] = [];
  const dead = new Set<string>();
  const watching = openDatabase(join(dataDir, 'earshot.db'));
  createTables(watching);
  const open = async (process: string): Promise<House> => {
    const network = { allow: ['127.0.0.0/8'], userAgent: process };
    const settings = readSettings(JSON.stringify({ network, sources }), 'test', {});
    const actual = await vi.importActual<{ openDatabase: typeof openDatabase }>('../../src/stores/sqlite/open.ts');
    vi.mocked(openDatabase).mockImplementationOnce((path) =>
      mortal(actual.openDatabase(path), () => dead.has(process)),
    );
    const app = await openApp({
      settings,
      environment: { ...readEnvironment({}), dataDir },
      log(level, message, details) {
        if (level === 'error' && !dead.has(process)) problems.push(`${process}: ${message} ${JSON.stringify(details)}`);
      },
    });
    await schedulePulls(app.queue, app.state, app.sources);
    return {
      process,
      app,
      work() {
        workPulls(app.queue, app);
        workIngests(app.queue, app);
      },
      kill() {
        dead.add(process);
        // Stops its timers and no more: it does not reach the file.
        void app.queue.close(0);
      },
    };
  };
  return {
    open,
    nextDue: dueIn(watching),
    /** Faults that were not a source's. */
    problems,
    remove() {
      closeDatabase(watching);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A handle that reaches the file only while its process lives. A closed one would end the whole test run. */
function mortal(database: Database, isDead: () => boolean): Database {
  // No power cut happens here, and thousands of flushes would take most of the time.
  database.pragma('synchronous = OFF');
  const guard = <Thing extends object>(thing: Thing): Thing =>
    new Proxy(thing, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          if (isDead()) throw new Error('This process is dead.');
          const result: unknown = value.apply(target, given);
          return key === 'prepare' ? guard(result as object) : result;
        };
      },
    });
  return guard(database);
}
