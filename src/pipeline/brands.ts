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

/** Whether any rule depends on the language, which is known only once a text has been understood. */
export function rulesNameLanguages(brands: Record<string, Partial<BrandOptions> | null>): boolean {
  return Object.values(brands).some((options) =>
    [...(options?.exclude ?? []), ...(options?.require ?? [])].some(({ language }) => language !== undefined),
  );
}

/** Gives the brands that a text speaks of. `language` is what the text was judged to be in, if that could be told. */
export type FindBrands = (text: string, language?: string | null) => string[];

interface Name {
  brand: string;
  first: string;
  rest: readonly string[];
}

/**
 * Finds the brands whose name, alias, product or handle stands in a text as whole words, whatever its case and accents.
 * One pass over the text however many brands there are; rules are looked at only for brands that were found.
 */
export function createBrandFinder(brands: Record<string, Partial<BrandOptions> | null>): FindBrands {
  const known = Object.entries(brands).map(([brand, options]) => ({ brand, ...ABSENT, ...options }));
  const names = indexed(
    known.flatMap(({ brand, aliases, products }) =>
      [brand, ...aliases, ...products].map((name) => toName(brand, name)),
    ),
  );
  const handles = indexed(
    known.flatMap(({ brand, handles: all }) => all.map((handle) => ({ brand, first: plainHandle(handle), rest: [] }))),
  );
  const rules = known.map(({ brand, exclude, require }) => ({
    brand,
    exclude: exclude.map(readRule),
    require: require.map(readRule),
  }));
  return (text, language) => {
    const words = terms(text);
    const found = new Set([...named(words, names), ...addressed(text, handles)]);
    return rules
      .filter(({ brand }) => found.has(brand))
      .filter(({ exclude }) => !anyHolds(exclude, words, language))
      .filter(({ require }) => require.length === 0 || anyHolds(require, words, language))
      .map(({ brand }) => brand);
  };
}

const ABSENT: BrandOptions = { aliases: [], handles: [], products: [], exclude: [], require: [] };

function toName(brand: string, name: string): Name {
  const [first = '', ...rest] = terms(name);
  return { brand, first, rest };
}

/** By the first word. */
function indexed(names: readonly Name[]): Map<string, Name[]> {
  const index = new Map<string, Name[]>();
  for (const name of names) index.set(name.first, [...(index.get(name.first) ?? []), name]);
  return index;
}

function named(words: readonly string[], names: ReadonlyMap<string, Name[]>): string[] {
  return words.flatMap((word, at) =>
    (names.get(word) ?? [])
      .filter(({ rest }) => rest.every((term, index) => words[at + 1 + index] === term))
      .map(({ brand }) => brand),
  );
}

const HANDLE = /(?<![\p{L}\p{N}_.])@([\p{L}\p{N}_][\p{L}\p{N}_.-]{0,100})/gu;

function addressed(text: string, handles: ReadonlyMap<string, Name[]>): string[] {
  if (handles.size === 0) return [];
  return [...text.matchAll(HANDLE)]
    .flatMap(([, handle]) => handles.get(plainHandle(handle!)) ?? [])
    .map(({ brand }) => brand);
}

/** Tells the brands' own names on platforms from those of people. */
export function isHandleOf(brands: Record<string, Partial<BrandOptions> | null>): (handle: string) => boolean {
  const own = new Set(Object.values(brands).flatMap((options) => (options?.handles ?? []).map(plainHandle)));
  return (handle) => own.has(plainHandle(handle));
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

function anyHolds(rules: readonly Rule[], words: readonly string[], spoken: string | null | undefined): boolean {
  return rules.some(
    ({ clauses, language }) => (language === undefined || language === spoken) && satisfies(clauses, words),
  );
}
