import { describe, expect, it } from 'vitest';
import { judge } from './judging.ts';

const score = async (text: string) => (await judge(text)).sentiment.score!;
const value = async (text: string) => (await judge(text)).sentiment.value;

describe('sentiment', () => {
  it.each([
    ['It is good.', 'positive', ['good']],
    ['Slow and BROKEN', 'negative', ['BROKEN', 'Slow']],
    ['It is not very good', 'negative', ['good']],
    ['This is not only good, it is very good', 'positive', ['good']],
    ['Not friendly at all, the waiter', 'negative', ['friendly']],
    ['a table', 'neutral', []],
    ['The room 😍', 'positive', ['😍']],
    ['The room :(', 'negative', [':(']],
    ['The room 🙂', 'neutral', ['🙂']],
    ['The room 🤷', 'neutral', ['🤷']],
  ])('of "%s" is %s', async (text, wanted, evidence) => {
    const { sentiment } = await judge(text);
    expect([sentiment.value, sentiment.evidence]).toEqual([wanted, evidence]);
  });

  it('is turned by a negator up to three words before, within the clause', async () => {
    expect(await value('not in any good way')).toBe('negative');
    expect(await value('not what we would call good')).toBe('positive');
    expect(await value('Never mind, good')).toBe('positive');
    expect(await value('not slow')).toBe('positive');
  });

  it('grows with boosters, exclamation marks and capitals, and shrinks with softeners', async () => {
    const plain = await score('It is good.');
    for (const louder of ['It is very good.', 'It is good!', 'It is GOOD.'])
      expect(await score(louder)).toBeGreaterThan(plain);
    expect(await score('It is a bit good.')).toBeLessThan(plain);
    expect(await score('I love it.')).toBeGreaterThan(plain);
  });

  it('weighs what follows a contrast more than what came before', async () => {
    expect(await value('It is good but slow')).toBe('negative');
    expect(await value('It is slow but good')).toBe('positive');
    expect(await value('It is not good but friendly')).toBe('positive');
  });

  it('takes a rating as a prior, and words against it into account', async () => {
    expect((await judge('a table', { rating: 1 })).sentiment.value).toBe('negative');
    expect((await judge('a table', { rating: 5 })).sentiment.value).toBe('positive');
    const [three, five] = [await judge('good', { rating: 3 }), await judge('good', { rating: 5 })];
    expect(five.sentiment.score!).toBeGreaterThan(three.sentiment.score!);
  });

  it('of a bare question is neutral, surer than of a bare statement', async () => {
    const [question, statement] = [await judge('Does anyone know the shop?'), await judge('I know the shop.')];
    expect([question.sentiment.value, statement.sentiment.value]).toEqual(['neutral', 'neutral']);
    expect(question.sentiment.confidence).toBeGreaterThan(statement.sentiment.confidence);
  });

  it('takes good words that are asked about, and thanks behind a question, for no praise', async () => {
    expect(await value('A good shop, anyone?')).toBe('neutral');
    expect(await value('Why is it slow?')).toBe('negative');
    expect(await value('Where is the invoice? Thanks.')).toBe('neutral');
    expect(await value('Where is the invoice? It came after all, with thanks from all of us.')).toBe('positive');
    expect(await value('Here is the invoice. Thanks.')).toBe('positive');
  });

  it('does not read names and addresses', async () => {
    for (const text of ['@good see https://example.org/good', '@good was here', 'see www.good.example'])
      expect(await value(text)).toBe('neutral');
  });

  it('cannot be told where the language has no lexicon and no word is known', async () => {
    expect((await judge('Das ist ein Tisch', {}, 'de')).sentiment.value).toBeNull();
    expect((await judge('Das ist friendly', {}, 'de')).sentiment.value).toBe('positive');
  });

  it('is not told abroad by short English words, whatever their weight', async () => {
    expect(await value('Die')).toBe('negative');
    expect((await judge('Die Ware', {}, 'de')).sentiment.value).toBeNull();
  });

  it('tries the words of all languages where the language is unknown, else English ones at half weight', async () => {
    expect((await judge('zepsuty', {}, null)).sentiment.value).toBe('negative');
    expect((await judge('zepsuty', {}, 'en')).sentiment.value).toBe('neutral');
    const [abroad, home] = [await judge('friendly', {}, 'pl'), await judge('friendly', {}, 'en')];
    expect(abroad.sentiment.score!).toBeLessThan(home.sentiment.score!);
    expect((await judge('not dobry', {}, 'pl')).sentiment.value).toBe('positive');
  });
});
