import { describe, expect, it } from 'vitest';
import { NOW, PLATFORMS, answerBy, pull, said } from './social-platforms.ts';
import type { Said } from './social-platforms.ts';

/** What later pulls owe: late items, items of the same second, edits, and a crash between two pages. */

const DAY_MS = 86_400_000;

describe.each(Object.entries(PLATFORMS))('%s', (type, { options, serve, id = (plain) => plain }) => {
  const all = (some: Said[]) => some.map((one) => id(one.id)).toSorted();

  it('brings late items, items of the same second, and edits of the overlap', async () => {
    answerBy(serve(said));
    const first = await pull(type, options);
    expect([...new Set(first.ids)].toSorted()).toEqual(all(said));
    const newest = said.at(-1)!;
    const later = [
      { ...newest, text: 'words that were edited' },
      { ...newest, id: '112', text: 'in the same second' },
      { id: '111', at: new Date(Date.parse(newest.at) - 60_000).toISOString(), text: 'a minute before it' },
    ];
    answerBy(serve([...said.slice(0, -1), ...later]));
    const { words } = await pull(type, options, { cursor: first.cursor });
    for (const one of later) expect(words[id(one.id)]).toBe(one.text);
  });

  it('loses nothing by a crash between any two pages, while new things are said', async () => {
    for (let pages = 1; pages <= 4; pages++) {
      answerBy(serve(said));
      const before = await pull(type, options, { pages });
      const fresh = { id: '113', at: NOW, text: 'said meanwhile' };
      answerBy(serve([...said, fresh]));
      const after = await pull(type, options, { cursor: before.cursor });
      const next = await pull(type, options, { cursor: after.cursor });
      expect([...new Set([...before.ids, ...after.ids, ...next.ids])].toSorted()).toEqual(all([...said, fresh]));
    }
  });

  it('reads no more than the overlap once everything is known', async () => {
    const old = said.map((one, index) => ({
      ...one,
      at: new Date(Date.parse(one.at) - (10 - index) * 5 * DAY_MS).toISOString(),
    }));
    answerBy(serve(type === 'x' ? said.slice(0, 2) : old));
    const first = await pull(type, options);
    const second = await pull(type, options, { cursor: first.cursor });
    expect(second.cursor).toEqual(first.cursor);
    expect(second.pages.length).toBeLessThan(3);
  });
});
