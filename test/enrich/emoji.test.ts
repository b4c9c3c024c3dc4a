import { expect, it } from 'vitest';
import { findEmoji } from '../../src/enrich/emoji.ts';

const found = (text: string) => findEmoji(text).map(({ evidence }) => evidence);

it('finds emoji and emoticons of every kind', () => {
  expect(found('🥰 then ☺, ❤️ <3 :( xD ^_^ and (: but 🪑')).toEqual(['🥰', '☺', '❤️', '<3', ':(', 'xD', '^_^', '(:']);
});

it('counts the same one once', () => {
  expect(found('👏👏👏 👏')).toEqual(['👏']);
});

it('takes no letters or signs inside words and addresses for emoticons', () => {
  expect(found('fooxD a:p http://a.example/:) x:D 5:)')).toEqual([]);
});

it('finds an emoji that stands right behind a word', () => {
  expect(found('great😍stuff')).toEqual(['😍']);
});
