import type { Dimension } from '../../domain/query.ts';

/** Calendar parts of `at`, in UTC; weeks begin on Monday. The last is how much of the day's text names the part. */
export const CALENDAR = { day: 10, week: 10, month: 7 } as const;
export type Calendar = keyof typeof CALENDAR;

/** Where a mention stands on the journey as one value, because counting by one field takes half the time of two. */
export const placeOf = (step: string | null, touchpoint: string | null): string => `${step ?? ''} ${touchpoint ?? ''}`;
/** The parts of a place; `null` = could not tell. */
export const partsOf = (place: string): (string | null)[] => place.split(' ').map((part) => part || null);

/** Many-valued fields: without a value a mention is in none of their buckets. */
export const TAGS: ReadonlySet<Dimension> = new Set(['topic', 'pain', 'opportunity', 'brand', 'signal']);
