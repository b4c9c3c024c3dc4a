import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGate, ownMemory, sharedMemory } from '../../src/net/gate.ts';
import { createHttp } from '../../src/net/http.ts';
import { closeDatabase, openDatabase } from '../../src/stores/sqlite/open.ts';
import { sqliteState } from '../../src/stores/sqlite/state.ts';
import { startServer } from './server.ts';

const never = new AbortController().signal;
const START = Date.parse('2026-03-01T10:00:00Z');
let ms = START;
const now = () => new Date(ms);
beforeEach(() => void (ms = START));

describe('turns', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'earshot-gate-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('at one host are spaced over all who share the state, at others not', async () => {
    const databases = [0, 1, 2].map(() => openDatabase(join(folder, 'earshot.db')));
    const waited: number[] = [];
    const wait = async (pauseMs: number) => void waited.push(pauseMs);
    const gates = databases.map((database) =>
      createGate(sharedMemory(sqliteState(database), Math.random), { perHostMs: 40, now, wait }),
    );
    await Promise.all(gates.flatMap((gate) => Array.from({ length: 5 }, () => gate.enter('a.example', never))));
    expect(waited.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, turn) => turn * 40));
    await gates[0]!.enter('b.example', never);
    expect(waited.at(-1)).toBe(0);
    for (const database of databases) closeDatabase(database);
  });

  it('are waited for, but not by who was told to stop', async () => {
    const gate = createGate(ownMemory(), { perHostMs: 60_000, now });
    await gate.enter('a.example', never);
    await expect(gate.enter('a.example', AbortSignal.abort())).rejects.toMatchObject({ code: 'REMOTE_TIMEOUT' });
  });
});

describe('a host with fault after fault', () => {
  const closing = () => createGate(ownMemory(), { perHostMs: 0, closesAfter: 3, now });
  const fail = async (gate: ReturnType<typeof closing>, times: number) => {
    for (let time = 0; time < times; time++) {
      await gate.enter('a.example', never);
      await gate.leave('a.example', false);
    }
  };

  it('is left alone, then asked by one, and again for twice as long', async () => {
    const gate = closing();
    await fail(gate, 3);
    await expect(gate.enter('a.example', never)).rejects.toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      retry: { afterMs: 30_000 },
    });
    await expect(gate.enter('b.example', never)).resolves.toBeUndefined();
    ms += 30_000;
    await gate.enter('a.example', never);
    await expect(gate.enter('a.example', never)).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' });
    await gate.leave('a.example', false);
    await expect(gate.enter('a.example', never)).rejects.toMatchObject({ retry: { afterMs: 60_000 } });
  });

  it('is asked as before once it has answered', async () => {
    const gate = closing();
    await fail(gate, 3);
    ms += 30_000;
    await gate.enter('a.example', never);
    await gate.leave('a.example', true);
    await fail(gate, 2);
    await expect(gate.enter('a.example', never)).resolves.toBeUndefined();
  });

  it('is left alone for ten minutes at most', async () => {
    const gate = closing();
    for (let time = 0; time < 40; time++) {
      await gate.enter('a.example', never).catch(() => {});
      await gate.leave('a.example', false);
    }
    await expect(gate.enter('a.example', never)).rejects.toMatchObject({ retry: { afterMs: 600_000 } });
  });

  it('is left alone for good by nobody who did not ask for it', async () => {
    const gate = createGate(ownMemory(), { perHostMs: 0, now });
    await fail(gate, 50);
    await expect(gate.enter('a.example', never)).resolves.toBeUndefined();
  });
});

describe('the client tells the gate', () => {
  const left = vi.fn<(host: string, answered: boolean) => Promise<void>>(async () => {});
  const gate = { enter: async () => {}, leave: left };
  const http = createHttp({ allow: ['127.0.0.0/8'], gate });
  const blind = createHttp({ gate });
  beforeEach(() => left.mockClear());

  it.each([
    [200, true],
    [404, true],
    [429, true],
    [500, false],
    [503, false],
  ])('that %i is an answer: %s', async (status, answered) => {
    const server = await startServer(() => ({ status, body: 'x' }));
    await http({ url: server.base }).catch(() => {});
    expect(left.mock.calls).toEqual([[new URL(server.base).host, answered]]);
    await server.close();
  });

  it('of a host that is not there, but not of what may not be asked or was stopped', async () => {
    await http({ url: 'http://127.0.0.1:1/' }).catch(() => {});
    expect(left.mock.calls).toEqual([['127.0.0.1:1', false]]);
    await blind({ url: 'http://127.0.0.1:1/' }).catch(() => {});
    await http({ url: 'http://127.0.0.1:1/', signal: AbortSignal.abort() }).catch(() => {});
    expect(left).toHaveBeenCalledTimes(1);
  });
});
