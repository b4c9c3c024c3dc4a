import type { Head } from '../enrich/model.ts';
import { rounded } from '../enrich/rounding.ts';
import { isWordless } from '../enrich/traits.ts';
import type { Layout } from './features.ts';
import type { Text, TextReader } from './texts.ts';

/**
 * The weights that may move, as places among all of them: those of what the labelled texts hold. Not the bias, nor
 * place and form: people label what looks wrong, and how often they say what tells of that choice, not of all
 * mentions. Traits that a head does not look at stay unseen.
 */
export function movable(head: Head, texts: readonly Text[], { model, layout }: Pick<TextReader, 'model' | 'layout'>) {
  const size = head.labels.length;
  const isFree = (place: number): boolean => {
    if (place < layout.traits) return false;
    if (place >= layout.words) return true;
    const trait = place - layout.traits;
    if (isWordless(model.traits[trait]!)) return false;
    return head.traits.subarray(trait * size, (trait + 1) * size).some((weight) => weight !== 0);
  };
  const places = new Set(texts.flatMap(({ features }) => [...features.places]));
  return Int32Array.from(places).filter(isFree).toSorted();
}

/** What was learned, in the form of a head; `weights` are by place among the movable ones and label. */
export function headOf(head: Head, weights: Float64Array, places: Int32Array, layout: Layout): Head {
  const { name, labels, traits, words } = head;
  const size = labels.length;
  const all = {
    traits: new Float32Array(traits.length),
    words: new Float32Array(words.length),
    pieces: new Float32Array(size << layout.bits),
  };
  for (const [index, place] of places.entries()) {
    const kind = kindOf(place, layout);
    const at = (place - layout[kind]) * size;
    all[kind].set(weights.subarray(index * size, (index + 1) * size), at);
  }
  const [byPiece, byWord] = [rounded(all.pieces), rounded(all.words)];
  return {
    name,
    labels,
    bias: new Float32Array(size),
    traits: all.traits,
    pieces: byPiece.values,
    pieceScale: byPiece.scale,
    words: byWord.values,
    wordScale: byWord.scale,
    temperature: 1,
  };
}

function kindOf(place: number, { words, pieces }: Layout) {
  if (place < words) return 'traits';
  return place < pieces ? 'words' : 'pieces';
}
