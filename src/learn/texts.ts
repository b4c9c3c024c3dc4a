import type { Draft } from '../domain/enricher.ts';
import { createAnalyse } from '../enrich/analysis.ts';
import { createLanguage } from '../enrich/language.ts';
import type { Lexicon } from '../enrich/lexicon.ts';
import { HEADS } from '../enrich/model.ts';
import type { HeadName, Model, Supplement } from '../enrich/model.ts';
import { createUnderstanding } from '../enrich/reading.ts';
import type { Reading } from '../enrich/reading.ts';
import { withStars } from '../enrich/sentiment.ts';
import { createFeatures, layoutOf } from './features.ts';
import type { Features, Layout } from './features.ts';

/** A text with what the judges make of it before anything is learned. */
export interface Text {
  /** As judged; a code of ISO 639-1. */
  language: string | undefined;
  features: Features;
  /** Logarithms of the shares, by head and label. */
  said: Record<HeadName, Float64Array>;
}

export interface Judges {
  lexicons: readonly Lexicon[];
  model: Model;
  supplements: readonly Supplement[];
  languages?: readonly string[] | undefined;
}

export interface TextReader {
  model: Model;
  layout: Layout;
  /** In the order of the drafts; undefined where the judges can tell nothing. */
  read(drafts: readonly Draft[]): Promise<(Text | undefined)[]>;
}

/** The table of pieces that is learned has at most 2^16 places. */
const MOST_BITS = 16;
/** What the judges hold for impossible can still be learned. */
const LEAST_SHARE = 1e-6;

/** Sees texts as the judges see them. */
export function createTextReader({ lexicons, model, supplements, languages }: Judges): TextReader {
  const understanding = createUnderstanding(createAnalyse(lexicons), model, supplements);
  const language = createLanguage(languages);
  const all = [model, ...supplements].flatMap(({ heads }) => Object.values(heads));
  const bits = Math.min(MOST_BITS, ...all.map(({ labels, pieces }) => Math.log2(pieces.length / labels.length)));
  const layout = layoutOf(model, bits);
  const featuresOf = createFeatures(model, layout);
  const logarithms = (draft: Draft, reading: Reading, head: HeadName): Float64Array => {
    const told = understanding.choices(reading, head);
    const choices = head === 'sentiment' ? withStars(draft, told) : told;
    const shares = new Map(choices.map(({ label, share }) => [label, share]));
    return Float64Array.from(model.heads[head].labels, (label) => Math.log(Math.max(shares.get(label)!, LEAST_SHARE)));
  };
  const one = (draft: Draft): Text | undefined => {
    const reading = understanding.read(draft);
    if (!reading.analysis.understood) return undefined;
    const said = HEADS.map((head) => [head, logarithms(draft, reading, head)]);
    return {
      language: draft.judgements.language?.value ?? undefined,
      features: featuresOf(reading),
      said: Object.fromEntries(said) as Text['said'],
    };
  };
  return {
    model,
    layout,
    async read(drafts) {
      const told = await language.enrich(drafts);
      return drafts.map((draft, index) => one({ ...draft, judgements: told[index]! }));
    },
  };
}
