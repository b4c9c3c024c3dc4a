import { describe, expect, it } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import { parseSearch, satisfies } from '../../src/text/search.ts';
import { terms } from '../../src/text/fold.ts';
import { createThemeTexts } from '../../src/journey/theme-texts.ts';
import type { When } from '../../src/journey/theme-texts.ts';
import { risingThemes } from '../../src/journey/themes.ts';
import { aMention, judged } from '../contracts/mentions.ts';

const ALWAYS = [
  'The guitar sounds warm and the neck is smooth.',
  'Delivery took three days, nothing to complain about.',
  'I like the shop in the old town very much.',
  'The strings broke after a week but they sent new ones.',
];
let count = 0;
const said = (text: string, more: Partial<Mention> = {}, language = 'en', sentiment = 'negative' as const) =>
  aMention({
    externalId: `t${count++}`,
    text,
    judgements: { language: judged(language), sentiment: { ...judged(sentiment), score: -1 } },
    ...more,
  });

/** The same everyday words in both periods, and what is said besides. */
function readings(now: readonly Mention[], before: readonly Mention[] = [], everyday = 200) {
  const texts = createThemeTexts();
  for (const when of ['before', 'now'] as When[])
    for (let index = 0; index < everyday; index++) texts.add(when, said(`${ALWAYS[index % 4]} Number ${index % 17}.`));
  for (const mention of before) texts.add('before', mention);
  for (const mention of now) texts.add('now', mention);
  return texts;
}
const times = (number: number, make: (index: number) => Mention) => Array.from({ length: number }, (_, i) => make(i));
const declined = (index: number) =>
  said(`My card was declined again at the checkout, attempt ${['one', 'two', 'three'][index % 3]}.`);

describe('risingThemes', () => {
  it('finds nothing where nothing rose', () => {
    expect(risingThemes(readings([]), 10)).toEqual([]);
  });

  it('names what rose by its words, with the counts and feelings of both periods', () => {
    const [theme, ...others] = risingThemes(readings(times(20, declined), times(2, declined)), 10);
    expect(others).toEqual([]);
    expect(theme!.name).toContain('card was declined again');
    expect(theme).toMatchObject({ language: 'en', now: 20, before: 2, negative: 20, neutral: 0, positive: 0 });
    const words = theme!.phrases.map((phrase) => ` ${phrase.words} `);
    expect(words.filter((one) => words.some((other) => other !== one && other.includes(one)))).toEqual([]);
    expect(theme!.rise).toBeCloseTo(20 / 220 / (2 / 202));
    expect(theme!.p).toBeLessThan(0.01);
  });

  it('keeps apart what is said by different people, and puts together what the same ones say', () => {
    const app = times(15, (i) =>
      said(`Screen ${i} freezes since Tuesday, ${i % 2 ? 'reinstalling' : 'restarting'} fails.`),
    );
    const themes = risingThemes(readings([...times(20, declined), ...app]), 10);
    expect(themes).toHaveLength(2);
    const words = themes.map(({ phrases }) => phrases.map((phrase) => phrase.words).join(' '));
    expect(words[0]).toMatch(/declined/);
    expect(words[1]).toMatch(/freezes/);
    expect(words[0]).not.toMatch(/freezes/);
  });

  it('counts exactly those whom a search for the phrase finds', () => {
    const now = [
      ...times(20, declined),
      said('My card was declined @shop again at the till'),
      said('My card was declined again, my card was declined again'),
      said('CARD was… declined, again'),
    ];
    for (const { phrases } of risingThemes(readings(now), 10))
      for (const phrase of phrases) {
        const clauses = parseSearch(`"${phrase.words}"`);
        const found = now.filter(({ text }) => satisfies(clauses, terms(text)));
        const everyday = ALWAYS.filter((text) => satisfies(clauses, terms(text))).length * 50;
        expect([phrase.words, phrase.now]).toEqual([phrase.words, found.length + everyday]);
      }
  });

  it('compares with the past of the same language only', () => {
    const italian = times(30, (i) => said(`Il pagamento rifiutato alla cassa numero ${i}`, {}, 'it'));
    expect(risingThemes(readings(italian), 10)).toEqual([]);
    const before = times(30, (i) => said(`Tutto bene con la chitarra numero ${i}`, {}, 'it'));
    expect(risingThemes(readings(italian, before), 10)[0]).toMatchObject({
      language: 'it',
      now: 30,
      before: 0,
      rise: null,
    });
  });

  it('is no theme what few people say, what one story brings by its copies, and what anyhow is said often', () => {
    expect(risingThemes(readings(times(4, declined)), 10)).toEqual([]);
    const past = times(5_000, (i) => said(`${ALWAYS[i % 4]} Number ${i % 17}.`));
    expect(risingThemes(readings(times(4, declined), past), 10)).toEqual([]);
    expect(risingThemes(readings(times(5, declined), past), 10)).toHaveLength(1);
    const story = declined(0);
    expect(risingThemes(readings(times(40, (i) => ({ ...declined(i), story: story.id }))), 10)).toEqual([]);
    const common = (number: number) => times(number, (i) => said(`velmora ${'abcdefghij'[i % 10]}${i % 7}`));
    expect(risingThemes(readings(common(200), common(40)), 10)).toEqual([]);
  });

  it('takes no links, names, marks of masked data or numbers for words', () => {
    const now = times(30, (i) => said(`https://promo.example/x @velmora [email] 2026 ${i} www.x.example`));
    expect(risingThemes(readings(now), 10)).toEqual([]);
  });

  it('shows words as most people write them, in every script', () => {
    const romanian = times(9, (i) => said(`Plată refuzată la casă, încercarea ${i}`, {}, 'ro'));
    const careless = times(3, (i) => said(`PLATA REFUZATA la casa, incercarea ${i}`, {}, 'ro'));
    const persian = times(12, (i) => said(`پرداخت ناموفق بود شماره ${i}`, {}, 'fa'));
    const past = ['ro', 'fa'].flatMap((language) => times(40, (i) => said(`chitara گیتار ${i}`, {}, language)));
    const themes = risingThemes(readings([...careless, ...romanian, ...persian], past), 10);
    const ofLanguage = (code: string) => themes.find(({ language }) => language === code)!;
    expect(ofLanguage('ro')).toMatchObject({ now: 12, name: expect.stringContaining('plată refuzată') });
    expect(ofLanguage('fa')).toMatchObject({ now: 12, name: expect.stringContaining('پرداخت') });
  });

  it('gives the same when mentions are added later, and takes each once', () => {
    const now = times(20, declined);
    const whole = readings(now);
    const grown = readings(now.slice(0, 5));
    risingThemes(grown, 10);
    for (const mention of now) grown.add('now', mention);
    expect(risingThemes(grown, 10)).toEqual(risingThemes(whole, 10));
    expect(grown.add('now', now[0]!)).toBe(false);
  });
});
