import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { HttpRequest } from '../../src/domain/http.ts';
import { createHttp } from '../../src/net/http.ts';
import { addressOf } from '../../src/net/status.ts';
import { startServer } from './server.ts';
import type { Asked, Reply } from './server.ts';

const NOW = new Date('2026-02-07T12:00:00Z');
let reply: (asked: Asked) => Reply = () => ({});
const server = await startServer((asked) => reply(asked));
const other = await startServer(() => ({ body: 'other' }));
const http = createHttp({ allow: ['127.0.0.0/8'], userAgent: 'Earshot-Test', now: () => NOW, perHostMs: 0 });
afterAll(async () => {
  await http.close();
  await server.close();
  await other.close();
});
afterEach(() => {
  server.asked.length = 0;
  other.asked.length = 0;
});

const ask = (answer: Reply, request: Partial<HttpRequest> = {}) => {
  reply = () => answer;
  return http({ url: `${server.base}/feed`, ...request });
};
const failure = async (answer: Reply, request: Partial<HttpRequest> = {}): Promise<AppError> => {
  const thrown = await ask(answer, request).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(AppError);
  return thrown as AppError;
};
const text = (body: Uint8Array) => Buffer.from(body).toString();

const hops = (count: number) => (asked: Asked) => {
  const hop = Number(asked.url.searchParams.get('hop') ?? 0);
  return hop < count ? { status: 302, headers: { location: `/feed?hop=${hop + 1}` } } : { body: `hop ${hop}` };
};

describe('requests and answers', () => {
  it('sends method, headers and body, and hands back the answer', async () => {
    const answer = await ask(
      { status: 201, headers: { ETag: '"a"' }, body: 'done' },
      { method: 'POST', body: '{"a":1}', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer x' } },
    );
    expect(answer).toMatchObject({ status: 201, headers: { etag: '"a"' }, url: `${server.base}/feed` });
    expect(text(answer.body)).toBe('done');
    expect(server.asked[0]).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json', 'user-agent': 'Earshot-Test' },
    });
  });

  it('304 is an answer', async () => {
    expect((await ask({ status: 304 })).status).toBe(304);
  });

  it('a name and password in the address go into a header and nowhere else', async () => {
    const url = `http://me:pa%20ss-word@127.0.0.1:${server.port}/feed`;
    const answer = await ask({}, { url });
    expect(server.asked[0]!.headers.authorization).toBe(`Basic ${Buffer.from('me:pa ss-word').toString('base64')}`);
    expect(answer.url).not.toContain('word');
    expect((await failure({ status: 500 }, { url })).message).not.toContain('word');
  });

  it.each(['ftp://127.0.0.1/x', 'file:///etc/passwd', 'nonsense', ''])('%s is refused', async (url) => {
    expect((await failure({}, { url })).code).toBe('REMOTE_REFUSED');
  });
});

describe('encodings', () => {
  const plain = Buffer.from('Velmora '.repeat(1000));
  it.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['gzip, br', brotliCompressSync(gzipSync(plain))],
    ['identity', plain],
  ])('%s is decoded', async (encoding, body) => {
    const answer = await ask({ headers: { 'content-encoding': encoding }, body });
    expect(text(answer.body)).toBe(plain.toString());
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(3_000_000))],
    ['deflate', deflateSync(Buffer.alloc(3_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(3_000_000))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(3_000_000)))],
    ['identity', Buffer.alloc(3_000_000)],
  ])('a bomb in %s ends at the cap', async (encoding, body) => {
    const headers = { 'content-encoding': encoding };
    expect((await failure({ headers, body }, { maxBytes: 1_000_000 })).code).toBe('REMOTE_TOO_LARGE');
  });

  it.each([
    ['arrays', '[],', 150_001],
    ['objects', '{},', 150_001],
    ['numbers', '1,', 300_001],
    ['tags', '<a>', 300_001],
    ['entities', '&lt;', 1_200_001],
  ])('few bytes that unfold into very many %s are refused', async (_what, one, times) => {
    expect((await failure({ body: one.repeat(times) })).code).toBe('REMOTE_TOO_LARGE');
    expect((await ask({ body: one.repeat(100_000) })).status).toBe(200);
  });

  it('more than two encodings, and unknown ones, are refused', async () => {
    const triple = gzipSync(gzipSync(gzipSync(plain)));
    expect((await failure({ headers: { 'content-encoding': 'gzip,gzip,gzip' }, body: triple })).code).toBe(
      'REMOTE_REFUSED',
    );
    expect((await failure({ headers: { 'content-encoding': 'constructor' }, body: 'x' })).code).toBe('REMOTE_REFUSED');
  });

  it('a compressed answer that is cut off is no answer', async () => {
    const body = gzipSync(plain).subarray(0, 40);
    expect((await failure({ headers: { 'content-encoding': 'gzip' }, body })).code).toBe('REMOTE_UNAVAILABLE');
  });
});

