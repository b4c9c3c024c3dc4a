import type { Enricher } from '../domain/enricher.ts';
import type { Judgements } from '../domain/enrichment.ts';
import type { Head, HeadName, Own } from './model.ts';
import { rounded } from './rounding.ts';

/** A model or supplement with what was learned added to its heads. */
export function withOwn<T extends { heads: Partial<Record<HeadName, Head>> }>(model: T, own: Own): T {
  const heads = Object.values(model.heads).map((head) => [head.name, withHead(head, own.heads[head.name])]);
  return { ...model, heads: Object.fromEntries(heads) };
}

function withHead(head: Head, own: Head | undefined): Head {
  if (!own) return head;
  // The sums are divided by it; what was learned is not.
  const { temperature } = head;
  const add = (all: Float32Array, more: Float32Array) => all.map((value, at) => value + more[at]! * temperature);
  const pieces = sum(head.pieces, head.pieceScale, own.pieces, own.pieceScale * temperature);
  const words = sum(head.words, head.wordScale, own.words, own.wordScale * temperature);
  return {
    ...head,
    bias: add(head.bias, own.bias),
    traits: add(head.traits, own.traits),
    pieces: pieces.values,
    pieceScale: pieces.scale,
    words: words.values,
    wordScale: words.scale,
  };
}

/** Pieces that share a place in a smaller table share what it says. */
function sum(all: Int8Array, scale: number, more: Int8Array, moreScale: number) {
  const real = new Float32Array(all.length);
  for (let at = 0; at < real.length; at++) real[at] = all[at]! * scale + more[at % more.length]! * moreScale;
  return rounded(real);
}

/**
 * The enrichers, those that use what was learned under a name that says so: they judge differently, so that what is
 * stored is judged anew, whatever was learned before.
 */
export function namedAfter(own: Own, enrichers: readonly Enricher[]): Enricher[] {
  const learned = new Set<string>(Object.keys(own.heads));
  return enrichers.map((enricher) => {
    if (!enricher.gives.some((name) => learned.has(name))) return enricher;
    const name = `${enricher.name}+own.${own.id}`;
    const by = `${name}@${enricher.version}`;
    const sign = (judgements: Judgements) =>
      Object.fromEntries(Object.entries(judgements).map(([given, judgement]) => [given, { ...judgement, by }]));
    return { ...enricher, name, enrich: async (drafts) => (await enricher.enrich(drafts)).map(sign) };
  });
}
