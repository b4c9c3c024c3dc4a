import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';
import type { Mention } from '../../src/domain/mention.ts';
import type { Delivery, Notifier } from '../../src/domain/notice.ts';
import { REDACTED, redact } from '../../src/domain/secret.ts';
import { createHttp } from '../../src/net/http.ts';

/** What arrived at the other side. */
export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface NotifierCase {
  /** Valid options for a receiver at that address; those of another address must give another key. */
  optionsFor(address: string): Record<string, unknown>;
  /** Every secret inside these options; none may be shown anywhere. */
  secrets: string[];
  /** Names of the options that are secret. */
  secretOptions: string[];
  /** What is told of `mention`, as JSON: the golden payload. */
  golden: { mention: Mention; body: unknown };
  /** The id by which the receiver tells a repetition. */
  eventIdOf(received: Received): string | undefined;
}

const COLLECTED = '2026-02-03T04:05:06.000Z';

/** The other side: answers as it is told and keeps what it got. */
function receiver() {
  const received: Received[] = [];
  const answer: { status: number; headers: Record<string, string> } = { status: 200, headers: {} };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      received.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
      if (answer.status === 0) response.destroy();
      else response.writeHead(answer.status, answer.headers).end(answer.status === 204 ? undefined : 'noted');
    });
  });
  return { received, answer, server };
}

