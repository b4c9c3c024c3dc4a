import type { Dimension } from '../domain/query.ts';
import { NONE } from '../domain/journey.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { Count } from '../domain/store.ts';
import { MIN_COUNT } from './compare.ts';
import type { Trend } from './compare.ts';
import { adjustForMany, compareShares, tailOfNormal } from './significance.ts';
import type { StageModel } from './stage-model.ts';
import { stageOf } from './stages.ts';

/**
 * `new` and `gone` = met in one of the periods only; `unclear` = a change that chance alone may have made; `thin` = too
 * few mentions in both periods.
 */
export type Change = 'rose' | 'fell' | 'new' | 'gone' | 'steady' | 'unclear' | 'thin';

/** What a figure counts, in the words of a filter. */
export interface Subject {
  stage?: string;
  touchpoint?: string;
  topic?: string;
  pain?: string;
  gap?: string;
}

export interface Measure {
  count: number;
  /** Of everything that was found in the period, 0…1. */
  share: number;
  perDay: number;
  /** `null` where nothing was said, absent where sentiment was not counted. */
  netSentiment?: number | null;
}

/** What became of one thing between two periods. */
export interface Figure {
  of: Subject;
  now: Measure;
  before: Measure;
  change: Change;
  /** Share now ÷ share before; `null` where there was none before. */
  times: number | null;
  /** Probability that chance alone made the change, adjusted for all figures of the comparison; `null` where thin. */
  p: number | null;
  /** How surprising the change is, for ranking (G²). */
  surprise: number;
  /** What became of the feeling; absent where sentiment was not counted. */
  mood?: { change: number | null; trend: Trend; p: number | null };
}

/** Counts of one period by `COMPARE_LISTS`, and how long it is. */
export interface PeriodCounts {
  counts: readonly (readonly Count[])[];
  days: number;
}

export interface Comparison {
  stages: Figure[];
  touchpoints: Figure[];
  topics: Figure[];
  pains: Figure[];
  gaps: Figure[];
}

/** By what both periods have to be counted. */
export const COMPARE_LISTS: readonly (readonly Dimension[])[] = [
  ['step', 'touchpoint', 'sentiment'],
  ['topic', 'sentiment'],
  ['step', 'touchpoint', 'pain'],
  ['step', 'touchpoint', 'gap'],
];

/** Share of false alarms among what is called a change. */
export const LEVEL = 0.05;
/** Changes of a share by less than this part of it, and of net sentiment by less than this, count as steady. */
const MIN_CHANGE = 0.1;

type SubjectOf = (key: Count['key']) => Subject | null;
type Kinds = Partial<Record<keyof Comparison, { list: number; subject: SubjectOf; mood: boolean }>>;

/**
 * Compares two periods stage by stage, touchpoint by touchpoint (within its stage), and by topic, pain (within its place)
 * and broken hand-over (within its stage). Shares of all that was found are compared, so the periods may differ in
 * length. Each list begins with the most surprising change.
 */
export function comparePeriods(model: StageModel, before: PeriodCounts, now: PeriodCounts): Comparison {
  const { stage, place } = placing(model);
  const gap: SubjectOf = (key) =>
    key[2] === NONE ? null : only(key[2], (told) => only(stage(key), (at) => ({ ...at, gap: told })));
  const kinds: Kinds = {
    stages: { list: 0, subject: stage, mood: true },
    touchpoints: { list: 0, subject: place, mood: true },
    topics: { list: 1, subject: ([topic]) => only(topic, (told) => ({ topic: told })), mood: true },
    pains: {
      list: 2,
      subject: (key) => only(key[2], (pain) => only(place(key), (at) => ({ ...at, pain }))),
      mood: false,
    },
    gaps: { list: 3, subject: gap, mood: false },
  };
  return compareKinds(kinds, before, now) as Comparison;
}

/**
 * Compares stages and touchpoints alone.
 * @param before Counts by the first of `COMPARE_LISTS`, and so `now`.
 */
export function comparePlaces(model: StageModel, before: PeriodCounts, now: PeriodCounts): Figure[] {
  const { stage, place } = placing(model);
  const kinds: Kinds = {
    stages: { list: 0, subject: stage, mood: true },
    touchpoints: { list: 0, subject: place, mood: true },
  };
  return Object.values(compareKinds(kinds, before, now)).flat();
}

function placing(model: StageModel): { stage: SubjectOf; place: SubjectOf } {
  const stage: SubjectOf = ([step = null, touchpoint = null]) =>
    only(stageOf(model, step, touchpoint), (id) => ({ stage: id }));
  return { stage, place: (key) => only(stage(key), (at) => ({ ...at, touchpoint: key[1] ?? UNKNOWN })) };
}

function compareKinds(kinds: Kinds, before: PeriodCounts, now: PeriodCounts): Partial<Comparison> {
  const totals = { before: totalOf(before), now: totalOf(now) };
  const days = { before: before.days, now: now.days };
  const all = Object.entries(kinds).map(([kind, { list, subject, mood }]) => {
    const sums = [before, now].map(({ counts }) => sumUp(counts[list]!, subject, mood)) as [Sums, Sums];
    return [kind, pairUp(sums, days, totals)] as const;
  });
  judge(
    all.flatMap(([, figures]) => figures),
    totals,
  );
  return Object.fromEntries(all.map(([kind, figures]) => [kind, figures.toSorted((a, b) => b.surprise - a.surprise)]));
}

