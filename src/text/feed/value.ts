import type { Attributes } from './attributes.ts';
import { EMPTY, FOREIGN } from './fields.ts';

/** One value of an element: its text, or its content as mark-up, with the attributes it had. */
export interface Value {
  /** Qualified name of its element. */
  name: string;
  /** Undefined where nobody reads it, and it is only passed over. */
  place: number | undefined;
  content: string;
  /** How `content` is to be read. */
  kind: 'plain' | 'html';
  attributes: Attributes;
  base: string | undefined;
}

/** All values of one item or of the feed itself. A list by place is several times cheaper than a map for each item. */
export interface Values {
  /** The first value of each field, by its place. */
  firsts: (Value | undefined)[];
  /** Further values of the same fields, in their order. */
  others: Value[];
  /** Values outside the feed's own vocabulary. */
  foreign: Value[];
}

const NONE: Value[] = [];

export const noValues = (): Values => ({ firsts: EMPTY.slice(), others: NONE, foreign: NONE });

export function addValue(values: Values, value: Value): void {
  const { place } = value;
  if (place === undefined) return;
  if (place === FOREIGN) values.foreign = added(values.foreign, value);
  else if (values.firsts[place] === undefined) values.firsts[place] = value;
  else values.others = added(values.others, value);
}

function added(list: Value[], value: Value): Value[] {
  if (list === NONE) return [value];
  list.push(value);
  return list;
}

/** The first value of a field that is as wanted. */
export function find(values: Values, place: number, isWanted: (value: Value) => boolean): Value | undefined {
  const first = values.firsts[place];
  if (first === undefined || isWanted(first)) return first;
  return values.others.find((value) => value.place === place && isWanted(value));
}

/** All values of a field, in their order. */
export function all({ firsts, others }: Values, place: number): Value[] {
  const first = firsts[place];
  if (first === undefined) return NONE;
  return others === NONE ? [first] : [first, ...others.filter((value) => value.place === place)];
}

/** An absolute address, where the reference and its base give one. */
export function resolve(reference: string | undefined, base: string | undefined): string | undefined {
  const trimmed = reference?.trim();
  if (!trimmed) return undefined;
  try {
    return new URL(trimmed, base).href;
  } catch {
    return undefined;
  }
}
