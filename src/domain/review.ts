import type { Mention } from './mention.ts';

/** What mentions are reviewed for. */
export const REVIEWED_FOR = ['step', 'touchpoint', 'sentiment'] as const;

/** A mention of which the enrichers are not sure. */
export interface Doubtful {
  mention: Mention;
  /** 0 = sure of everything, 1 = could not tell anything. */
  doubt: number;
  /** What is least sure. */
  about: (typeof REVIEWED_FOR)[number];
}
