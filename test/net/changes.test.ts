import { describe, expect, it } from 'vitest';
import type { Page } from '../../src/domain/source.ts';
import { daysBefore, readLists } from '../../src/net/changes.ts';
import type { ChangesOptions } from '../../src/net/changes.ts';

interface Entry {
  id: string;
  at: string;
}
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
const PER_PAGE = 3;

/** A list that is found by the time of change, in order, three entries to a page. */
function changesOf(entries: readonly Entry[], rest: Partial<ChangesOptions> = {}) {
  const asked: [string, string | undefined][] = [];
  const options: ChangesOptions = {
    overlapMs: 10_000,
    maxPages: 100,
    ask: async (since, next) => {
      asked.push([since, next]);
      const found = entries.filter((one) => one.at >= since).toSorted((one, other) => (one.at < other.at ? -1 : 1));
      const from = Number(next ?? 0);
      const end = from + PER_PAGE;
      return { entries: found.slice(from, end), next: end < found.length ? String(end) : undefined };
    },
    changed: (entry) => entry as Entry,
    read: (fresh) => ({
      items: (fresh as Entry[]).map(({ id }) => ({ externalId: id, channel: 'ticket', text: id })),
      refused: [],
    }),
    ...rest,
  };
  return { options, asked };
}

async function read(options: ChangesOptions, from = at(0)) {
  const pages: Page<{ all: string }>[] = [];
  for await (const page of readLists({ all: from }, ['all'], () => options)) pages.push(page);
  return { ids: pages.flatMap(({ items }) => items.map(({ externalId }) => externalId)), pages };
}
const entries = (count: number, time: (index: number) => number): Entry[] =>
  Array.from({ length: count }, (_, index) => ({ id: String(index), at: at(time(index)) }));

describe('a list in the order of its changes', () => {
  it('is read to its end, each entry once', async () => {
    const { options } = changesOf(entries(10, (index) => index));
    expect((await read(options)).ids).toEqual([...Array(10).keys()].map(String));
  });

  it('ends less the overlap, but not before where it began', async () => {
    const { options } = changesOf(entries(2, (index) => 100 + index));
    expect((await read(options)).pages.at(-1)!.cursor).toEqual({ all: at(91) });
    expect((await read(options, at(95))).pages.at(-1)!.cursor).toEqual({ all: at(95) });
    expect((await read(options, at(500))).pages).toEqual([{ items: [], refused: [], cursor: { all: at(500) } }]);
  });

  it('goes on at the next pull where one ended, without the overlap', async () => {
    const { options } = changesOf(
      entries(10, (index) => index),
      { maxPages: 2 },
    );
    const first = await read(options);
    expect(first.pages).toHaveLength(2);
    const second = await read(options, first.pages.at(-1)!.cursor.all);
    const third = await read(options, second.pages.at(-1)!.cursor.all);
    expect(new Set([...first.ids, ...second.ids, ...third.ids]).size).toBe(10);
  });

  it('is not left within one moment', async () => {
    const { options } = changesOf(
      entries(10, () => 5),
      { maxPages: 2 },
    );
    expect((await read(options)).ids).toHaveLength(10);
  });

  it('is left by and by where it never ends', async () => {
    const { options, asked } = changesOf([], { maxPages: 2 });
    const endless = {
      ...options,
      ask: async () => (asked.push(['', '']), { entries: [{ id: '1', at: at(5) }], next: '1' }),
    };
    expect((await read(endless)).ids).toEqual(['1']);
    expect(asked).toHaveLength(20);
  });

  it('is read from place to place where the order is not obeyed', async () => {
    const turned = entries(10, (index) => 100 - index);
    const { options } = changesOf(turned);
    const ask: ChangesOptions['ask'] = async (_since, next) => {
      const from = Number(next ?? 0);
      return { entries: turned.slice(from, from + 3), next: from + 3 < 10 ? String(from + 3) : undefined };
    };
    const { ids, pages } = await read({ ...options, ask });
    expect(ids).toHaveLength(10);
    // The mark does not move before the end, so that a crash skips nothing.
    expect(pages.map(({ cursor }) => cursor.all)).toEqual([at(0), at(0), at(0), at(90)]);
  });

  it('that changes without a time known is read all the same', async () => {
    const { options } = changesOf(
      entries(7, () => 5),
      { changed: () => ({ at: undefined, id: undefined }) },
    );
    expect((await read(options)).ids).toHaveLength(7);
  });

  it('begins so many days ago', () => {
    expect(daysBefore(new Date('2026-03-02T00:00:00Z'), 2)).toBe('2026-02-28T00:00:00.000Z');
  });
});
