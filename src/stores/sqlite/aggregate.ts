import type { Dimension, MentionQuery } from '../../domain/query.ts';
import type { Bucket } from '../../domain/store.ts';
import { byCountThenKey, checkDimensions } from '../buckets.ts';
import type { SingleDimension } from '../buckets.ts';
import type { Database } from './open.ts';
import { toSql } from './query.ts';

/** Dimensions with one value per mention. `at` is in UTC; the Monday of a week is the Sunday that ends it less six days. */
const SINGLE = {
  step: 'm.step',
  touchpoint: 'm.touchpoint',
  sentiment: 'm.sentiment',
  outcome: 'm.outcome',
  gap: 'm.gap',
  language: 'm.language',
  channel: 'm.channel',
  source: 'm.source',
  day: 'substr(m.at, 1, 10)',
  week: "date(substr(m.at, 1, 10), 'weekday 0', '-6 days')",
  month: 'substr(m.at, 1, 7)',
} satisfies Record<SingleDimension, string>;

type Row = (string | number | null)[];

/**
 * Exact counts by one to three dimensions, the largest first, then by key. Mentions without a value of a many-valued
 * dimension are in none of its buckets.
 *
 * @throws AppError `QUERY_INVALID` for no dimension or more than three.
 */
export function aggregateMentions(db: Database, query: MentionQuery, dimensions: readonly Dimension[]): Bucket[] {
  checkDimensions(dimensions);
  const { where, params } = toSql(query);
  const parts = dimensions.map((dimension, index) => toPart(dimension, `t${index}`));
  const sql = `SELECT ${parts.map(({ value }) => value).join(', ')}, count(*),
      count(*) FILTER (WHERE m.sentiment = 'negative'),
      count(*) FILTER (WHERE m.sentiment = 'neutral'),
      count(*) FILTER (WHERE m.sentiment = 'positive')
    FROM mention m ${parts.map(({ join }) => join).join(' ')} WHERE ${where}
    GROUP BY ${parts.map((_, index) => index + 1).join(', ')}`;
  const rows = db.prepare(sql).raw().all(params) as Row[];
  return rows.map((row) => toBucket(row, dimensions.length)).toSorted(byCountThenKey);
}

function toPart(dimension: Dimension, table: string): { value: string; join: string } {
  if (dimension in SINGLE) return { value: SINGLE[dimension as keyof typeof SINGLE], join: '' };
  return {
    value: `${table}.value`,
    join: `JOIN mention_tag ${table} ON ${table}.mention = m.key AND ${table}.field = '${dimension}'`,
  };
}

function toBucket(row: Row, dimensions: number): Bucket {
  const key = row.slice(0, dimensions) as (string | null)[];
  const [count, negative, neutral, positive] = row.slice(dimensions) as [number, number, number, number];
  return { key, count, negative, neutral, positive };
}
