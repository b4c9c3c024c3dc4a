import { AppError } from '../domain/errors.ts';
import type { Dimension } from '../domain/query.ts';
import type { Bucket } from '../domain/store.ts';
import type { TagField } from './document.ts';

const MAX_DIMENSIONS = 3;

/** Dimensions with one value per mention, `null` where it could not tell. */
export type SingleDimension = Exclude<Dimension, TagField>;

/** @throws AppError `QUERY_INVALID` for no dimension or more than three. */
export function checkDimensions(dimensions: readonly Dimension[]): void {
  if (dimensions.length >= 1 && dimensions.length <= MAX_DIMENSIONS) return;
  throw new AppError('QUERY_INVALID', `Mentions cannot be counted by ${dimensions.length} dimensions.`, {
    fix: `Name one to ${MAX_DIMENSIONS} dimensions.`,
  });
}

/** The largest first, then by key. */
export function byCountThenKey(one: Bucket, other: Bucket): number {
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
