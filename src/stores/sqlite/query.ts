import { UNKNOWN } from '../../domain/query.ts';
import type { MentionQuery, Place } from '../../domain/query.ts';
import { parseSearch } from '../../text/search.ts';
import type { Clause } from '../../text/search.ts';
import type { TagField } from '../document.ts';
import type { Bindable } from './open.ts';

/** A condition over the table `mention` under the name `m`, with what its question marks stand for. */
export interface SqlCondition {
  where: string;
  params: Bindable[];
}

/** The query as SQL. Agrees with `matches` of `alerts/matches.ts`, document by document; then copies are left out. */
export function toSql(query: MentionQuery): SqlCondition {
  const found = matching(query);
  const copies = copiesIn(query);
  if (copies === undefined) return found;
  return { where: `${found.where} AND m.key NOT IN (${copies.where})`, params: [...found.params, ...copies.params] };
}

/**
 * The keys of what is folded away: of every story that is found, all but the first. That is the one that the others are
 * copies of, or where it is not found the oldest of them.
 */
export function copiesIn(query: MentionQuery): SqlCondition | undefined {
  if (query.collapse === undefined) return undefined;
  const { where, params } = matching(query);
  const first = 'row_number() OVER (PARTITION BY m.story ORDER BY m.story <> m.id, m.at, m.id)';
  const copied = 'SELECT story FROM mention WHERE story <> id';
  return {
    where: `SELECT key FROM (SELECT m.key, ${first} AS place FROM mention m WHERE m.story IN (${copied}) AND ${where})
      WHERE place > 1`,
    params,
  };
}

function matching(query: MentionQuery): SqlCondition {
  const conditions = conditionsOf(query).filter((condition) => condition !== undefined);
  if (conditions.length === 0) return { where: 'TRUE', params: [] };
  return {
    where: conditions.map(({ where }) => where).join(' AND '),
    params: conditions.flatMap(({ params }) => params),
  };
}

function conditionsOf(query: MentionQuery): (SqlCondition | undefined)[] {
  return [
    ...judgementConditions(query),
    ...factConditions(query),
    ...wordConditions(query.q),
    ...(query.also ? conditionsOf(query.also) : []),
  ];
}

function judgementConditions(query: MentionQuery) {
  return [
    judged('step', query.step),
    judged('touchpoint', query.touchpoint),
    judged('sentiment', query.sentiment),
    judged('outcome', query.outcome),
    judged('gap', query.gap),
    judged('language', query.language),
    tagged('topic', query.topic),
    tagged('pain', query.pain),
    tagged('signal', query.signal),
    query.places && anyPlace(query.places),
  ];
}

function factConditions(query: MentionQuery) {
  return [
    oneOf('m.source', query.source),
    oneOf('m.channel', query.channel),
    tagged('brand', query.brand),
    oneOf('m.author', query.author),
    oneOf('m.thread', query.thread),
    oneOf('m.story', query.story),
    oneOf('m.stars', query.rating),
    compared('m.at >= ?', query.from),
    compared('m.at < ?', query.to),
    compared('m.collected_at >= ?', query.collectedFrom),
    compared('m.collected_at < ?', query.collectedTo),
  ];
}

/** An empty list is "any of nothing" and holds for no mention, as in the predicate. */
function oneOf(expression: string, wanted: readonly Bindable[] | undefined): SqlCondition | undefined {
  return wanted && { where: `${expression} IN (${wanted.map(() => '?').join(', ')})`, params: [...wanted] };
}

const judged = (column: string, wanted: readonly string[] | undefined) =>
  oneOf(`coalesce(m.${column}, '${UNKNOWN}')`, wanted);

/** Many-valued fields stand in the table `mention_tag`. */
function tagged(field: TagField, wanted: readonly string[] | undefined): SqlCondition | undefined {
  const values = oneOf('value', wanted);
  return (
    values && {
      where: `m.key IN (SELECT mention FROM mention_tag WHERE field = '${field}' AND ${values.where})`,
      params: values.params,
    }
  );
}

function compared(where: string, value: string | undefined): SqlCondition | undefined {
  return value === undefined ? undefined : { where, params: [value] };
}

function anyPlace(places: readonly Place[]): SqlCondition {
  const conditions = places.map(({ step, touchpoints }) => {
    const where = judged('touchpoint', touchpoints);
    return { where: `(m.step = ?${where ? ` AND ${where.where}` : ''})`, params: [step, ...(where?.params ?? [])] };
  });
  return {
    where: conditions.length === 0 ? 'FALSE' : `(${conditions.map(({ where }) => where).join(' OR ')})`,
    params: conditions.flatMap(({ params }) => params),
  };
}

/** What to ask the full-text index for: what must be there, and what must not. */
export function wordExpressions(q: string | undefined): { wanted?: string; unwanted?: string } {
  const clauses = parseSearch(q ?? '');
  const wanted = clauses.filter(({ not }) => !not).map((clause) => toFts(clause));
  const unwanted = clauses.filter(({ not }) => not).map((clause) => toFts(clause));
  return {
    ...(wanted.length > 0 && { wanted: wanted.join(' AND ') }),
    ...(unwanted.length > 0 && { unwanted: unwanted.join(' OR ') }),
  };
}

function wordConditions(q: string | undefined): (SqlCondition | undefined)[] {
  const { wanted, unwanted } = wordExpressions(q);
  return [withWords('IN', wanted), withWords('NOT IN', unwanted)];
}

/** Unwanted words are asked for by themselves, because the full-text language knows NOT only behind something else. */
function withWords(test: 'IN' | 'NOT IN', expression: string | undefined): SqlCondition | undefined {
  if (expression === undefined) return undefined;
  return { where: `m.key ${test} (SELECT rowid FROM mention_words WHERE mention_words MATCH ?)`, params: [expression] };
}

/** Folded terms hold letters and digits only, so quoting is safe. https://www.sqlite.org/fts5.html#full_text_query_syntax */
function toFts({ terms, prefix }: Clause): string {
  return `"${terms.join(' ')}"${prefix ? ' *' : ''}`;
}
