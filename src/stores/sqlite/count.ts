import type { Dimension } from '../../domain/query.ts';
import type { Count } from '../../domain/store.ts';
import type { TagField } from '../document.ts';
import { ROWS, TAG_FIELDS, codeOf, columnOf, fieldOf } from './blocks.ts';
import type { Block, CodeField } from './blocks.ts';
import type { Columns } from './columns.ts';
import type { Chosen } from './select.ts';

/** One dimension as numbers. */
interface Axis {
  /** Number → part of the key. */
  names: readonly (string | null)[];
  /** Adds the numbers of the rows of a block, times the stride, to their cells; absent for a many-valued field. */
  move?: (chosen: Chosen, cells: Float64Array, stride: number) => void;
  /** Number of a many-valued field. */
  field?: number;
}
/** By how much one step on an axis moves the cell. */
type Placed = Axis & { stride: number };

/** One list of dimensions with what was counted by it. */
interface Counter {
  axes: Placed[];
  tally: Tally;
}

/** Lists that differ in their last dimension alone, so that the others are looked at once for all. */
interface Family {
  shared: readonly Placed[];
  /** Whose last dimension has one value a mention. */
  single: Counter[];
  /** Whose last dimension has any number of them, by the number of its field. */
  byField: Counter[][];
}

const DAY_MS = 86_400_000;

/** Exact counts of the chosen by each list of dimensions, in no order. */
export function countChosen(
  columns: Columns,
  chosen: readonly Chosen[],
  lists: readonly (readonly Dimension[])[],
): Count[][] {
  const families = new Map<string, Family>();
  const alone: Counter[] = [];
  const counters = lists.map((dimensions) => {
    const counter = counterOf(dimensions.map((dimension) => axisOf(columns, chosen, dimension)));
    const shared = counter.axes.slice(0, -1);
    const { field } = counter.axes.at(-1)!;
    if (shared.some((axis) => axis.field !== undefined)) {
      alone.push(counter);
      return counter;
    }
    const name = dimensions.slice(0, -1).join();
    const family = families.get(name) ?? { shared, single: [], byField: TAG_FIELDS.map(() => []) };
    families.set(name, family);
    (field === undefined ? family.single : family.byField[field]!).push(counter);
    return counter;
  });
  const cells = new Float64Array(ROWS);
  for (const one of chosen) {
    for (const family of families.values()) countFamily(one, family, cells);
    for (const counter of alone) countAlone(one, counter, cells);
  }
  return counters.map(countsOf);
}

function counterOf(axes: readonly Axis[]): Counter {
  let stride = 1;
  const placed = axes.map((axis) => {
    const here = { ...axis, stride };
    stride *= axis.names.length;
    return here;
  });
  return { axes: placed, tally: newTally(stride) };
}

/** Finds the cell of each row by the single-valued among the axes. */
function locate(one: Chosen, axes: readonly Placed[], cells: Float64Array): void {
  cells.fill(0);
  for (const { move, stride } of axes) move?.(one, cells, stride);
}

function countFamily(one: Chosen, { shared, single, byField }: Family, cells: Float64Array): void {
  locate(one, shared, cells);
  if (byField.some((counters) => counters.length > 0)) addTags(one, byField, cells);
  for (const { axes, tally } of single) {
    const last = axes.at(-1)!;
    last.move!(one, cells, last.stride);
    for (let index = 0; index < one.rows.length; index++) add(tally, cells[index]!);
    // Back to where the others begin.
    last.move!(one, cells, -last.stride);
  }
}

/** Each tag of each row, for the lists that end with its field. */
function addTags({ block, rows }: Chosen, byField: readonly Counter[][], cells: Float64Array): void {
  const { tags, tagEnds } = block;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    const end = tagEnds[row]!;
    for (let place = row === 0 ? 0 : tagEnds[row - 1]!; place < end; place++) {
      const counters = byField[fieldOf(tags[place]!)]!;
      for (let which = 0; which < counters.length; which++) {
        const { axes, tally } = counters[which]!;
        add(tally, cells[index]! + codeOf(tags[place]!) * axes[axes.length - 1]!.stride);
      }
    }
  }
}

