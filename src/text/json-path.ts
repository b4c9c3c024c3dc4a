/**
 * The value at a path such as `data.items`, `fields.0.value` or `$.data[0]['the text']`; undefined where there is
 * none. Only own properties count, so `__proto__` and `constructor` lead nowhere.
 */
export function valueAt(value: unknown, path: string): unknown {
  let here = value;
  for (const key of stepsOf(path)) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

const STEP = /\[(?:'([^']*)'|"([^"]*)"|(\d+))\]|([^.[\]]+)/g;

function stepsOf(path: string): string[] {
  const plain = path.replace(/^\$\.?/, '');
  return [...plain.matchAll(STEP)].map(([, single, double, index, name]) => single ?? double ?? index ?? name ?? '');
}
