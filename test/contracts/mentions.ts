import * as fc from 'fast-check';
import { matches } from '../../src/alerts/matches.ts';
import { GAPS, NONE, OUTCOMES, SENTIMENTS, SIGNALS, STEPS, TOUCHPOINTS } from '../../src/domain/journey.ts';
import { CHANNELS, mentionId } from '../../src/domain/mention.ts';
import type { Mention } from '../../src/domain/mention.ts';
import { UNKNOWN } from '../../src/domain/query.ts';
import type { MentionQuery, Place } from '../../src/domain/query.ts';

/** A small valid mention; the id follows from `source` and `externalId`. An `at` of its own makes it dated. */
export function aMention(given: Partial<Mention> = {}): Mention {
  const { source = 'reviews', externalId = '1', collectedAt = '2024-05-01T12:00:00.000Z' } = given;
  const at = given.at ?? collectedAt;
  return {
    source,
    externalId,
    channel: 'review',
    text: 'The parcel came late.',
    brands: [],
    collectedAt,
    at,
    dated: given.at !== undefined,
    ...(given.at === undefined ? {} : { publishedAt: at }),
    judgements: {},
    ...given,
    id: mentionId(source, externalId),
  };
}

/** A copy with some properties changed; the id stays. */
export function changed(mention: Mention, to: Partial<Mention>): Mention {
  return { ...mention, ...to };
}

/** A judgement by nobody in particular. */
export function judged<T>(value: T) {
  return { value, by: 'test@1', confidence: 0.5 };
}

/** Words that put the folding to the test, some of them alike once folded. */
const WORDS = [
  "late Late later delivery refund a 20 ٢٠ ۲۰ x2 don't don’t dont and NOT OR NEAR",
  'café cafe\u0301 CAFE Straße STRASSE łódź İstanbul ıstanbul ﬁne fine 𝒳yz ² 😡 💩 𐐀𐐁',
  'كتاب کتاب كِتَاب کتـاب مشكلة می\u200cخواهم ﷺ доставка ДОСТАВКА ёлка елка 配送 配送遅い 배송 हिन्दी ไทย עברית ᦂᦱᧃ ᦂ λόγος λόγοσ',
].flatMap((line) => line.split(' '));
const SEPARATORS = [' ', '  ', '\n', '-', '. ', ', ', '/', '_', ' 😡 ', '\u00a0', '"', '*', ':', '^', '(', '\u3000'];

const word = fc.constantFrom(...WORDS);
const text = fc
  .array(fc.tuple(word, fc.constantFrom(...SEPARATORS)), { minLength: 1, maxLength: 12 })
  .map((pairs) => pairs.flat().join(''));

const SOURCES = ['reviews', 'shop', 'Ünï "x"'];
const BRANDS = ['acme', 'Acme', 'brand %', 'مارک'];
const LANGUAGES = ['en', 'fa', 'de', UNKNOWN];
const TOPICS = ['price', 'delivery_time', 'waiting time', "o'clock", '返品'];
const THREADS = ['t1', 'T1', 'gespräch 2'];
const STORIES = [
  ...['1', '2'].map((digit) => digit.repeat(32)),
  ...['3', '5', '8', '13'].map((id) => mentionId('shop', id)),
];
const AUTHORS = ['u1', 'U1', 'یک', "x' OR 1=1 --"];
/** Around midnights, the turn of a week, of a month and of a year, and the 29th of February. */
const TIMES = [
  '2023-12-31T23:59:59.999Z',
  '2024-01-01T00:00:00.000Z',
  '2024-01-07T23:59:59.999Z',
  '2024-01-08T00:00:00.000Z',
  '2024-02-29T12:00:00.000Z',
  '2024-03-01T00:00:00.000Z',
  '2025-01-01T00:00:00.001Z',
  '2020-06-14T05:06:07.008Z',
];

const by = { by: fc.constant('test@1'), confidence: fc.constantFrom(0, 0.5, 1) };
const maybe = <T>(value: fc.Arbitrary<T>) => fc.record({ value: fc.option(value, { nil: null }), ...by });
const tagged = fc.array(fc.record({ value: fc.constantFrom(...TOPICS), ...by }), { maxLength: 4 });
const SCORES = { negative: -0.5, neutral: 0, positive: 0.5 };

const judgements = fc.record(
  {
    language: maybe(fc.constantFrom(...LANGUAGES)),
    sentiment: maybe(fc.constantFrom(...SENTIMENTS)).map((told) =>
      Object.assign(told, { score: told.value && SCORES[told.value] }),
    ),
    step: maybe(fc.constantFrom(...STEPS, NONE)),
    touchpoint: maybe(fc.constantFrom(...TOUCHPOINTS, NONE)),
    outcome: maybe(fc.constantFrom(...OUTCOMES, NONE)),
    gap: maybe(fc.constantFrom(...GAPS, NONE)),
    momentOfTruth: maybe(fc.boolean()),
    topics: fc.array(
      fc.record({ value: fc.constantFrom(...TOPICS), sentiment: fc.constantFrom(...SENTIMENTS), ...by }),
      {
        maxLength: 4,
      },
    ),
    pains: tagged,
    opportunities: tagged,
  },
  { requiredKeys: [] },
);