describe('redirects', () => {
  it('five are followed, six are refused', async () => {
    reply = hops(5);
    const answer = await http({ url: `${server.base}/feed` });
    expect([text(answer.body), answer.url]).toEqual(['hop 5', `${server.base}/feed?hop=5`]);
    reply = hops(6);
    await expect(http({ url: `${server.base}/feed` })).rejects.toMatchObject({ code: 'REMOTE_REFUSED' });
  });

  it('are refused where they are not wanted', async () => {
    const answer = { status: 307, headers: { location: other.base } };
    expect((await failure(answer, { redirect: 'refuse' })).code).toBe('REMOTE_REFUSED');
    expect(other.asked).toEqual([]);
  });

  it('leave credentials behind when the host changes, and keep them when it does not', async () => {
    const headers = { authorization: 'Bearer x', cookie: 'a=b', 'x-api-key': 'c', accept: 'text/plain' };
    await ask({ status: 302, headers: { location: `${other.base}/` } }, { headers });
    expect(other.asked[0]!.headers).toMatchObject({ accept: 'text/plain', 'user-agent': 'Earshot-Test' });
    const sent = Object.keys(other.asked[0]!.headers);
    expect(['authorization', 'cookie', 'x-api-key'].filter((name) => sent.includes(name))).toEqual([]);
    reply = hops(1);
    await http({ url: `${server.base}/feed`, headers });
    expect(server.asked.at(-1)!.headers).toMatchObject({ authorization: 'Bearer x', cookie: 'a=b' });
  });

  it('never carry our data to another host', async () => {
    const answer = { status: 307, headers: { location: `${other.base}/` } };
    expect((await failure(answer, { method: 'POST', body: 'ours' })).code).toBe('REMOTE_REFUSED');
    expect(other.asked).toEqual([]);
  });

  it.each(['file:///etc/passwd', 'http://'])('to %s are refused', async (location) => {
    expect((await failure({ status: 302, headers: { location } })).code).toBe('REMOTE_REFUSED');
  });
});

describe('the status table', () => {
  it.each([
    [300, 'REMOTE_REFUSED'],
    [302, 'REMOTE_REFUSED'],
    [400, 'REMOTE_REFUSED'],
    [401, 'REMOTE_UNAUTHORIZED'],
    [403, 'REMOTE_UNAUTHORIZED'],
    [404, 'REMOTE_NOT_FOUND'],
    [408, 'REMOTE_UNAVAILABLE'],
    [410, 'REMOTE_GONE'],
    [422, 'REMOTE_REFUSED'],
    [425, 'REMOTE_UNAVAILABLE'],
    [429, 'REMOTE_RATE_LIMITED'],
    [500, 'REMOTE_UNAVAILABLE'],
    [502, 'REMOTE_UNAVAILABLE'],
    [503, 'REMOTE_UNAVAILABLE'],
    [504, 'REMOTE_UNAVAILABLE'],
    [599, 'REMOTE_UNAVAILABLE'],
  ])('%i is %s and says what to do', async (status, code) => {
    const error = await failure({ status });
    expect(error).toMatchObject({ code, details: { status }, message: expect.stringContaining(String(status)) });
    expect(error.fix).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    [429, '120', 120_000],
    [503, '120', 120_000],
    [429, 'Sat, 07 Feb 2026 12:01:00 GMT', 60_000],
    [429, 'Sat, 07 Feb 2026 11:00:00 GMT', 0],
    [429, '9999999', 86_400_000],
  ])('%i with Retry-After %s waits %i ms', async (status, value, afterMs) => {
    const error = await failure({ status, headers: { 'retry-after': value } });
    expect(error).toMatchObject({ code: 'REMOTE_RATE_LIMITED', retry: { afterMs } });
  });

  it('429 with a Retry-After that is neither backs off', async () => {
    expect((await failure({ status: 429, headers: { 'retry-after': 'soon' } })).retry).toBe('backoff');
  });

  it('shows origin and path, never the query, a login or a key in the path', async () => {
    const error = await failure({ status: 404 }, { url: `${server.base}/a/b?token=sesame#c` });
    expect(error.message).toContain(`${server.base}/a/b `);
    expect(error.message).not.toContain('sesame');
    const shown = addressOf(new URL('https://u:p@bots.example/bot12345:AAbbccddeeffgghhiijjkk/send?q=1'));
    expect(shown).toBe('https://bots.example/…/send');
  });
});

describe('limits of time', () => {
  it('cover the body too', async () => {
    const error = await failure({ body: 'a', hang: true }, { timeoutMs: 100 });
    expect(error).toMatchObject({ code: 'REMOTE_TIMEOUT', retry: 'backoff' });
  });

  it('the caller can stop, and that does not count as an attempt', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const error = await failure({ body: 'a', hang: true }, { signal: stop.signal });
    expect(error).toMatchObject({ code: 'REMOTE_TIMEOUT', retry: { afterMs: expect.any(Number) } });
    expect((await failure({}, { signal: AbortSignal.abort() })).retry).not.toBe('backoff');
  });

  it('nobody there is unreachable', async () => {
    const gone = await startServer(() => ({}));
    await gone.close();
    expect(await failure({}, { url: `${gone.base}/x?key=sesame` })).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('requests to one host are spaced', async () => {
    const paced = createHttp({ allow: ['127.0.0.0/8'], perHostMs: 60 });
    const started: number[] = [];
    reply = () => {
      started.push(performance.now());
      return {};
    };
    await Promise.all([1, 2, 3].map(() => paced({ url: server.base })));
    // Timers may fire a little early, never by half.
    expect(started.at(-1)! - started[0]!).toBeGreaterThan(90);
    await paced.close();
  });
});
