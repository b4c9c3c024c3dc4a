import { terms } from '../text/fold.ts';
import { parseSearch, satisfies } from '../text/search.ts';

/** Finds the brands whose name or alias stands in a text as whole words, whatever its case and accents. */
export function createBrandFinder(brands: Record<string, { aliases: string[] } | null>): (text: string) => string[] {
  const wanted = Object.entries(brands).map(([brand, options]) => ({
    brand,
    names: [brand, ...(options?.aliases ?? [])]
      .map((name) => parseSearch(`"${name}"`))
      .filter((name) => name.length > 0),
  }));
  return (text) => {
    const words = terms(text);
    return wanted.filter(({ names }) => names.some((name) => satisfies(name, words))).map(({ brand }) => brand);
  };
}
