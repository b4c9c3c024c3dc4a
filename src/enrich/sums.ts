import type { Head } from './model.ts';

/** Adds what the pieces of hashes say for the labels of one head, in units of the table; 0 is no piece. */
export function addPieces(sums: Int32Array, from: number, { labels, pieces }: Head, hashes: readonly number[]): void {
  const size = labels.length;
  const last = pieces.length / size - 1;
  for (let at = 0; at < hashes.length; at++) {
    const hash = hashes[at]!;
    if (hash === 0) continue;
    for (let label = 0, place = (hash & last) * size; label < size; label++)
      sums[from + label]! += pieces[place + label]!;
  }
}

/** Adds a part of the rows of words. Four at a time: that takes a third of the time. */
export function addRows(sums: Int32Array, rows: readonly Int16Array[], start: number): void {
  let at = 0;
  for (; at + 3 < rows.length; at += 4) {
    const [one, two, three, four] = [rows[at]!, rows[at + 1]!, rows[at + 2]!, rows[at + 3]!];
    for (let label = 0, place = start; label < sums.length; label++, place++)
      sums[label]! += one[place]! + two[place]! + three[place]! + four[place]!;
  }
  for (; at < rows.length; at++)
    for (let label = 0; label < sums.length; label++) sums[label]! += rows[at]![start + label]!;
}
