import type { Mention } from '../../domain/mention.ts';
import type { MentionQuery } from '../../domain/query.ts';
import type { Change, ChangePage, SearchOptions, SearchPage } from '../../domain/store.ts';
import { eventId } from '../document.ts';
import { MAX_CHANGES, MAX_PAGE, changePlace, checkLimit, decodeCursor, encodeCursor, searchPlace } from '../paging.ts';
import type { Database } from './open.ts';
import { toSql } from './query.ts';

/** One page, newest first by (`at`, `id`), with the number of all that match now. */
export function searchMentions(db: Database, query: MentionQuery, { limit, cursor }: SearchOptions): SearchPage {
  checkLimit(limit, MAX_PAGE);
  const { where, params } = toSql(query);
  const behind = cursor === undefined ? [] : decodeCursor(searchPlace, cursor);
  const { total } = db.prepare(`SELECT count(*) AS total FROM mention m WHERE ${where}`).get(params) as {
    total: number;
  };
  const rows = db
    .prepare(
      `SELECT d.body FROM (
         SELECT m.key, m.at, m.id FROM mention m WHERE ${where}${cursor === undefined ? '' : ' AND (m.at, m.id) < (?, ?)'}
         ORDER BY m.at DESC, m.id DESC LIMIT ?
       ) found JOIN mention_document d ON d.key = found.key ORDER BY found.at DESC, found.id DESC`,
    )
    .all([...params, ...behind, limit + 1]) as { body: string }[];
  const mentions = rows.slice(0, limit).map(({ body }) => JSON.parse(body) as Mention);
  const last = mentions.at(-1);
  if (rows.length <= limit || last === undefined) return { total, mentions };
  return { total, mentions, next: encodeCursor([last.at, last.id]) };
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
