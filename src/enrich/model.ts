/** What is asked of the model. */
export const HEADS = ['sentiment', 'step', 'touchpoint', 'outcome'] as const;
export type HeadName = (typeof HEADS)[number];

/** One question: a linear layer over traits, pieces of words and whole words, then a softmax. */
export interface Head {
  name: HeadName;
  labels: string[];
  bias: Float32Array;
  /** Weights by trait and label. */
  traits: Float32Array;
  /** Weights by place in the table of pieces (a power of two of them) and label; `pieceScale` makes them real. */
  pieces: Int8Array;
  pieceScale: number;
  /** Weights by word of the table and label; `wordScale` makes them real. */
  words: Int8Array;
  wordScale: number;
  /** Divides the sums, so that what is said with 80 % is right 80 times of 100. */
  temperature: number;
}

export interface Model {
  /** Raised with every training. */
  version: number;
  traits: string[];
  /** Hashes of the words of the table, and how much each of them tells (255 = most). */
  wordHashes: Int32Array;
  wordTells: Uint8Array;
  heads: Record<HeadName, Head>;
}

/** Heads that judge the texts of one language instead of the model's; shipped apart where their licence differs. */
export interface Supplement extends Omit<Model, 'heads'> {
  language: string;
  licence: string;
  heads: Partial<Model['heads']>;
}

/** What an installation has learned from its people's labels: added to the heads, whatever the language. */
export interface Own extends Omit<Model, 'heads'> {
  /** Tells its content from every other. */
  id: string;
  /** Weights to add to logits, so that their temperature is 1. */
  heads: Partial<Model['heads']>;
}
