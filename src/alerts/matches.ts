import { searchText, signalsOf, storyOf } from '../domain/mention.ts';
import type { Mention } from '../domain/mention.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { MentionQuery, Place } from '../domain/query.ts';
import { terms } from '../text/fold.ts';
import { parseSearch, satisfies } from '../text/search.ts';

/**
 * The plain reading of a query, against which both stores are tested and by which alerts decide. `collapse` is about
 * many mentions and so of no meaning to one.
 */
export function matches(query: MentionQuery, mention: Mention): boolean {
  return (
    matchesJudgements(query, mention) &&
    matchesFacts(query, mention) &&
    matchesTimes(query, mention) &&
    matchesWords(query.q, mention) &&
    (query.also === undefined || matches(query.also, mention))
  );
}

const any = <T>(wanted: readonly T[] | undefined, has: readonly T[]) =>
  wanted === undefined || has.some((value) => wanted.includes(value));

const told = (judgement: { value: string | null } | undefined): string => judgement?.value ?? UNKNOWN;

function matchesJudgements(query: MentionQuery, mention: Mention): boolean {
  const { judgements } = mention;
  const place = { step: told(judgements.step), touchpoint: told(judgements.touchpoint) };
  return (
    any<string>(query.step, [place.step]) &&
    any<string>(query.touchpoint, [place.touchpoint]) &&
    any<string>(query.sentiment, [told(judgements.sentiment)]) &&
    any<string>(query.outcome, [told(judgements.outcome)]) &&
    any<string>(query.gap, [told(judgements.gap)]) &&
    any(query.language, [told(judgements.language)]) &&
    any(query.topic, judgements.topics?.map((topic) => topic.value) ?? []) &&
    any(query.pain, judgements.pains?.map((pain) => pain.value) ?? []) &&
    any(query.signal, signalsOf(mention)) &&
    (query.places === undefined || query.places.some((wanted) => isAt(wanted, place)))
  );
}

function isAt(wanted: Place, place: { step: string; touchpoint: string }): boolean {
  return wanted.step === place.step && any<string>(wanted.touchpoints, [place.touchpoint]);
}

function matchesFacts(query: MentionQuery, mention: Mention): boolean {
  return (
    any(query.source, [mention.source]) &&
    any(query.channel, [mention.channel]) &&
    any(query.brand, mention.brands) &&
    any(query.author, mention.author ? [mention.author.id] : []) &&
    any(query.thread, mention.thread === undefined ? [] : [mention.thread]) &&
    any(query.story, [storyOf(mention)]) &&
    any(query.rating, mention.rating === undefined ? [] : [Math.round(mention.rating)])
  );
}

function matchesTimes(query: MentionQuery, { at, collectedAt }: Mention): boolean {
  return (
    (query.from === undefined || at >= query.from) &&
    (query.to === undefined || at < query.to) &&
    (query.collectedFrom === undefined || collectedAt >= query.collectedFrom) &&
    (query.collectedTo === undefined || collectedAt < query.collectedTo)
  );
}

function matchesWords(q: string | undefined, mention: Mention): boolean {
  return q === undefined || satisfies(parseSearch(q), terms(searchText(mention)));
}
