import { apart } from './apart.ts';

/** Longer keys are not kept: they are rare, and many of them could fill the memory. */
export const LONGEST_KEY = 32;

/**
 * Remembers what `make` gave for the keys that were asked for last: at least `kept` of them and at most twice as many.
 * `make` must give the same for the same key and never `undefined`.
 */
export function remember<T>(kept: number, make: (key: string) => T): (key: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  return (key) => {
    const known = young.get(key);
    if (known !== undefined) return known;
    if (key.length > LONGEST_KEY) return make(key);
    const value = old.get(key) ?? make(key);
    if (young.size >= kept) [old, young] = [young, new Map()];
    young.set(apart(key), value);
    return value;
  };
}
