import { array, assert, constantFrom, property, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCue } from '../../src/text/cue-notation.ts';
import { compileCues, findCues } from '../../src/text/cues.ts';
import { tokens } from '../../src/text/tokens.ts';

/** `starts`: tokens that begin a sentence. */
const find = (cues: string[], text: string, starts: number[] = []) => {
  const all = tokens(text);
  const sentences = all.map((_, index) => starts.filter((start) => start <= index).length);
  const trie = compileCues(cues.map((cue) => ({ cue, kind: 'k', label: cue })));
  return findCues(trie, text, all, sentences).map((match) => match.evidence);
};

describe('a cue', () => {
  it('is found by folded words, and shown in the original spelling', () => {
    expect(find(["didn't work"], 'It DIDN’T  work')).toEqual(['DIDN’T  work']);
    expect(find(['întârziat'], 'a intarziat mult')).toEqual(['intarziat']);
    expect(find(['نمی‌شود'], 'این نميشود')).toEqual(['نميشود']);
    expect(find(['good'], 'goods')).toEqual([]);
  });

  it('with * goes on in any way, also as a part of a phrase', () => {
    expect(find(['dispoint*'], 'disappointing')).toEqual([]);
    expect(find(['disappoint*'], 'Disappointing, disappoint')).toEqual(['Disappointing', 'disappoint']);
    expect(find(['never buy* again'], 'never buying again')).toEqual(['never buying again']);
  });

  it('with .. lets up to three other words stand between', () => {
    expect(find(['worst .. ever'], 'worst ever')).toEqual(['worst ever']);
    expect(find(['worst .. ever'], 'the worst meal I had ever')).toEqual(['worst meal I had ever']);
    expect(find(['worst .. ever'], 'worst meal that I had ever')).toEqual([]);
  });

  it('does not reach over the beginning of a sentence', () => {
    expect(find(['good service'], 'good. Service', [1])).toEqual([]);
    expect(find(['worst .. ever'], 'worst. Did I ever', [1])).toEqual([]);
    expect(find(['worst .. ever'], 'worst one. Ever', [2])).toEqual([]);
  });

  it('gives way to a longer one of its kind, and of two as long to the more particular one', () => {
    expect(find(['card', 'card declined'], 'card declined, card')).toEqual(['card declined', 'card']);
    expect(find(['very good', 'good value for money'], 'very good value for money')).toEqual(['good value for money']);
    const trie = compileCues([
      { cue: 'wo*', kind: 'k', label: 'even shorter' },
      { cue: 'works*', kind: 'k', label: 'longer' },
      { cue: 'work*', kind: 'k', label: 'use' },
      { cue: 'workshop', kind: 'k', label: 'store' },
      { cue: 'workshop', kind: 'other', label: 'x' },
    ]);
    expect(findCues(trie, 'workshop').map((match) => match.label)).toEqual(['store', 'x']);
    expect(findCues(trie, 'worksheet').map((match) => match.label)).toEqual(['longer']);
  });

  it('gives way to none of another kind', () => {
    const book = compileCues([
      { cue: 'never buy again', kind: 'outcome', label: 'churned' },
      { cue: 'never', kind: 'modifier', label: 'negators' },
      { cue: 'buy again', kind: 'step', label: 'loyalty' },
    ]);
    const found = findCues(book, 'I would never buy again');
    expect(found.map(({ kind, evidence }) => [kind, evidence])).toEqual([
      ['modifier', 'never'],
      ['outcome', 'never buy again'],
      ['step', 'buy again'],
    ]);
  });

  it('counts under each of its labels, with its weight', () => {
    const trie = compileCues([
      { cue: 'never again ^2', kind: 'k', label: 'a' },
      { cue: 'never again', kind: 'k', label: 'b', factor: 0.5 },
      { cue: 'never again ^0.5', kind: 'k', label: 'a' },
    ]);
    const found = findCues(trie, 'Never again!').map(({ label, weight, start, end }) => ({
      label,
      weight,
      start,
      end,
    }));
    expect(found).toEqual([
      { label: 'a', weight: 2, start: 0, end: 11 },
      { label: 'b', weight: 0.5, start: 0, end: 11 },
    ]);
  });

  it.each([
    ['', 'no letter'],
    ['!!', 'no letter'],
    ['*', 'no letter'],
    ['a*', 'nearly every word'],
    ['wo*rd', 'only end a word'],
    ['.. a', 'between words'],
    ['a ..', 'between words'],
    ['a .. b .. c .. d', 'more than 2'],
    ['a ^0', 'the weight "0"'],
    ['a ^9', 'the weight "9"'],
    ['a ^x', 'the weight "x"'],
    ['a b c d e f g h i j k l m', 'more than 12 words'],
  ])('is refused when it reads "%s"', (cue, reason) => expect(() => parseCue(cue)).toThrow(reason));

  it('is found wherever it stands in any text, and never twice at one place', () => {
    const word = constantFrom('a1', 'b2', 'c3', 'd4', 'e5');
    const cue = array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
    assert(
      property(uniqueArray(cue, { minLength: 1, maxLength: 6 }), array(word, { maxLength: 20 }), (cues, text) => {
        const trie = compileCues(cues.map((one) => ({ cue: one, kind: 'k', label: one })));
        const said = text.join(' ');
        const found = findCues(trie, said);
        const owned = found.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, index) => from + index),
        );
        expect(new Set(owned).size).toBe(owned.length);
        for (const { evidence, label } of found) expect(evidence).toBe(label);
        expect(found.length > 0).toBe(cues.some((one) => ` ${said} `.includes(` ${one} `)));
      }),
    );
  });
});
