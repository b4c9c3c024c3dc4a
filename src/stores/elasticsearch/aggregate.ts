import type { Client, estypes } from '@elastic/elasticsearch';
import type { Dimension, MentionQuery } from '../../domain/query.ts';
import type { Bucket } from '../../domain/store.ts';
import { byCountThenKey, checkDimensions } from '../buckets.ts';
import { asking } from './errors.ts';
import { toDsl } from './query.ts';
import type { Names } from './schema.ts';

/** Buckets of one answer; more come in further ones. */
const PAGE = 10_000;

/** Sentiment of each mention, counted beside what was asked for. */
const FEELING = 'feeling';

/** Calendar parts of `at`, in UTC; weeks begin on Monday. The last is how much of the day's text names the part. */
const CALENDAR = { day: 10, week: 10, month: 7 } as const;
type Calendar = keyof typeof CALENDAR;

/** Many-valued fields: without a value a mention is in none of their buckets. */
const TAGS: ReadonlySet<Dimension> = new Set(['topic', 'pain', 'opportunity', 'brand']);

type Source = Record<string, estypes.AggregationsCompositeAggregationSource>;
type Key = Record<string, string | number | null>;
interface Answer {
  after_key?: Key;
  buckets: { key: Key; doc_count: number }[];
}

/**
 * Exact counts by one to three dimensions, the largest first, then by key. All buckets are read: `terms` would give the
 * largest only, and sum up shards by guess.
 * https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-composite-aggregation
 *
 * @throws AppError `QUERY_INVALID` for no dimension or more than three.
 */
export async function aggregateMentions(
  client: Client,
  names: Names,
  query: MentionQuery,
  dimensions: readonly Dimension[],
): Promise<Bucket[]> {
  checkDimensions(dimensions);
  const sources = [...dimensions.map(toSource), ...toNamed(FEELING, { terms: missingToo('sentiment') })];
  const counts = await asking('counting', () => readPages(client, names, query, sources));
  return sumUp(counts, dimensions);
}

function toSource(dimension: Dimension, place: number): Source {
  const name = String(place);
  if (dimension in CALENDAR)
    return { [name]: { date_histogram: { field: 'at', calendar_interval: dimension as Calendar, time_zone: 'UTC' } } };
  return { [name]: { terms: TAGS.has(dimension) ? { field: dimension } : missingToo(dimension) } };
}

const toNamed = (name: string, source: estypes.AggregationsCompositeAggregationSource): Source[] => [
  { [name]: source },
];
const missingToo = (field: string) => ({ field, missing_bucket: true });

/** One answer is one moment; where one does not suffice, all are read from a view that is held still. */
async function readPages(
  client: Client,
  names: Names,
  query: MentionQuery,
  sources: Source[],
): Promise<Answer['buckets']> {
  const first = await readPage(client, { index: names.mentions, allow_partial_search_results: false }, query, sources);
  if (first.buckets.length < PAGE) return first.buckets;
  const { id } = await client.openPointInTime({ index: names.mentions, keep_alive: '1m' });
  try {
    const all: Answer['buckets'] = [];
    let after: Key | undefined;
    do {
      const page = await readPage(client, { pit: { id, keep_alive: '1m' } }, query, sources, after);
      all.push(...page.buckets);
      after = page.buckets.length < PAGE ? undefined : page.after_key;
    } while (after !== undefined);
    return all;
  } finally {
    await client.closePointInTime({ id });
  }
}

async function readPage(
  client: Client,
  where: estypes.SearchRequest,
  query: MentionQuery,
  sources: Source[],
  after?: Key,
): Promise<Answer> {
  const { aggregations } = await client.search({
    ...where,
    query: toDsl(query),
    size: 0,
    track_total_hits: false,
    aggs: { counts: { composite: { size: PAGE, sources, ...(after && { after }) } } },
  });
  return aggregations!.counts as unknown as Answer;
}

/** Puts the feelings of one key together. */
function sumUp(counts: Answer['buckets'], dimensions: readonly Dimension[]): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const { key: parts, doc_count: count } of counts) {
    const key = dimensions.map((dimension, place) => toPart(dimension, parts[place]!));
    const name = JSON.stringify(key);
    const bucket = buckets.get(name) ?? { key, count: 0, negative: 0, neutral: 0, positive: 0 };
    bucket.count += count;
    const feeling = parts[FEELING] as 'negative' | 'neutral' | 'positive' | null;
    if (feeling !== null) bucket[feeling] += count;
    buckets.set(name, bucket);
  }
  return [...buckets.values()].toSorted(byCountThenKey);
}

/** Calendar parts come as milliseconds since 1970. */
function toPart(dimension: Dimension, part: string | number | null): string | null {
  if (!(dimension in CALENDAR)) return part as string | null;
  return new Date(part as number).toISOString().slice(0, CALENDAR[dimension as Calendar]);
}
