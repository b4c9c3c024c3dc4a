import type { Client, estypes } from '@elastic/elasticsearch';
import { NONE, STEPS, TOUCHPOINTS } from '../../domain/journey.ts';
import type { Mention } from '../../domain/mention.ts';
import type { Visit, VisitOptions, Visits } from '../../domain/store.ts';
import { checkLimit } from '../paging.ts';
import { MAX_PER_PLACE, MAX_VISITS, threadOf, wholeTravellers } from '../visits.ts';
import type { StoredMention } from './document.ts';
import { placeOf } from './dimensions.ts';
import { asking } from './errors.ts';
import { toDsl } from './query.ts';
import type { FoldedQuery } from './query.ts';
import type { Names } from './schema.ts';

interface PlaceAnswer {
  buckets: { key: string; newest: { hits: { hits: Hit[] } } }[];
}
type Hit = { _source: StoredMention };

/** All places of the codebook, also those whose touchpoint could not be told. */
const PLACES = STEPS.flatMap((step) => [...TOUCHPOINTS, NONE, null].map((touchpoint) => placeOf(step, touchpoint)));
/** Most places have their newest mentions in so many days; only the others are looked for further back. */
const RECENT_DAYS = 14;
const DAY_MS = 86_400_000;

/** One place with its newest mentions. */
interface Found {
  place: string;
  hits: Hit[];
}

/** The newest mentions of every step and touchpoint, newest first. */
export async function newestByPlace(
  client: Client,
  names: Names,
  query: FoldedQuery,
  { perPlace, now }: { perPlace: number; now: Date },
): Promise<Mention[]> {
  checkLimit(perPlace, MAX_PER_PLACE);
  const start = new Date((query.to ? Date.parse(query.to) : now.getTime()) - RECENT_DAYS * DAY_MS).toISOString();
  const look = (filter: Filter) => asking('reading places', () => findPlaces(client, names, filter, perPlace));
  const recent = await look(onJourney(query, [{ range: { at: { gte: start } } }]));
  const full = recent.filter(({ hits }) => hits.length === perPlace);
  const known = new Set(full.map(({ place }) => place));
  const others = PLACES.filter((place) => !known.has(place));
  const older = others.length === 0 ? [] : await look(onJourney(query, [{ terms: { place: others } }]));
  return [...full, ...older]
    .flatMap(({ hits }) => hits)
    .map(({ _source: { body } }) => JSON.parse(body) as Mention)
    .toSorted((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? 1 : -1));
}

type Filter = ReturnType<typeof onJourney>;

async function findPlaces(client: Client, names: Names, query: Filter, perPlace: number): Promise<Found[]> {
  const newest = {
    top_hits: { size: perPlace, sort: [{ at: 'desc' as const }, { id: 'desc' as const }], _source: ['body'] },
  };
  const { aggregations } = await client.search({
    index: names.mentions,
    query,
    size: 0,
    track_total_hits: false,
    allow_partial_search_results: false,
    aggs: { places: { terms: { field: 'place', size: PLACES.length }, aggs: { newest } } },
  });
  const { buckets } = aggregations!.places as unknown as PlaceAnswer;
  return buckets.map(({ key, newest: { hits } }) => ({ place: key, hits: hits.hits }));
}

const onJourney = (query: FoldedQuery, also: estypes.QueryDslQueryContainer[] = []) => ({
  bool: { filter: [toDsl(query), { terms: { step: [...STEPS] } }, ...also] },
});

/** Longest answer of one search: the window that Elasticsearch allows by default. */
const PAGE = 10_000;
const KEEP_ALIVE = '1m';

/** Who was where, and what next: read in order, page by page, from a view that is held still. */
export async function readVisits(
  client: Client,
  names: Names,
  query: FoldedQuery,
  { by, limit }: VisitOptions,
): Promise<Visits> {
  checkLimit(limit, MAX_VISITS);
  return asking('reading visits', async () => {
    const { id } = await client.openPointInTime({ index: names.mentions, keep_alive: KEEP_ALIVE });
    try {
      const found: Visit[] = [];
      let after: estypes.SortResults | undefined;
      do {
        const size = Math.min(PAGE, limit + 1 - found.length);
        const { hits } = (
          await client.search({
            pit: { id, keep_alive: KEEP_ALIVE },
            query: onJourney(query, [{ exists: { field: by } }]),
            size,
            track_total_hits: false,
            _source: false,
            stored_fields: '_none_',
            docvalue_fields: ['step', 'touchpoint', 'sentiment', 'outcome'],
            sort: [...(by === 'thread' ? ['source'] : []), by, 'at', 'id'],
            ...(after && { search_after: after }),
          })
        ).hits;
        found.push(...hits.map((hit) => toVisit(hit, by)));
        after = hits.length < size ? undefined : hits.at(-1)?.sort;
      } while (after !== undefined && found.length <= limit);
      return wholeTravellers(found, limit);
    } finally {
      await client.closePointInTime({ id });
    }
  });
}

function toVisit({ sort, fields }: estypes.SearchHit, by: VisitOptions['by']): Visit {
  const told = (field: string) => (fields?.[field] as string[] | undefined)?.[0] ?? null;
  const place = by === 'thread' ? 1 : 0;
  const name = sort![place] as string;
  return {
    traveller: place === 0 ? name : threadOf(sort![0] as string, name),
    at: new Date(sort![place + 1] as number).toISOString(),
    step: told('step')!,
    touchpoint: told('touchpoint'),
    sentiment: told('sentiment'),
    outcome: told('outcome'),
  };
}
