import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/queue.ts';
import type { ListOptions, StateStore } from '../../src/domain/store.ts';

export interface OpenStateStore {
  store: StateStore;
  /** Closes the store and opens another one over the same data. */
  reopen(): Promise<StateStore>;
  /** Closes for good and removes the data. */
  close(): Promise<void>;
}

/** What every driver of `StateStore` promises. `open` gives an empty store each time. */
export function stateStoreContract(name: string, open: () => Promise<OpenStateStore>): void {
  describe(`${name} keeps the contract of StateStore`, () => {
    describe('values', () => {
      valueContract(open);
    });
    describe('compare-and-set', () => {
      compareContract(open);
    });
    describe('many at once', () => {
      manyContract(open);
    });
    describe('list', () => {
      listContract(open);
    });
  });
}

type Open = () => Promise<OpenStateStore>;

function eachTest(open: Open): { current: OpenStateStore; store: StateStore } {
  const holder = {} as { current: OpenStateStore; store: StateStore };
  beforeEach(async () => {
    holder.current = await open();
    holder.store = holder.current.store;
  });
  afterEach(() => holder.current.close());
  return holder;
}

function valueContract(open: Open): void {
  const given = eachTest(open);

  it.each<[Json]>([
    [null],
    [true],
    [0],
    [-1.5e300],
    [''],
    ['a\0b "ü" 😡 \ud800'],
    [[]],
    [[[1], {}]],
    [{ a: { b: [null] }, '': 1 }],
  ])('gives back %j', async (value) => {
    const version = await given.store.set('key', value);
    expect(await given.store.get('key')).toEqual({ key: 'key', value, version });
  });

  it('knows keys apart by every character', async () => {
    const keys = ['a', 'A', 'a ', 'a\0', 'a\0b', 'á', 'a\u0301', 'ａ', '%', '_', "'"];
    for (const [index, key] of keys.entries()) await given.store.set(key, index);
    for (const [index, key] of keys.entries()) expect(await given.store.get(key)).toMatchObject({ key, value: index });
    expect((await given.store.list('')).map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
    expect(await given.store.get('b')).toBeUndefined();
  });

  it('deletes, and says whether there was anything', async () => {
    await given.store.set('key', 1);
    expect(await given.store.delete('key')).toBe(true);
    expect(await given.store.get('key')).toBeUndefined();
    expect(await given.store.list('')).toEqual([]);
    expect(await given.store.delete('key')).toBe(false);
  });

  it('survives reopening', async () => {
    const version = await given.store.set('key', { a: 1 });
    const store = await given.current.reopen();
    expect(await store.get('key')).toEqual({ key: 'key', value: { a: 1 }, version });
    expect(await store.set('key', 2, version)).not.toBeNull();
  });
}

function compareContract(open: Open): void {
  const given = eachTest(open);

  it('writes only over the version that is expected', async () => {
    const first = await given.store.set('key', 1);
    const second = await given.store.set('key', 2, first);
    expect(second).not.toBeNull();
    expect(second).not.toBe(first);
    expect(await given.store.set('key', 3, first)).toBeNull();
    expect(await given.store.set('key', 3, '')).toBeNull();
    expect(await given.store.get('key')).toEqual({ key: 'key', value: 2, version: second });
  });

  it('writes only a new key where null is expected, and no missing one where a version is', async () => {
    const first = await given.store.set('key', 1, null);
    expect(first).not.toBeNull();
    expect(await given.store.set('key', 2, null)).toBeNull();
    expect(await given.store.set('other', 2, first)).toBeNull();
    expect(await given.store.get('key')).toMatchObject({ value: 1 });
    expect(await given.store.get('other')).toBeUndefined();
  });

  it('writes over whatever is there where nothing is expected', async () => {
    const first = await given.store.set('key', 1);
    const second = await given.store.set('key', 1);
    expect(second).not.toBe(first);
    expect(await given.store.get('key')).toMatchObject({ version: second });
  });

  it('never gives a version twice, also after a deletion', async () => {
    const first = await given.store.set('key', 1);
    await given.store.delete('key');
    const second = await given.store.set('key', 1, null);
    expect(second).not.toBe(first);
    expect(await given.store.set('key', 2, first)).toBeNull();
  });

  it('lets one of many writers win', async () => {
    const version = await given.store.set('key', 0);
    const writers = Array.from({ length: 20 }, (_, index) => index);
    const written = await Promise.all(writers.map((index) => given.store.set('key', index, version)));
    expect(written.filter((outcome) => outcome !== null)).toHaveLength(1);
    const winner = written.findIndex((outcome) => outcome !== null);
    expect(await given.store.get('key')).toMatchObject({ value: winner, version: written[winner] });
    const created = await Promise.all(writers.map((index) => given.store.set('fresh', index, null)));
    expect(created.filter((outcome) => outcome !== null)).toHaveLength(1);
  });

  it('counts right when everybody tries again', async () => {
    const addOne = async (): Promise<void> => {
      const entry = await given.store.get('count');
      const next = ((entry?.value as number | undefined) ?? 0) + 1;
      if ((await given.store.set('count', next, entry?.version ?? null)) === null) await addOne();
    };
    await Promise.all(Array.from({ length: 15 }, addOne));
    expect(await given.store.get('count')).toMatchObject({ value: 15 });
  });
}

function manyContract(open: Open): void {
  const given = eachTest(open);

  it('gives what stands under many keys in their order, without what is missing', async () => {
    for (const key of ['a', 'b\0', 'b']) await given.store.set(key, { of: key });
    const found = await given.store.getAll(['b', 'no', 'a', 'b\0', 'b']);
    expect(found.map(({ key }) => key)).toEqual(['b', 'a', 'b\0', 'b']);
    expect(found[1]).toEqual(await given.store.get('a'));
    expect(await given.store.getAll([])).toEqual([]);
  });

  it('adds what is missing and leaves what is there, and tells what is there then', async () => {
    const version = await given.store.set('b', 'old');
    const added = await given.store.addAll(['a', 'b', 'c', 'a'].map((key, index) => ({ key, value: index })));
    expect(added.map(({ key, value }) => [key, value])).toEqual([
      ['a', 0],
      ['b', 'old'],
      ['c', 2],
      ['a', 0],
    ]);
    expect(added[1]).toMatchObject({ version });
    expect(await given.store.set('c', 3, added[2]!.version)).not.toBeNull();
    expect(await given.store.addAll([])).toEqual([]);
  });

  it('lets one of many who add the same win, and tells all of them who', async () => {
    const keys = Array.from({ length: 1_200 }, (_, index) => `key ${index}`);
    const all = await Promise.all([0, 1, 2].map((who) => given.store.addAll(keys.map((key) => ({ key, value: who })))));
    for (const told of all) expect(told).toEqual(all[0]);
    expect(all[0]).toHaveLength(keys.length);
    expect(await given.store.getAll(keys)).toEqual(all[0]);
  });
}

const PIECES = [
  'a',
  'b',
  '/',
  '%',
  '_',
  '*',
  '?',
  '[',
  '\\',
  ':',
  'ü',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '😡',
  '\u{10ffff}',
];
const key = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
const prefix = fc.array(fc.constantFrom(...PIECES), { maxLength: 3 }).map((pieces) => pieces.join(''));

/** By the bytes of UTF-8, as both stores sort. */
const inOrder = (keys: string[]) => keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));

