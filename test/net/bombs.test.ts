import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOURCES } from '../../src/sources/index.ts';
import { BOMBS, goodPage } from './bombs.ts';
import type { Bomb } from './bombs.ts';
import { inventedSecrets, optionsAt, outboundOptions } from './outbound.ts';

const DIST = join(import.meta.dirname, '..', '..', 'dist');
/** What the promise says; a busy machine is asked three times, because holding is what happens each time. */
const HELD_MS = 200;
const GROWTH_MB = 150;
const TRIES = 3;
/** Then the platform is away, so that nobody pages through bombs for ever. */
const BOMBS_A_PULL = 2;

interface Told {
  bomb: string;
  type: string;
  code: string;
  jobs: number;
  heldMs: number;
  tookMs: number;
  growthMb: number;
}

/** Types that ask over HTTP; a mailbox is another protocol, the others only take what is sent. */
const types = SOURCES.map(({ type }) => type).filter((type) =>
  outboundOptions().some((one) => one.type === type && one.option !== 'host' && !one.option.includes('.')),
);

let current: { name: string; bomb?: Bomb | undefined; left: number } = { name: '', left: 0 };
const served = new Set<string>();
/** OAuth sends forms: https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2 */
const isForToken = ({ headers, url = '' }: IncomingMessage) =>
  headers['content-type'] === 'application/x-www-form-urlencoded' || /session/i.test(url);
const server = createServer((request, response) => {
  const url = new URL(request.url!, 'http://platform.example');
  request.resume();
  if (url.pathname === '/next') {
    const [type, bomb] = [url.searchParams.get('type')!, url.searchParams.get('bomb')!];
    current = { name: `${type}: ${bomb}`, bomb: BOMBS[bomb]!(goodPage(type)), left: BOMBS_A_PULL };
    response.end();
  } else if (isForToken(request)) {
    // Tokens are given, so that the bomb stands where the list is expected.
    response.end(JSON.stringify({ access_token: 'a', accessJwt: 'a', refreshJwt: 'b', did: 'did:plc:a' }));
  } else if (current.bomb === undefined || current.left-- <= 0) {
    response.writeHead(404).end();
  } else {
    served.add(current.name);
    void explode(current.bomb, response);
  }
});

async function explode({ body, headers, endless, slow }: Bomb, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  if (!endless && !slow) return void response.end(body);
  for (let at = 0; !response.destroyed; at++) {
    const more = slow ? response.write(body.subarray(at % body.length, (at % body.length) + 1)) : response.write(body);
    if (slow) await pause(100);
    else if (!more) await new Promise((resolve) => void response.once('drain', resolve).once('close', resolve));
  }
}

let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const child of children) child.kill();
  server.closeAllConnections();
  server.close();
});

const children = new Set<ChildProcess>();

interface Run {
  told: Told[];
  leftMb: number;
  polluted: unknown;
}

/** The pulls of one process, while the platforms answer with these bombs. */
async function run(bombs: string[]): Promise<Run> {
  const sources = Object.fromEntries(types.map((type) => [type, optionsAt(type, base)]));
  const settings = JSON.stringify({ network: { allow: ['127.0.0.0/8'] }, sources });
  const child = spawn(
    process.execPath,
    ['--expose-gc', join(import.meta.dirname, 'bombs-child.mjs'), DIST, base, settings, JSON.stringify(bombs)],
    { env: { PATH: process.env['PATH'], ...inventedSecrets(base) } },
  );
  const output = { out: '', err: '' };
  const table = process.env['EARSHOT_BOMBS_TABLE'];
  children.add(child);
  child.stdout.on('data', (chunk: Buffer) => {
    output.out += chunk.toString();
    if (table) appendFileSync(table, chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => void (output.err += chunk.toString()));
  const code = await new Promise((resolve) => void child.on('close', resolve));
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${output.out.slice(-500)} ${output.err}`);
  const lines = output.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const told = lines.slice(1, -1) as unknown as Told[];
  const last = lines.at(-1)!;
  return { told, leftMb: Number(last['lastMb']) - Number(lines[0]!['firstMb']), polluted: last['polluted'] };
}

describe('bombs through every source that asks', () => {
  let all: Run;
  beforeAll(async () => void (all = await run(Object.keys(BOMBS))), 600_000);

  it.each(Object.keys(BOMBS))(
    '%s: a mention or a typed error, and the loop is not held',
    { timeout: 300_000 },
    async (bomb) => {
      const told = all.told.filter((one) => one.bomb === bomb);
      expect(told.map(({ type }) => type)).toEqual(types);
      expect(types.filter((type) => !served.has(`${type}: ${bomb}`))).toEqual([]);
      expect(told.filter(({ code }) => !/^(?:fine|SOURCE_SHAPE|REMOTE_\w+)$/.test(code))).toEqual([]);
      let held = told.filter(({ heldMs }) => heldMs > HELD_MS);
      for (let tries = 1; tries < TRIES && held.length > 0; tries++)
        held = (await run([bomb])).told.filter(({ heldMs }) => heldMs > HELD_MS);
      expect(held).toEqual([]);
    },
  );

  it('take little memory, each of them and what is left of all together', () => {
    expect(all.told.filter(({ growthMb }) => growthMb > GROWTH_MB)).toEqual([]);
    expect(all.leftMb).toBeLessThanOrEqual(GROWTH_MB);
  });

  it('leave nothing behind on the prototype of everything', () => {
    expect(all.polluted).toBe(false);
  });

  it('stand where mentions are read: most types find some in a long page', () => {
    const found = all.told.filter(({ bomb, jobs }) => bomb === 'a page of 1 MB' && jobs > 0);
    expect(found.length).toBeGreaterThan(types.length / 2);
  });
});
