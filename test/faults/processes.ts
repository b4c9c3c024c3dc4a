import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../e2e/earshot.ts';

/** One process that is started again whenever it ends, as a supervisor would. */
export interface Supervised {
  name: string;
  /** SIGKILL; the supervisor starts it again. */
  kill(): void;
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** How often it ended by itself. */
  deaths(): number;
}

export function supervise(worker: string, env: Record<string, string>): Supervised {
  let child: ChildProcess;
  let [stopping, killed, deaths] = [false, false, 0];
  const start = () => {
    killed = false;
    child = spawn(process.execPath, [join(root, 'dist/workers', `${worker}.js`)], {
      cwd: env['EARSHOT_DATA'],
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'ignore', process.env['FAULTS_VERBOSE'] ? 'inherit' : 'ignore'],
    });
    child.on('exit', () => {
      if (stopping) return;
      if (!killed) deaths += 1;
      setTimeout(() => !stopping && start(), killed ? 50 : 500);
    });
  };
  start();
  return {
    name: worker,
    deaths: () => deaths,
    kill: () => {
      killed = true;
      child.kill('SIGKILL');
    },
    stop: async (signal = 'SIGKILL') => {
      stopping = true;
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await new Promise((resolve) => child.once('exit', resolve));
      }
      return child.signalCode ?? child.exitCode;
    },
  };
}

/** A Redis and an Elasticsearch of our own, which may be crashed and come back on the same port and data. */
export interface Servers {
  env: { REDIS_URL: string; ELASTICSEARCH_URL: string };
  crash(name: 'redis' | 'elasticsearch'): Promise<void>;
  stop(): void;
}

export function startServers(folder: string, settings = ''): Servers {
  const run = (...args: string[]) =>
    execFileSync(join(root, '.ci/servers'), args, {
      env: { ...process.env, EARSHOT_SERVERS: folder, ELASTICSEARCH_SETTINGS: settings },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const told = run('start');
  const read = (name: string) => told.match(new RegExp(`${name}=(\\S+)`))![1]!;
  return {
    env: { REDIS_URL: read('REDIS_URL'), ELASTICSEARCH_URL: read('ELASTICSEARCH_URL') },
    async crash(name) {
      run('crash', name);
      await pause(300);
      run('revive', name);
    },
    stop: () => void run('stop'),
  };
}

/** A small generator of repeatable chance (mulberry32), so that a seed replays its kills. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
