import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { HttpClient } from '../../src/domain/http.ts';
import { rawMention } from '../../src/domain/mention.ts';
import type { Page, Parsed, PullContext, Source, WireAnswer } from '../../src/domain/source.ts';
import { createHttp } from '../../src/net/http.ts';
import { startServer } from '../net/server.ts';
import type { Asked, Reply } from '../net/server.ts';

export interface WireCase {
  /** File in `test/fixtures/sources/<type>/`; what it must give stands in `<file>.golden.json` beside it. */
  file: string;
  contentType?: string;
  url?: string;
  /** False for formats whose end cannot be told from its middle, such as CSV. Default true. */
  endIsTold?: boolean;
}

/** A platform as the source finds it: several pages of mentions behind its own addresses. */
export interface PlatformCase {
  /** As written in the configuration. */
  options(base: string): unknown;
  reply(asked: Asked): Reply;
  /** External ids that a first pull must bring, in any order. */
  ids: string[];
  /** Must never be seen in an error. */
  secrets: string[];
  now?: string;
}

export interface SourceCases {
  wire: WireCase[];
  /** Whole answers in another format, with what the error must say. */
  broken: { name: string; body: string; says: RegExp }[];
  /** Answers whose entries carry no complete date. */
  undated: { name: string; body: string }[];
}

const EXPECTED_CODES: [number, AppError['code']][] = [
  [302, 'REMOTE_REFUSED'],
  [400, 'REMOTE_REFUSED'],
  [401, 'REMOTE_UNAUTHORIZED'],
  [403, 'REMOTE_UNAUTHORIZED'],
  [404, 'REMOTE_NOT_FOUND'],
  [408, 'REMOTE_UNAVAILABLE'],
  [410, 'REMOTE_GONE'],
  [418, 'REMOTE_REFUSED'],
  [425, 'REMOTE_UNAVAILABLE'],
  [429, 'REMOTE_RATE_LIMITED'],
  [500, 'REMOTE_UNAVAILABLE'],
  [503, 'REMOTE_UNAVAILABLE'],
];

const LOGIN_PAGE = '<!DOCTYPE html><html><head><title>Please sign in</title></head><body></body></html>';

/** What every source promises of its reading. Fixtures are read offline. */
export function sourceContract(source: Source, cases: SourceCases): void {
  describe(`source ${source.type} reads answers offline`, () => {
    offline(source, cases);
  });
}

/** What every source that asks a network promises of its pulling, against a real server on this machine. */
export function platformContract(source: Source, platform: PlatformCase): void {
  describe(`source ${source.type} pulls from its platform`, () => {
    online(source, platform);
  });
}

