import type { Client, estypes } from '@elastic/elasticsearch';
import { AppError } from '../../domain/errors.ts';
import type { MentionQuery } from '../../domain/query.ts';
import { MAX_PAGE, checkStories } from '../paging.ts';
import { asking } from './errors.ts';
import { toDsl } from './query.ts';
import type { FoldedQuery } from './query.ts';
import type { Names } from './schema.ts';

/** Stories of one answer; more come in further ones. */
const PAGE = 1_000;
/** Elasticsearch takes no more than 65,536 values in one condition. */
const MAX_FIRSTS = 50_000;

/**
 * Finds out what stands for each story under a query: the one that the others are copies of, or where that one is not
 * found the oldest of the copies that are. Only the latter have to be named, and they are few.
 * @throws AppError `QUERY_INVALID` where more than 50,000 would have to be.
 */
export async function foldStories(client: Client, names: Names, query: MentionQuery): Promise<FoldedQuery> {
  const { collapse, ...wanted } = query;
  if (collapse === undefined) return wanted;
  const firsts: string[] = [];
  let after: estypes.AggregationsCompositeAggregateKey | undefined;
  do {
    const page = await readStories(client, names, wanted, after);
    const known = await foundOriginals(client, names, wanted, [...page.firsts.keys()]);
    for (const [story, first] of page.firsts) if (!known.has(story)) firsts.push(first);
    if (firsts.length > MAX_FIRSTS) throw tooMany();
    ({ after } = page);
  } while (after !== undefined);
  return { ...wanted, firsts };
}

function tooMany(): AppError {
  return new AppError('QUERY_INVALID', `Copies of more than ${MAX_FIRSTS} stories are found without the originals.`, {
    fix: 'Narrow the query, or ask without collapse.',
    details: { parameter: 'collapse' },
  });
}

interface StoryAnswer {
  after_key?: estypes.AggregationsCompositeAggregateKey;
  buckets: { key: { story: string }; first: { hits: { hits: { fields: { id: [string] } }[] } } }[];
}

/** Stories of which copies are found, each with the oldest copy, page by page. */
async function readStories(
  client: Client,
  names: Names,
  query: FoldedQuery,
  after: estypes.AggregationsCompositeAggregateKey | undefined,
) {
  const first = {
    top_hits: {
      size: 1,
      sort: [{ at: 'asc' as const }, { id: 'asc' as const }],
      _source: false,
      docvalue_fields: ['id'],
    },
  };
  const { aggregations } = await asking('reading stories', () =>
    client.search({
      index: names.mentions,
      query: { bool: { filter: [toDsl(query), { term: { copy: true } }] } },
      size: 0,
      track_total_hits: false,
      allow_partial_search_results: false,
      aggs: {
        stories: {
          composite: { size: PAGE, sources: [{ story: { terms: { field: 'story' } } }], ...(after && { after }) },
          aggs: { first },
        },
      },
    }),
  );
  const { buckets, after_key } = aggregations!.stories as unknown as StoryAnswer;
  return {
    firsts: new Map(buckets.map(({ key, first: { hits } }) => [key.story, hits.hits[0]!.fields.id[0]])),
    after: buckets.length < PAGE ? undefined : after_key,
  };
}

/** Which of these mentions are found themselves and are copies of nothing. */
async function foundOriginals(client: Client, names: Names, query: FoldedQuery, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { hits } = await asking('reading stories', () =>
    client.search({
      index: names.mentions,
      query: { bool: { filter: [toDsl(query), { terms: { id: ids } }, { term: { copy: false } }] } },
      size: ids.length,
      track_total_hits: false,
      allow_partial_search_results: false,
      _source: false,
      docvalue_fields: ['id'],
    }),
  );
  return new Set(hits.hits.map(({ fields }) => (fields as { id: [string] }).id[0]));
}

/**
 * How many the query finds of each of these stories. Every shard can answer for all of them, so nothing is cut and the
 * counts are exact. https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-terms-aggregation
 */
export async function countStories(
  client: Client,
  names: Names,
  query: FoldedQuery,
  stories: readonly string[],
): Promise<Map<string, number>> {
  checkStories(stories);
  const { aggregations } = await asking('counting stories', () =>
    client.search({
      index: names.mentions,
      query: { bool: { filter: [toDsl(query), { terms: { story: [...stories] } }] } },
      size: 0,
      track_total_hits: false,
      allow_partial_search_results: false,
      aggs: { stories: { terms: { field: 'story', size: MAX_PAGE } } },
    }),
  );
  const { buckets } = aggregations!.stories as unknown as { buckets: { key: string; doc_count: number }[] };
  return new Map(buckets.map(({ key, doc_count }) => [key, doc_count]));
}
