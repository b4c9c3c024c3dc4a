import type { JudgementName, Judgements } from './enrichment.ts';
import type { Mention } from './mention.ts';

/** The part of a mention that an enricher may read: its facts, and the judgements made before it. */
export type Draft = Pick<
  Mention,
  'text' | 'title' | 'channel' | 'rating' | 'declaredLanguage' | 'replyTo' | 'judgements'
> &
  // Unknown where a text is judged on its own.
  Partial<Pick<Mention, 'brands'>>;

/**
 * Finds something out about mentions. Deterministic; a batch gives what its members give one by one; unsure is
 * `null`, never a guess. It may only use judgements named in `needs` and must return those named in `gives`.
 */
export interface Enricher {
  readonly name: string;
  /** Raised whenever the same text may be judged differently; stored with each judgement as `name@version`. */
  readonly version: number;
  readonly needs: readonly JudgementName[];
  readonly gives: readonly JudgementName[];
  enrich(drafts: readonly Draft[]): Promise<Judgements[]>;
}
