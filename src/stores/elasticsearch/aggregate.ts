import type { Client, estypes } from '@elastic/elasticsearch';
import type { Dimension } from '../../domain/query.ts';
import type { Bucket, Count } from '../../domain/store.ts';
import { byCountThenKey, checkDimensions, withFeelings } from '../buckets.ts';
import { CALENDAR, TAGS } from './dimensions.ts';
import type { Calendar } from './dimensions.ts';
import { asking, isResponse } from './errors.ts';
import { nestedAggregations, nestedCounts } from './nested.ts';
import { toDsl } from './query.ts';
import type { FoldedQuery } from './query.ts';
import type { Names } from './schema.ts';

/** Buckets of one answer; more come in further ones. */
const PAGE = 10_000;
const KEEP_ALIVE = '1m';

type Source = Record<string, estypes.AggregationsCompositeAggregationSource>;
type Key = Record<string, string | number | null>;
interface Answer {
  after_key?: Key;
  buckets: { key: Key; doc_count: number }[];
}

/**
 * Exact counts by one to three dimensions with sentiment, the largest first, then by key.
 * @throws AppError `QUERY_INVALID` for no dimension or more than three.
 */
export async function aggregateMentions(
  client: Client,
  names: Names,
  query: FoldedQuery,
  dimensions: readonly Dimension[],
): Promise<Bucket[]> {
  checkDimensions(dimensions);
  const [counts] = await countLists(client, names, query, [[...dimensions, 'sentiment']]);
  return withFeelings(counts!);
}

/**
 * Exact counts by one to three dimensions for each list, the largest first, then by key, all of one moment.
 * @throws AppError `QUERY_INVALID` for no dimension or more than three.
 */
export async function countMentions(
  client: Client,
  names: Names,
  query: FoldedQuery,
  lists: readonly (readonly Dimension[])[],
): Promise<Count[][]> {
  lists.forEach(checkDimensions);
  const counts = await countLists(client, names, query, lists);
  return counts.map((list) => list.toSorted(byCountThenKey));
}

/**
 * Few values are counted by nested `terms`, many values and days page by page by `composite`, which gives all buckets
 * whatever their number.
 * https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-composite-aggregation
 */
function countLists(
  client: Client,
  names: Names,
  query: FoldedQuery,
  lists: readonly (readonly Dimension[])[],
): Promise<Count[][]> {
  return asking('counting', async () => {
    const nested = await countNested(client, { index: names.mentions }, query, lists);
    if (nested.every((counts) => counts !== undefined)) return nested;
    const { id } = await client.openPointInTime({ index: names.mentions, keep_alive: KEEP_ALIVE });
    try {
      const where = { pit: { id, keep_alive: KEEP_ALIVE } };
      return await Promise.all(lists.map((dimensions) => countPages(client, where, query, dimensions)));
    } finally {
      await client.closePointInTime({ id });
    }
  });
}

/** For each list its counts, or `undefined` where they could not be had in this way. */
async function countNested(
  client: Client,
  where: estypes.SearchRequest,
  query: FoldedQuery,
  lists: readonly (readonly Dimension[])[],
): Promise<(Count[] | undefined)[]> {
  const missing = lists.map(() => undefined);
  if (lists.flat().some((dimension) => dimension in CALENDAR)) return missing;
  try {
    const { aggregations } = await client.search({
      ...counting(where, query),
      aggs: nestedAggregations(lists),
    });
    return lists.map((list) => nestedCounts(aggregations as never, list));
  } catch (thrown) {
    if (isResponse(thrown, 'too_many_buckets_exception')) return missing;
    throw thrown;
  }
}

const counting = (where: estypes.SearchRequest, query: FoldedQuery): estypes.SearchRequest => ({
  ...where,
  query: toDsl(query),
  size: 0,
  track_total_hits: false,
  ...('pit' in where ? {} : { allow_partial_search_results: false }),
});

async function countPages(
  client: Client,
  where: estypes.SearchRequest,
  query: FoldedQuery,
  dimensions: readonly Dimension[],
): Promise<Count[]> {
  const sources = dimensions.map(toSource);
  const all: Answer['buckets'] = [];
  let after: Key | undefined;
  do {
    const page = await readPage(client, where, query, sources, after);
    all.push(...page.buckets);
    after = page.buckets.length < PAGE ? undefined : page.after_key;
  } while (after !== undefined);
  return all.map(({ key, doc_count: count }) => ({
    key: dimensions.map((dimension, place) => toPart(dimension, key[place]!)),
    count,
  }));
}

function toSource(dimension: Dimension, place: number): Source {
  const name = String(place);
  if (dimension in CALENDAR)
    return { [name]: { date_histogram: { field: 'at', calendar_interval: dimension as Calendar, time_zone: 'UTC' } } };
  return { [name]: { terms: TAGS.has(dimension) ? { field: dimension } : missingToo(dimension) } };
}

const missingToo = (field: string) => ({ field, missing_bucket: true });

async function readPage(
  client: Client,
  where: estypes.SearchRequest,
  query: FoldedQuery,
  sources: Source[],
  after?: Key,
): Promise<Answer> {
  const { aggregations } = await client.search({
    ...counting(where, query),
    aggs: { counts: { composite: { size: PAGE, sources, ...(after && { after }) } } },
  });
  return aggregations!.counts as unknown as Answer;
}

/** Calendar parts come as milliseconds since 1970. */
function toPart(dimension: Dimension, part: string | number | null): string | null {
  if (!(dimension in CALENDAR)) return part as string | null;
  return new Date(part as number).toISOString().slice(0, CALENDAR[dimension as Calendar]);
}
