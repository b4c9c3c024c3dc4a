import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../src/domain/http.ts';
import type { Parsed, Source } from '../../src/domain/source.ts';
import { listenHere } from '../../src/pipeline/listen.ts';
import type { Ask, Part } from '../../src/pipeline/listen.ts';
import { never, raw } from './house.ts';

const http: HttpClient = () => Promise.reject(new Error('nobody is asked'));
const now = () => new Date('2026-05-01T10:00:00Z');

/** The parts of one page, pushed or re-checked answer. */
async function partsOf(
  answer: Parsed & { cursor?: unknown },
  ask: Ask = { pull: { cursor: undefined } },
): Promise<Part[]> {
  const source = {
    async *pull() {
      yield answer;
    },
    recheck: async () => answer,
    push: { read: () => answer },
  } as unknown as Source;
  const parts: Part[] = [];
  for await (const part of listenHere({ http, now }).listen(ask, { source, options: {}, signal: never }))
    parts.push(part);
  return parts;
}
const many = (count: number) => Array.from({ length: count }, (_, at) => raw(String(at)));

describe('what a source hands over', () => {
  it('comes in parts of a job each, the cursor with the last', async () => {
    const parts = await partsOf({ items: many(201), refused: [], cursor: 7 });
    expect(parts.map(({ items, end }) => [items.length, end])).toEqual([
      [100, undefined],
      [100, undefined],
      [1, { cursor: 7 }],
    ]);
  });

  it('is one part where it is short or empty', async () => {
    expect(await partsOf({ items: [], refused: [], cursor: null })).toEqual([
      { items: [], refused: [], end: { cursor: null } },
    ]);
    const told = { items: many(1), refused: [], gone: ['x'], answered: [{ thread: 't', at: '2026-05-01T10:00:00Z' }] };
    const parts = await partsOf({ ...told, cursor: 1 });
    expect(parts.flatMap(({ items }) => items)).toHaveLength(1);
    expect(parts.flatMap(({ gone = [] }) => gone)).toEqual(['x']);
    expect(parts.flatMap(({ answered = [] }) => answered)).toEqual(told.answered);
  });

  it('keeps its order: mentions, then what was deleted', async () => {
    const gone = Array.from({ length: 2_500 }, (_, at) => String(at));
    const parts = await partsOf({ items: many(1), refused: [], gone, cursor: 1 });
    expect(parts.map((part) => [part.items.length, part.gone?.length ?? 0])).toEqual([
      [1, 0],
      [0, 1_000],
      [0, 1_000],
      [0, 500],
    ]);
  });

  it('is checked, whoever asks: the same for a push and a re-check', async () => {
    const answer = { items: [raw('1'), raw('bad', { rating: 11 })], refused: [] };
    for (const ask of [{ push: {} as never }, { recheck: ['1'] }, { pull: { cursor: undefined } }] satisfies Ask[]) {
      const [part] = await partsOf(answer, ask);
      expect(part).toMatchObject({ items: [{ externalId: '1' }], refused: [{ where: 'item bad' }] });
    }
  });

  it('names a thousand refusals, and counts the rest', async () => {
    const refused = Array.from({ length: 100_000 }, (_, at) => ({ where: `entry ${at}`, reason: 'no words' }));
    const [part] = await partsOf({ items: [], refused });
    expect(part!.refused).toHaveLength(1_001);
    expect(part!.refused.at(-1)).toEqual({ where: 'what follows', reason: '99000 more were not taken.' });
  });

  it('is SOURCE_SHAPE where an id cannot stand in an address', async () => {
    const source = { push: { read: () => encodeURIComponent('\ud800') } } as unknown as Source;
    const parts = listenHere({ http, now }).listen({ push: {} as never }, { source, options: {}, signal: never });
    await expect(parts[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SOURCE_SHAPE' });
  });
});