/** What every notifier promises, against a real receiver and through the real client. */
export function notifierContract(notifier: Notifier, { optionsFor, golden, ...facts }: NotifierCase): void {
  describe(`Notifier: ${notifier.type}`, () => {
    const { received, answer, server } = receiver();
    const http = createHttp({ allow: ['127.0.0.0/8'], perHostMs: 0 });
    let options: Record<string, unknown>;
    let address: string;

    beforeAll(async () => {
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      options = optionsFor(`${address}/hook`);
    });
    afterAll(async () => {
      await http.close();
      await new Promise((closed) => server.close(closed));
    });
    beforeEach(() => {
      received.length = 0;
      Object.assign(answer, { status: 200, headers: {} });
    });

    const deliver = (change: Partial<Delivery> = {}, into = options) =>
      notifier.send({ ...deliveryOf(golden.mention), http, ...change }, into);
    const failure = async (change: Partial<Delivery> = {}, into = options): Promise<AppError> => {
      const thrown: unknown = await deliver(change, into).then(
        () => 'delivered',
        (error: unknown) => error,
      );
      if (!(thrown instanceof AppError)) throw new Error(`Expected an AppError, not: ${String(thrown)}`);
      for (const hidden of facts.secrets)
        expect(JSON.stringify([thrown, thrown.message, thrown.fix])).not.toContain(hidden);
      return thrown;
    };

    it('describes itself', () => {
      expect(notifier.type).toMatch(/^[a-z][a-z-]*$/);
      expect(notifier.about).toMatch(/\.$/);
      expect(URL.canParse(notifier.docs)).toBe(true);
    });

    it('takes its options and refuses unknown and missing ones', () => {
      expect(notifier.options.parse(options)).toEqual(options);
      expect(notifier.options.safeParse({ ...options, surprise: 1 }).success).toBe(false);
      expect(notifier.options.safeParse({}).success).toBe(false);
    });

    it('tells the golden payload', async () => {
      await deliver();
      expect(received.map(({ method, path, body }) => ({ method, path, body: JSON.parse(body) }))).toEqual([
        { method: 'POST', path: '/hook', body: golden.body },
      ]);
    });

    it('tells no author', async () => {
      await deliver();
      const { author } = golden.mention;
      expect(author?.id).toBeTypeOf('string');
      for (const hidden of [author?.id, author?.name]) expect(received[0]?.body).not.toContain(hidden);
    });

    it.each([200, 201, 202, 204])('takes %i for delivered', async (status) => {
      answer.status = status;
      await deliver();
      expect(received).toHaveLength(1);
    });

    it.each<[number, ErrorCode, AppError['retry']]>([
      [300, 'REMOTE_REFUSED', 'never'],
      [301, 'REMOTE_REFUSED', 'never'],
      [302, 'REMOTE_REFUSED', 'never'],
      [304, 'REMOTE_REFUSED', 'never'],
      [307, 'REMOTE_REFUSED', 'never'],
      [308, 'REMOTE_REFUSED', 'never'],
      [400, 'REMOTE_REFUSED', 'never'],
      [401, 'REMOTE_UNAUTHORIZED', 'never'],
      [403, 'REMOTE_UNAUTHORIZED', 'never'],
      [404, 'REMOTE_NOT_FOUND', 'never'],
      [408, 'REMOTE_UNAVAILABLE', 'backoff'],
      [410, 'REMOTE_GONE', 'never'],
      [422, 'REMOTE_REFUSED', 'never'],
      [425, 'REMOTE_UNAVAILABLE', 'backoff'],
      [429, 'REMOTE_RATE_LIMITED', 'backoff'],
      [500, 'REMOTE_UNAVAILABLE', 'backoff'],
      [502, 'REMOTE_UNAVAILABLE', 'backoff'],
      [503, 'REMOTE_UNAVAILABLE', 'backoff'],
      [504, 'REMOTE_UNAVAILABLE', 'backoff'],
    ])('takes %i for %s, to be tried again: %s', async (status, code, retry) => {
      Object.assign(answer, { status, headers: { location: `${address}/elsewhere` } });
      expect(await failure()).toMatchObject({ code, retry });
      expect(received.map(({ path }) => path)).toEqual(['/hook']);
    });

    it('passes on the pause that the other side asks for', async () => {
      Object.assign(answer, { status: 429, headers: { 'retry-after': '7' } });
      expect(await failure()).toMatchObject({ code: 'REMOTE_RATE_LIMITED', retry: { afterMs: 7_000 } });
    });

    it('takes a broken connection, a closed door and a private address for what they are', async () => {
      answer.status = 0;
      expect(await failure()).toMatchObject({ code: 'REMOTE_UNREACHABLE', retry: 'backoff' });
      expect(await failure({}, optionsFor('http://127.0.0.1:9/hook'))).toMatchObject({ code: 'REMOTE_UNREACHABLE' });
      const guarded = createHttp();
      expect(await failure({ http: guarded })).toMatchObject({ code: 'ADDRESS_BLOCKED', retry: 'never' });
      await guarded.close();
    });

    it('stops when it is told to', async () => {
      await failure({ signal: AbortSignal.abort() });
      expect(received).toEqual([]);
    });

    it('gives the same event id and the same body on every attempt, and another id for another notice', async () => {
      answer.status = 503;
      await failure();
      answer.status = 200;
      await deliver({ now: new Date(Date.now() + 60_000) });
      const other = deliveryOf(golden.mention).notice;
      await deliver({ notice: { ...other, id: 'ntc_other' } });
      const [first, second, third] = received.map((one) => facts.eventIdOf(one));
      expect(first).toBe(deliveryOf(golden.mention).notice.id);
      expect(second).toBe(first);
      expect(third).toBe('ntc_other');
      expect(received[1]?.body).toBe(received[0]?.body);
    });

    it('tells destinations apart by a key without secrets', () => {
      const key = notifier.key(options);
      expect(notifier.key(optionsFor(`${address}/hook`))).toBe(key);
      expect(notifier.key(optionsFor(`${address}/other`))).not.toBe(key);
      for (const hidden of facts.secrets) expect(key).not.toContain(hidden);
    });

    it('shows no secret where its options are printed', () => {
      const shown = redact(notifier.options, options) as Record<string, unknown>;
      for (const hidden of facts.secrets) expect(JSON.stringify(shown)).not.toContain(hidden);
      expect(shown).toEqual({
        ...options,
        ...Object.fromEntries(facts.secretOptions.map((option) => [option, REDACTED])),
      });
    });
  });
}

/** A delivery of a notice that arose when the mention was collected. */
export function deliveryOf(mention: Mention): Omit<Delivery, 'http'> {
  return {
    mention,
    now: new Date(),
    signal: new AbortController().signal,
    notice: {
      id: 'ntc_0123456789abcdef0123456789abcdef',
      subscription: 'unhappy',
      mentionId: mention.id,
      destination: 'any https://example.com/hook',
      state: 'pending',
      createdAt: COLLECTED,
      attempts: [],
    },
  };
}
