import { NONE } from '../../domain/journey.ts';
import type { Mention } from '../../domain/mention.ts';
import type { MentionQuery } from '../../domain/query.ts';
import type { Visit, VisitOptions, Visits } from '../../domain/store.ts';
import { checkLimit } from '../paging.ts';
import { MAX_PER_PLACE, MAX_VISITS, threadOf, wholeTravellers } from '../visits.ts';
import { columnOf } from './blocks.ts';
import type { Columns } from './columns.ts';
import type { Database } from './open.ts';
import { toSql } from './query.ts';
import type { Chosen } from './select.ts';

/** One mention, with what it is ordered by. */
interface Found {
  key: number;
  at: number;
  rank: number;
}

const isNewer = (one: Found, other: Found) => one.at > other.at || (one.at === other.at && one.rank > other.rank);
const newestFirst = (one: Found, other: Found) => (isNewer(one, other) ? -1 : 1);

/** The newest of the chosen at every step and touchpoint, newest first. */
export function newestByPlace(db: Database, columns: Columns, chosen: readonly Chosen[], perPlace: number): Mention[] {
  checkLimit(perPlace, MAX_PER_PLACE);
  const document = db.prepare('SELECT body FROM mention_document WHERE key = ?');
  return newestKeys(columns, chosen, perPlace).map(
    ({ key }) => JSON.parse((document.get([key]) as { body: string }).body) as Mention,
  );
}

function newestKeys(columns: Columns, chosen: readonly Chosen[], perPlace: number): Found[] {
  const onJourney = columns.names('step').map((name) => name !== null && name !== NONE);
  const [step, touchpoint] = [columnOf('step'), columnOf('touchpoint')];
  const places = columns.names('touchpoint').length;
  const newest: Found[][] = [];
  // Backwards, because keys grow with time: what comes later is then mostly too old to be looked at twice.
  for (const { block, rows } of chosen.toReversed())
    for (let index = rows.length - 1; index >= 0; index--) {
      const row = rows[index]!;
      const at = block.codes[step + row]!;
      if (!onJourney[at]) continue;
      const here = (newest[at * places + block.codes[touchpoint + row]!] ??= []);
      if (here.length === perPlace && block.at[row]! < here[perPlace - 1]!.at) continue;
      insert(here, { key: block.first + row, at: block.at[row]!, rank: block.rank[row]! }, perPlace);
    }
  return newest.flat().toSorted(newestFirst);
}

function insert(here: Found[], found: Found, most: number): void {
  const behind = here.findIndex((other) => isNewer(found, other));
  here.splice(behind < 0 ? here.length : behind, 0, found);
  if (here.length > most) here.pop();
}

/** Texts as bytes: the driver cuts them at a NUL when it reads them. */
type Row = [Uint8Array, Uint8Array, string, string, string | null, string | null, string | null];

/** Who was where, and what next. */
export function readVisits(db: Database, query: MentionQuery, { by, limit }: VisitOptions): Visits {
  checkLimit(limit, MAX_VISITS);
  const { where, params } = toSql(query);
  const source = by === 'thread' ? 'm.source' : "''";
  const rows = db
    .prepare(
      `SELECT CAST(m.${by} AS BLOB), CAST(${source} AS BLOB), m.at, m.step, m.touchpoint, m.sentiment, m.outcome
       FROM mention m WHERE m.${by} IS NOT NULL AND m.step IS NOT NULL AND m.step <> '${NONE}' AND ${where}
       ORDER BY ${by === 'thread' ? 'm.source, ' : ''}m.${by}, m.at, m.id LIMIT ?`,
    )
    .raw()
    .all([...params, limit + 1]) as Row[];
  return wholeTravellers(rows.map(toVisit), limit);
}

function toVisit([id, source, at, step, touchpoint, sentiment, outcome]: Row): Visit {
  const name = Buffer.from(id).toString();
  const traveller = source.length === 0 ? name : threadOf(Buffer.from(source).toString(), name);
  return { traveller, at, step, touchpoint, sentiment, outcome };
}
