import { z } from 'zod';
import { filterParams, readParams } from '../journey/filter-params.ts';
import type { RawParams } from '../journey/filter-params.ts';
import type { MentionFilter } from '../domain/query.ts';

/** How far back the page looks, in days. */
export const PERIODS = ['30', '90', '270', 'all'] as const;

const { model, q, source, channel, language, sentiment, stage, step, touchpoint, pain } = filterParams;

const params = z.strictObject({
  model,
  q,
  source,
  channel,
  language,
  sentiment,
  stage,
  step,
  touchpoint,
  pain,
  period: z.enum(PERIODS).default('90'),
  cursor: z.string().min(1).max(500).optional(),
});

/** What the address of the page asks for. */
export type PageQuery = z.infer<typeof params>;

/** Fields that choose voices on the map but leave the map itself whole. */
const CHOICE = ['stage', 'step', 'touchpoint', 'pain'] as const;

/**
 * Reads the address. Fields that a form sent empty count as absent.
 * @throws {AppError} `QUERY_INVALID` naming what would have been understood.
 */
export function readPageQuery(raw: RawParams): PageQuery {
  return readParams(params, Object.fromEntries(Object.entries(raw).filter(([, value]) => String(value ?? '') !== '')));
}

/** The part of the page's query that its map is drawn from. */
export function mapFilter(page: PageQuery): MentionFilter {
  const { stage: _stage, step: _step, touchpoint: _touchpoint, pain: _pain, ...rest } = voicesFilter(page);
  return rest;
}

/** The part by which voices are listed. */
export function voicesFilter({ period: _period, cursor: _cursor, ...filter }: PageQuery): MentionFilter {
  return filter;
}

/** Whether somebody has chosen a place on the map, or a pain. */
export function hasChoice(page: PageQuery): boolean {
  return CHOICE.some((field) => page[field] !== undefined);
}

export type Changes = Partial<Record<keyof PageQuery, string | undefined>>;

/**
 * The address of this page with some of its fields changed; `undefined` leaves one out. The place in the list of
 * voices is kept only where it is given.
 */
export function linkTo(page: PageQuery, changes: Changes, hash = ''): string {
  const current = Object.entries({ ...page, cursor: undefined }).map(([name, value]) => [name, value?.toString()]);
  const wanted = Object.entries({ ...Object.fromEntries(current), ...changes } as Record<string, string | undefined>);
  const search = new URLSearchParams(
    wanted.filter((field): field is [string, string] => field[1] !== undefined && !isDefault(field[0], field[1])),
  );
  return `/${search.size > 0 ? `?${search}` : ''}${hash}`;
}

const isDefault = (name: string, value: string) => name === 'period' && value === '90';

/** The address with one place chosen, and nothing else. */
export function linkToPlace(page: PageQuery, place: Changes): string {
  const cleared = Object.fromEntries(CHOICE.map((field) => [field, undefined]));
  return linkTo(page, { ...cleared, ...place }, '#voices');
}
