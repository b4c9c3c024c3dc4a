import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TopicJudgement } from '../../src/domain/enrichment.ts';
import { matches } from '../../src/alerts/matches.ts';
import { NONE } from '../../src/domain/journey.ts';
import type { Sentiment } from '../../src/domain/journey.ts';
import { searchText, signalsOf } from '../../src/domain/mention.ts';
import type { Mention } from '../../src/domain/mention.ts';
import { DIMENSIONS } from '../../src/domain/query.ts';
import type { Dimension, MentionQuery } from '../../src/domain/query.ts';
import { TRAVELLERS } from '../../src/domain/store.ts';
import type { Bucket, Change, MentionStore, TravellerKind, Visit } from '../../src/domain/store.ts';
import { terms } from '../../src/text/fold.ts';
import { labelsContract } from './labels.ts';
import {
  QUERY_FIELDS,
  aMention,
  changed,
  foundIn,
  judged,
  narrowedQueries,
  queriesOfAny,
  queriesOver,
  sampleMentions,
} from './mentions.ts';
import type { QueryField } from './mentions.ts';
import { similarContract } from './similar.ts';

export interface OpenMentionStore {
  store: MentionStore;
  /** Closes the store and opens another one over the same data. */
  reopen(): Promise<MentionStore>;
  /** Closes for good and removes the data. */
  close(): Promise<void>;
}

/** What every driver of `MentionStore` promises. `open` gives an empty store each time. */
export function mentionStoreContract(name: string, open: () => Promise<OpenMentionStore>): void {
  describe(`${name} keeps the contract of MentionStore`, () => {
    describe('put and get', () => {
      putContract(open);
    });
    describe('search', () => {
      searchContract(open);
    });
    describe('aggregate', () => {
      aggregateContract(open);
    });
    describe('changes', () => {
      changesContract(open);
    });
    describe('labels', () => {
      labelsContract(open);
    });
    describe('mentions like another', () => {
      similarContract(open);
    });
    describe('forget', () => {
      forgetContract(open);
    });
    describe('against the plain predicate', { timeout: 120_000 }, () => {
      predicateContract(open);
    });
    describe('10,000 documents', () => {
      sizeContract(open);
    });
  });
}

type Open = () => Promise<OpenMentionStore>;

/** A new empty store for each test of a block. */
function eachTest(open: Open): { current: OpenMentionStore; store: MentionStore } {
  const holder = {} as { current: OpenMentionStore; store: MentionStore };
  beforeEach(async () => {
    holder.current = await open();
    holder.store = holder.current.store;
  });
  afterEach(() => holder.current.close());
  return holder;
}

