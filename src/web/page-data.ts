import type { Mention } from '../domain/mention.ts';
import type { Notice } from '../domain/notice.ts';
import type { MentionQuery } from '../domain/query.ts';
import type { Bucket } from '../domain/store.ts';
import { compareMaps } from '../journey/compare.ts';
import type { StageChange } from '../journey/compare.ts';
import { journeyMap } from '../journey/map.ts';
import type { JourneyMap } from '../journey/map.ts';
import type { StageModel } from '../journey/stage-model.ts';
import { modelNamed, resolveFilter } from '../journey/stages.ts';
import { hasChoice, mapFilter, voicesFilter } from './page-query.ts';
import type { PageQuery } from './page-query.ts';
import type { SourceLine, WebPorts } from './ports.ts';

/** What is recent, in whole UTC days, today included. */
export const RECENT_DAYS = 21;
const VOICES_PER_PAGE = 20;
const NOTICES = 5;
const DAY_MS = 86_400_000;

/** Everything that the page shows. */
export interface PageData {
  page: PageQuery;
  models: readonly StageModel[];
  model: StageModel;
  brands: readonly string[];
  /** Whatever is stored, without any filter. */
  stored: number;
  map: JourneyMap;
  /** First and last day with a mention, YYYY-MM-DD; absent where there is none. */
  covered: { first: string; last: string } | undefined;
  changes: StageChange[];
  chosen: boolean;
  voices: { total: number; mentions: Mention[]; next?: string };
  /** What the filters offer. */
  offers: { sources: string[]; languages: string[] };
  sources: SourceLine[];
  notices: Notice[];
}

export async function loadPage(ports: WebPorts, page: PageQuery): Promise<PageData> {
  const model = modelNamed(ports.models, page.model);
  const today = Math.floor(ports.now().getTime() / DAY_MS) * DAY_MS;
  const from = page.period === 'all' ? undefined : isoOf(today - (Number(page.period) - 1) * DAY_MS);
  const query: MentionQuery = { ...resolveFilter(mapFilter(page), ports.models), from };
  const [counts, voices, offers, sources, { notices }] = await Promise.all([
    countEverything(ports, query, isoOf(today - (RECENT_DAYS - 1) * DAY_MS)),
    ports.mentions.search(
      { ...resolveFilter(voicesFilter(page), ports.models), from },
      { limit: VOICES_PER_PAGE, cursor: page.cursor },
    ),
    readOffers(ports),
    ports.sourcesHealth(),
    ports.notices.list({ limit: NOTICES }),
  ]);
  const { places, pains, covered, before, recent, recentPains } = counts;
  return {
    page,
    models: ports.models,
    model,
    brands: ports.brands.filter(({ competitor }) => !competitor).map(({ name }) => name),
    stored: offers.stored,
    covered,
    chosen: hasChoice(page),
    voices,
    offers,
    sources,
    notices,
    map: journeyMap(model, places, pains),
    changes: compareMaps(journeyMap(model, before), journeyMap(model, recent, recentPains), {
      before: daysBefore(today, from, covered?.first),
      now: RECENT_DAYS,
    }),
  };
}

async function countEverything({ mentions }: WebPorts, query: MentionQuery, recentFrom: string) {
  const place = ['step', 'touchpoint'] as const;
  const [places, pains, days, before, recent, recentPains] = await Promise.all([
    mentions.aggregate(query, place),
    mentions.aggregate(query, [...place, 'pain']),
    mentions.aggregate(query, ['day']),
    mentions.aggregate({ ...query, to: recentFrom }, place),
    mentions.aggregate({ ...query, from: recentFrom }, place),
    mentions.aggregate({ ...query, from: recentFrom }, [...place, 'pain']),
  ]);
  const known = valuesOf(days).toSorted();
  const [first, last] = [known[0], known.at(-1)];
  return { places, pains, before, recent, recentPains, covered: first && last ? { first, last } : undefined };
}

async function readOffers({ mentions }: WebPorts) {
  const [sources, languages] = await Promise.all([
    mentions.aggregate({}, ['source']),
    mentions.aggregate({}, ['language']),
  ]);
  const stored = sources.reduce((sum, { count }) => sum + count, 0);
  return { stored, sources: valuesOf(sources).toSorted(), languages: valuesOf(languages).toSorted() };
}

/** Length of the period before the recent one, from the first day of which anything is known. */
function daysBefore(today: number, from: string | undefined, first: string | undefined): number {
  const begin = Math.max(from ? Date.parse(from) : 0, first ? Date.parse(first) : today);
  return (today - begin) / DAY_MS + 1 - RECENT_DAYS;
}

const valuesOf = (buckets: readonly Bucket[]) =>
  buckets.map(({ key }) => key[0]).filter((value): value is string => typeof value === 'string');
const isoOf = (ms: number) => new Date(ms).toISOString();
