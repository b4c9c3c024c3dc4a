import { expect, it } from 'vitest';
import { perBook, termOf, WORDS } from '../../src/text/book.ts';
import { terms } from '../../src/text/fold.ts';
import { tokens } from '../../src/text/tokens.ts';
import { HASH_OFFSET, hashedOn, spread } from '../../src/text/hash.ts';

const one = (text: string) => tokens(text)[0]!;
const written = (text: string) => [...text].reduce((hash, letter) => hashedOn(hash, letter.charCodeAt(0)), HASH_OFFSET);
/** Many different words of eight letters and digits in no order. */
const words = (count: number, beginning = '') =>
  Array.from({ length: count }, (_, at) => {
    const mixed = BigInt.asUintN(41, BigInt(at + 1) * 0x9e_37_79_b9_7f_4a_7c_15n);
    return `${beginning}${mixed.toString(36).padStart(8, 'z')}`;
  });

/** Groups of at least `least` words that are alike in something. */
function alike(all: readonly string[], by: (word: string) => number, least: number): string[][] {
  const groups = new Map<number, string[]>();
  for (const word of all) groups.set(by(word), [...(groups.get(by(word)) ?? []), word]);
  return [...groups.values()].filter((group) => group.length >= least);
}

it('numbers a word once, however it is spelled', () => {
  const [first, second, third] = tokens('Café, cafe; other');
  expect([second!.word, second!.book, second!.hash]).toEqual([first!.word, first!.book, first!.hash]);
  expect(third!.word).not.toBe(first!.word);
  expect(tokens('CAFÉ')[0]!.word).toBe(first!.word);
});

it('tells two spellings apart that have the same hash', () => {
  const pairs = alike(words(300_000), written, 2);
  expect(pairs.length).toBeGreaterThan(0);
  for (const pair of pairs.slice(0, 5)) {
    const text = pair.join(' ');
    expect([tokens(text).map(termOf), tokens(text).map(termOf)]).toEqual([pair, pair]);
  }
});

it('reads spellings that all want the same place, again and again', () => {
  const [crowd] = alike(words(400_000, 'c'), (word) => spread(written(word)) & (2 ** 13 - 1), 20);
  const text = crowd!.join(' ');
  for (let time = 0; time < 3; time++) expect(tokens(text).map(termOf)).toEqual(crowd);
});

it('gives way when it is full, and what was read before stays as it was', () => {
  const before = tokens("L'ordine è arrivato");
  const all = words(WORDS + 5_000, 'f');
  for (let at = 0; at < all.length; at += 100) {
    const some = all.slice(at, at + 100);
    expect(tokens(some.join(' ')).map(termOf)).toEqual(some);
  }
  // Those that stood where one book ended have to be right in the next one.
  for (const word of all.slice(-20_000)) expect(termOf(one(word))).toBe(word);
  const after = tokens("L'ordine è arrivato");
  expect(after[0]!.book).not.toBe(before[0]!.book);
  for (const read of [before, after]) expect(read.map(termOf)).toEqual(['l', 'ordine', 'e', 'arrivato']);
  expect(after.map(({ start, end }) => [start, end])).toEqual(before.map(({ start, end }) => [start, end]));
});

it('gives way within a text', () => {
  const text = words(WORDS + 5_000, 'w').join(' ');
  const found = tokens(text);
  expect(found.map(termOf)).toEqual(terms(text));
  expect(new Set(found.map(({ book }) => book)).size).toBeGreaterThan(1);
});

it('has a number below the highest for each word, also where none of their spellings is kept', () => {
  const found = tokens(words(WORDS + 5_000, 'o'.repeat(25)).join(' '));
  expect(Math.max(...found.slice(-6_000).map(({ word }) => word))).toBeLessThan(WORDS);
  expect(new Set(found.map(({ book }) => book)).size).toBe(2);
});

it('gives way when one word is spelled in too many ways', () => {
  const spelled = (at: number) => Array.from({ length: 9 }, (_, letter) => 'eéèê'[(at >> (letter * 2)) & 3]).join('');
  const books = new Set(Array.from({ length: 70_000 }, (_, at) => one(spelled(at)).book));
  expect(books.size).toBe(2);
});

it('does not keep long words, and gives way before they fill the memory', () => {
  const long = 'x'.repeat(2 ** 20);
  const [first, second] = [one(long), one(long)];
  expect([termOf(first), termOf(second)]).toEqual([long, long]);
  expect(second.word).not.toBe(first.word);
  const books = new Set(Array.from({ length: 12 }, () => one(long).book));
  expect(books.size).toBeGreaterThan(1);
  for (const { letters } of books) expect(letters).toBeLessThan(8 * 2 ** 20);
});

it('gives way before long spellings have no more room', () => {
  const all = words(40_000, 'l'.repeat(24));
  const books = new Set(all.map((word) => one(word).book));
  expect(books.size).toBeGreaterThan(1);
  expect(termOf(one(all.at(-1)!))).toBe(all.at(-1));
});

it('has one table of each kind, as has the next book', () => {
  const made: object[] = [];
  const tableOf = perBook(() => {
    made.push({});
    return made.at(-1)!;
  });
  const { book } = one('first');
  expect([tableOf(book), tableOf(book)]).toEqual([made[0], made[0]]);
  const next = tokens(words(WORDS, 'n').join(' ')).at(-1)!.book;
  expect(tableOf(next)).toBe(made[1]);
  expect(tableOf(book)).toBe(made[0]);
  expect(made).toHaveLength(2);
});
