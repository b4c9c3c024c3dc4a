import { searchText, storyOf } from '../../domain/mention.ts';
import type { Mention } from '../../domain/mention.ts';
import { terms } from '../../text/fold.ts';
import { starsOf, told } from '../document.ts';
import type { Bindable } from './open.ts';

/** The folded words, as both the index and the predicate read them. */
export function wordsOf(mention: Mention): string {
  return terms(searchText(mention)).join(' ');
}

/** Columns of the table `mention` behind its key, in their order there. */
export function columnsOf(mention: Mention, state: string): Bindable[] {
  const { judgements } = mention;
  return [
    mention.id,
    state,
    mention.at,
    mention.collectedAt,
    mention.source,
    mention.channel,
    mention.author?.id ?? null,
    mention.thread ?? null,
    storyOf(mention),
    starsOf(mention),
    told(judgements.language),
    told(judgements.sentiment),
    told(judgements.step),
    told(judgements.touchpoint),
    told(judgements.outcome),
    told(judgements.gap),
  ];
}
