import type { Client } from '@elastic/elasticsearch';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aMention } from '../contracts/mentions.ts';
import { serverUrl } from '../servers.ts';
import { matches } from '../../src/alerts/matches.ts';
import type { MentionStore } from '../../src/domain/store.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { partsOf } from '../../src/stores/elasticsearch/words.ts';
import { terms } from '../../src/text/fold.ts';
import { newPrefix, removeIndices } from './elasticsearch-indices.ts';

const url = serverUrl('ELASTICSEARCH_URL');

/** Lengths around those at which terms are cut, here and by the analyzer. */
const LENGTHS = [99, 100, 101, 199, 200, 201, 254, 255, 256, 300, 301];
const LETTERS = ['a', 'b', '配', 'ß', '𐐨', '1'];
const long = fc
  .tuple(fc.constantFrom(...LETTERS), fc.constantFrom(...LENGTHS), fc.constantFrom('', 'a', 'b', '𐐨'))
  .map(([letter, length, end]) => letter.repeat(length) + end);
/** Digits beside letters, scripts side by side, one-letter words: where tokenizers differ. */
const odd = fc.constantFrom(
  'x2',
  '2x',
  '1a2b3',
  'a',
  'aa',
  '配送',
  '配',
  '送り先',
  'カード',
  '한국어',
  'ไทย',
  '٢٠',
  'Ⅷ',
  '²',
  'é',
  'ﬁ',
  '𐐀x',
  'won’t',
);
const word = fc.oneof({ weight: 3, arbitrary: odd }, { weight: 2, arbitrary: long });
const text = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));
const start = (whole: string, share: number) =>
  [...whole].slice(0, Math.max(1, Math.floor([...whole].length * share))).join('');
const share = fc.constantFrom(0.1, 0.34, 0.5, 0.66, 0.99, 1);
const clause = fc.oneof(
  word,
  fc.tuple(word, share).map(([one, part]) => `${start(one, part)}*`),
  fc.tuple(word, word).map(([one, other]) => `"${one} ${other}"`),
  fc.tuple(word, word, share).map(([one, other, part]) => `"${one} ${start(other, part)}*"`),
);
const search = fc.tuple(fc.constantFrom('', '-'), clause).map((parts) => parts.join(''));

describe('words as they stand in the index', () => {
  it('are whole unless they are long, and can be told from every other word', () => {
    const property = (one: string, other: string) => {
      const [parts, others] = [terms(one).flatMap(partsOf), terms(other).flatMap(partsOf)];
      expect(parts.join(' ') === others.join(' ')).toBe(terms(one).join(' ') === terms(other).join(' '));
      expect(parts.every((part) => part.length < 255 && !part.includes('\ufffd'))).toBe(true);
    };
    expect(() => fc.assert(fc.property(text, text, property))).not.toThrow();
    expect(partsOf('x'.repeat(201)).map(({ length }) => length)).toEqual([101, 102, 2]);
  });
});

describe.skipIf(url === undefined)(
  'words in Elasticsearch (skipped without ELASTICSEARCH_URL)',
  { timeout: 120_000 },
  () => {
    const prefix = newPrefix();
    let client: Client;
    let store: MentionStore;
    const all = fc
      .sample(text, { numRuns: 300, seed: 5 })
      .map((said, index) => aMention({ externalId: String(index), text: said }));
    const followed = Array.from({ length: 3_000 }, (_, index) =>
      aMention({ externalId: `so ${index}`, text: `so q${index}w` }),
    );

    beforeAll(async () => {
      client = connectElasticsearch({ url: url! });
      store = elasticsearchMentions(client, { prefix, now: () => new Date('2024-05-10T12:00:00Z') });
      await store.put([...all, ...followed]);
      await client.indices.refresh({ index: `${prefix}-mentions` });
    });
    afterAll(async () => {
      await removeIndices(client, prefix);
      await client.close();
    });

    it('are found as the predicate finds them, however long and of whatever script', async () => {
      let hits = 0;
      const agrees = async (q: string) => {
        const expected = [...all, ...followed].filter((mention) => matches({ q }, mention)).length;
        hits += Number(expected > 0 && expected < 3_000);
        expect((await store.search({ q }, { limit: 1 })).total).toBe(expected);
      };
      await expect(fc.assert(fc.asyncProperty(search, agrees), { numRuns: 400 })).resolves.toBeUndefined();
      expect(hits).toBeGreaterThan(100);
    });

    it('are found behind a word however many there are with one beginning', async () => {
      expect((await store.search({ q: '"so q*"' }, { limit: 1 })).total).toBe(3_000);
      expect((await store.search({ q: 'q*' }, { limit: 1 })).total).toBe(3_000);
    });
  },
);

describe.skipIf(url === undefined)('counting in Elasticsearch (skipped without ELASTICSEARCH_URL)', () => {
  it('reads all buckets where they are more than one answer holds', { timeout: 120_000 }, async () => {
    const prefix = newPrefix();
    const client = connectElasticsearch({ url: url! });
    const store = elasticsearchMentions(client, { prefix, now: () => new Date('2024-05-10T12:00:00Z'), fresh: true });
    const all = Array.from({ length: 10_500 }, (_, index) =>
      aMention({ externalId: String(index), brands: [`b${index % 10_250}`] }),
    );
    await store.put(all);
    const buckets = await store.aggregate({}, ['brand']);
    expect(buckets.length).toBe(10_250);
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(10_500);
    await removeIndices(client, prefix);
    await client.close();
  });
});
