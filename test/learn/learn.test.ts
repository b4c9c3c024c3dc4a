import { expect, it } from 'vitest';
import { HEADS } from '../../src/enrich/model.ts';
import { layoutOf } from '../../src/learn/features.ts';
import { learn, missing } from '../../src/learn/learn.ts';
import type { Example, Matter } from '../../src/learn/learn.ts';
import type { Text } from '../../src/learn/texts.ts';
import { handMadeModel } from '../enrich/trained.ts';

const model = handMadeModel();
const head = model.heads.sentiment;
const layout = layoutOf(model, 10);
const WORD = layout.pieces + 7;

/** A text of one word that stands in no other but where it is asked for, of which `said` is thought. */
function aText(language: string, index: number, said: string, places: number[] = []): Text {
  const shares = Float64Array.from(head.labels, (label) => Math.log(label === said ? 0.6 : 0.2));
  const all = [...places, layout.pieces + 20 + index];
  return {
    language,
    features: { places: Int32Array.from(all), values: Float64Array.from(all, () => 1) },
    said: Object.fromEntries(HEADS.map((name) => [name, shares])) as Text['said'],
  };
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
/** Half of the texts hold a word that is bad, though judged neutral; the others are neutral as they are judged. */
const examples = times(60, (index): Example => {
  const isBad = index % 2 === 0;
  const text = aText('en', index, 'neutral', isBad ? [WORD] : []);
  return { text, key: `text ${index}`, label: isBad ? 'negative' : 'neutral' };
});
const guardsIn = (language: string) =>
  times(12, (index) => ({ text: aText(language, 100 + index, 'neutral', [WORD]), label: 'neutral' }));
const matter: Matter = {
  head,
  reader: { model, layout },
  examples,
  anchors: [aText('pl', 200, 'neutral')],
  others: [],
  guards: [],
};

it('learns what the labels have in common, and says how well that holds for labels that it has not seen', () => {
  const others = [aText('en', 300, 'neutral', [WORD]), aText('en', 301, 'neutral')];
  const trial = learn({ ...matter, others });
  expect(trial).toMatchObject({
    labels: 60,
    confirmed: 30,
    before: { accuracy: 0.5 },
    after: { accuracy: 1, macroF1: 1 },
    worse: [],
    isBetter: true,
    others: { rows: 2, changed: 1 },
  });
  expect(trial.before.surprise).toBeCloseTo(-(Math.log(0.6) + Math.log(0.2)) / 2, 10);
  expect(trial.learned.pieces[7 * 3]).toBeGreaterThan(0);
  expect([...trial.learned.bias]).toEqual([0, 0, 0]);
});

it('is tried on texts that it has not seen: what holds for each text alone is not learned', () => {
  const alone = examples.map(({ text, ...one }, index) => ({ ...one, text: aText(text.language!, index, 'neutral') }));
  expect(learn({ ...matter, examples: alone })).toMatchObject({ isBetter: false, after: { accuracy: 0.5 } });
});

it('refuses what makes another language worse; for its own the labels decide', () => {
  expect(learn({ ...matter, guards: guardsIn('pl') })).toMatchObject({ worse: ['pl'], isBetter: false });
  expect(learn({ ...matter, guards: guardsIn('en') })).toMatchObject({ worse: [], isBetter: true });
  const polish = examples.slice(0, 5).map(({ text, ...one }) => ({ ...one, text: { ...text, language: 'pl' } }));
  const few = [...polish, ...examples.slice(5)];
  expect(learn({ ...matter, examples: few, guards: guardsIn('pl') })).toMatchObject({ worse: ['pl'] });
});

it('refuses what makes one language of the labels worse for the sake of another', () => {
  const contrary = times(24, (index): Example => ({
    text: aText('ro', 400 + index, 'neutral', [WORD]),
    key: `contrary ${index}`,
    label: 'neutral',
  }));
  const many = times(120, (index): Example => ({
    text: aText('en', 500 + index, 'neutral', [WORD]),
    key: `many ${index}`,
    label: 'negative',
  }));
  expect(learn({ ...matter, examples: [...many, ...contrary] })).toMatchObject({ worse: ['ro'], isBetter: false });
});

it('says what is missing', () => {
  const labels = (negative: number, positive: number) => [
    ...times(negative, () => 'negative'),
    ...times(positive, () => 'positive'),
  ];
  expect(missing([])).toBe('0 of at least 30 labels');
  expect(missing(labels(14, 15))).toBe('29 of at least 30 labels');
  expect(missing(labels(40, 0))).toBe('0 of at least 5 labels of a second class');
  expect(missing(labels(40, 4))).toBe('4 of at least 5 labels of a second class');
  expect(missing(labels(25, 5))).toBeUndefined();
});
