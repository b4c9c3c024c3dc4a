import { z } from 'zod';
import { AppError } from '../domain/errors.ts';

/** Longest page of a search, in mentions. */
export const MAX_PAGE = 200;
/** Longest page of changes. */
export const MAX_CHANGES = 1_000;

/** @throws AppError `QUERY_INVALID` for anything but a whole number from 1 to `most`. */
export function checkLimit(limit: number, most: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return;
  throw new AppError('QUERY_INVALID', `A page of ${limit} cannot be asked for.`, {
    fix: `Ask for 1 to ${most} at a time.`,
  });
}

/** Mentions with a word are counted up to this. */
export const MAX_COUNTED = 50_000;

/** @throws AppError `QUERY_INVALID` for more stories than a page can show. */
export function checkStories(stories: readonly string[]): void {
  if (stories.length > 0) checkLimit(stories.length, MAX_PAGE);
}

/** An opaque place to go on from. */
export function encodeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Where the last page of a search ended: `at` and `id` of its last mention. */
export const searchPlace = z.tuple([z.string(), z.string()]);

/** How far somebody has followed the changes. */
export const changePlace = z.tuple([z.int().nonnegative()]);

/** @throws AppError `QUERY_INVALID` for anything that `encodeCursor` did not make for this purpose. */
export function decodeCursor<T extends (string | number)[]>(schema: z.ZodType<T>, cursor: string): T {
  const place = schema.safeParse(readJson(Buffer.from(cursor, 'base64url').toString()));
  if (place.success && encodeCursor(place.data) === cursor) return place.data;
  throw new AppError('QUERY_INVALID', 'The cursor is none that was given out here.', {
    fix: 'Begin without a cursor, then hand on `next` exactly as it was answered.',
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
