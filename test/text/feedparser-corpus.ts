import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WireAnswer } from '../../src/domain/source.ts';
import { decodeText } from '../../src/text/decode.ts';
import { htmlToText } from '../../src/text/html.ts';

/** The tests of Python's `feedparser` (BSD-2-Clause), fetched when wanted and never kept in the repository. */
const VERSION = '6.0.14';
const CACHE = join(process.cwd(), 'node_modules/.cache/feedparser');
/** Where feedparser's own tests serve the files whose name holds `http`. */
const SERVED = 'http://127.0.0.1:8097/tests/';

export type Field = 'title' | 'link' | 'id' | 'date' | 'content';
export const FIELDS: Field[] = ['title', 'link', 'id', 'date', 'content'];

/** What one file says that one field of the feed or of an entry has to be; any of the values will do. */
export interface Expectation {
  field: Field;
  /** Number of the entry, or the feed itself. */
  of: number | 'feed';
  values: (string | number[])[];
}

export interface Case {
  /** `folder/name.xml` */
  file: string;
  answer: WireAnswer;
  expectations: Expectation[];
}

/** What a parser made of a feed, in words that can be compared; dates as the parser gives them. */
export interface Reading {
  title?: string | undefined;
  link?: string | undefined;
  items: {
    title?: string | undefined;
    link?: string | undefined;
    id?: string | undefined;
    date?: string | undefined;
    /** Where a parser gives several bodies (content, summary), any of them may be the right one. */
    contents: string[];
  }[];
}

/** The folder of the corpus; undefined where it cannot be had, for instance without a network. */
export function corpusFolder(): string | undefined {
  const folder = join(CACHE, `feedparser-${VERSION}`, 'tests');
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  try {
    const asked = [
      'download',
      '--no-binary',
      ':all:',
      '--no-deps',
      '--retries',
      '0',
      '--timeout',
      '5',
      '--dest',
      CACHE,
    ];
    execFileSync('pip', [...asked, `feedparser==${VERSION}`], { timeout: 90_000, stdio: 'ignore' });
    execFileSync('tar', ['-xzf', join(CACHE, `feedparser-${VERSION}.tar.gz`), '-C', CACHE], { timeout: 30_000 });
  } catch {
    return undefined;
  }
  return existsSync(folder) ? folder : undefined;
}

/** All files of one folder of the corpus with what they say about the fields that are measured. */
export function casesOf(corpus: string, folder: string): Case[] {
  const names = readdirSync(join(corpus, folder), { recursive: true, encoding: 'utf8' }).toSorted();
  return names.filter((name) => name.endsWith('.xml')).map((file) => caseOf(join(corpus, folder), folder, file));
}

