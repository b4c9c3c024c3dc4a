import { setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BulkOperation } from '../../src/stores/elasticsearch/bulk.ts';
import { ORDERED, WIDE, coalescingWriter } from '../../src/stores/elasticsearch/writer.ts';
import type { WriterLimits } from '../../src/stores/elasticsearch/writer.ts';

const operation = (key: string, lines = `${key}\n`): BulkOperation => ({ key, lines });
const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => operation(String(from + index)));

/** A destination that answers each operation with its own lines, and notes what travelled with what. */

function destination(answerAfterMs = 1) {
  const requests: string[][] = [];
  const travelling = new Set<string>();
  let most = 0;
  let done = 0;
  let clashes = 0;
  return {
    requests,
    most: () => most,
    clashes: () => clashes,
    send: async (operations: readonly BulkOperation[]) => {
      requests.push(operations.map(({ lines }) => lines));
      for (const { key } of operations) {
        if (travelling.has(key)) clashes++;
        travelling.add(key);
      }
      most = Math.max(most, requests.length - done);
      await setTimeout(answerAfterMs);
      done++;
      for (const { key } of operations) travelling.delete(key);
      return operations.map(({ lines }) => ({ status: 200, reason: lines }));
    },
  };
}

describe('the coalescing writer', () => {
  it('gives everybody the outcomes of his own operations, in his order', async () => {
    const { send } = destination();
    const write = coalescingWriter(send, { ...WIDE, operations: 7 });
    const calls = Array.from({ length: 30 }, (_, call) => numbered((call % 5) + 1, call * 10));
    const answers = await Promise.all(calls.map(write));
    expect(answers.map((outcomes) => outcomes.map(({ reason }) => reason))).toEqual(
      calls.map((call) => call.map(({ lines }) => lines)),
    );
    expect(await write([])).toEqual([]);
  });

  it('shares requests between those who write at the same time', async () => {
    const { send, requests } = destination();
    const write = coalescingWriter(send, WIDE);
    await Promise.all(Array.from({ length: 50 }, (_, call) => write(numbered(10, call * 10))));
    expect(requests).toHaveLength(1);
    expect(requests[0]).toHaveLength(500);
  });

  it('keeps to the limits of a request', async () => {
    const { send, requests } = destination();
    const write = coalescingWriter(send, { ...WIDE, operations: 40, units: 1_000 });
    await Promise.all([
      write(numbered(100)),
      write(numbered(5, 100).map(({ key }) => operation(key, 'x'.repeat(400)))),
    ]);
    await write([operation('large', 'x'.repeat(5_000))]);
    expect(requests.flat()).toHaveLength(106);
    const tooMuch = requests.filter((one) => one.length > 40 || (one.length > 1 && one.join('').length > 1_000));
    expect(tooMuch).toEqual([]);
  });

  it('has no more requests on their way than allowed', async () => {
    for (const inFlight of [1, 3]) {
      const { send, most } = destination(5);
      const write = coalescingWriter(send, { ...WIDE, operations: 10, inFlight });
      await Promise.all(Array.from({ length: 20 }, (_, call) => write(numbered(10, call * 10))));
      expect(most()).toBe(inFlight);
    }
  });

  it('hands operations over in their order where one request goes at a time', async () => {
    const { send, requests } = destination();
    const write = coalescingWriter(send, { ...ORDERED, operations: 9, units: 40 });
    const all = numbered(200);
    const calls = Array.from({ length: 20 }, (_, call) => all.slice(call * 10, call * 10 + 10));
    await Promise.all(calls.map(write));
    expect(requests.flat()).toEqual(all.map(({ lines }) => lines));
  });

  it('never lets one key travel twice at a time, and keeps the order of each key', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const calls = fc.array(fc.array(key, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
    const property = async (written: string[][], limits: WriterLimits) => {
      const { send, requests, clashes } = destination(0);
      const write = coalescingWriter(send, limits);
      let serial = 0;
      const operations = written.map((keys) => keys.map((one) => operation(one, `${one}${serial++}\n`)));
      await Promise.all(operations.map(write));
      expect(clashes()).toBe(0);
      const arrived = requests.flat();
      expect(arrived).toHaveLength(serial);
      for (const one of 'abcde') {
        const sent = operations.flat().filter((each) => each.key === one);
        expect(arrived.filter((lines) => lines.startsWith(one))).toEqual(sent.map(({ lines }) => lines));
      }
    };
    const limits = fc.record({
      operations: fc.integer({ min: 1, max: 5 }),
      units: fc.constant(100),
      waitMs: fc.constant(1),
      inFlight: fc.integer({ min: 1, max: 4 }),
    });
    await expect(fc.assert(fc.asyncProperty(calls, limits, property), { numRuns: 150 })).resolves.toBeUndefined();
  });

  it('tells those whose operations travelled in a failed request, and serves the others', async () => {
    const { send } = destination();
    const write = coalescingWriter(
      async (operations) => {
        if (operations.some(({ key }) => key === 'bad')) throw new Error('refused as a whole');
        return send(operations);
      },
      { ...WIDE, operations: 2, inFlight: 1 },
    );
    const results = await Promise.allSettled([
      write([operation('a'), operation('b')]),
      write([operation('c'), operation('bad'), operation('d')]),
      write([operation('e')]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
