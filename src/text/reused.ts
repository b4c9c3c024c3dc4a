/**
 * Gives the same table each time, its first `count` numbers cleared; made anew only for a longer text. What is in it is
 * good until the next time.
 */
export function reused<T extends Int32Array | Float64Array>(make: (length: number) => T): (count: number) => T {
  let table = make(1024);
  return (count) => {
    if (count > table.length) table = make(count * 2);
    table.fill(0, 0, count);
    return table;
  };
}