async function searchAll(store: MentionStore, query: MentionQuery, limit = 200): Promise<Mention[]> {
  const found: Mention[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.search(query, { limit, cursor });
    expect(page.mentions.length).toBeLessThanOrEqual(limit);
    found.push(...page.mentions);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

async function changesFrom(store: MentionStore, after?: string, limit = 100): Promise<[Change[], string]> {
  const changes: Change[] = [];
  for (let place = after; ;) {
    const page = await store.changes(place, limit);
    if (page.changes.length === 0) return [changes, page.next];
    changes.push(...page.changes);
    place = page.next;
  }
}

const topic = (value: string, sentiment: Sentiment): TopicJudgement => ({ ...judged(value), sentiment });
const idsOf = (mentions: readonly Mention[]) => mentions.map(({ id }) => id);
const numbered = (count: number, given: (index: number) => Partial<Mention> = () => ({})) =>
  Array.from({ length: count }, (_, index) => aMention({ externalId: String(index), ...given(index) }));
const later = (seconds: number) => new Date(Date.UTC(2024, 0, 1) + seconds * 1_000).toISOString();

const rank = ({ at, id }: Mention) => `${at} ${id}`;

/** Newest first by (`at`, `id`). */
function newestFirst(mentions: readonly Mention[]): Mention[] {
  return mentions.toSorted((one, other) => (rank(one) < rank(other) ? 1 : -1));
}

function putContract(open: Open): void {
  const given = eachTest(open);

  it('gives back what was put, whatever characters it holds', async () => {
    const mention = aMention({
      text: 'a\0b \u202eright to left\u202c 😡👩‍👩‍👧 \ud800 lone, "quoted" \\ \u2028 ﷺ',
      title: "It's 100% _odd_",
      url: 'https://example.org/a?b=%20#c',
      at: '2024-02-29T23:59:59.123Z',
      author: { id: "o'brien\0", name: 'ا ب' },
      rating: 4.5,
      replyTo: 'x',
      thread: 'y',
      declaredLanguage: 'fa-IR',
      engagement: { likes: 0, shares: 3 },
      brands: ['acme', 'acme'],
      judgements: {
        step: { ...judged('use' as const), evidence: ['odd'] },
        sentiment: { ...judged(null), score: null },
        topics: [topic('price', 'negative')],
        pains: [],
      },
    });
    expect(await given.store.put([mention])).toEqual([
      { id: mention.id, outcome: 'new', collectedAt: mention.collectedAt },
    ]);
    expect(await given.store.get(mention.id)).toEqual(mention);
    expect((await given.store.search({}, { limit: 1 })).mentions).toEqual([mention]);
  });

  it('knows nothing of other ids', async () => {
    await given.store.put([aMention()]);
    expect(await given.store.get(aMention({ externalId: '2' }).id)).toBeUndefined();
    expect(await given.store.get('')).toBeUndefined();
  });

  it('keeps one document per id and says what became of it', async () => {
    const first = aMention();
    const again = [first, { ...first, text: 'The parcel came very late.' }, first];
    expect((await given.store.put([first])).map(({ outcome }) => outcome)).toEqual(['new']);
    expect((await given.store.put(again)).map(({ outcome }) => outcome)).toEqual(['same', 'changed', 'changed']);
    expect((await given.store.search({}, { limit: 10 })).total).toBe(1);
    expect(await given.store.get(first.id)).toEqual(first);
  });

  it('finds a changed mention by what it says now, and no longer by what it said', async () => {
    const before = aMention({ text: 'blue', author: { id: 'a' }, rating: 1, brands: ['x'] });
    const after = aMention({ text: 'green', judgements: { topics: [topic('price', 'neutral')] } });
    await given.store.put([before]);
    await given.store.put([after]);
    const old: MentionQuery[] = [{ q: 'blue' }, { author: ['a'] }, { rating: [1] }, { brand: ['x'] }];
    for (const query of old) expect((await given.store.search(query, { limit: 1 })).total).toBe(0);
    for (const query of [{ q: 'green' }, { topic: ['price'] }])
      expect((await given.store.search(query, { limit: 1 })).mentions).toEqual([after]);
  });

  it('keeps the first time of collection, and the place in time of an undated mention', async () => {
    const first = aMention({ collectedAt: later(1) });
    const again = aMention({ collectedAt: later(9) });
    await given.store.put([first]);
    expect(await given.store.put([again])).toEqual([{ id: first.id, outcome: 'same', collectedAt: later(1) }]);
    expect(await given.store.put([{ ...again, text: 'edited' }])).toEqual([
      { id: first.id, outcome: 'changed', collectedAt: later(1) },
    ]);
    expect(await given.store.get(first.id)).toEqual({ ...first, text: 'edited' });
    await given.store.put([aMention({ collectedAt: later(20), at: later(5) })]);
    expect(await given.store.get(first.id)).toMatchObject({ collectedAt: later(1), at: later(5), dated: true });
  });

  it('takes over likes and replies in silence', async () => {
    const mention = aMention({ engagement: { likes: 1 } });
    await given.store.put([mention]);
    const [before, place] = await changesFrom(given.store);
    const liked = { ...mention, engagement: { likes: 2, replies: 1 } };
    expect((await given.store.put([liked]))[0]).toMatchObject({ outcome: 'same' });
    expect(await given.store.get(mention.id)).toEqual(liked);
    expect(await changesFrom(given.store, place)).toEqual([[], place]);
    expect((await changesFrom(given.store))[0].map(({ eventId }) => eventId)).toEqual(before.map((e) => e.eventId));
  });

  it('does not mind in which order properties stand', async () => {
    const mention = aMention({ author: { id: 'a', name: 'A' }, judgements: { step: judged('use' as const) } });
    const turned = Object.fromEntries(Object.entries(mention).toReversed()) as Mention;
    turned.author = { name: 'A', id: 'a' };
    await given.store.put([mention]);
    expect((await given.store.put([turned]))[0]).toMatchObject({ outcome: 'same' });
  });

  it('brings times to milliseconds, so that their order is the order of the texts', async () => {
    const whole = aMention({ externalId: 'whole', at: '2024-01-01T00:00:00Z' });
    const half = aMention({ externalId: 'half', at: '2024-01-01T00:00:00.5Z' });
    await given.store.put([whole, half]);
    expect((await searchAll(given.store, {})).map(({ at }) => at)).toEqual([
      '2024-01-01T00:00:00.500Z',
      '2024-01-01T00:00:00.000Z',
    ]);
    expect((await given.store.put([whole]))[0]).toMatchObject({ outcome: 'same' });
  });

  it('refuses what is no mention with the reason, and goes on with the others', async () => {
    const [good, better] = numbered(2);
    const bad = [
      { ...aMention({ externalId: 'no text' }), text: '' },
      { ...aMention({ externalId: 'unknown step' }), judgements: { step: judged('dreaming') } },
      { ...aMention({ externalId: 'surplus' }), surplus: 1 },
      null,
    ] as Mention[];
    const outcomes = await given.store.put([good!, ...bad, better!]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['new', ...bad.map(() => 'refused'), 'new']);
    expect(outcomes[1]).toMatchObject({ id: bad[0]!.id, reason: expect.stringMatching(/text/) });
    expect(outcomes[2]).toMatchObject({ id: bad[1]!.id, reason: expect.stringMatching(/judgements\.step\.value/) });
    expect(outcomes[3]).toMatchObject({ id: bad[2]!.id, reason: expect.stringMatching(/surplus/) });
    expect(idsOf(await searchAll(given.store, {})).toSorted()).toEqual(idsOf([good!, better!]).toSorted());
  });

  it('lets two who store the same at once end with one document', async () => {
    const all = numbered(1_200);
    const outcomes = (await Promise.all([given.store.put(all), given.store.put(all)])).flat();
    expect(outcomes.filter(({ outcome }) => outcome === 'new')).toHaveLength(all.length);
    expect((await given.store.search({}, { limit: 1 })).total).toBe(all.length);
  });

  it('does nothing for nothing', async () => {
    expect(await given.store.put([])).toEqual([]);
    expect(await given.store.forget([])).toBe(0);
  });

  it('survives reopening', async () => {
    const [kept, gone] = numbered(2, (index) => ({ text: `word${index}` }));
    await given.store.put([kept!, gone!]);
    await given.store.forget([gone!.id]);
    const [before, place] = await changesFrom(given.store);
    const store = await given.current.reopen();
    expect(await store.get(kept!.id)).toEqual(kept);
    expect(idsOf(await searchAll(store, { q: 'word*' }))).toEqual([kept!.id]);
    expect((await store.put([gone!]))[0]).toMatchObject({ outcome: 'erased' });
    expect((await store.put([kept!]))[0]).toMatchObject({ outcome: 'same' });
    expect(await changesFrom(store)).toEqual([before, place]);
  });
}

function searchContract(open: Open): void {
  const given = eachTest(open);

  const found: [q: string, text: string][] = [
    ['cafe', 'Un CAFÉ!'],
    ['كتاب', 'این کتاب'],
    ['strasse', 'Hauptstraße Straße'],
    ['dont', "I don't know"],
    ['"came late"', 'it CAME, late.'],
    ['deliv*', 'delivery'],
    ['"so deliv*"', 'so delivered'],
    ['late -refund', 'late'],
    ['-refund', 'late'],
    ['', 'anything'],
    ['😡', 'anything'],
    ['not near or and', 'and or near not'],
    ['e-mail', 'an e-mail'],
    ['20', '٢٠ روز'],
    [Array.from({ length: 250 }, () => 'a').join(' '), 'a'],
    [`a ${Array.from({ length: 160 }, () => '-b').join(' ')}`, 'a'],
  ];
  it.each(found)('%j finds %j', async (q, text) => {
    await given.store.put([aMention({ text })]);
    expect((await given.store.search({ q }, { limit: 1 })).total).toBe(1);
  });

  const missed: [q: string, text: string][] = [
    ['late', 'later'],
    ['"late came"', 'it came late'],
    ['"came late"', 'came very late'],
    ['-late', 'it came late'],
    ['-"came late" -refund', 'a refund'],
    ['e-mail', 'mail e'],
    ['late refund', 'late'],
  ];
  it.each(missed)('%j does not find %j', async (q, text) => {
    await given.store.put([aMention({ text })]);
    expect((await given.store.search({ q }, { limit: 1 })).total).toBe(0);
  });

  it('looks at title and text as one', async () => {
    await given.store.put([aMention({ title: 'Never', text: 'again' })]);
    expect((await given.store.search({ q: '"never again"' }, { limit: 1 })).total).toBe(1);
  });

  it('shows the newest first, and the higher id first at the same time', async () => {
    const all = numbered(60, (index) => ({ at: later(index % 7) }));
    await given.store.put(all);
    expect(await searchAll(given.store, {}, 7)).toEqual(newestFirst(all));
    expect((await given.store.search({}, { limit: 7 })).total).toBe(60);
  });

  it('ends without a cursor, also where the last page is full', async () => {
    await given.store.put(numbered(4));
    const first = await given.store.search({}, { limit: 2 });
    const second = await given.store.search({}, { limit: 2, cursor: first.next });
    expect(second.mentions).toHaveLength(2);
    expect(second).not.toHaveProperty('next');
    expect(await given.store.search({ q: 'nowhere' }, { limit: 2 })).toEqual({ total: 0, mentions: [] });
  });

  it('gives every id once while writes go on', async () => {
    const all = numbered(300, (index) => ({ at: later(Math.floor(index / 4) * 10) }));
    await given.store.put(all);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      const answer = await given.store.search({}, { limit: 17, cursor });
      seen.push(...idsOf(answer.mentions));
      cursor = answer.next;
      await given.store.put([
        aMention({ externalId: `newer ${page}`, at: later(9_999 + page) }),
        aMention({ externalId: `between ${page}`, at: later(page * 31) }),
        ...all.slice(page * 9, page * 9 + 9).map((mention) => changed(mention, { text: `Edited on page ${page}.` })),
        ...all.slice(-9).map((mention) => changed(mention, { engagement: { likes: page } })),
      ]);
    }
    expect(new Set(seen).size).toBe(seen.length);
    const told = new Set(seen);
    expect(idsOf(all).filter((id) => !told.has(id))).toEqual([]);
  });

  it('refuses a cursor that it did not give out', async () => {
    await given.store.put(numbered(3));
    const { next: changes } = await given.store.changes(undefined, 10);
    const next = (await given.store.search({}, { limit: 1 })).next!;
    expect(next).toMatch(/^[\w-]+$/);
    for (const cursor of ['', 'x', 'bnVsbA', '!!', `${next}=`, next.slice(2), changes])
      await expect(given.store.search({}, { limit: 1, cursor })).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  });

  it.each([0, -1, 201, 1.5, Number.NaN])('refuses a page of %s', async (limit) => {
    await expect(given.store.search({}, { limit })).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  });
}

function tell(step: Mention['judgements']['step'], sentiment?: Sentiment | null): Mention['judgements'] {
  return {
    ...(step && { step }),
    ...(sentiment !== undefined && { sentiment: { ...judged(sentiment), score: null } }),
  };
}

const keysAndCounts = (buckets: readonly Bucket[]) => buckets.map(({ key, count }) => [...key, count]);

function aggregateContract(open: Open): void {
  const given = eachTest(open);

  it('counts sentiments, knows "could not tell" and "none" apart, and sorts by count, then key', async () => {
    const told = [
      tell(judged('use' as const), 'negative'),
      tell(judged('use' as const), 'positive'),
      tell(judged('use' as const), null),
      tell(judged('none' as const), 'neutral'),
      tell(judged('awareness' as const)),
      tell(judged(null), 'negative'),
      tell(undefined, 'negative'),
    ];
    await given.store.put(numbered(told.length, (index) => ({ judgements: told[index]! })));
    expect(await given.store.aggregate({}, ['step'])).toEqual([
      { key: ['use'], count: 3, negative: 1, neutral: 0, positive: 1 },
      { key: [null], count: 2, negative: 2, neutral: 0, positive: 0 },
      { key: ['awareness'], count: 1, negative: 0, neutral: 0, positive: 0 },
      { key: ['none'], count: 1, negative: 0, neutral: 1, positive: 0 },
    ]);
    expect(await given.store.aggregate({ step: ['use'] }, ['sentiment', 'step'])).toEqual([
      { key: ['negative', 'use'], count: 1, negative: 1, neutral: 0, positive: 0 },
      { key: ['positive', 'use'], count: 1, negative: 0, neutral: 0, positive: 1 },
      { key: [null, 'use'], count: 1, negative: 0, neutral: 0, positive: 0 },
    ]);
  });

  it('counts a mention once per value, and not at all where it has none', async () => {
    const topics = ['price', 'price', 'crash'].map((value) => topic(value, 'neutral'));
    await given.store.put([aMention({ judgements: { topics } }), ...numbered(3, (i) => ({ externalId: `bare ${i}` }))]);
    expect(keysAndCounts(await given.store.aggregate({}, ['topic']))).toEqual([
      ['crash', 1],
      ['price', 1],
    ]);
    expect(keysAndCounts(await given.store.aggregate({ topic: ['price'] }, ['topic']))).toHaveLength(2);
    expect(await given.store.aggregate({}, ['topic', 'pain'])).toEqual([]);
  });

  it('names days, weeks by their Monday, and months, in UTC', async () => {
    const at = '2024-01-07T23:59:59.999Z';
    await given.store.put([
      aMention({ externalId: 'Sunday', at }),
      aMention({ externalId: 'Monday', at: '2024-01-08T00:00:00.000Z' }),
      aMention({ externalId: 'last year', at: '2023-01-01T12:00:00.000Z' }),
    ]);
    const keysBy = async (...dimensions: Dimension[]) =>
      (await given.store.aggregate({}, dimensions)).map(({ key }) => key.join(' '));
    expect(await keysBy('day', 'week')).toEqual([
      '2023-01-01 2022-12-26',
      '2024-01-07 2024-01-01',
      '2024-01-08 2024-01-08',
    ]);
    expect(await keysBy('month')).toEqual(['2024-01', '2023-01']);
  });

  it('takes one to three dimensions', async () => {
    await given.store.put([aMention()]);
    const four: Dimension[] = ['step', 'touchpoint', 'channel', 'source'];
    for (const dimensions of [[], four])
      await expect(given.store.aggregate({}, dimensions)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    expect(await given.store.aggregate({}, four.slice(1))).toHaveLength(1);
    expect(await given.store.aggregate({ q: 'nowhere' }, ['step'])).toEqual([]);
  });
}

function changesContract(open: Open): void {
  const given = eachTest(open);

  it('tells what was stored in its order, then only what is new', async () => {
    const all = numbered(25);
    await given.store.put(all);
    const [changes, place] = await changesFrom(given.store, undefined, 10);
    expect(changes.map(({ mentionId }) => mentionId)).toEqual(idsOf(all));
    expect(changes.every((change) => change.kind === 'stored' && change.mention.id === change.mentionId)).toBe(true);
    expect(await given.store.changes(place, 10)).toEqual({ changes: [], next: place });
    const more = aMention({ externalId: 'more' });
    await given.store.put([all[3]!, more]);
    expect((await changesFrom(given.store, place))[0]).toMatchObject([{ kind: 'stored', mention: more }]);
  });

  it('tells a changed mention once more, in its newest state only', async () => {
    const [one, other] = numbered(2);
    await given.store.put([one!, other!]);
    const [before, place] = await changesFrom(given.store);
    const edited = { ...one!, text: 'Edited twice.' };
    await given.store.put([{ ...one!, text: 'Edited once.' }]);
    await given.store.put([edited]);
    const [after] = await changesFrom(given.store, place);
    expect(after).toMatchObject([{ kind: 'stored', mention: edited }]);
    expect(after[0]!.eventId).not.toBe(before[0]!.eventId);
    expect((await changesFrom(given.store))[0]).toEqual([before[1], after[0]]);
  });

  it('names one state of one mention by one event id, different for every other', async () => {
    const all = numbered(2);
    await given.store.put(all);
    await given.store.forget([aMention({ externalId: 'never here' }).id]);
    const [changes] = await changesFrom(given.store);
    expect(new Set(changes.map(({ eventId }) => eventId)).size).toBe(3);
    const elsewhere = await open();
    await elsewhere.store.put(all.toReversed());
    const [again] = await changesFrom(elsewhere.store);
    await elsewhere.close();
    expect(again.map(({ eventId }) => eventId)).toEqual([changes[1]!.eventId, changes[0]!.eventId]);
  });

  it('tells erasures, without a word of what was erased', async () => {
    const [gone, kept] = numbered(2);
    await given.store.put([gone!, kept!]);
    const [, place] = await changesFrom(given.store);
    await given.store.forget([gone!.id]);
    const erased = { kind: 'erased', mentionId: gone!.id, eventId: expect.any(String) };
    expect((await changesFrom(given.store, place))[0]).toEqual([erased]);
    expect((await changesFrom(given.store))[0]).toMatchObject([{ mentionId: kept!.id }, erased]);
  });

  it('loses nobody who follows along while writes go on', async () => {
    const seen = new Map<string, string>();
    let place: string | undefined;
    for (let round = 0; round < 20; round++) {
      await given.store.put(numbered(round + 3, (index) => ({ text: `Round ${index % 3 === 0 ? round : 0}.` })));
      const page = await given.store.changes(place, 4);
      for (const change of page.changes) if (change.kind === 'stored') seen.set(change.mentionId, change.mention.text);
      place = page.next;
    }
    for (const change of (await changesFrom(given.store, place))[0])
      if (change.kind === 'stored') seen.set(change.mentionId, change.mention.text);
    const stored = await searchAll(given.store, {});
    expect(seen).toEqual(new Map(stored.map(({ id, text }) => [id, text])));
    expect(seen.size).toBe(22);
  });

  it('refuses a place that it did not give out', async () => {
    await given.store.put(numbered(2));
    const next = (await given.store.search({}, { limit: 1 })).next!;
    for (const after of ['', 'x', '0', 'bnVsbA', next])
      await expect(given.store.changes(after, 10)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await expect(given.store.changes(undefined, 0)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  });
}

function forgetContract(open: Open): void {
  const given = eachTest(open);

  it('erases for good', async () => {
    const [gone, kept] = numbered(2, () => ({
      brands: ['acme'],
      judgements: { topics: [topic('price', 'negative')], pains: [judged('price')] },
    }));
    await given.store.put([gone!, kept!]);
    expect(await given.store.forget([gone!.id, gone!.id])).toBe(1);
    expect(await given.store.get(gone!.id)).toBeUndefined();
    for (const query of [{}, { q: 'parcel' }, { brand: ['acme'] }, { topic: ['price'] }] satisfies MentionQuery[])
      expect(idsOf(await searchAll(given.store, query))).toEqual([kept!.id]);
    expect(await given.store.aggregate({}, ['topic'])).toMatchObject([{ key: ['price'], count: 1 }]);
    expect(await given.store.forget([gone!.id])).toBe(0);
  });

  it('does not let it come back, nor its neighbours go', async () => {
    const all = numbered(3);
    await given.store.put(all);
    await given.store.forget([all[1]!.id]);
    const outcomes = await given.store.put([...all, aMention({ externalId: 'fresh' })]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['same', 'erased', 'same', 'new']);
    expect(outcomes[1]).toMatchObject({ id: all[1]!.id });
    expect((await given.store.search({}, { limit: 1 })).total).toBe(3);
  });

  it('remembers what has not arrived yet, and tells each erasure once', async () => {
    const mention = aMention();
    expect(await given.store.forget([mention.id])).toBe(0);
    expect(await given.store.forget([mention.id])).toBe(0);
    expect((await given.store.put([mention]))[0]).toMatchObject({ outcome: 'erased' });
    expect((await changesFrom(given.store))[0]).toMatchObject([{ kind: 'erased', mentionId: mention.id }]);
  });

  it('erases more than fits into one step', async () => {
    const all = numbered(1_201);
    await given.store.put(all);
    expect(await given.store.forget(idsOf(all.slice(1)))).toBe(1_200);
    expect(idsOf(await searchAll(given.store, {}))).toEqual([all[0]!.id]);
  });
}

/** Values of a mention in one dimension, by a plain reading. */
function valuesIn(dimension: Dimension, mention: Mention): (string | null)[] {
  const { judgements, at } = mention;
  const tags = { topic: judgements.topics, pain: judgements.pains, opportunity: judgements.opportunities };
  switch (dimension) {
    case 'topic':
    case 'pain':
    case 'opportunity':
      return [...new Set((tags[dimension] ?? []).map(({ value }) => value))];
    case 'signal':
      return signalsOf(mention);
    case 'brand':
      return [...new Set(mention.brands)];
    case 'channel':
    case 'source':
      return [mention[dimension]];
    case 'day':
      return [at.slice(0, 10)];
    case 'month':
      return [at.slice(0, 7)];
    case 'week':
      return [mondayOf(at)];
    default:
      return [judgements[dimension]?.value ?? null];
  }
}

function mondayOf(at: string): string {
  const day = new Date(at);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

/** Sorts as the keys themselves, with "could not tell" last. */
const order = (key: Bucket['key']) => key.map((part) => (part === null ? '2' : `1${part}\0`)).join('');

function countPlainly(mentions: readonly Mention[], dimensions: readonly Dimension[]): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const mention of mentions) {
    let keys: (string | null)[][] = [[]];
    for (const dimension of dimensions)
      keys = keys.flatMap((key) => valuesIn(dimension, mention).map((value) => key.concat(value)));
    for (const key of keys) {
      const name = JSON.stringify(key);
      const bucket = buckets.get(name) ?? { key, count: 0, negative: 0, neutral: 0, positive: 0 };
      bucket.count++;
      const feeling = mention.judgements.sentiment?.value;
      if (feeling) bucket[feeling]++;
      buckets.set(name, bucket);
    }
  }
  return [...buckets.values()].toSorted((a, b) => b.count - a.count || (order(a.key) < order(b.key) ? -1 : 1));
}

const isOnJourney = ({ judgements: { step } }: Mention) => Boolean(step?.value) && step?.value !== NONE;

/** By the bytes of the traveller's name, then from the oldest to the newest. */
function visitsOf(mentions: readonly Mention[], by: TravellerKind): Visit[] {
  const name = ({ author, source, thread }: Mention) =>
    by === 'author' ? author?.id : thread === undefined ? undefined : `${source}\0${thread}`;
  return newestFirst(mentions)
    .toReversed()
    .flatMap((mention): Visit[] => {
      const traveller = name(mention);
      const { step, touchpoint, sentiment, outcome } = mention.judgements;
      if (traveller === undefined) return [];
      const told = { touchpoint, sentiment, outcome };
      const values = Object.fromEntries(Object.entries(told).map(([field, one]) => [field, one?.value ?? null]));
      return [
        { traveller, at: mention.at, step: step!.value!, ...(values as Omit<Visit, 'traveller' | 'at' | 'step'>) },
      ];
    })
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.traveller), Buffer.from(b.traveller)));
}