const facts = fc.record(
  {
    source: fc.constantFrom(...SOURCES),
    channel: fc.constantFrom(...CHANNELS),
    text,
    title: text,
    author: fc.record({ id: fc.constantFrom(...AUTHORS) }),
    thread: fc.constantFrom(...THREADS),
    story: fc.constantFrom(...STORIES),
    rating: fc.constantFrom(1, 1.49, 1.5, 2.5, 3, 3.5, 4.4999, 4.5, 5),
    brands: fc.array(fc.constantFrom(...BRANDS), { maxLength: 3 }),
    collectedAt: fc.constantFrom(...TIMES),
    judgements,
  },
  { requiredKeys: ['source', 'channel', 'text', 'brands', 'collectedAt', 'judgements'] },
);
const time = fc.option(fc.constantFrom(...TIMES), { nil: undefined });

/** Any mention, without a place in a source: give it an `externalId` with `aMention`. */
const mentionParts = fc.tuple(facts, time).map(([given, at]) => Object.assign(given, at === undefined ? {} : { at }));

/** The same `count` mentions at every run, each with an id of its own. */
export function sampleMentions(count: number): Mention[] {
  return fc
    .sample(mentionParts, { numRuns: count, seed: 20_240_501 })
    .map((parts, index) => aMention({ ...parts, externalId: String(index) }));
}

const some = <T extends string | number>(values: readonly T[]): fc.Arbitrary<T[]> =>
  fc.subarray([...values], { minLength: 1, maxLength: Math.min(values.length, 4) });

const searchPart = fc
  .tuple(
    fc.constantFrom('', '', '-'),
    fc.oneof(
      word,
      word.map((said) => `${[...said].slice(0, 2).join('')}*`),
      fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => `"${words.join(' ')}"`),
      fc.tuple(word, word).map((words) => `"${words.join('-')}*"`),
      fc.tuple(word, word).map((words) => words.join('-')),
    ),
  )
  .map((parts) => parts.join(''));

const search = fc.oneof(
  { weight: 8, arbitrary: fc.array(searchPart, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '-', '*', '""', '"', '- late', '-"" a', '😡', '-😡') },
);

const place: fc.Arbitrary<Place> = fc.record(
  { step: fc.constantFrom(...STEPS), touchpoints: some([...TOUCHPOINTS, NONE, UNKNOWN]) },
  { requiredKeys: ['step'] },
);

/** What a query finds, read plainly: each mention by itself, then the first of every story where stories are folded. */
export function foundIn(all: readonly Mention[], query: MentionQuery): Mention[] {
  const found = all.filter((mention) => matches(query, mention));
  if (query.collapse === undefined) return found;
  const told = (mention: Mention) => `${storyOf(mention) === mention.id ? 0 : 1} ${mention.at} ${mention.id}`;
  const firsts = new Map<string, Mention>();
  for (const mention of found) {
    const first = firsts.get(storyOf(mention));
    if (first === undefined || told(mention) < told(first)) firsts.set(storyOf(mention), mention);
  }
  return found.filter((mention) => firsts.get(storyOf(mention)) === mention);
}

const storyOf = ({ id, story }: Mention) => story ?? id;

type Fields = { [Field in keyof Required<MentionQuery>]: fc.Arbitrary<MentionQuery[Field]> };

const OWN_FIELDS: Omit<Fields, 'also'> = {
  q: search,
  step: some([...STEPS, NONE, UNKNOWN]),
  touchpoint: some([...TOUCHPOINTS, NONE, UNKNOWN]),
  sentiment: some([...SENTIMENTS, UNKNOWN]),
  outcome: some([...OUTCOMES, NONE, UNKNOWN]),
  gap: some([...GAPS, NONE, UNKNOWN]),
  topic: some([...TOPICS, 'Price', UNKNOWN]),
  pain: some([...TOPICS, '%']),
  signal: some(SIGNALS),
  source: some([...SOURCES, 'SHOP']),
  channel: some(CHANNELS),
  language: some([...LANGUAGES, 'EN']),
  brand: some([...BRANDS, 'brand']),
  author: some([...AUTHORS, 'u2']),
  thread: some([...THREADS, 't3']),
  story: some([...STORIES, '3'.repeat(32), mentionId('shop', '7')]),
  collapse: fc.constant('story' as const),
  rating: some([1, 2, 3, 4, 5]),
  from: fc.constantFrom(...TIMES),
  to: fc.constantFrom(...TIMES),
  collectedFrom: fc.constantFrom(...TIMES),
  collectedTo: fc.constantFrom(...TIMES),
  places: fc.array(place, { maxLength: 3 }),
};

const { collapse: _collapse, ...conditions } = OWN_FIELDS;

/** What each field of a query can ask for. */
export const QUERY_FIELDS: Fields = {
  ...OWN_FIELDS,
  also: fc
    .subarray(Object.entries(conditions), { minLength: 1, maxLength: 2 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen) as Omit<Fields, 'also' | 'collapse'>)),
};
export type QueryField = keyof typeof QUERY_FIELDS;

/** Queries that ask twice for the same field: by themselves, and in what must hold too. */
export const narrowedQueries = fc
  .constantFrom(...(Object.keys(conditions) as (keyof typeof conditions)[]))
  .chain((field) => fc.tuple(queriesOver([field]), queriesOver([field])))
  .map(([query, also]) => ({ ...query, also }));

/** Queries that ask for exactly these fields. */
export function queriesOver(fields: readonly QueryField[]): fc.Arbitrary<MentionQuery> {
  return fc.record(
    Object.fromEntries(fields.map((field) => [field, QUERY_FIELDS[field]])),
  ) as fc.Arbitrary<MentionQuery>;
}

/** Queries over any `count` different fields. */
export function queriesOfAny(count: number): fc.Arbitrary<MentionQuery> {
  const fields = Object.keys(QUERY_FIELDS) as QueryField[];
  return fc.subarray(fields, { minLength: count, maxLength: count }).chain(queriesOver);
}
