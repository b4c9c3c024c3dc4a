import { z } from 'zod';
import { filterParams, readParams } from '../journey/filter-params.ts';
import type { RawParams } from '../journey/filter-params.ts';
import type { MentionFilter } from '../domain/query.ts';
import type { Against } from '../journey/periods.ts';

/** How far back the page looks, in days. */
export const PERIODS = ['30', '90', '270', 'all'] as const;

/** With what the period can be compared. */
export const COMPARED = ['before', 'half-year'] as const satisfies Against[];

const { model, q, source, channel, language, sentiment, persona, stage, step, touchpoint, pain, outcome } =
  filterParams;

const params = z.strictObject({
  model,
  q,
  source,
  channel,
  language,
  sentiment,
  persona,
  stage,
  step,
  touchpoint,
  pain,
  outcome,
  /** One id as stored; everything that they said is listed. */
  author: z.string().min(1).max(512).optional(),
  period: z.enum(PERIODS).default('90'),
  against: z.enum(COMPARED).optional(),
  /** Whether the voices of the period are listed, or of the one that it is compared with. */
  when: z.enum(['before']).optional(),
  cursor: z.string().min(1).max(500).optional(),
});

/** What the address of the page asks for. */
export type PageQuery = z.infer<typeof params>;

/** Fields that choose voices on the map but leave the map itself whole. */
const CHOICE = ['stage', 'step', 'touchpoint', 'pain', 'outcome', 'author', 'when'] as const;

/**
 * Reads the address. Fields that a form sent empty count as absent.
 * @throws {AppError} `QUERY_INVALID` naming what would have been understood.
 */
export function readPageQuery(raw: RawParams): PageQuery {
  return readParams(params, Object.fromEntries(Object.entries(raw).filter(([, value]) => String(value ?? '') !== '')));
}

/** The part of the page's query that its map is drawn from. */
export function mapFilter(page: PageQuery): MentionFilter {
  const {
    stage: _stage,
    step: _step,
    touchpoint: _touchpoint,
    pain: _pain,
    outcome: _outcome,
    ...rest
  } = voicesFilter(page);
  return rest;
}

/** The part by which voices are listed, where they are not those of one author. */
export function voicesFilter(page: PageQuery): MentionFilter {
  const { period: _period, against: _against, when: _when, author: _author, cursor: _cursor, ...filter } = page;
  return filter;
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
