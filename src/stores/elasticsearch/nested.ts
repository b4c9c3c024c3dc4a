import type { estypes } from '@elastic/elasticsearch';
import type { Dimension } from '../../domain/query.ts';
import type { Count } from '../../domain/store.ts';
import { TAGS, partsOf } from './dimensions.ts';

type Aggregations = Record<string, estypes.AggregationsAggregationContainer>;

/** Most values of one dimension that are counted in this way; with more of them the answer says that it is not whole. */
const MOST_VALUES = 1_000;
/** Stands for "could not tell". No value of a field holds this character, which is none. */
const UNTOLD = '\uffff';

interface Terms {
  sum_other_doc_count: number;
  buckets: Found[];
}
type Found = Record<string, Terms> & { key: string; doc_count: number };
type Answer = Record<string, Terms>;

/** What is counted for a list, field by field: step and touchpoint together are the place. */
type Field = Dimension | 'place';
const fieldsOf = (list: readonly Dimension[]): Field[] =>
  list[0] === 'step' && list[1] === 'touchpoint' ? ['place', ...list.slice(2)] : [...list];
/** Fields of one value: what has none is counted too. */
const mayMiss = (field: Field): boolean => field === 'place' || !TAGS.has(field);

/**
 * Counts by several lists of dimensions in one pass: what their beginnings have in common is counted once. Many times
 * as fast as `composite` over a million mentions. Exact as long as every shard gives all its values, which the
 * answer tells (`sum_other_doc_count`).
 * https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-terms-aggregation
 */
export const nestedAggregations = (lists: readonly (readonly Dimension[])[]): Aggregations =>
  below(lists.map(fieldsOf), 0);

function below(lists: readonly Field[][], depth: number): Aggregations {
  const aggregations: Aggregations = {};
  for (const field of new Set(lists.flatMap((list) => list[depth] ?? []))) {
    const on = lists.filter((list) => list[depth] === field);
    // Where nothing follows, those without a value are what is left of those above: asking for them takes time. Where
    // something does, not asking takes twice as long, because Elasticsearch then counts each value by a filter.
    const askMissing = mayMiss(field) && (depth === 0 || on.some((list) => list.length > depth + 1));
    aggregations[field] = {
      terms: { field, size: MOST_VALUES, ...(askMissing && { missing: UNTOLD }) },
      aggs: below(on, depth + 1),
    };
  }
  return aggregations;
}

/** The counts of one list in the answer, unsorted; `undefined` where the answer does not hold all of them. */
export function nestedCounts(answer: Answer, list: readonly Dimension[]): Count[] | undefined {
  const fields = fieldsOf(list);
  const counts: Count[] = [];
  const read = (at: Answer | Found, depth: number, above: Count['key']): boolean => {
    const field = fields[depth]!;
    const { sum_other_doc_count: others, buckets } = (at as Answer)[field]!;
    let left = 'doc_count' in at && mayMiss(field) ? Number(at.doc_count) : 0;
    for (const bucket of buckets) {
      left -= bucket.doc_count;
      const key = [
        ...above,
        ...(field === 'place' ? partsOf(bucket.key) : [bucket.key === UNTOLD ? null : bucket.key]),
      ];
      if (depth + 1 === fields.length) counts.push({ key, count: bucket.doc_count });
      else if (!read(bucket, depth + 1, key)) return false;
    }
    if (left > 0) counts.push({ key: [...above, null], count: left });
    return others === 0;
  };
  return read(answer, 0, []) ? counts : undefined;
}
