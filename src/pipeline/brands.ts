import { terms } from '../text/fold.ts';
import { parseSearch, satisfies } from '../text/search.ts';
import type { Clause } from '../text/search.ts';

/** When a text that holds a brand's name is not about the brand. Without words: never in that language. */
export interface BrandRule {
  /** As in searches: all of them, "a phrase", -not, begin* . */
  words?: string | undefined;
  /** ISO 639-1; absent = in every language. */
  language?: string | undefined;
}

export interface BrandOptions {
  aliases: readonly string[];
  /** Names on platforms, found only behind an @. */
  handles: readonly string[];
  products: readonly string[];
  /** Any of these takes the brand away. */
  exclude: readonly BrandRule[];
  /** Where there are any, one of them has to hold. */
  require: readonly BrandRule[];
}

/** Gives the brands that a text speaks of. `language` is what the text was judged to be in, if that could be told. */
export type FindBrands = (text: string, language?: string | null) => string[];

interface Name {
  brand: string;
  rest: readonly string[];
}

/**
 * Finds the brands whose name, alias, product or handle stands in a text as whole words, whatever its case and accents.
 * One pass over the text however many brands there are; rules are looked at only for brands that were found.
 */
export function createBrandFinder(brands: Record<string, Partial<BrandOptions> | null>): FindBrands {
  const names = new Map<string, Name[]>();
  const handles = new Map<string, string[]>();
  const rules = new Map<string, { exclude: Rule[]; require: Rule[] }>();
  for (const [brand, options] of Object.entries(brands)) {
    for (const name of [brand, ...(options?.aliases ?? []), ...(options?.products ?? [])]) {
      const [first, ...rest] = terms(name);
      if (first !== undefined) names.set(first, [...(names.get(first) ?? []), { brand, rest }]);
    }
    for (const handle of (options?.handles ?? []).map(plainHandle)) {
      handles.set(handle, [...(handles.get(handle) ?? []), brand]);
    }
    rules.set(brand, {
      exclude: (options?.exclude ?? []).map(readRule),
      require: (options?.require ?? []).map(readRule),
    });
  }
  return (text, language) => {
    const words = terms(text);
    const found = new Set([...named(words, names), ...addressed(text, handles)]);
    return Object.keys(brands).filter((brand) => {
      if (!found.has(brand)) return false;
      const { exclude, require } = rules.get(brand)!;
      const holds = (rule: Rule) => ruleHolds(rule, words, language);
      return !exclude.some(holds) && (require.length === 0 || require.some(holds));
    });
  };
}

function named(words: readonly string[], names: ReadonlyMap<string, Name[]>): string[] {
  return words.flatMap((word, at) =>
    (names.get(word) ?? [])
      .filter(({ rest }) => rest.every((term, index) => words[at + 1 + index] === term))
      .map(({ brand }) => brand),
  );
}

const HANDLE = /(?<![\p{L}\p{N}_.])@([\p{L}\p{N}_][\p{L}\p{N}_.-]{0,100})/gu;

function addressed(text: string, handles: ReadonlyMap<string, string[]>): string[] {
  if (handles.size === 0) return [];
  return [...text.matchAll(HANDLE)].flatMap(([, handle]) => handles.get(plainHandle(handle!)) ?? []);
}

/** The end of a sentence is no part of a name. */
const plainHandle = (handle: string) =>
  handle
    .toLowerCase()
    .replace(/^@/, '')
    .replace(/[.-]+$/, '');

interface Rule {
  clauses: Clause[];
  language: string | undefined;
}

const readRule = ({ words = '', language }: BrandRule): Rule => ({ clauses: parseSearch(words), language });

function ruleHolds({ clauses, language }: Rule, words: readonly string[], spoken: string | null | undefined): boolean {
  return (language === undefined || language === spoken) && satisfies(clauses, words);
}