function listContract(open: Open): void {
  const keys = inOrder([...new Set([...fc.sample(key, { numRuns: 200, seed: 7 }), ...PIECES])]);
  let opened: OpenStateStore;
  beforeAll(async () => {
    opened = await open();
    for (const one of keys.toReversed()) await opened.store.set(one, { of: one });
  });
  afterAll(() => opened.close());

  it('finds exactly the keys that begin so, in the order of their bytes', async () => {
    const options: fc.Arbitrary<ListOptions> = fc.record(
      { limit: fc.integer({ min: 1, max: 30 }), after: fc.oneof(key, fc.constantFrom(...keys)), reverse: fc.boolean() },
      { requiredKeys: [] },
    );
    const agrees = async (begin: string, { limit, after, reverse }: ListOptions) => {
      const ordered = keys.filter((one) => one.startsWith(begin));
      if (reverse) ordered.reverse();
      const direction = reverse ? -1 : 1;
      const behind = ordered.filter(
        (one) => after === undefined || Buffer.compare(Buffer.from(one), Buffer.from(after)) === direction,
      );
      const listed = await opened.store.list(begin, { limit, after, reverse });
      expect(listed.map((entry) => entry.key)).toEqual(behind.slice(0, limit));
      expect(listed.every((entry) => (entry.value as { of: string }).of === entry.key)).toBe(true);
    };
    await expect(fc.assert(fc.asyncProperty(prefix, options, agrees), { numRuns: 400 })).resolves.toBeUndefined();
  });

  it('lists everything for the empty prefix, with versions that can be written over', async () => {
    const listed = await opened.store.list('');
    expect(listed.map((entry) => entry.key)).toEqual(keys);
    const { key: first, value, version } = listed[0]!;
    expect(await opened.store.set(first, value, version)).not.toBeNull();
  });

  it('goes through a long list page by page', async () => {
    const seen: string[] = [];
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const page = await opened.store.list('', { limit: 7, after });
      if (page.length === 0) break;
      seen.push(...page.map((entry) => entry.key));
    }
    expect(seen).toEqual(keys);
  });
}
