import { NONE } from '../domain/journey.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { Dimension } from '../domain/query.ts';
import type { Bucket, Count } from '../domain/store.ts';
import { emotionOf } from './emotion.ts';
import type { Emotion } from './emotion.ts';
import type { StageModel } from './stage-model.ts';
import { stageOf } from './stages.ts';

/** How often, and with what feeling. */
export interface Tally {
  count: number;
  negative: number;
  neutral: number;
  positive: number;
  /** Share positive − share negative, −1…1; `null` where nothing was said. */
  netSentiment: number | null;
  /** `netSentiment` as a word; `null` where nothing was said. */
  emotion: Emotion | null;
}

export interface TopicCount {
  topic: string;
  count: number;
}

export interface GapCount {
  between: string;
  count: number;
}

export interface OutcomeCount {
  outcome: string;
  count: number;
}

export interface PlaceTally extends Tally {
  id: string;
  /** Of the mentions that have a stage, 0…1. */
  share: number;
  /** Most frequent first, at most `MAX_PAINS`. */
  pains: TopicCount[];
  /** What is wished for; most frequent first, at most `MAX_PAINS`. */
  opportunities: TopicCount[];
  /** Broken hand-overs, most frequent first. */
  gaps: GapCount[];
  /** Mentions that tell of a changed view of the brand. */
  momentsOfTruth: number;
  /** What customers did, where they told; most frequent first. */
  outcomes: OutcomeCount[];
  /** How many did what the stage's model desires; `null` where it desires nothing. */
  completed: number | null;
}

export interface StageTally extends PlaceTally {
  name: string;
  goal?: string | undefined;
  desired?: readonly string[] | undefined;
  /** Only those that were met, most frequent first; `none` and `unknown` among them. */
  touchpoints: PlaceTally[];
}

/** `total` = the counts of all stages + `unplaced` + `unknown`. */
export interface JourneyMap {
  model: string;
  total: number;
  /** Told to be about no customer's experience (step `none`). */
  unplaced: number;
  /** Looked and could not tell the step, or not looked yet. */
  unknown: number;
  stages: StageTally[];
}

export const MAX_PAINS = 5;

/** What is said of places, beside how many and with what feeling; each counted by step, touchpoint and this. */
export interface Details {
  pain?: readonly Count[];
  opportunity?: readonly Count[];
  gap?: readonly Count[];
  signal?: readonly Count[];
  outcome?: readonly Count[];
}

const PLACE = ['step', 'touchpoint'] as const satisfies Dimension[];
const DETAILS = ['pain', 'opportunity', 'gap', 'signal', 'outcome'] as const satisfies (keyof Details)[];

/** By what mentions have to be counted for a whole map. */
export const MAP_LISTS: readonly (readonly Dimension[])[] = [
  [...PLACE, 'sentiment'],
  ...DETAILS.map((detail) => [...PLACE, detail]),
];

/** The map from counts by `MAP_LISTS`, in their order. */
export function mapOfCounts(model: StageModel, counts: readonly (readonly Count[])[]): JourneyMap {
  const [places, ...details] = counts;
  return journeyMap(
    model,
    places!.map(withFeeling),
    [],
    Object.fromEntries(DETAILS.map((name, index) => [name, details[index]!])),
  );
}

/** A count by step, touchpoint and sentiment as a bucket of its own. */
function withFeeling({ key: [step, touchpoint, feeling], count }: Count): Bucket {
  const of = (wanted: string) => (feeling === wanted ? count : 0);
  return {
    key: [step!, touchpoint!],
    count,
    negative: of('negative'),
    neutral: of('neutral'),
    positive: of('positive'),
  };
}

/**
 * Turns exact counts into the journey map. Pure.
 * @param places Counts by `['step', 'touchpoint']`.
 * @param pains Counts by `['step', 'touchpoint', 'pain']` over the same mentions; a `null` pain is passed over.
 */
