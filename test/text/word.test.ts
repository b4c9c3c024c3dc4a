import { expect, it } from 'vitest';
import { tokens } from '../../src/text/fold.ts';
import { notedBy, wordOf } from '../../src/text/word.ts';

it('gives the same word for every spelling of it', () => {
  const [first, second, third] = tokens('Café, cafe; other');
  expect(first!.word).toBe(second!.word);
  expect(first!.word).not.toBe(third!.word);
  expect(wordOf('cafe')).toBe(first!.word);
});

it('finds out once about each word, and apart from others who do', () => {
  const asked: string[] = [];
  const length = notedBy((term) => (asked.push(term), term.length));
  const upper = notedBy((term) => term.toUpperCase());
  const [one, two] = [wordOf('notable'), wordOf('noted')];
  expect([length(one), upper(one), length(two), length(one), upper(two)]).toEqual([7, 'NOTABLE', 5, 7, 'NOTED']);
  expect(asked).toEqual(['notable', 'noted']);
});
