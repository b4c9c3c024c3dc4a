import type { Mention } from '../domain/mention.ts';
import type { Notice } from '../domain/notice.ts';
import type { Persona } from '../domain/persona.ts';
import type { MentionQuery } from '../domain/query.ts';
import type { Bucket } from '../domain/store.ts';
import { compareMaps } from '../journey/compare.ts';
import type { StageChange } from '../journey/compare.ts';
import { MAP_LISTS, journeyMap, mapOfCounts } from '../journey/map.ts';
import type { JourneyMap } from '../journey/map.ts';
import { choosePeriods } from '../journey/periods.ts';
import { understand } from '../journey/personas.ts';
import { readPlaceChanges } from '../journey/place-changes.ts';
import type { PlaceChanges } from '../journey/place-changes.ts';
import { readRisks, stayingFirst } from '../journey/risk-reader.ts';
import type { AuthorRisk, RiskReport } from '../journey/risk-reader.ts';
import type { StageModel } from '../journey/stage-model.ts';
import { modelNamed } from '../journey/stages.ts';
import { mapFilter, voicesFilter } from './page-query.ts';
import type { PageQuery } from './page-query.ts';
import type { SourceLine, WebPorts } from './ports.ts';

/** What is recent, in whole UTC days, today included. */
export const RECENT_DAYS = 21;
const VOICES_PER_PAGE = 20;
const NOTICES = 5;
const LEAVING = 5;
/** Everything is read of so many authors: the page shall not wait for more. */
const WEIGHED = 40;
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
  /** Against the chosen period; absent where none is chosen, or the page shows all time. */
  compared: PlaceChanges | undefined;
  leaving: Leaving;
  voices: { total: number; mentions: Mention[]; next?: string };
  /** What the filters offer. */
  offers: { sources: string[]; languages: string[]; personas: readonly Persona[] };
  sources: SourceLine[];
  notices: Notice[];
}

/** Who of those whom the filter finds is likely to leave, the likeliest first. */
export interface Leaving extends Pick<RiskReport, 'withoutAuthor' | 'complete'> {
  /** `source` = where they were heard last. */
  risks: (Omit<AuthorRisk, 'mentions'> & { source: string })[];
}

export async function loadPage(ports: WebPorts, page: PageQuery): Promise<PageData> {
  const model = modelNamed(ports.models, page.model);
  const today = Math.floor(ports.now().getTime() / DAY_MS) * DAY_MS;
  const from = page.period === 'all' ? undefined : isoOf(today - (Number(page.period) - 1) * DAY_MS);
  const periods = page.against && from ? choosePeriods({ from, against: page.against }, ports.now()) : undefined;
  const at = periods?.now ?? { from };
  const query: MentionQuery = { ...(await understand(mapFilter(page), ports)), ...at };
  const [counts, compared, leaving, voices, offers, sources, { notices }] = await Promise.all([
    countEverything(ports, query, isoOf(today - (RECENT_DAYS - 1) * DAY_MS)),
    periods && readPlaceChanges(ports.mentions, model, query, periods),
    readLeaving(ports, query),
    listVoices(ports, page, page.when === 'before' && periods ? periods.before : at),
    readOffers(ports),
    ports.sourcesHealth(),
    ports.notices.list({ limit: NOTICES }),
  ]);
  const { places, covered, before, recent, recentPains } = counts;
  return {
    page,
    models: ports.models,
    model,
    brands: ports.brands.filter(({ competitor }) => !competitor).map(({ name }) => name),
    stored: offers.stored,
    covered,
    compared,
    leaving,
    voices,
    offers,
    sources,
    notices,
    map: mapOfCounts(model, places),
    changes: compareMaps(journeyMap(model, before), journeyMap(model, recent, recentPains), {
      before: daysBefore(today, from, covered?.first),
      now: RECENT_DAYS,
    }),
  };
}

async function countEverything({ mentions }: WebPorts, query: MentionQuery, recentFrom: string) {
  const place = ['step', 'touchpoint'] as const;
  const [places, days, before, recent, recentPains] = await Promise.all([
    mentions.countAll(query, MAP_LISTS),
    mentions.aggregate(query, ['day']),
    mentions.aggregate({ ...query, to: recentFrom }, place),
    mentions.aggregate({ ...query, from: recentFrom }, place),
    mentions.aggregate({ ...query, from: recentFrom }, [...place, 'pain']),
  ]);
  const known = valuesOf(days).toSorted();
  const [first, last] = [known[0], known.at(-1)];
  return { places, before, recent, recentPains, covered: first && last ? { first, last } : undefined };
}

/** Those at low risk are not likely to leave. */
async function readLeaving({ mentions, now }: WebPorts, query: MentionQuery): Promise<Leaving> {
  const { risks, withoutAuthor, complete } = await readRisks(query, {}, now(), mentions, {
    authors: WEIGHED,
    order: stayingFirst,
  });
  const likely = risks.filter(({ level }) => level !== 'low').slice(0, LEAVING);
  return {
    risks: likely.map(({ mentions: [newest], ...risk }) => ({ ...risk, source: newest!.source })),
    withoutAuthor,
    complete,
  };
}

/** Of one author everything, because everything is what their risk is told from. */
async function listVoices(ports: WebPorts, page: PageQuery, at: Pick<MentionQuery, 'from' | 'to'>) {
  const query =
    page.author === undefined ? { ...(await understand(voicesFilter(page), ports)), ...at } : { author: [page.author] };
  return ports.mentions.search(query, { limit: VOICES_PER_PAGE, cursor: page.cursor });
}

async function readOffers({ mentions, personas: saved }: WebPorts) {
  const [sources, languages, personas] = await Promise.all([
    mentions.aggregate({}, ['source']),
    mentions.aggregate({}, ['language']),
    saved.list(),
  ]);
  const stored = sources.reduce((sum, { count }) => sum + count, 0);
  return { stored, personas, sources: valuesOf(sources).toSorted(), languages: valuesOf(languages).toSorted() };
}

/** Length of the period before the recent one, from the first day of which anything is known. */
function daysBefore(today: number, from: string | undefined, first: string | undefined): number {
  const begin = Math.max(from ? Date.parse(from) : 0, first ? Date.parse(first) : today);
  return (today - begin) / DAY_MS + 1 - RECENT_DAYS;
}

const valuesOf = (buckets: readonly Bucket[]) =>
  buckets.map(({ key }) => key[0]).filter((value): value is string => typeof value === 'string');
const isoOf = (ms: number) => new Date(ms).toISOString();
