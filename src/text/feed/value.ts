import type { Attributes } from './attributes.ts';

/** One value of an element: its text, or its content as mark-up, with the attributes it had. */
export interface Value {
  /** Qualified name of its element. */
  name: string;
  content: string;
  /** How `content` is to be read. */
  kind: 'plain' | 'html';
  attributes: Attributes;
  base: string | undefined;
}

/** All values of one item or of the feed itself, by qualified name; parts of an author as `atom:author/atom:name`. */
export type Values = Map<string, Value[]>;

export function addValue(values: Values, value: Value): void {
  const same = values.get(value.name);
  if (same) same.push(value);
  else values.set(value.name, [value]);
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
