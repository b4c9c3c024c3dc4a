/**
 * The known name that a mistyped one most likely means: least optimal-string-alignment distance (insertions,
 * deletions, substitutions and swaps of neighbours; Damerau 1964), ties by the order of `known`. Undefined where
 * even the nearest differs in more than a third of the letters (at least two), so that no silly hint is given.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.slice(0, LONGEST).toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Longer names are compared by their beginning, which bounds the work that a hostile name can cause. */
const LONGEST = 64;

/** Number of edits between two names. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        above[column]! + 1,
        current[column - 1]! + 1,
        above[column - 1]! + (same ? 0 : 1),
        swapped ? before[column - 2]! + 1 : Infinity,
      );
    }
    [before, above] = [above, current];
  }
  return above[b.length]!;
}

/** ` Did you mean "x"?`, or nothing where no known name is near. For the end of a sentence. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}
