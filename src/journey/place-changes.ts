import type { MentionQuery } from '../domain/query.ts';
import type { MentionStore } from '../domain/store.ts';
import { comparePlaces } from './changes.ts';
import type { Figure } from './changes.ts';
import { MAP_LISTS } from './map.ts';
import { daysOf } from './periods.ts';
import type { Period } from './periods.ts';
import { placeKey } from './quotes.ts';
import type { StageModel } from './stage-model.ts';

/** A period, its length in days, and how many mentions were found in it. */
export interface CountedPeriod extends Period {
  days: number;
  total: number;
}

export interface PlaceChanges {
  /** By `placeKey`, that of a stage with an empty touchpoint; only of places that were met in one of the periods. */
  figures: ReadonlyMap<string, Figure>;
  now: CountedPeriod;
  before: CountedPeriod;
}

/** What became of every stage and touchpoint between two periods, of all that a query finds. */
export async function readPlaceChanges(
  mentions: Pick<MentionStore, 'countAll'>,
  model: StageModel,
  query: MentionQuery,
  periods: { now: Period; before: Period },
): Promise<PlaceChanges> {
  const counted = async (at: Period) => {
    const counts = await mentions.countAll({ ...query, ...at }, [MAP_LISTS[0]!]);
    const total = counts[0]!.reduce((sum, { count }) => sum + count, 0);
    return { counts, told: { ...at, days: daysOf(at), total } };
  };
  const [before, now] = await Promise.all([counted(periods.before), counted(periods.now)]);
  const figures = comparePlaces(
    model,
    { counts: before.counts, days: before.told.days },
    { counts: now.counts, days: now.told.days },
  );
  return {
    figures: new Map(figures.map((figure) => [placeKey(figure.of.stage!, figure.of.touchpoint ?? ''), figure])),
    now: now.told,
    before: before.told,
  };
}
