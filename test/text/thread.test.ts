import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mentionsOfTurns } from '../../src/text/thread.ts';

const schema = z.object({ id: z.string(), by: z.string(), at: z.string().optional(), thread: z.string().default('t') });
type Turn = z.infer<typeof schema>;
const kind = {
  expected: 'turns',
  what: 'turn',
  schema,
  idOf: ({ id }: Turn) => id,
  threadOf: ({ thread }: Turn) => thread,
  timeOf: ({ at }: Turn) => at,
  isCustomers: ({ by }: Turn) => by.startsWith('customer'),
  isGone: ({ by }: Turn) => by.endsWith('gone'),
  isAnswer: ({ by }: Turn) => by.startsWith('brand'),
  draft: ({ id, at, thread }: Turn) => ({
    externalId: id,
    channel: 'ticket' as const,
    text: 'words',
    publishedAt: at,
    thread,
  }),
};
const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;
const read = (turns: object[], isWhole = true) => mentionsOfTurns(turns, kind, isWhole);
const brief = (turns: object[]) =>
  read(turns).items.map(({ externalId, replyTo, answeredAt }) => [externalId, replyTo, answeredAt]);

describe('turns of conversations', () => {
  it('stand in the order of time, whatever order they came in, those of one moment as they came', () => {
    const turns = [
      { id: 'c', by: 'customer', at: at(9) },
      { id: 'a', by: 'customer', at: at(1) },
      { id: 'b', by: 'customer', at: at(1) },
    ];
    expect(brief(turns)).toEqual([
      ['a', undefined, undefined],
      ['b', 'a', undefined],
      ['c', 'b', undefined],
    ]);
  });

  it('know the latest answer that is not before them, also one of the same moment', () => {
    const turns = [
      { id: 'a', by: 'customer', at: at(1) },
      { id: 'x', by: 'brand', at: at(5) },
      { id: 'y', by: 'brand', at: at(3) },
      { id: 'b', by: 'customer', at: at(5) },
      { id: 'c', by: 'customer', at: at(6) },
      { id: 'd', by: 'customer' },
    ];
    expect(brief(turns)).toEqual([
      ['a', undefined, at(5)],
      ['b', 'a', at(5)],
      ['c', 'b', undefined],
      ['d', 'c', undefined],
    ]);
  });

  it('belong to their own conversation only', () => {
    const turns = [
      { id: 'a', by: 'customer', at: at(1), thread: 'one' },
      { id: 'b', by: 'customer', at: at(2), thread: 'two' },
      { id: 'x', by: 'brand', at: at(3), thread: 'two' },
    ];
    expect(brief(turns)).toEqual([
      ['a', undefined, undefined],
      ['b', undefined, at(3)],
    ]);
  });

  it('hand on answers only where they are not all there, and never those that were taken back', () => {
    const turns = [
      { id: 'x', by: 'brand', at: at(3) },
      { id: 'y', by: 'brand gone', at: at(9) },
      { id: 'a', by: 'customer gone', at: at(1) },
    ];
    expect(read(turns, false)).toEqual({
      items: [],
      refused: [],
      gone: ['a'],
      answered: [{ thread: 't', at: at(3) }],
    });
    expect(read(turns)).toEqual({ items: [], refused: [], gone: ['a'] });
  });
});