function predicateContract(open: Open): void {
  const all = sampleMentions(400);
  let opened: OpenMentionStore;
  beforeAll(async () => {
    opened = await open();
    // Written, written over and partly erased before, so that an index that keeps what is gone shows.
    const extra = all.map((mention) => aMention({ ...mention, externalId: `${mention.externalId} erased` }));
    await opened.store.put(extra);
    await opened.store.put(
      all.map(({ title: _title, ...mention }) => ({ ...mention, text: 'late refund', judgements: {} })),
    );
    await opened.store.put(all);
    await opened.store.forget(idsOf(extra));
  });
  afterAll(() => opened.close());

  const agrees = async (query: MentionQuery) => {
    const expected = newestFirst(foundIn(all, query));
    const first = await opened.store.search(query, { limit: 150 });
    expect(first.total).toBe(expected.length);
    expect(idsOf(await searchAll(opened.store, query, 150))).toEqual(idsOf(expected));
  };

  const counts = async (query: MentionQuery, by: Dimension[]) => {
    const chosen = foundIn(all, query);
    expect(await opened.store.aggregate(query, by)).toEqual(countPlainly(chosen, by));
  };

  it.each(Object.keys(QUERY_FIELDS) as QueryField[])('%s alone finds the same', async (field) => {
    await expect(
      fc.assert(fc.asyncProperty(queriesOver([field]), agrees), { numRuns: field === 'q' ? 200 : 30 }),
    ).resolves.toBeUndefined();
  });

  it('two fields together find the same', async () => {
    await expect(fc.assert(fc.asyncProperty(queriesOfAny(2), agrees), { numRuns: 200 })).resolves.toBeUndefined();
  });

  it('three fields together find the same', async () => {
    await expect(fc.assert(fc.asyncProperty(queriesOfAny(3), agrees), { numRuns: 100 })).resolves.toBeUndefined();
  });

  it('what must hold too narrows also the field that is asked for already, in searches and counts', async () => {
    const narrowed = async (query: MentionQuery) => {
      await agrees(query);
      await counts(query, ['step', 'topic']);
    };
    await expect(fc.assert(fc.asyncProperty(narrowedQueries, narrowed), { numRuns: 100 })).resolves.toBeUndefined();
  });

  it('gives every document back as it was put', async () => {
    expect(await searchAll(opened.store, {})).toEqual(newestFirst(all));
  });

  it.each(DIMENSIONS)('counts by %s as a plain loop does', async (dimension) => {
    expect(await opened.store.aggregate({}, [dimension])).toEqual(countPlainly(all, [dimension]));
  });

  it.each([1, 3, 20])('gives the newest %s of every place on the journey under any query', async (perPlace) => {
    const newest = async (query: MentionQuery) => {
      const chosen = newestFirst(foundIn(all, query).filter(isOnJourney));
      const placed = new Map<string, number>();
      const expected = chosen.filter(({ judgements: { step, touchpoint } }) => {
        const place = `${step!.value} ${touchpoint?.value ?? null}`;
        placed.set(place, (placed.get(place) ?? 0) + 1);
        return placed.get(place)! <= perPlace;
      });
      expect(await opened.store.newestByPlace(query, perPlace)).toEqual(expected);
    };
    await newest({});
    await expect(fc.assert(fc.asyncProperty(queriesOfAny(1), newest), { numRuns: 60 })).resolves.toBeUndefined();
  });

  it.each(TRAVELLERS)('tells who was where by %s under any query', async (by) => {
    const visits = async (query: MentionQuery) => {
      const chosen = foundIn(all, query).filter(isOnJourney);
      const expected = visitsOf(chosen, by);
      expect(await opened.store.visits(query, { by, limit: 20_000 })).toEqual({ visits: expected, complete: true });
    };
    await visits({});
    await expect(fc.assert(fc.asyncProperty(queriesOfAny(1), visits), { numRuns: 60 })).resolves.toBeUndefined();
  });

  it('tells of whole travellers only where there are more visits than asked for', async () => {
    const every = visitsOf(all.filter(isOnJourney), 'author');
    const [first, second] = [...new Set(every.map(({ traveller }) => traveller))];
    const of = (traveller: string | undefined) => every.filter((visit) => visit.traveller === traveller);
    const both = [...of(first), ...of(second)];
    const asked = (limit: number) => opened.store.visits({}, { by: 'author', limit });
    expect(await asked(both.length)).toEqual({ visits: both, complete: false });
    expect(await asked(both.length - 1)).toEqual({ visits: of(first), complete: false });
    expect(await asked(2)).toEqual({ visits: of(first).slice(0, 2), complete: false });
    expect(await asked(every.length)).toEqual({ visits: every, complete: true });
  });

  it.each([0, -1, 1.5, 20_001])('refuses %s visits, and as many of a place', async (limit) => {
    await expect(opened.store.visits({}, { by: 'author', limit })).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await expect(opened.store.newestByPlace({}, limit)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  });

  it('gives the newest with a word, and in how many it stands', async () => {
    const words = [...new Set(all.flatMap((mention) => terms(searchText(mention))))].slice(0, 200);
    for (const word of words) {
      const found = newestFirst(foundIn(all, { q: word }));
      expect(await opened.store.newestWith(word, 3)).toEqual({ total: found.length, mentions: found.slice(0, 3) });
    }
    expect(await opened.store.newestWith('nowhere', 3)).toEqual({ total: 0, mentions: [] });
    for (const limit of [0, 201])
      await expect(opened.store.newestWith('word', limit)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  });

  it('counts the mentions of stories under any query as a plain loop does', async () => {
    const told = (mention: Mention) => mention.story ?? mention.id;
    const asked = [...new Set(all.map(told))];
    const storiesCounted = async (query: MentionQuery) => {
      const found = all.filter((mention) => matches(query, mention)).map(told);
      const plainly = asked.map((story) => [story, found.filter((one) => one === story).length] as const);
      const expected = new Map(plainly.filter(([, count]) => count > 0));
      expect(await opened.store.countStories(query, asked)).toEqual(expected);
    };
    await storiesCounted({});
    await storiesCounted({ collapse: 'story' });
    await expect(
      fc.assert(fc.asyncProperty(queriesOfAny(2), storiesCounted), { numRuns: 100 }),
    ).resolves.toBeUndefined();
    expect(await opened.store.countStories({}, [])).toEqual(new Map());
    const tooMany = Array.from({ length: 201 }, String);
    await expect(opened.store.countStories({}, tooMany)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  });

  it('counts by several lists at once as a plain loop does', async () => {
    const dimensions = fc.array(fc.constantFrom(...DIMENSIONS), { minLength: 1, maxLength: 3 });
    const lists = fc.array(dimensions, { minLength: 1, maxLength: 4 });
    const allCounted = async (query: MentionQuery, by: Dimension[][]) => {
      const chosen = foundIn(all, query);
      const expected = by.map((list) => countPlainly(chosen, list).map(({ key, count }) => ({ key, count })));
      expect(await opened.store.countAll(query, by)).toEqual(expected);
    };
    await expect(
      fc.assert(fc.asyncProperty(queriesOfAny(2), lists, allCounted), { numRuns: 100 }),
    ).resolves.toBeUndefined();
  });

  it('counts by up to three dimensions under any query as a plain loop does', async () => {
    const dimensions = fc.array(fc.constantFrom(...DIMENSIONS), { minLength: 1, maxLength: 3 });
    await expect(
      fc.assert(fc.asyncProperty(queriesOfAny(1), dimensions, counts), { numRuns: 200 }),
    ).resolves.toBeUndefined();
  });
}

function sizeContract(open: Open): void {
  it('are stored, counted, paged and followed completely', { timeout: 120_000 }, async () => {
    const { store, close } = await open();
    const all = numbered(10_000, (index) => ({
      at: later(index % 977),
      text: `Mention ${index} of lot${index % 10}`,
      judgements: { step: judged(index % 4 === 0 ? ('support' as const) : ('use' as const)) },
    }));
    expect((await store.put(all)).every(({ outcome }) => outcome === 'new')).toBe(true);
    expect(idsOf(await searchAll(store, {}))).toEqual(idsOf(newestFirst(all)));
    expect((await store.search({ q: 'lot3', step: ['use'] }, { limit: 1 })).total).toBe(1_000);
    const inLot = newestFirst(all.filter(({ text }) => text.endsWith('lot3')));
    expect(await store.newestWith('lot3', 5)).toEqual({ total: 1_000, mentions: inLot.slice(0, 5) });
    expect((await store.newestWith('mention', 1)).total).toBe(10_000);
    expect(await store.aggregate({}, ['step'])).toMatchObject([
      { key: ['use'], count: 7_500 },
      { key: ['support'], count: 2_500 },
    ]);
    const [changes] = await changesFrom(store, undefined, 1_000);
    expect(changes.map(({ mentionId }) => mentionId)).toEqual(idsOf(all));
    await close();
  });
}
