import type { Mention } from '../../domain/mention.ts';
import type { MentionQuery } from '../../domain/query.ts';
import type { Change, ChangePage, SearchOptions, SearchPage } from '../../domain/store.ts';
import { eventId } from '../document.ts';
import {
  MAX_CHANGES,
  MAX_COUNTED,
  MAX_PAGE,
  changePlace,
  checkLimit,
  checkStories,
  decodeCursor,
  encodeCursor,
  searchPlace,
} from '../paging.ts';
import type { Database } from './open.ts';
import { toSql, wordExpressions } from './query.ts';
import type { SqlCondition } from './query.ts';

/**
 * One page, newest first by (`at`, `id`), with the number of all that match now.
 * @param total That number, where somebody knows a faster way to it than to look at them all.
 */
export function searchMentions(
  db: Database,
  query: MentionQuery,
  { limit, cursor }: SearchOptions,
  total = countMatching(db, query),
): SearchPage {
  const { where, params } = toSql(query);
  const behind = cursor === undefined ? [] : decodeCursor(searchPlace, cursor);
  const rest = `${where}${cursor === undefined ? '' : ' AND (m.at, m.id) < (?, ?)'}`;
  const found = total === 0 ? [] : newest(db, { where: rest, params: [...params, ...behind] }, limit + 1);
  const mentions = found.slice(0, limit);
  const last = mentions.at(-1);
  if (found.length <= limit || last === undefined) return { total, mentions };
  return { total, mentions, next: encodeCursor([last.at, last.id]) };
}

function countMatching(db: Database, query: MentionQuery): number {
  const { where, params } = toSql(query);
  const { total } = db.prepare(`SELECT count(*) AS total FROM mention m WHERE ${where}`).get(params) as {
    total: number;
  };
  return total;
}

function newest(db: Database, { where, params }: SqlCondition, limit: number): Mention[] {
  const rows = db
    .prepare(
      `SELECT d.body FROM (
         SELECT m.key, m.at, m.id FROM mention m WHERE ${where} ORDER BY m.at DESC, m.id DESC LIMIT ?
       ) found JOIN mention_document d ON d.key = found.key ORDER BY found.at DESC, found.id DESC`,
    )
    .all([...params, limit]) as { body: string }[];
  return rows.map(({ body }) => JSON.parse(body) as Mention);
}

/** Of a frequent word so many mentions are looked at, from the end of the full-text index. */
const MAX_LOOKED_AT = 5_000;

/** The newest with a word. A search would look at all that have it: a second, where a million mentions are stored. */
export function newestWith(db: Database, word: string, limit: number): Omit<SearchPage, 'next'> {
  checkLimit(limit, MAX_PAGE);
  const wanted = wordExpressions(word).wanted!;
  const found = 'SELECT rowid FROM mention_words WHERE mention_words MATCH ?';
  const { total } = db.prepare(`SELECT count(*) AS total FROM (${found} LIMIT ?)`).get([wanted, MAX_COUNTED]) as {
    total: number;
  };
  const where = `m.key IN (${found} ORDER BY rowid DESC LIMIT ?)`;
  return { total, mentions: newest(db, { where, params: [wanted, MAX_LOOKED_AT] }, limit) };
}

/** How many the query finds of each of these stories. */
export function countStories(db: Database, query: MentionQuery, stories: readonly string[]): Map<string, number> {
  checkStories(stories);
  const { where, params } = toSql({ ...query, collapse: undefined });
  const rows = db
    .prepare(
      `SELECT m.story, count(*) FROM mention m WHERE m.story IN (${stories.map(() => '?').join(', ')}) AND ${where}
       GROUP BY m.story`,
    )
    .raw()
    .all([...stories, ...params]) as [string, number][];
  return new Map(rows);
}

interface ChangeRow {
  seq: number;
  mention_id: string;
  erased: number;
  state: string;
  body: string;
}

/** What happened behind `after`, oldest first. */
export function changesAfter(db: Database, after: string | undefined, limit: number): ChangePage {
  checkLimit(limit, MAX_CHANGES);
  const [seq] = after === undefined ? [0] : decodeCursor(changePlace, after);
  const rows = db
    .prepare(
      `SELECT c.seq, c.mention_id, c.erased, m.state, d.body FROM mention_change c
       LEFT JOIN mention m ON m.id = c.mention_id LEFT JOIN mention_document d ON d.key = m.key
       WHERE c.seq > ? ORDER BY c.seq LIMIT ?`,
    )
    .all([seq, limit]) as ChangeRow[];
  return { changes: rows.map(toChange), next: encodeCursor([rows.at(-1)?.seq ?? seq]) };
}

function toChange({ mention_id: mentionId, erased, state, body }: ChangeRow): Change {
  if (erased) return { eventId: eventId(mentionId, 'erased'), kind: 'erased', mentionId };
  return { eventId: eventId(mentionId, state), kind: 'stored', mentionId, mention: JSON.parse(body) as Mention };
}
