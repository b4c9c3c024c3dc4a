import type { estypes } from '@elastic/elasticsearch';
import type { Dimension } from '../../domain/query.ts';
import type { Count } from '../../domain/store.ts';
import { TAGS } from './dimensions.ts';

type Aggregations = Record<string, estypes.AggregationsAggregationContainer>;

/** Most values of one dimension that are counted in this way; with more of them the answer says that it is not whole. */
const MOST_VALUES = 1_000;
/** Stands for "could not tell". No value of a field holds this character, which is none. */
const UNTOLD = '\uffff';

interface Terms {
  sum_other_doc_count: number;
  buckets: (Record<string, Terms> & { key: string; doc_count: number })[];
}
type Answer = Record<string, Terms>;

/**
 * Counts by several lists of dimensions in one pass: what their beginnings have in common is counted once. About five
 * times as fast as `composite` over a million mentions. Exact as long as every shard gives all its values, which the
 * answer tells (`sum_other_doc_count`).
 * https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-terms-aggregation
 *
 * @param depth How many dimensions of the lists are above.
 */
export function nestedAggregations(lists: readonly (readonly Dimension[])[], depth = 0): Aggregations {
  const aggregations: Aggregations = {};
  for (const dimension of new Set(lists.flatMap((list) => list[depth] ?? []))) {
    const below = lists.filter((list) => list[depth] === dimension);
    aggregations[dimension] = {
      terms: { field: dimension, size: MOST_VALUES, ...(TAGS.has(dimension) ? {} : { missing: UNTOLD }) },
      aggs: nestedAggregations(below, depth + 1),
    };
  }
  return aggregations;
}

/** The counts of one list in the answer, unsorted; `undefined` where the answer does not hold all of them. */
export function nestedCounts(
  answer: Answer,
  list: readonly Dimension[],
  above: Count['key'] = [],
): Count[] | undefined {
  const { sum_other_doc_count: left, buckets } = answer[list[above.length]!]!;
  if (left > 0) return undefined;
  const counted: Count[] = [];
  for (const bucket of buckets) {
    const key = [...above, bucket.key === UNTOLD ? null : bucket.key];
    const found = key.length === list.length ? [{ key, count: bucket.doc_count }] : nestedCounts(bucket, list, key);
    if (found === undefined) return undefined;
    counted.push(...found);
  }
  return counted;
}
