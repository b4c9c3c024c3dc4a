import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { countStored, judge } from './history.ts';
import { startPlatform } from './platform.ts';
import { seeded, startServers, supervise } from './processes.ts';
import type { Servers, Supervised } from './processes.ts';

/** The short form runs with every change, the full one when somebody asks for it. */
const FULL = process.env['FAULTS'] === 'full';
const SEED = Number(process.env['FAULT_SEED'] ?? 20_260_501);
const SIZE = FULL
  ? { items: 10_000, kills: 40, alone: 20, redis: 10, elasticsearch: 5 }
  : { items: 2_000, kills: 10, alone: 6, redis: 3, elasticsearch: 1 };
const DRAIN_MS = 420_000;

const FINE = { expected: SIZE.items, stored: SIZE.items, lost: 0, unexpected: 0, duplicated: 0, dead: 0 };

let servers: Servers | undefined;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-faults-'));
  // Elasticsearch runs as a user of its own and has to get through.
  chmodSync(folder, 0o711);
  servers = startServers(join(folder, 'servers'));
}, 300_000);
afterAll(() => servers?.stop());

const running: Supervised[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.stop()));
});

/** One stage of Earshot listening to one platform. */
async function startWorld(stage: 'embedded' | 'scaled', delayMs: number) {
  const platform = await startPlatform({ count: SIZE.items, pageSize: 50, delayMs });
  const name = `${stage}-${running.length}-${Date.now()}`;
  const data = join(folder, name);
  mkdirSync(data);
  const config = join(data, 'earshot.yaml');
  writeFileSync(
    config,
    `network: { allow: [127.0.0.0/8] }\nsources:\n  desk: { type: zendesk, subdomain: faults, baseUrl: "${platform.url}", token: x, startDays: 3650, pauseMs: 0, every: 10s }\n`,
  );
  const port = await freePort();
  const common = { EARSHOT_CONFIG: config, EARSHOT_DATA: data, EARSHOT_LEASE_SECONDS: '4', PORT: String(port) };
  const env = stage === 'scaled' ? { ...common, ...servers!.env, EARSHOT_PREFIX: name } : common;
  const kinds = stage === 'scaled' ? ['maintain', 'api', 'pull', 'pull', 'ingest', 'ingest', 'deliver'] : ['all'];
  const processes = kinds.map((kind) => supervise(kind, env));
  running.push(...processes);
  return { platform, processes, url: `http://127.0.0.1:${port}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type World = Awaited<ReturnType<typeof startWorld>>;

/** Waits until everything that the platform has is stored, or nothing moves any more. */
async function drained({ platform, url }: World): Promise<void> {
  for (const end = Date.now() + DRAIN_MS; Date.now() < end; await pause(500)) {
    if (platform.ended() && (await countStored(url)) >= SIZE.items) return pause(2_000);
  }
}

/** A process that starts while a server is away says so and ends; here all of them are up before anything is crashed. */
async function atWork({ url }: World): Promise<void> {
  while ((await countStored(url)) === 0) await pause(200);
  await pause(5_000);
}

/** Kills by the seed until so many have been killed. */
async function killing(
  chance: () => number,
  count: number,
  strike: (chance: () => number, index: number) => void | Promise<void>,
  gapMs: number,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    await pause(200 + chance() * gapMs);
    await strike(chance, index);
  }
}

function report(name: string, figures: object): void {
  process.stdout.write(`${name}: ${JSON.stringify({ seed: SEED, ...figures })}\n`);
}

describe('nothing is lost and nothing comes twice', () => {
  it('scaled: any process may be killed at any moment', { timeout: 1_200_000 }, async () => {
    const world = await startWorld('scaled', FULL ? 220 : 60);
    const victims: string[] = [];
    await killing(
      seeded(SEED),
      SIZE.kills,
      (chance) => {
        const victim = world.processes[Math.floor(chance() * world.processes.length)]!;
        victims.push(victim.name);
        victim.kill();
      },
      1_200,
    );
    await drained(world);
    const verdict = await judge(world.url, SIZE.items);
    report('kill -9 of workers', { kills: victims.length, victims: countBy(victims), ...verdict });
    expect(verdict).toEqual(FINE);
    await world.platform.close();
  });

  it('scaled: Redis and Elasticsearch may be killed in the middle of it', { timeout: 1_200_000 }, async () => {
    const world = await startWorld('scaled', 150);
    await atWork(world);
    await killing(seeded(SEED + 1), SIZE.redis, () => servers!.crash('redis'), 1_500);
    await killing(seeded(SEED + 2), SIZE.elasticsearch, () => servers!.crash('elasticsearch'), 1_500);
    await drained(world);
    const verdict = await judge(world.url, SIZE.items);
    report('kill -9 of servers', { redis: SIZE.redis, elasticsearch: SIZE.elasticsearch, ...verdict });
    expect(verdict).toEqual(FINE);
    expect(world.processes.map(({ name, deaths }) => ({ name, deaths: deaths() }))).toEqual(
      world.processes.map(({ name }) => ({ name, deaths: 0 })),
    );
    await world.platform.close();
  });

  it('embedded: the one process may be killed at any moment', { timeout: 1_200_000 }, async () => {
    const world = await startWorld('embedded', FULL ? 220 : 60);
    await killing(seeded(SEED + 3), SIZE.alone, () => world.processes[0]!.kill(), 2_500);
    await drained(world);
    const verdict = await judge(world.url, SIZE.items);
    report('kill -9 of the one process', { kills: SIZE.alone, ...verdict });
    expect(verdict).toEqual(FINE);
    await world.platform.close();
  });
});

describe('a graceful stop', () => {
  it('ends every process with 0 on SIGTERM, and what was left is done by the next', { timeout: 600_000 }, async () => {
    const world = await startWorld('scaled', 20);
    await atWork(world);
    const codes = await Promise.all(world.processes.map((process) => process.stop('SIGTERM')));
    expect(codes).toEqual(world.processes.map(() => 0));
    await world.platform.close();
  });
});

function countBy(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
