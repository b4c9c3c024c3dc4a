import { describe, expect, it } from 'vitest';
import type { Draft } from '../../src/domain/enricher.ts';
import { createEnrichers, enrichAll } from '../../src/enrich/index.ts';
import { piecesOf } from '../../src/enrich/ngrams.ts';
import { tokens } from '../../src/text/tokens.ts';
import { hashWord } from '../../src/text/hash.ts';
import { loadSupplements, loadTrained } from '../../src/knowledge.ts';
import type { Model } from '../../src/enrich/model.ts';
import { english } from './judging.ts';
import { handMadeModel, handMadeSupplement } from './trained.ts';

const enrichers = createEnrichers({ lexicons: [english], model: handMadeModel() });
const told = { language: { value: 'en', by: 'test@1', confidence: 1 } };
const own = enrichers.filter(({ name }) => name !== 'language').map((one) => ({ ...one, needs: [] }));

async function judge(text: string, facts: Partial<Draft> = {}) {
  const draft: Draft = { text, channel: 'review', ...facts, judgements: { ...told } };
  return (await enrichAll(own, [draft]))[0]!;
}

/** What a model that was changed by hand feels in a text. */
async function feelingBy(model: Model, text: string) {
  const [, ...judges] = createEnrichers({ lexicons: [english], model });
  const draft: Draft = { text, channel: 'review', judgements: { ...told } };
  return (await enrichAll(judges, [draft], ['language']))[0]!.sentiment!;
}

