import type { OutcomeCount } from './map.ts';
import type { Visit } from '../domain/store.ts';
import { NONE } from '../domain/journey.ts';
import type { StageModel } from './stage-model.ts';
import { stageOf } from './stages.ts';

export interface StagePaths {
  id: string;
  name: string;
  /** Who were ever here. */
  travellers: number;
  /** Whose first station this is. */
  began: number;
  /** Whose last station this is, so far. */
  ended: number;
  /** Of `ended`, those who were nowhere else. */
  onlyHere: number;
  /** Of the visits here that went on to another stage or ended here, the part that ended, 0…1; `null` without visits. */
  dropOut: number | null;
  /** What they told at last of those who ended here. */
  lastOutcomes: OutcomeCount[];
}

/** From one stage to another, one after the other. */
export interface Transition {
  from: string;
  to: string;
  count: number;
  /** Of all that left `from`, 0…1. */
  share: number;
  /** Between the last word there and the first here. */
  medianDays: number;
}

export interface Paths {
  model: string;
  travellers: number;
  /** Who were at more than one stage. */
  moved: number;
  stages: StagePaths[];
  /** Most frequent first. */
  transitions: Transition[];
  /** Whole ways over more than one stage, most frequent first, at most `MAX_ROUTES`. */
  routes: { stages: string[]; count: number }[];
}

export const MAX_ROUTES = 20;
const DAY_MS = 86_400_000;

/** One stay at a stage, however many words were said there. */
interface Stay {
  stage: string;
  began: string;
  ended: string;
  outcome: string | null;
}

/**
 * How travellers move between the stages of a model. Words at the same stage one after another are one stay.
 * @param visits Traveller by traveller, each in the order of time.
 */
export function pathsOf(model: StageModel, visits: readonly Visit[]): Paths {
  const ways = waysOf(model, visits);
  const moves = ways.flatMap((stays) => stays.slice(1).map((stay, index) => ({ from: stays[index]!, to: stay })));
  return {
    model: model.id,
    travellers: ways.length,
    moved: ways.filter(({ length }) => length > 1).length,
    stages: model.stages.map(({ id, name }) => ({ id, name, ...stagePaths(id, ways) })),
    transitions: transitionsOf(moves),
    routes: routesOf(ways),
  };
}

function waysOf(model: StageModel, visits: readonly Visit[]): Stay[][] {
  const ways: Stay[][] = [];
  let traveller: string | undefined;
  for (const visit of visits) {
    const stage = stageOf(model, visit.step, visit.touchpoint);
    if (stage === null) continue;
    if (visit.traveller !== traveller) ways.push([]);
    traveller = visit.traveller;
    const way = ways.at(-1)!;
    const last = way.at(-1);
    if (last?.stage === stage) Object.assign(last, { ended: visit.at, outcome: toldOf(visit) ?? last.outcome });
    else way.push({ stage, began: visit.at, ended: visit.at, outcome: toldOf(visit) });
  }
  return ways;
}

const toldOf = ({ outcome }: Visit) => (outcome === NONE ? null : outcome);

function stagePaths(id: string, ways: readonly Stay[][]): Omit<StagePaths, 'id' | 'name'> {
  const ending = ways.filter((stays) => stays.at(-1)!.stage === id);
  const stays = ways.reduce((sum, way) => sum + way.filter(({ stage }) => stage === id).length, 0);
  return {
    travellers: ways.filter((way) => way.some(({ stage }) => stage === id)).length,
    began: ways.filter((way) => way[0]!.stage === id).length,
    ended: ending.length,
    onlyHere: ending.filter(({ length }) => length === 1).length,
    dropOut: stays === 0 ? null : ending.length / stays,
    lastOutcomes: countBy(ending.flatMap((way) => way.at(-1)!.outcome ?? [])).map(([outcome, count]) => ({
      outcome,
      count,
    })),
  };
}

function transitionsOf(moves: readonly { from: Stay; to: Stay }[]): Transition[] {
  const name = ({ from, to }: { from: Stay; to: Stay }) => JSON.stringify([from.stage, to.stage]);
  const left = new Map(countBy(moves.map(({ from }) => from.stage)));
  const days = new Map<string, number[]>();
  for (const move of moves) {
    const passed = (Date.parse(move.to.began) - Date.parse(move.from.ended)) / DAY_MS;
    const known = days.get(name(move));
    if (known) known.push(passed);
    else days.set(name(move), [passed]);
  }
  return countBy(moves.map(name)).map(([pair, count]) => {
    const [from, to] = JSON.parse(pair) as [string, string];
    return { from, to, count, share: count / left.get(from)!, medianDays: median(days.get(pair)!) };
  });
}

function routesOf(ways: readonly Stay[][]): Paths['routes'] {
  const routes = ways.filter(({ length }) => length > 1).map((way) => JSON.stringify(way.map(({ stage }) => stage)));
  return countBy(routes)
    .slice(0, MAX_ROUTES)
    .map(([route, count]) => ({ stages: JSON.parse(route) as string[], count }));
}

/** Most frequent first, then by name. */
function countBy(names: readonly string[]): [name: string, count: number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted(([a, more], [b, less]) => less - more || (a < b ? -1 : 1));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