const only = <T, R>(value: T | null | undefined, then: (value: T) => R): R | null => (value ? then(value) : null);
const totalOf = ({ counts }: PeriodCounts) => counts[0]!.reduce((sum, { count }) => sum + count, 0);

interface Sum {
  of: Subject;
  count: number;
  /** Positive − negative, and both together; absent where sentiment was not counted. */
  feeling?: { net: number; told: number };
}
type Sums = Map<string, Sum>;
interface Pair {
  before: number;
  now: number;
}

function sumUp(counts: readonly Count[], subject: (key: Count['key']) => Subject | null, mood: boolean): Sums {
  const sums: Sums = new Map();
  for (const { key, count } of counts) {
    const of = subject(key);
    if (of === null) continue;
    const name = JSON.stringify(of);
    const sum = sums.get(name) ?? { of, count: 0, ...(mood && { feeling: { net: 0, told: 0 } }) };
    sum.count += count;
    if (sum.feeling) {
      const sign = { positive: 1, negative: -1 }[key.at(-1) ?? ''] ?? 0;
      sum.feeling.net += sign * count;
      sum.feeling.told += Math.abs(sign) * count;
    }
    sums.set(name, sum);
  }
  return sums;
}

/** A figure before it is judged, with what the judgement needs. */
type Draft = Figure & { feelings?: { before: Sum; now: Sum } };

function pairUp([before, now]: [Sums, Sums], days: Pair, totals: Pair): Draft[] {
  return [...new Set([...before.keys(), ...now.keys()])].map((name) => {
    const of = (now.get(name) ?? before.get(name)!).of;
    const none: Sum = {
      of,
      count: 0,
      ...((now.get(name) ?? before.get(name)!).feeling && { feeling: { net: 0, told: 0 } }),
    };
    const sums = { before: before.get(name) ?? none, now: now.get(name) ?? none };
    const measures = {
      before: measureOf(sums.before, totals.before, days.before),
      now: measureOf(sums.now, totals.now, days.now),
    };
    const times = measures.before.share === 0 ? null : measures.now.share / measures.before.share;
    return { of, ...measures, change: 'thin', times, p: null, surprise: 0, ...(none.feeling && { feelings: sums }) };
  });
}

function measureOf({ count, feeling }: Sum, total: number, days: number): Measure {
  return {
    count,
    share: total === 0 ? 0 : count / total,
    perDay: count / days,
    ...(feeling && { netSentiment: count === 0 ? null : feeling.net / count }),
  };
}

/** Tests every figure that is not thin, all of them as one family; the same for their moods. */
function judge(figures: Draft[], totals: Pair): void {
  const tested = figures.filter(
    ({ before, now }) => totals.before > 0 && totals.now > 0 && Math.max(before.count, now.count) >= MIN_COUNT,
  );
  const tests = tested.map(({ before, now }) =>
    compareShares({ count: before.count, total: totals.before }, { count: now.count, total: totals.now }),
  );
  const adjusted = adjustForMany(tests.map(({ p }) => p));
  for (const [index, figure] of tested.entries()) {
    figure.surprise = tests[index]!.surprise;
    figure.p = adjusted[index]!;
    figure.change = changeOf(figure, adjusted[index]!);
  }
  judgeMoods(figures);
}

function changeOf({ before, now, times }: Figure, p: number): Change {
  if (p > LEVEL) return times !== null && Math.abs(times - 1) < MIN_CHANGE ? 'steady' : 'unclear';
  if (before.count === 0) return 'new';
  if (now.count === 0) return 'gone';
  return now.share > before.share ? 'rose' : 'fell';
}

function judgeMoods(figures: Draft[]): void {
  const felt = figures.filter(({ feelings }) => feelings !== undefined);
  const tested = felt.filter(({ before, now }) => Math.min(before.count, now.count) >= MIN_COUNT);
  const adjusted = adjustForMany(tested.map(({ feelings }) => moodTest(feelings!)));
  const byFigure = new Map(tested.map((figure, index) => [figure, adjusted[index]!]));
  for (const figure of felt) {
    const { before, now } = figure;
    const change = before.count === 0 || now.count === 0 ? null : now.netSentiment! - before.netSentiment!;
    const p = byFigure.get(figure) ?? null;
    figure.mood = { change, p, trend: change === null || p === null ? 'thin' : trendOf(change, p) };
    delete figure.feelings;
  }
}

function trendOf(change: number, p: number): Trend {
  if (Math.abs(change) < MIN_CHANGE) return 'steady';
  if (p > LEVEL) return 'unclear';
  return change > 0 ? 'better' : 'worse';
}

/** Probability that two means of sentiment, read as −1, 0 or 1, differ so much by chance. */
function moodTest({ before, now }: { before: Sum; now: Sum }): number {
  const [one, other] = [before, now].map(({ count, feeling }) => {
    const mean = feeling!.net / count;
    return { mean, noise: (feeling!.told / count - mean ** 2) / count };
  }) as [{ mean: number; noise: number }, { mean: number; noise: number }];
  const noise = Math.sqrt(one.noise + other.noise);
  if (noise === 0) return one.mean === other.mean ? 1 : 0;
  return tailOfNormal((other.mean - one.mean) / noise);
}