function offline(source: Source, { wire, broken, undated }: SourceCases): void {
  const read = ({ file, contentType, url }: WireCase): WireAnswer => ({
    body: readFileSync(new URL(`../fixtures/sources/${source.type}/${file}`, import.meta.url)),
    contentType,
    url,
  });

  describe.each(wire)('$file', (one) => {
    it('gives the golden output, the same each time', async () => {
      const parsed = source.parse(read(one));
      expect(source.parse(read(one))).toEqual(parsed);
      const golden = new URL(`../fixtures/sources/${source.type}/${one.file}.golden.json`, import.meta.url).pathname;
      await expect(`${JSON.stringify(parsed, null, 2)}\n`).toMatchFileSnapshot(golden);
    });

    it('gives valid mentions with unique ids', () => {
      expect(flawsOf(source.parse(read(one)))).toEqual([]);
    });

    it.skipIf(one.endIsTold === false)('never takes a truncated answer for a whole one (where its end is told)', () => {
      const whole = read(one);
      const length = Buffer.from(whole.body).toString('latin1').trimEnd().length;
      const cuts = Array.from({ length: 10 }, (_, tenth) => Math.floor((length * tenth) / 10));
      const outcomes = cuts.map((cut) => attempt(() => source.parse({ ...whole, body: whole.body.subarray(0, cut) })));
      const admitted = outcomes.map((outcome) =>
        outcome instanceof AppError ? outcome.code === 'SOURCE_SHAPE' : outcome.refused.length > 0,
      );
      expect(admitted).toEqual(cuts.map(() => true));
    });

    it('meets mutated bytes with mentions or SOURCE_SHAPE', () => {
      const whole = read(one);
      const random = seeded(one.file.length * 7919);
      const flaws = Array.from({ length: 300 }, () => {
        const outcome = attempt(() => source.parse({ ...whole, body: mutate(whole.body, random) }));
        if (outcome instanceof AppError) return outcome.code === 'SOURCE_SHAPE' ? [] : [outcome.code];
        return flawsOf(outcome);
      });
      expect(flaws.flat()).toEqual([]);
    });
  });

  it.each([{ name: 'an HTML page', body: LOGIN_PAGE, says: /an HTML page titled "Please sign in"/ }, ...broken])(
    'says what came instead: $name',
    ({ body, says }) => {
      const outcome = attempt(() => source.parse({ body: Buffer.from(body) }));
      expect(outcome).toBeInstanceOf(AppError);
      expect(outcome).toMatchObject({ code: 'SOURCE_SHAPE', message: expect.stringMatching(says) });
    },
  );

  it.each(undated)('invents no date: $name', ({ body }) => {
    const { items, refused } = source.parse({ body: Buffer.from(body) });
    expect(items.length + refused.length).toBeGreaterThan(0);
    expect(items.filter(({ publishedAt }) => publishedAt !== undefined)).toEqual([]);
  });
}