describe('the trained model', () => {
  it('judges the same whatever was read between its questions', async () => {
    const texts = ['What a MARVEL, not an abysm', 'my parcel was sent back', 'zzyzx'];
    const drafts = texts.map((text): Draft => ({ text, channel: 'review', judgements: { ...told } }));
    const wanted = await Promise.all(texts.map((text) => judge(text)));
    for (const [index, draft] of drafts.entries()) {
      for (const { enrich } of own) {
        Object.assign(draft.judgements, (await enrich([draft]))[0]);
        tokens(Array.from({ length: 70_000 }, (_, at) => `w${at}`).join(' '));
      }
      expect(draft.judgements).toEqual(wanted[index]);
    }
  });

  it('judges the same whether its heads have tables of one size or of several', async () => {
    const model = handMadeModel();
    const { pieces } = model.heads.sentiment;
    model.heads.sentiment.pieces = Int8Array.of(...pieces, ...pieces);
    const judges = createEnrichers({ lexicons: [english], model }).slice(1);
    for (const text of ['not a marvel', 'my parcel was sent back', 'zzyzx']) {
      const draft: Draft = { text, channel: 'review', judgements: { ...told } };
      expect((await enrichAll(judges, [draft], ['language']))[0]).toEqual(await judge(text));
    }
  });

  it('judges by whole words, with the words that decided as they are written', async () => {
    const { sentiment } = await judge('What a MARVEL this table');
    expect(sentiment).toMatchObject({ value: 'positive', evidence: ['MARVEL'] });
    expect(sentiment!.score!).toBeGreaterThan(0.5);
  });

  it('names words however sure it is', async () => {
    const { sentiment } = await judge('an abysm, abysm, abysm and terrible');
    expect(sentiment!.confidence).toBeGreaterThan(0.99);
    expect(sentiment!.evidence).toContain('abysm');
  });

  it('names no word that is common everywhere, though it counts', async () => {
    const model = handMadeModel();
    model.wordTells[0] = 40;
    expect(await feelingBy(model, 'a marvel marvel marvel good')).toMatchObject({
      value: 'positive',
      evidence: ['good'],
    });
  });

  it('names a common word that turns others around, such as "not"', async () => {
    const model = handMadeModel();
    model.wordHashes[2] = hashWord('not');
    model.wordTells[2] = 40;
    model.heads.sentiment.words.set([100, 0, 0], 6);
    expect(await feelingBy(model, 'it is not here')).toMatchObject({ value: 'negative', evidence: ['not'] });
  });

  it('leaves out words that weighed little beside the others', async () => {
    const model = handMadeModel();
    model.heads.sentiment.words.set([0, 0, 8], 6);
    expect((await feelingBy(model, 'parcel')).evidence).toEqual(['parcel']);
    expect((await feelingBy(model, 'marvel, parcel')).evidence).toEqual(['marvel']);
  });

  it('names first what weighed most', async () => {
    expect((await judge('good, a marvel')).sentiment!.evidence).toEqual(['marvel', 'good']);
  });

  it('reads an unknown word as the longest known one that it begins with', async () => {
    expect((await judge('such marvels')).sentiment!.value).toBe('positive');
    expect((await judge('such marvellously')).sentiment!.value).toBeNull();
  });

  it('reads words behind a negator apart', async () => {
    expect((await judge('not a marvel')).sentiment!.value).toBe('negative');
    expect((await judge('not it. a marvel')).sentiment!.value).toBe('positive');
  });

  it('reads pairs of words within a sentence', async () => {
    expect((await judge('it was sent back')).outcome!.value).toBe('returned');
    expect((await judge('it was sent. back')).outcome!.value).toBe('none');
  });

  it('reads the beginning and the end of a long text', async () => {
    const tables = (count: number) => 'table '.repeat(count);
    expect((await judge(`marvel ${tables(500)}`)).sentiment).toMatchObject({ value: 'positive', evidence: ['marvel'] });
    expect((await judge(`${tables(500)}marvel`)).sentiment).toMatchObject({ value: 'positive', evidence: ['marvel'] });
    expect((await judge(`${tables(350)}marvel ${tables(150)}`)).sentiment!.value).toBeNull();
  });

  it('reads spellings in pieces', async () => {
    expect((await judge('zzyzx')).step!.value).toBe('loyalty');
    expect(piecesOf('ab')).toHaveLength(1 + 4 + 3 + 2 + 1);
    expect(piecesOf('a'.repeat(5_000)).length).toBeLessThan(150);
  });

  it('weighs cues, and names the cue as it stands', async () => {
    expect((await judge('it is terrible')).sentiment).toMatchObject({ value: 'negative', evidence: ['terrible'] });
  });

  it('weighs the cues of each language by themselves too, and names them', async () => {
    const model = handMadeModel();
    model.traits = ['feeling en:good', 'feeling it:bad', 'channel:ticket'];
    expect(await feelingBy(model, 'it is good')).toMatchObject({ value: 'positive', evidence: ['good'] });
    expect((await feelingBy(model, 'it is terrible')).value).toBeNull();
  });

  it('weighs a cue behind a negator as what it then means, and emoji', async () => {
    expect((await judge('it is not good')).sentiment).toMatchObject({ value: 'negative', evidence: ['good'] });
    expect((await judge('it is a table 😡')).sentiment).toMatchObject({ value: 'negative', evidence: ['😡'] });
  });

  it('weighs the place', async () => {
    expect((await judge('a table', { channel: 'ticket' })).step).toMatchObject({ value: 'support', evidence: [] });
    expect((await judge('a table', { channel: 'social' })).step!.value).toBe('none');
  });

  it('gives a touchpoint to customers only, not surer than that it is one', async () => {
    const parcel = await judge('parcel parcel');
    expect([parcel.step!.value, parcel.touchpoint!.value]).toEqual(['fulfilment', 'delivery']);
    expect((await judge('parcel')).touchpoint!.confidence).toBe(0.71);
    expect((await judge('a table')).touchpoint).toMatchObject({ value: 'none', evidence: [] });
  });

  it('takes stars into account', async () => {
    const [one, none, five] = await Promise.all(
      [1, undefined, 5].map(async (rating) => judge('marvel', rating ? { rating } : {})),
    );
    expect(one!.sentiment!.score!).toBeLessThan(none!.sentiment!.score!);
    expect(five!.sentiment!.score!).toBeGreaterThan(none!.sentiment!.score!);
  });

  it('takes stars for the feeling where no word tells one', async () => {
    expect((await judge('a table', { rating: 1 })).sentiment!.value).toBe('negative');
    expect((await judge('a table', { rating: 5 })).sentiment!.value).toBe('positive');
  });

  it('cannot tell where nothing speaks for anything', async () => {
    const { sentiment } = await judge('a table');
    expect(sentiment).toMatchObject({ value: null, score: null });
    expect(sentiment!.evidence).toBeUndefined();
  });
});

describe('a supplement', () => {
  it('judges the texts of its language, and those only, and only what it holds', async () => {
    const both = createEnrichers({ lexicons: [english], model: handMadeModel(), supplements: [handMadeSupplement()] });
    const judges = both.filter(({ name }) => name !== 'language').map((one) => ({ ...one, needs: [] }));
    const drafts = ['pl', 'en'].map((value): Draft => ({
      text: 'friendly, a marvel in a parcel',
      channel: 'review',
      judgements: { language: { value, by: 'test@1', confidence: 1 } },
    }));
    const [polish, other] = await enrichAll(judges, drafts);
    expect([polish!.sentiment!.value, other!.sentiment!.value]).toEqual(['negative', 'positive']);
    expect([polish!.step!.value, other!.step!.value]).toEqual(['fulfilment', 'fulfilment']);
  });
});

describe('the shipped model', () => {
  it('raises the version of the judges that use it', () => {
    const model = loadTrained();
    const byName = Object.fromEntries(enrichers.map(({ name, version }) => [name, version]));
    for (const name of ['sentiment', 'journey', 'signals']) expect(byName[name]).toBe(2 + model.version);
    expect(loadSupplements(model).map(({ language, licence }) => [language, licence])).toEqual([
      ['pl', 'CC-BY-SA-4.0'],
    ]);
  });
});
