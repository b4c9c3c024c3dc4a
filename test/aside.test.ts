import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { listenAside as ListenAside } from '../src/aside.ts';
import type { AppError } from '../src/domain/errors.ts';
import { createGate, ownMemory } from '../src/net/gate.ts';
import type { Ask, Part } from '../src/pipeline/listen.ts';
import { sourceOf } from '../src/sources/index.ts';
import { startServer } from './net/server.ts';
import type { Asked, Reply } from './net/server.ts';

/** Within the caps on bytes and values, and yet more than a narrow heap holds once it is read. */
const UNFOLDS = `<rss><channel>${Array.from({ length: 45_000 }, (_, at) => `<item><guid>${at}</guid><title>${at}</title></item>`).join('')}`;
const NARROW_MB = 28;
const FEED = (id: string) =>
  `<rss><channel><item><guid>${id}</guid><title>A good guitar</title></item></channel></rss>`;
const now = () => new Date('2026-03-01T10:00:00Z');

let reply: (asked: Asked) => Reply = () => ({});
let server: Awaited<ReturnType<typeof startServer>>;
let aside: ReturnType<typeof ListenAside>;
beforeAll(async () => {
  server = await startServer((asked) => reply(asked));
  // Threads start from the built program only.
  const built = (await import(new URL('../dist/src/aside.js', import.meta.url).href)) as {
    listenAside: typeof ListenAside;
  };
  aside = built.listenAside({ allow: ['127.0.0.0/8'] }, createGate(ownMemory(), { perHostMs: 0, now }), now, NARROW_MB);
});
afterAll(async () => {
  await aside.close();
  await server.close();
});

async function listen(type: string, options: unknown, ask: Ask, signal = AbortSignal.timeout(60_000)): Promise<Part[]> {
  const source = sourceOf(type);
  const parts: Part[] = [];
  for await (const part of aside.listen(ask, { source, options: source.options.parse(options), signal }))
    parts.push(part);
  return parts;
}
const first: Ask = { pull: { cursor: undefined } };
const feed = (name: string) => ({ url: `${server.base}/${name}` });
/** What was handed over before the thread ended may come twice, as after a crash. */
const idsOf = (parts: Part[]) => [...new Set(parts.flatMap(({ items }) => items.map(({ externalId }) => externalId)))];
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'fine',
    (thrown: unknown) => (thrown as AppError).code,
  );

describe('platforms asked in a thread of their own', () => {
  it('hand over what they would here', async () => {
    reply = () => ({ body: FEED('1'), headers: { etag: '"a"' } });
    expect(await listen('rss', feed('a'), first)).toEqual([
      {
        items: [expect.objectContaining({ externalId: '1', text: 'A good guitar' })],
        refused: [],
        end: { cursor: { etag: '"a"' } },
      },
    ]);
  });

  it('go on from a cursor', async () => {
    reply = ({ headers }) => ({ status: headers['if-none-match'] === '"a"' ? 304 : 500 });
    const parts = await listen('rss', feed('a'), { pull: { cursor: { etag: '"a"' } } });
    expect(parts).toEqual([{ items: [], refused: [], end: { cursor: { etag: '"a"' } } }]);
  });

  it('hand over a long page in parts of a job each, the cursor with the last', async () => {
    const item = (at: number) => `<item><guid>${at}</guid><title>A good guitar</title></item>`;
    reply = () => ({
      body: `<rss><channel>${Array.from({ length: 250 }, (_, at) => item(at)).join('')}</channel></rss>`,
    });
    const parts = await listen('rss', feed('a'), first);
    expect(parts.map(({ items, end }) => [items.length, end !== undefined])).toEqual([
      [100, false],
      [100, false],
      [50, true],
    ]);
  });

  it('fail with what the platform did, and with what to do', async () => {
    reply = () => ({ status: 429, headers: { 'retry-after': '7' } });
    await expect(listen('rss', feed('a'), first)).rejects.toMatchObject({
      code: 'REMOTE_RATE_LIMITED',
      retry: { afterMs: 7_000 },
      fix: expect.any(String),
    });
  });

  it('stop when they are told to, and do not wait for the end of time', async () => {
    const stop = new AbortController();
    reply = () => {
      setTimeout(() => stop.abort(), 20);
      return { body: '<rss>', hang: true };
    };
    await expect(listen('rss', feed('a'), first, stop.signal)).rejects.toMatchObject({ code: 'REMOTE_TIMEOUT' });
  }, 10_000);

  it('read large pushes there too', async () => {
    const options = { secret: 'invented-secret-1', map: { text: 'said' } };
    const body = Buffer.from(JSON.stringify([{ said: 'The strap came loose. '.repeat(4_000) }]));
    const push = { method: 'POST', url: 'http://earshot.example/v1/inbound/a', headers: {}, body };
    const [part] = await listen('inbound', options, { push });
    expect(part!.items).toHaveLength(1);
    await expect(listen('inbound', options, { push: { ...push, body: body.subarray(1) } })).rejects.toMatchObject({
      code: 'SOURCE_SHAPE',
    });
  });
});

describe('an answer over which the thread ends', () => {
  /** The others are being asked when the thread ends, and get their answer when they ask again. */
  const asked = new Set<string>();
  beforeAll(() => {
    reply = ({ url }) => {
      if (url.pathname === '/hostile') return { body: UNFOLDS };
      const isAgain = asked.has(url.pathname);
      asked.add(url.pathname);
      return { body: FEED(url.pathname), hang: !isAgain };
    };
  });

  it('fails its own source with a typed error, and no other', async () => {
    const others = ['a', 'b', 'c'].map(async (name) => idsOf(await listen('rss', feed(name), first)));
    const failed = await codeOf(listen('rss', feed('hostile'), first));
    expect([failed, ...(await Promise.all(others))]).toEqual(['REMOTE_TOO_LARGE', ['/a'], ['/b'], ['/c']]);
  }, 120_000);

  it('does so each time, and others are read as before', async () => {
    expect(await codeOf(listen('rss', feed('hostile'), first))).toBe('REMOTE_TOO_LARGE');
    expect(idsOf(await listen('rss', feed('a'), first))).toEqual(['/a']);
  }, 120_000);
});
