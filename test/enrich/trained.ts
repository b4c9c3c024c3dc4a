import { HEADS } from '../../src/enrich/model.ts';
import type { Head, HeadName, Model, Supplement } from '../../src/enrich/model.ts';
import { hashNegated, hashPair, piecesOf } from '../../src/enrich/ngrams.ts';
import { hashWord } from '../../src/text/hash.ts';
import { OUTCOMES, NONE, SENTIMENTS, STEPS, TOUCHPOINTS } from '../../src/domain/journey.ts';

const LABELS: Record<HeadName, string[]> = {
  sentiment: [...SENTIMENTS],
  step: [...STEPS, NONE],
  touchpoint: [...TOUCHPOINTS],
  outcome: [...OUTCOMES, NONE],
};
const BITS = 10;
const WORDS = ['marvel', 'abysm', 'parcel'];
const TRAITS = ['feeling:good', 'feeling:bad', 'channel:ticket'];

interface Weight {
  head: HeadName;
  label: string;
  weight: number;
}

/** A model written by hand: it knows three words, two traits, a pair and a negated word, and nothing else. */
export function handMadeModel(): Model {
  const heads = Object.fromEntries(HEADS.map((name) => [name, emptyHead(name)])) as Record<HeadName, Head>;
  const set = (table: 'words' | 'traits', row: number, { head, label, weight }: Weight) => {
    const { labels } = heads[head];
    heads[head][table][row * labels.length + labels.indexOf(label)] = weight;
  };
  const piece = (hash: number, { head, label, weight }: Weight) => {
    const { labels, pieces } = heads[head];
    pieces[(hash & ((1 << BITS) - 1)) * labels.length + labels.indexOf(label)] = weight;
  };
  set('words', 0, { head: 'sentiment', label: 'positive', weight: 40 });
  set('words', 1, { head: 'sentiment', label: 'negative', weight: 100 });
  set('words', 2, { head: 'step', label: 'fulfilment', weight: 100 });
  set('words', 2, { head: 'touchpoint', label: 'delivery', weight: 100 });
  set('traits', 0, { head: 'sentiment', label: 'positive', weight: 2 });
  set('traits', 1, { head: 'sentiment', label: 'negative', weight: 2 });
  set('traits', 2, { head: 'step', label: 'support', weight: 4 });
  piece(hashNegated(hashWord('marvel')), { head: 'sentiment', label: 'negative', weight: 120 });
  piece(hashPair(hashWord('sent'), hashWord('back')), { head: 'outcome', label: 'returned', weight: 120 });
  piece(piecesOf('zzyzx')[0]!, { head: 'step', label: 'loyalty', weight: 120 });
  heads.step.bias[LABELS.step.indexOf(NONE)] = 3;
  heads.outcome.bias[LABELS.outcome.indexOf(NONE)] = 1;
  return {
    version: 1,
    traits: TRAITS,
    wordHashes: Int32Array.from(WORDS, hashWord),
    wordTells: Uint8Array.from(WORDS, () => 255),
    heads,
  };
}

/** A supplement that takes marvels for abysms, in Polish. */
export function handMadeSupplement(): Supplement {
  const { heads, ...model } = handMadeModel();
  const { sentiment } = heads;
  const words = sentiment.words.slice();
  words.set(sentiment.words.subarray(3, 6), 0);
  return { ...model, language: 'pl', licence: 'CC-BY-SA-4.0', heads: { sentiment: { ...sentiment, words } } };
}

function emptyHead(name: HeadName): Head {
  const labels = LABELS[name];
  return {
    name,
    labels,
    bias: new Float32Array(labels.length),
    traits: new Float32Array(labels.length * TRAITS.length),
    pieces: new Int8Array(labels.length << BITS),
    pieceScale: 0.2,
    words: new Int8Array(labels.length * WORDS.length),
    wordScale: 0.05,
    temperature: 1,
  };
}
