import { expect, it } from 'vitest';
import type { Draft } from '../../src/domain/enricher.ts';
import { createAnalyse } from '../../src/enrich/analysis.ts';
import { createEnrichers, enrichAll } from '../../src/enrich/index.ts';
import { readOwn, writeModel } from '../../src/enrich/model-file.ts';
import { HEADS } from '../../src/enrich/model.ts';
import type { Head, Model } from '../../src/enrich/model.ts';
import { namedAfter, withOwn } from '../../src/enrich/own.ts';
import { createUnderstanding } from '../../src/enrich/reading.ts';
import { sharesAfter } from '../../src/learn/fit.ts';
import { createTextReader } from '../../src/learn/texts.ts';
import { headOf, movable } from '../../src/learn/weights.ts';
import { english } from './judging.ts';
import { handMadeModel, handMadeSupplement } from './trained.ts';

const model = handMadeModel();
/** Fine enough for what is learned, and with sums that are divided. */
const finer = (head: Head): Head => ({ ...head, pieceScale: 0.01, wordScale: 0.01, temperature: 0.7 });
const louder = {
  ...model,
  heads: Object.fromEntries(HEADS.map((name) => [name, finer(model.heads[name])])) as Model['heads'],
};
const TEXTS = ['The marvel is not good, it was sent back, a marvel!', 'an abysm of a parcel, terrible', 'works'];
const drafts = TEXTS.map((text): Draft => ({ text, channel: 'ticket', rating: 2, judgements: {} }));

/** Weights for everything that the texts hold, none like another. */
async function learned(head: (typeof HEADS)[number]) {
  const reader = createTextReader({ lexicons: [english], model: louder, supplements: [], languages: ['en'] });
  const texts = (await reader.read(drafts)).map((text) => text!);
  const { labels } = louder.heads[head];
  const places = movable(louder.heads[head], texts, reader);
  const weights = Float64Array.from({ length: places.length * labels.length }, (_, at) => Math.sin(at));
  const indices = new Map(Array.from(places, (place, index) => [place, index]));
  const expected = texts.map(({ features, said }) => {
    const kept = [...features.places.keys()].filter((at) => indices.has(features.places[at]!));
    const seen = {
      places: Int32Array.from(kept, (at) => indices.get(features.places[at]!)!),
      values: Float64Array.from(kept, (at) => features.values[at]!),
    };
    return sharesAfter({ features: seen, said: said[head] }, weights);
  });
  return { texts, expected, own: headOf(louder.heads[head], weights, places, reader.layout) };
}

it.each(HEADS.filter((name) => name !== 'sentiment'))(
  'the reader of texts says what was learned, traits, words and pieces: %s',
  async (head) => {
    const { expected, own } = await learned(head);
    const both = withOwn(louder, { ...model, id: 'x', heads: { [head]: own } });
    const understanding = createUnderstanding(createAnalyse([english]), both);
    for (const [index, draft] of drafts.entries()) {
      const reading = understanding.read({
        ...draft,
        judgements: { language: { value: 'en', by: 'x', confidence: 1 } },
      });
      for (const { label, share } of understanding.choices(reading, head))
        expect(share).toBeCloseTo(expected[index]![louder.heads[head].labels.indexOf(label)]!, 2);
    }
  },
);

it('counts the stars as they count when judged, and is not divided by the temperature', async () => {
  const { expected, own } = await learned('sentiment');
  const both = withOwn(louder, { ...model, id: 'x', heads: { sentiment: own } });
  const judged = await enrichAll(createEnrichers({ lexicons: [english], model: both, languages: ['en'] }), drafts);
  for (const [index, { sentiment }] of judged.entries())
    expect(sentiment!.score!).toBeCloseTo(expected[index]![2]! - expected[index]![0]!, 1);
});

it('is added to supplements too', () => {
  const own = { ...model, id: 'x', heads: { sentiment: { ...model.heads.sentiment, bias: Float32Array.of(2, 0, 0) } } };
  const { sentiment } = withOwn(handMadeSupplement(), own).heads;
  expect([...sentiment!.bias]).toEqual([2, 0, 0]);
});

it('learns nothing of traits at which the shipped head does not look, nor of place and form', async () => {
  const learns = async (head: 'outcome' | 'step' | 'sentiment') =>
    (await learned(head)).own.traits.some((value) => value !== 0);
  expect(await Promise.all([learns('outcome'), learns('step'), learns('sentiment')])).toEqual([false, false, true]);
});

it('names the judges that use it after what was learned, and no others', async () => {
  const own = { ...model, id: 'abc', heads: { step: model.heads.step } };
  const enrichers = namedAfter(own, createEnrichers({ lexicons: [english], model, languages: ['en'] }));
  expect(enrichers.map(({ name }) => name)).toEqual(['language', 'sentiment', 'topics', 'signals', 'journey+own.abc']);
  const [judged] = await enrichAll(enrichers, drafts);
  const journey = enrichers.at(-1)!;
  expect([judged!.step!.by, judged!.touchpoint!.by]).toEqual(Array(2).fill(`journey+own.abc@${journey.version}`));
  expect(judged!.sentiment!.by).not.toContain('own');
});

it('is read beside its model alone, under an id of its content', () => {
  const bytes = writeModel({ ...model, heads: { step: model.heads.step } });
  const own = readOwn(bytes, 'x', model)!;
  expect(own.heads).toEqual({ step: model.heads.step });
  expect(readOwn(bytes, 'x', model)!.id).toBe(own.id);
  expect(readOwn(writeModel({ ...model, heads: {} }), 'x', model)!.id).not.toBe(own.id);
  expect(readOwn(bytes, 'x', { ...model, version: 2 })).toBeUndefined();
  expect(readOwn(bytes, 'x', { ...model, wordHashes: model.wordHashes.map((hash) => hash + 1) })).toBeUndefined();
  expect(() => readOwn(bytes.subarray(0, -1), 'own.model', model)).toThrow('own.model is damaged');
});
