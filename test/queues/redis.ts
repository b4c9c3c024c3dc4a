import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Removes every key under that prefix, in a Redis that others may be using. */
export async function emptyPrefix(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 }))
    if (keys.length > 0) await redis.unlink(...keys);
  redis.disconnect();
}

/**
 * Whether tests can start a Redis of their own, to kill it.
 *
 * @throws Error where they cannot although `EARSHOT_NEEDS_SERVERS=1` says that they must.
 */
export function canStartRedis(): boolean {
  const found = spawnSync('redis-server', ['--version']).status === 0;
  if (!found && process.env.EARSHOT_NEEDS_SERVERS === '1')
    throw new Error('EARSHOT_NEEDS_SERVERS=1, but redis-server is not installed.');
  return found;
}

/** A Redis that belongs to one test: it may be killed, frozen and started again on the same files. */
export interface OwnRedis {
  url: string;
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Kills it, whatever it is doing, and waits until it is gone. */
  kill(): Promise<void>;
  /** On the same port and files as before. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** `settings` as on the command line of redis-server, in place of those that Earshot wants. */
export async function ownRedis(
  settings: string[] = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'],
): Promise<OwnRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess;

  const own: OwnRedis = {
    url,
    signal: (signal) => void server.kill(signal),
    async kill() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
    },
    async start() {
      const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
      server = spawn('redis-server', [...place, ...settings], { stdio: 'ignore' });
      await answering(url, server.pid);
    },
    async remove() {
      await own.kill();
      rmSync(folder, { recursive: true });
    },
  };
  await own.start();
  return own;
}

/** Also proves that it is ours that answers, and not somebody else's on the same port. */
async function answering(url: string, pid: number | undefined): Promise<void> {
  const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => {});
  for (let info = ''; !info.includes('loading:0'); await sleep(20)) info = await redis.info();
  const found = /process_id:(\d+)/.exec(await redis.info())?.[1];
  redis.disconnect();
  if (Number(found) !== pid) throw new Error(`Another Redis (process ${found}) answers at ${url}.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
