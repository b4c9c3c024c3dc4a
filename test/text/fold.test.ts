import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { termOf } from '../../src/text/book.ts';
import { terms } from '../../src/text/fold.ts';
import { tokens } from '../../src/text/tokens.ts';

describe('words', () => {
  it.each([
    ["l'app", 'l app'],
    ['Dell’ordine', 'dell ordine'],
    ["un'ottima, all'inizio c'è", 'un ottima all inizio c e'],
    ["qu'il n'a d'accord jusqu'à l'hôtel", 'qu il n a d accord jusqu a l hotel'],
    ["(l'app) \"l'ordine\" 'l'ora'", 'l app l ordine l ora'],
  ])('that are elided stand on their own: %s', (text, wanted) => {
    expect(terms(text).join(' ')).toBe(wanted);
  });

  it.each([
    ["it's don't I'd I'll we've", 'its dont id ill weve'],
    ["c'mon o'clock y'all d'you s'more", 'cmon oclock yall dyou smore'],
    ["mal'app aujourd'hui", 'malapp aujourdhui'],
    ["the boss's l' app", 'the bosss l app'],
  ])('with other apostrophes stay one: %s', (text, wanted) => {
    expect(terms(text).join(' ')).toBe(wanted);
  });

  it('are shown in their own spelling at their own place', () => {
    const text = "Con l'App è";
    expect(tokens(text).map((token) => [termOf(token), text.slice(token.start, token.end)])).toEqual([
      ['con', 'Con'],
      ['l', 'l'],
      ['app', 'App'],
      ['e', 'è'],
    ]);
  });

  it('are the same with and without places', () => {
    const piece = constantFrom('l', 'dell', 'd', 'app', 'è', 'ł', "'", '’', ' ', '.', 'I', 'می\u200cشود', '٣', 'ß');
    assert(
      property(array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(tokens(text).map(termOf)).toEqual(terms(text));
      }),
    );
  });
});
