import type { Mention } from './mention.ts';

/** A mention beside another one. */
export interface Similar {
  /** `copy` = of the same story; `near` = another story that shares words or labels. */
  kind: 'copy' | 'near';
  /** 0…1: two parts shared words, the rarer the heavier, one part shared labels; 1 for copies. */
  nearness: number;
  /** Folded words that both have, of those that were looked for; none for copies. */
  words: string[];
  /** Labels that both have, as `step:use`; none for copies. */
  labels: string[];
  mention: Mention;
}

export interface SimilarMentions {
  /** Mentions of the same story, itself left out; all of them, not only those in `similar`. */
  copies: number;
  /** Copies first, newest first; then what is near, nearest first and each story once. */
  similar: Similar[];
}