function caseOf(root: string, folder: string, file: string): Case {
  const body = readFileSync(join(root, file));
  const head = decodeText({ body });
  const isServed = file.includes('http');
  const served = isServed ? `${SERVED}${folder}/${file}` : undefined;
  const location = isServed ? headerOf(head, 'Content-Location') : undefined;
  const said = location === undefined ? undefined : new URL(location, served).href;
  const url = said?.startsWith('http') ? said : served;
  const contentType = isServed ? headerOf(head, 'Content-type') : undefined;
  return {
    file,
    answer: { body, url, contentType },
    expectations: expectationsOf(/Expect:\s*(.*)/.exec(head)?.[1] ?? ''),
  };
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^Header:\\s+${name}:(.+)$`, 'im').exec(head)?.[1]?.trim();
}

const PATHS: [RegExp, Field][] = [
  [/^\['title'\]$|^\['title_detail'\]\['value'\]$|^\.title$/, 'title'],
  [/^\['link'\]$|^\['links'\]\[0\]\['href'\]$|^\.link$/, 'link'],
  [/^\['(?:id|guid)'\]$/, 'id'],
  [/^\['(?:published|updated|created)(?:_parsed)?'\]$/, 'date'],
  [/^\['content'\]\[\d+\]\['value'\]$|^\['(?:summary|description)'\]$|^\['summary_detail'\]\['value'\]$/, 'content'],
];

/**
 * The forms of Python that the corpus uses for these fields: `a == 'x'`, `a == b == 'x'`, `a == 'x' or a == 'y'`,
 * joined by `and`. Anything else is about other fields.
 */
export function expectationsOf(expression: string): Expectation[] {
  const literals: string[] = [];
  // Keys (`['title']`) are quoted too, and stay as they are.
  const masked = expression.replace(
    /(\['[^']*'\])|\bu?("""[^]*?"""|'''[^]*?'''|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|("""[^]*?"""|'''[^]*?'''|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g,
    (_all, key: string | undefined, unicode: string | undefined, plain: string | undefined) =>
      key ?? `§${literals.push(unicode ?? plain ?? '') - 1}§`,
  );
  return masked.split(/\s+and\s+/).flatMap((part) => equalities(part, literals));
}

function equalities(part: string, literals: string[]): Expectation[] {
  const sides = part.split(/\s+or\s+/).map((side) => side.split('==').map((term) => term.trim()));
  const values = sides.map((terms) => valueOf(terms.at(-1) ?? '', literals)).filter((value) => value !== undefined);
  const paths = new Set(sides.flatMap((terms) => terms.slice(0, -1)));
  if (values.length !== sides.length) return [];
  return [...paths].flatMap((path) => {
    const parts = /^(?:feed|entries\[(\d+)\])(.+)$/.exec(path);
    const field = PATHS.find(([form]) => form.test(parts?.[2] ?? ''))?.[1];
    const of = parts?.[1] === undefined ? ('feed' as const) : Number(parts[1]);
    const isOurs = field !== undefined && (of !== 'feed' || field === 'title' || field === 'link');
    return isOurs ? [{ field, of, values }] : [];
  });
}

function valueOf(term: string, literals: string[]): string | number[] | undefined {
  const joined = term.split('+').map((part) => /^§(\d+)§$/.exec(part.trim())?.[1]);
  if (joined.every((index) => index !== undefined)) {
    return joined.map((index) => unquote(literals[Number(index)]!)).join('');
  }
  const numbers = /^\(([\d, ]+)\)$/.exec(term)?.[1];
  return numbers?.split(',').map(Number);
}

function unquote(literal: string): string {
  const quotes = /^("""|''')/.test(literal) ? 3 : 1;
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
  return literal
    .slice(quotes, -quotes)
    .replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gi, (_all, x, u, long, other) =>
      other === undefined ? String.fromCodePoint(Number.parseInt(x ?? u ?? long, 16)) : (escapes[other] ?? other),
    );
}

/** Whether a reading holds what is expected. Texts are compared as plain words, since feedparser keeps mark-up. */
export function isRight({ field, of, values }: Expectation, reading: Reading | undefined): boolean {
  const subject = of === 'feed' ? reading : reading?.items[of];
  if (subject === undefined) return false;
  if (field === 'content') {
    const contents = 'contents' in subject ? subject.contents : [];
    return values.some((value) =>
      [...contents, ...(contents.length ? [] : [''])].some((said) => sameWords(value, said)),
    );
  }
  const said = field in subject ? subject[field as 'title'] : undefined;
  if (field === 'date')
    return said !== undefined && values.some((value) => instantOf(value) === Math.floor(Date.parse(said) / 1_000));
  if (field === 'title') return values.some((value) => sameWords(value, said ?? ''));
  return values.some((value) => value === said || (field === 'link' && addressOf(value) === addressOf(said ?? '')));
}

/** feedparser's strings are mark-up or plain text, whichever the feed said; so both ways of reading them are tried. */
function sameWords(expected: string | number[], said: string): boolean {
  const plain = new Set([said, htmlToText(said)].map(squeezed));
  return [String(expected), htmlToText(String(expected))].some((text) => plain.has(squeezed(text)));
}

/** The same address may be spelt in several ways: `http://Example.com` is `http://example.com/`. */
function addressOf(value: string | number[]): string {
  return URL.canParse(String(value)) ? new URL(String(value)).href : String(value);
}

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();

/** Seconds since 1970 of `time.struct_time` or of a date as it stands in the feed. */
function instantOf(value: string | number[]): number {
  if (typeof value === 'string') return Math.floor(Date.parse(value) / 1_000);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = value;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1_000;
}
