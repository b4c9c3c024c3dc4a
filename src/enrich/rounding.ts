/** Numbers in 8 bits; `scale` makes them real again. The largest keeps its size, up to sign. */
export function rounded(values: Float32Array): { values: Int8Array; scale: number } {
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const scale = most / 127 || 1;
  return { values: Int8Array.from(values, (value) => Math.round(value / scale)), scale };
}
