import type { Mention } from '../domain/mention.ts';
import type { Subscription } from '../domain/notice.ts';
import type { MentionQuery } from '../domain/query.ts';
import { matches } from './matches.ts';

/** What a subscriber wants to hear: negative mentions, unless the query or its persona says otherwise. */
export function wanted(query: MentionQuery): MentionQuery {
  return query.also?.sentiment ? query : { sentiment: ['negative'], ...query };
}

/** Whether a subscriber is to hear of a mention: collected in the subscription's time, and matching its query. */
export function decide({ since }: Pick<Subscription, 'since'>, query: MentionQuery, mention: Mention): boolean {
  return mention.collectedAt >= since && matches(wanted(query), mention);
}
