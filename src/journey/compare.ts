import type { JourneyMap, StageTally, Tally } from './map.ts';

/** What became of one stage between two periods. */
export interface StageChange {
  id: string;
  name: string;
  before: StageTally;
  now: StageTally;
  perDayBefore: number;
  perDayNow: number;
  /** Change of net sentiment, −2…2; `null` where one of the periods is empty. */
  sentimentChange: number | null;
  trend: Trend;
}

/** `unclear` = a change that chance alone may have made; `thin` = too few mentions in one of the periods. */
export type Trend = 'better' | 'steady' | 'worse' | 'unclear' | 'thin';

/** Fewer mentions than this in a period are an anecdote, not a trend. */
export const MIN_COUNT = 5;
/** Change of net sentiment below which a stage counts as steady. */
const MIN_CHANGE = 0.1;
/** Two standard errors: about one false alarm in twenty. */
const STANDARD_ERRORS = 2;

/**
 * Compares two maps of the same model, stage by stage. A change counts only where it is at least 0.1 and larger than
 * chance alone would make it (two standard errors of the difference of two means).
 * @param days Lengths of the two periods.
 */
export function compareMaps(before: JourneyMap, now: JourneyMap, days: { before: number; now: number }): StageChange[] {
  return now.stages.map((stage, index) => {
    const earlier = before.stages[index]!;
    return {
      id: stage.id,
      name: stage.name,
      before: earlier,
      now: stage,
      perDayBefore: earlier.count / Math.max(1, days.before),
      perDayNow: stage.count / Math.max(1, days.now),
      sentimentChange: difference(earlier, stage),
      trend: trendOf(earlier, stage),
    };
  });
}

function difference(before: Tally, now: Tally): number | null {
  return before.netSentiment === null || now.netSentiment === null ? null : now.netSentiment - before.netSentiment;
}

function trendOf(before: Tally, now: Tally): Trend {
  const change = difference(before, now);
  if (change === null || before.count < MIN_COUNT || now.count < MIN_COUNT) return 'thin';
  const noise = STANDARD_ERRORS * Math.sqrt(variance(before) / before.count + variance(now) / now.count);
  if (Math.abs(change) < MIN_CHANGE) return 'steady';
  if (Math.abs(change) < noise) return 'unclear';
  return change > 0 ? 'better' : 'worse';
}

/** Of one mention's sentiment read as −1, 0 or 1. */
function variance({ count, negative, positive, netSentiment }: Tally): number {
  return (negative + positive) / count - (netSentiment ?? 0) ** 2;
}
