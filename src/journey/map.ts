import { NONE } from '../domain/journey.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { Bucket } from '../domain/store.ts';
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

export interface PainCount {
  topic: string;
  count: number;
}

export interface PlaceTally extends Tally {
  id: string;
  /** Of the mentions that have a stage, 0…1. */
  share: number;
  /** Most frequent first, at most `MAX_PAINS`. */
  pains: PainCount[];
}

export interface StageTally extends PlaceTally {
  name: string;
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

/**
 * Turns exact counts into the journey map. Pure.
 * @param places Counts by `['step', 'touchpoint']`.
 * @param pains Counts by `['step', 'touchpoint', 'pain']` over the same mentions; a `null` pain is passed over.
 */
export function journeyMap(model: StageModel, places: readonly Bucket[], pains: readonly Bucket[] = []): JourneyMap {
  const placed = places.filter((bucket) => stageAt(model, bucket) !== null);
  const ofStage = (id: string, buckets: readonly Bucket[]) => buckets.filter((bucket) => stageAt(model, bucket) === id);
  const placedCount = sum(placed);
  return {
    model: model.id,
    total: sum(places),
    unplaced: sum(places.filter(({ key }) => key[0] === NONE)),
    unknown: sum(places.filter(({ key }) => key[0] === null)),
    stages: model.stages.map(({ id, name }) => {
      const [here, hurting] = [ofStage(id, placed), ofStage(id, pains)];
      return {
        ...placeTally(id, here, hurting, placedCount),
        name,
        touchpoints: byTouchpoint(here, hurting, placedCount),
      };
    }),
  };
}

const stageAt = (model: StageModel, { key }: Bucket) => stageOf(model, key[0] ?? null, key[1] ?? null);
const touchpointOf = ({ key }: Bucket) => key[1] ?? UNKNOWN;

function byTouchpoint(places: readonly Bucket[], pains: readonly Bucket[], placedCount: number): PlaceTally[] {
  const at = (id: string) => (bucket: Bucket) => touchpointOf(bucket) === id;
  return [...new Set(places.map(touchpointOf))]
    .map((id) => placeTally(id, places.filter(at(id)), pains.filter(at(id)), placedCount))
    .toSorted((a, b) => b.count - a.count || compareText(a.id, b.id));
}

function placeTally(id: string, here: readonly Bucket[], pains: readonly Bucket[], placedCount: number): PlaceTally {
  const tally = tallyOf(here);
  return { id, ...tally, share: placedCount === 0 ? 0 : tally.count / placedCount, pains: leadingPains(pains) };
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

/** Pain is the last part of the key. */
function leadingPains(buckets: readonly Bucket[]): PainCount[] {
  const counts = new Map<string, number>();
  for (const { key, count } of buckets) {
    const topic = key[2];
    if (topic) counts.set(topic, (counts.get(topic) ?? 0) + count);
  }
  return [...counts]
    .map(([topic, count]) => ({ topic, count }))
    .toSorted((a, b) => b.count - a.count || compareText(a.topic, b.topic))
    .slice(0, MAX_PAINS);
}

const sum = (buckets: readonly { count: number }[]) => buckets.reduce((total, { count }) => total + count, 0);
const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b));