export function journeyMap(
  model: StageModel,
  places: readonly Bucket[],
  pains: readonly Count[] = [],
  details: Details = {},
): JourneyMap {
  const stages = stageFinder(model);
  const told: Details = { pain: pains, ...details };
  const placedCount = sum(places.filter((bucket) => stages(bucket) !== null));
  return {
    model: model.id,
    total: sum(places),
    unplaced: sum(places.filter(({ key }) => key[0] === NONE)),
    unknown: sum(places.filter(({ key }) => key[0] === null)),
    stages: model.stages.map(({ id, name, goal, desired }) => {
      const ofStage = <T extends Count>(counts: readonly T[]) => counts.filter((count) => stages(count) === id);
      const here = ofStage(places);
      const said = mapDetails(told, ofStage);
      const tally = (at: string, counts: readonly Bucket[], saidThere: Details) =>
        placeTally(at, counts, saidThere, { placedCount, desired });
      return {
        ...tally(id, here, said),
        name,
        ...(goal !== undefined && { goal }),
        ...(desired !== undefined && { desired }),
        touchpoints: byTouchpoint(here, said, tally),
      };
    }),
  };
}

/** The stage of a count; each place is looked up once. */
function stageFinder(model: StageModel): (count: Count) => string | null {
  const known = new Map<string, string | null>();
  return ({ key: [step = null, touchpoint = null] }) => {
    const place = `${step}/${touchpoint}`;
    if (!known.has(place)) known.set(place, stageOf(model, step, touchpoint));
    return known.get(place)!;
  };
}

const mapDetails = (details: Details, choose: (counts: readonly Count[]) => Count[]): Details =>
  Object.fromEntries(Object.entries(details).map(([name, counts]) => [name, choose(counts as readonly Count[])]));

const touchpointOf = ({ key }: Count) => key[1] ?? UNKNOWN;

function byTouchpoint(
  places: readonly Bucket[],
  said: Details,
  tally: (id: string, counts: readonly Bucket[], saidThere: Details) => PlaceTally,
): PlaceTally[] {
  return [...new Set(places.map(touchpointOf))]
    .map((id) => {
      const there = <T extends Count>(counts: readonly T[]) => counts.filter((count) => touchpointOf(count) === id);
      return tally(id, there(places), mapDetails(said, there));
    })
    .toSorted((a, b) => b.count - a.count || compareText(a.id, b.id));
}

interface Whole {
  placedCount: number;
  desired: readonly string[] | undefined;
}

function placeTally(id: string, here: readonly Bucket[], said: Details, { placedCount, desired }: Whole): PlaceTally {
  const tally = tallyOf(here);
  const outcomes = leading(said.outcome).map(([outcome, count]) => ({ outcome, count }));
  const moments = leading(said.signal).find(([signal]) => signal === 'moment_of_truth');
  const topics = (counts: readonly Count[] | undefined) =>
    leading(counts)
      .slice(0, MAX_PAINS)
      .map(([topic, count]) => ({ topic, count }));
  return {
    id,
    ...tally,
    share: placedCount === 0 ? 0 : tally.count / placedCount,
    pains: topics(said.pain),
    opportunities: topics(said.opportunity),
    gaps: leading(said.gap).map(([between, count]) => ({ between, count })),
    momentsOfTruth: moments?.[1] ?? 0,
    outcomes,
    completed: desired ? sum(outcomes.filter(({ outcome }) => desired.includes(outcome))) : null,
  };
}

/** Adds buckets up. */
export function tallyOf(buckets: readonly Omit<Bucket, 'key'>[]): Tally {
  const count = sum(buckets);
  const [negative, neutral, positive] = (['negative', 'neutral', 'positive'] as const).map((feeling) =>
    buckets.reduce((total, bucket) => total + bucket[feeling], 0),
  ) as [number, number, number];
  const netSentiment = count === 0 ? null : (positive - negative) / count;
  return {
    count,
    negative,
    neutral,
    positive,
    netSentiment,
    emotion: netSentiment === null ? null : emotionOf(netSentiment),
  };
}

/** Values of the last part of the key, most frequent first; those that were not told are passed over. */
function leading(counts: readonly Count[] = []): [value: string, count: number][] {
  const sums = new Map<string, number>();
  for (const { key, count } of counts) {
    const value = key[2];
    if (value && value !== NONE) sums.set(value, (sums.get(value) ?? 0) + count);
  }
  return [...sums].toSorted(([a, more], [b, less]) => less - more || compareText(a, b));
}

const sum = (buckets: readonly { count: number }[]) => buckets.reduce((total, { count }) => total + count, 0);
const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b));