function countAlone(one: Chosen, { axes, tally }: Counter, cells: Float64Array): void {
  const many = axes.filter(({ field }) => field !== undefined);
  locate(one, axes, cells);
  for (let index = 0; index < one.rows.length; index++)
    eachTag(one.block, one.rows[index]!, many, 0, cells[index]!, tally);
}

/** Every combination of the values that a row has in the many-valued fields. */
function eachTag(block: Block, row: number, many: readonly Placed[], depth: number, cell: number, tally: Tally): void {
  const { field, stride } = many[depth]!;
  const end = block.tagEnds[row]!;
  for (let place = row === 0 ? 0 : block.tagEnds[row - 1]!; place < end; place++) {
    const tag = block.tags[place]!;
    if (fieldOf(tag) !== field) continue;
    const at = cell + codeOf(tag) * stride;
    if (depth + 1 === many.length) add(tally, at);
    else eachTag(block, row, many, depth + 1, at, tally);
  }
}

function axisOf(columns: Columns, chosen: readonly Chosen[], dimension: Dimension): Axis {
  if (dimension === 'day' || dimension === 'week' || dimension === 'month') return calendarAxis(chosen, dimension);
  if ((TAG_FIELDS as readonly string[]).includes(dimension)) {
    const field = dimension as TagField;
    return { names: columns.names(field), field: TAG_FIELDS.indexOf(field) };
  }
  const column = columnOf(dimension as CodeField);
  return {
    names: columns.names(dimension as CodeField),
    move: ({ block: { codes }, rows }, cells, stride) => {
      for (let index = 0; index < rows.length; index++) cells[index]! += codes[column + rows[index]!]! * stride;
    },
  };
}

/** Numbers the days, weeks or months that were met. */
function calendarAxis(chosen: readonly Chosen[], part: 'day' | 'week' | 'month'): Axis {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const byDay = new Map<number, number>();
  for (const { block, rows } of chosen)
    for (const row of rows) {
      const day = Math.floor(block.at[row]! / DAY_MS);
      if (byDay.has(day)) continue;
      const name = nameOfDay(day, part);
      if (!numbers.has(name)) numbers.set(name, names.push(name) - 1);
      byDay.set(day, numbers.get(name)!);
    }
  return {
    names,
    move: ({ block: { at }, rows }, cells, stride) => {
      for (let index = 0; index < rows.length; index++)
        cells[index]! += byDay.get(Math.floor(at[rows[index]!]! / DAY_MS))! * stride;
    },
  };
}

/** In UTC. Day 0 was a Thursday, so Mondays are the days that leave 4 when divided by 7. */
function nameOfDay(day: number, part: 'day' | 'week' | 'month'): string {
  const begin = part === 'week' ? day - ((((day + 3) % 7) + 7) % 7) : day;
  return new Date(begin * DAY_MS).toISOString().slice(0, part === 'month' ? 7 : 10);
}

/** How many are in each cell: in an array where it is not too large, else in a map. */
interface Tally {
  dense: Uint32Array | undefined;
  sparse: Map<number, number>;
}

/** Up to so many cells are counted in an array. */
const MAX_ARRAY = 4_000_000;

const newTally = (cells: number): Tally => ({
  dense: cells <= MAX_ARRAY ? new Uint32Array(cells) : undefined,
  sparse: new Map(),
});

function add({ dense, sparse }: Tally, cell: number): void {
  if (dense) dense[cell]!++;
  else sparse.set(cell, (sparse.get(cell) ?? 0) + 1);
}

function countsOf({ axes, tally: { dense, sparse } }: Counter): Count[] {
  const counts: Count[] = [];
  const met = (count: number, cell: number) => {
    if (count === 0) return;
    const key = axes.map(({ names, stride }) => names[Math.floor(cell / stride) % names.length]!);
    counts.push({ key, count });
  };
  dense?.forEach(met);
  sparse.forEach(met);
  return counts;
}
