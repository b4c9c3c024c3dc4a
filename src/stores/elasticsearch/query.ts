import type { estypes } from '@elastic/elasticsearch';
import { UNKNOWN } from '../../domain/query.ts';
import type { MentionQuery, Place } from '../../domain/query.ts';
import { parseSearch } from '../../text/search.ts';
import type { Clause } from '../../text/search.ts';
import { partsOf } from './words.ts';

type Query = estypes.QueryDslQueryContainer;

/** A query of which it is known what to show of each story, see `stories.ts`. */
export interface FoldedQuery extends Omit<MentionQuery, 'collapse'> {
  /** Copies that stand for their story; other copies are left out. Absent = everything is shown. */
  firsts?: readonly string[] | undefined;
}

/**
 * The query as Elasticsearch DSL. Agrees with `matches` of `alerts/matches.ts`, document by document.
 * https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-bool-query
 */
export function toDsl(query: FoldedQuery): { bool: estypes.QueryDslBoolQuery } {
  const clauses = parseSearch(query.q ?? '');
  const filter = [...judgementFilters(query), ...factFilters(query), ...clauses.filter(({ not }) => !not).map(inWords)];
  return {
    bool: {
      filter: filter.filter((condition) => condition !== undefined),
      must_not: clauses.filter(({ not }) => not).map(inWords),
    },
  };
}

function judgementFilters(query: FoldedQuery): (Query | undefined)[] {
  return [
    judged('step', query.step),
    judged('touchpoint', query.touchpoint),
    judged('sentiment', query.sentiment),
    judged('outcome', query.outcome),
    judged('gap', query.gap),
    judged('language', query.language),
    oneOf('topic', query.topic),
    oneOf('pain', query.pain),
    oneOf('signal', query.signal),
    query.places && anyOf(query.places.map(atPlace)),
  ];
}

function factFilters(query: FoldedQuery): (Query | undefined)[] {
  return [
    oneOf('source', query.source),
    oneOf('channel', query.channel),
    oneOf('brand', query.brand),
    oneOf('author', query.author),
    oneOf('thread', query.thread),
    oneOf('story', query.story),
    oneOf('stars', query.rating),
    between('at', query.from, query.to),
    between('collectedAt', query.collectedFrom, query.collectedTo),
    query.also && toDsl(query.also),
    query.firsts && anyOf([{ term: { copy: false } }, { terms: { id: [...query.firsts] } }]),
  ];
}

/** An empty list is "any of nothing" and holds for no mention, as in the predicate. */
function oneOf(field: string, wanted: readonly (string | number)[] | undefined): Query | undefined {
  return wanted && { terms: { [field]: [...wanted] } };
}

/** Holds for none where there is no condition. */
export function anyOf(conditions: Query[]): Query {
  return conditions.length === 0 ? { match_none: {} } : { bool: { should: conditions, minimum_should_match: 1 } };
}

/** What could not be told has no value in the index. */
function judged(field: string, wanted: readonly string[] | undefined): Query | undefined {
  const values = oneOf(field, wanted);
  if (values === undefined || !wanted!.includes(UNKNOWN)) return values;
  return anyOf([values, { bool: { must_not: { exists: { field } } } }]);
}

function atPlace({ step, touchpoints }: Place): Query {
  const where = judged('touchpoint', touchpoints);
  return { bool: { filter: [{ term: { step } }, ...(where ? [where] : [])] } };
}

function between(field: string, from: string | undefined, to: string | undefined): Query | undefined {
  if (from === undefined && to === undefined) return undefined;
  return { range: { [field]: { ...(from !== undefined && { gte: from }), ...(to !== undefined && { lt: to }) } } };
}

/** A phrase with a beginning looks at this many words at most; the default of 50 would miss some. */
const EVERY_WORD = 2_147_483_647;

function inWords({ terms, prefix }: Clause): Query {
  const parts = terms.flatMap(partsOf);
  const words = parts.join(' ');
  if (parts.length === 1) return prefix ? { prefix: { words } } : { term: { words } };
  if (prefix) return { match_phrase_prefix: { words: { query: words, max_expansions: EVERY_WORD } } };
  return { match_phrase: { words } };
}