function online(source: Source, platform: PlatformCase): void {
  let reply: (asked: Asked) => Reply = platform.reply;
  let server: Awaited<ReturnType<typeof startServer>>;
  const http = createHttp({ allow: ['127.0.0.0/8'], perHostMs: 0 });
  beforeAll(async () => {
    server = await startServer((asked) => reply(asked));
  });
  afterAll(async () => {
    await http.close();
    await server.close();
  });

  const origins = new Set<string>();
  const watched: HttpClient = (request) => {
    origins.add(new URL(request.url).origin);
    return http(request);
  };
  const context = (cursor?: unknown, signal = new AbortController().signal): PullContext<unknown, unknown> => ({
    options: source.options.parse(platform.options(server.base)),
    cursor: cursor === undefined ? undefined : source.cursor.parse(JSON.parse(JSON.stringify(cursor))),
    http: watched,
    now: () => new Date(platform.now ?? '2026-02-07T12:00:00Z'),
    signal,
  });
  const pullAll = async (cursor?: unknown): Promise<Page<unknown>[]> => collect(source.pull(context(cursor)));
  const whileServing = async <T>(other: (asked: Asked) => Reply, run: () => Promise<T>): Promise<T> => {
    reply = other;
    try {
      return await run();
    } finally {
      reply = platform.reply;
    }
  };
  const pullError = async (): Promise<AppError> => {
    const thrown = await pullAll().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(AppError);
    return thrown as AppError;
  };

  it('brings everything, with the same ids each time', async () => {
    const first = idsOf(await pullAll());
    expect([...first].toSorted()).toEqual(platform.ids.toSorted());
    expect(idsOf(await pullAll())).toEqual(first);
  });

  it('loses nothing when it goes on from any page', async () => {
    const pages = await pullAll();
    for (let kept = 1; kept <= pages.length; kept++) {
      const before = pages.slice(0, kept);
      const after = await pullAll(before.at(-1)!.cursor);
      expect([...new Set([...idsOf(before), ...idsOf(after)])].toSorted()).toEqual(platform.ids.toSorted());
    }
  });

  it('asks only the hosts that it declares', async () => {
    origins.clear();
    await pullAll();
    const declared = source.hosts(source.options.parse(platform.options(server.base)));
    expect([...origins].filter((origin) => !declared.includes(origin))).toEqual([]);
    expect(origins.size).toBeGreaterThan(0);
  });

  it.each(EXPECTED_CODES)('status %i is %s, without secrets in the error', async (status, code) => {
    const error = await whileServing(() => ({ status, body: 'no' }), pullError);
    expect(error.code).toBe(code);
    expect(platform.secrets.filter((secret) => shown(error).includes(secret))).toEqual([]);
  });

  it.each([429, 503])('status %i with Retry-After waits as asked', async (status) => {
    const error = await whileServing(() => ({ status, headers: { 'retry-after': '7' } }), pullError);
    expect(error).toMatchObject({ code: 'REMOTE_RATE_LIMITED', retry: { afterMs: 7000 } });
  });

  it.each([
    ['an HTML page', LOGIN_PAGE],
    ['nothing', ''],
  ])('%s with status 200 is SOURCE_SHAPE and no empty page', async (_name, body) => {
    const error = await whileServing(() => ({ body }), pullError);
    expect(error.code).toBe('SOURCE_SHAPE');
    expect(platform.secrets.filter((secret) => shown(error).includes(secret))).toEqual([]);
  });

  it('does nothing when it is stopped before it begins', async () => {
    server.asked.length = 0;
    const pages = source.pull(context(undefined, AbortSignal.abort()))[Symbol.asyncIterator]();
    await expect(pages.next()).rejects.toBeInstanceOf(AppError);
    expect(server.asked).toEqual([]);
  });

  it('stops while an answer is on its way, and the attempt does not count', async () => {
    const stop = new AbortController();
    const pulling = whileServing(
      () => {
        setTimeout(() => stop.abort(), 20);
        return { body: '[', hang: true };
      },
      async () => collect(source.pull(context(undefined, stop.signal))),
    );
    await expect(pulling).rejects.toMatchObject({ name: 'AppError', retry: { afterMs: expect.any(Number) } });
  });

  it('stops between pages', async () => {
    const stop = new AbortController();
    const pages = source.pull(context(undefined, stop.signal))[Symbol.asyncIterator]();
    await pages.next();
    stop.abort();
    server.asked.length = 0;
    const outcome = await pages.next().catch((error: unknown) => error);
    expect(outcome instanceof AppError || (outcome as IteratorResult<unknown>).done).toBe(true);
    expect(server.asked).toEqual([]);
  });
}

const idsOf = (pages: Page<unknown>[]) => pages.flatMap(({ items }) => items.map(({ externalId }) => externalId));

/** What is wrong with an answer's mentions; nothing should be. */
function flawsOf({ items, refused }: Parsed): string[] {
  const invalid = items.flatMap((item) => rawMention.safeParse(item).error?.message ?? []);
  const ids = items.map(({ externalId }) => externalId);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} comes twice`);
  const silent = refused.filter(({ where, reason }) => where === '' || reason === '').map(() => 'a silent refusal');
  return [...invalid, ...twice, ...silent];
}

/** Everything of an error that people or logs may get to see. */
function shown({ message, fix, details, stack, cause }: AppError): string {
  return JSON.stringify([message, fix, details, stack, String(cause)]);
}

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

function attempt<T>(run: () => T): T | AppError {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
}

/** Park–Miller: the same seed gives the same bytes on every machine. */
function seeded(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const changed = Buffer.from(bytes);
  const times = 1 + random(8);
  for (let change = 0; change < times && changed.length > 0; change++) changed[random(changed.length)] = random(256);
  if (random(3) > 0 || changed.length === 0) return changed;
  const from = random(changed.length);
  const piece = changed.subarray(from, from + random(200));
  return random(2) === 0
    ? Buffer.concat([changed.subarray(0, from), piece, changed.subarray(from)])
    : Buffer.concat([changed.subarray(0, from), changed.subarray(from + piece.length)]);
}
