import { eld } from 'eld/small';
import { expect, it } from 'vitest';
import { KNOWN_LANGUAGES, languageScores } from '../../src/enrich/word-languages.ts';

/** No word of them begins like another, so that no n-gram comes twice. */
const TEXTS = [
  'the parcel came late again',
  'coletul a venit foarte târziu',
  'paczka przyszła bardzo późno',
  'بسته خیلی دیر رسید',
  'il pacco è arrivato tardi',
];

it.each(TEXTS)('says of "%s" what the detector says of the whole text', (text) => {
  const scores = languageScores(text);
  const whole: Record<string, number> = eld.detect(text).getScores();
  const said = Object.fromEntries(KNOWN_LANGUAGES.map((language, place) => [language, scores[place]!]));
  for (const [language, score] of Object.entries(whole)) expect(said[language]).toBeCloseTo(score, 4);
});

it('says nothing of a text without letters', () => {
  expect(Math.max(...languageScores('12 :-)'))).toBe(0);
});
