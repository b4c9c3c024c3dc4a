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

const DAY_MS = 86_400_000;
/** Up to so many cells are counted in an array, more of them in a map. */
const MAX_ARRAY = 4_000_000;

/** Exact counts of the chosen by any number of dimensions, in no order. */
export function countChosen(columns: Columns, chosen: readonly Chosen[], dimensions: readonly Dimension[]): Count[] {
  const axes = placed(dimensions.map((dimension) => axisOf(columns, chosen, dimension)));
  const tally = tallies(axes.reduce((product, { names }) => product * names.length, 1));
  const many = axes.filter(({ field }) => field !== undefined);
  const cells = new Float64Array(ROWS);
  for (const one of chosen) {
    cells.fill(0);
    for (const { move, stride } of axes) move?.(one, cells, stride);
    if (many.length === 0) for (let index = 0; index < one.rows.length; index++) tally.add(cells[index]!);
    else if (many.length === 1) addTags(one, many[0]!, cells, tally.add);
    else
      for (let index = 0; index < one.rows.length; index++)
        eachTag(one.block, one.rows[index]!, many, 0, cells[index]!, tally.add);
  }
  return tally.counts((cell) => axes.map(({ names, stride }) => names[Math.floor(cell / stride) % names.length]!));
}

function placed(axes: readonly Axis[]): Placed[] {
  let stride = 1;
  return axes.map((axis) => {
    const here = { ...axis, stride };
    stride *= axis.names.length;
    return here;
  });
}

/** The same as `eachTag` for one field, which is most of what is asked and several times as fast. */
function addTags({ block, rows }: Chosen, axis: Placed, cells: Float64Array, add: (cell: number) => void): void {
  const { tags, tagEnds } = block;
  const { field, stride } = axis;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    const end = tagEnds[row]!;
    for (let place = row === 0 ? 0 : tagEnds[row - 1]!; place < end; place++)
      if (fieldOf(tags[place]!) === field) add(cells[index]! + codeOf(tags[place]!) * stride);
  }
}

/** Every combination of the values that a row has in the many-valued fields. */
function eachTag(
  block: Block,
  row: number,
  many: readonly Placed[],
  depth: number,
  cell: number,
  visit: (cell: number) => void,
): void {
  const { field, stride } = many[depth]!;
  const end = block.tagEnds[row]!;
  for (let place = row === 0 ? 0 : block.tagEnds[row - 1]!; place < end; place++) {
    const tag = block.tags[place]!;
    if (fieldOf(tag) !== field) continue;
    const at = cell + codeOf(tag) * stride;
    if (depth + 1 === many.length) visit(at);
    else eachTag(block, row, many, depth + 1, at, visit);
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

function tallies(cells: number) {
  return cells <= MAX_ARRAY ? talliesInArray(cells) : talliesInMap();
}

function talliesInArray(cells: number) {
  const counts = new Uint32Array(cells);
  return {
    add: (cell: number) => void counts[cell]!++,
    counts: (keyOf: (cell: number) => Count['key']): Count[] => {
      const met: Count[] = [];
      for (let cell = 0; cell < cells; cell++)
        if (counts[cell]! > 0) met.push({ key: keyOf(cell), count: counts[cell]! });
      return met;
    },
  };
}

function talliesInMap() {
  const counts = new Map<number, number>();
  return {
    add: (cell: number) => void counts.set(cell, (counts.get(cell) ?? 0) + 1),
    counts: (keyOf: (cell: number) => Count['key']): Count[] =>
      [...counts].map(([cell, count]) => ({ key: keyOf(cell), count })),
  };
}
