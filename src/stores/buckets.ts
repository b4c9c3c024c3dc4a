import { AppError } from '../domain/errors.ts';
import type { Dimension } from '../domain/query.ts';
import type { Bucket, Count } from '../domain/store.ts';

const MAX_DIMENSIONS = 3;

/** @throws AppError `QUERY_INVALID` for no dimension or more than three. */
export function checkDimensions(dimensions: readonly Dimension[]): void {
  if (dimensions.length >= 1 && dimensions.length <= MAX_DIMENSIONS) return;
  throw new AppError('QUERY_INVALID', `Mentions cannot be counted by ${dimensions.length} dimensions.`, {
    fix: `Name one to ${MAX_DIMENSIONS} dimensions.`,
  });
}

/** The largest first, then by key. */
export function byCountThenKey(one: Count, other: Count): number {
  if (one.count !== other.count) return other.count - one.count;
  const place = one.key.findIndex((part, index) => part !== other.key[index]);
  return place < 0 ? 0 : comparePart(one.key[place]!, other.key[place]!);
}

/** By code units; "could not tell" comes last. */
function comparePart(one: string | null, other: string | null): number {
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}

/** Puts the feelings of one key together: sentiment is the last part of the key of each count. */
export function withFeelings(counts: readonly Count[]): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const { key: parts, count } of counts) {
    const key = parts.slice(0, -1);
    const feeling = parts.at(-1) as 'negative' | 'neutral' | 'positive' | null;
    const name = JSON.stringify(key);
    const bucket = buckets.get(name) ?? { key, count: 0, negative: 0, neutral: 0, positive: 0 };
    bucket.count += count;
    if (feeling !== null) bucket[feeling] += count;
    buckets.set(name, bucket);
  }
  return [...buckets.values()].toSorted(byCountThenKey);
}
