import { setImmediate } from 'node:timers/promises';
import type { LabelChanges } from '../../domain/labels.ts';
import type { Mention } from '../../domain/mention.ts';
import type { Dimension, MentionQuery } from '../../domain/query.ts';
import type { MentionStore, PutOutcome } from '../../domain/store.ts';
import { byCountThenKey, checkDimensions, withFeelings } from '../buckets.ts';
import { MAX_PAGE, checkLimit } from '../paging.ts';
import { columnReader } from './columns.ts';
import type { Columns } from './columns.ts';
import { countChosen } from './count.ts';
import { checkpoint } from './open.ts';
import type { Database } from './open.ts';
import { newestByPlace, readVisits } from './places.ts';
import { changesAfter, countStories, newestWith, searchMentions } from './read.ts';
import { createMentionTables } from './schema.ts';
import { select } from './select.ts';
import type { Chosen } from './select.ts';
import { mentionWriter } from './write.ts';

/** Most mentions written or erased in one transaction: others wait for its end, so it stays short. */
const MAX_BATCH = 500;

/**
 * Mentions in the embedded file. Everything that is acknowledged is on the disk. `close` leaves the shared connection
 * open.
 */
export function sqliteMentions(db: Database, { now }: { now: () => Date }): MentionStore {
  createMentionTables(db);
  const writer = mentionWriter(db, now);
  const putBatch = db.transaction((batch: readonly Mention[]) => writer.put(batch)).immediate;
  const labelOne = db.transaction((mention: Mention, changes: LabelChanges) =>
    writer.label(mention, changes),
  ).immediate;
  const forgetBatch = db.transaction((batch: readonly string[]) => writer.forget(batch)).immediate;
  const find = db.prepare('SELECT d.body FROM mention m JOIN mention_document d ON d.key = m.key WHERE m.id = ?');
  return {
    async put(mentions) {
      const outcomes: PutOutcome[] = [];
      await inBatches(mentions, (batch) => outcomes.push(...putBatch(batch)));
      return outcomes;
    },
    async label(mention, changes) {
      return labelOne(mention, changes);
    },
    async get(id) {
      const row = find.get([id]) as { body: string } | undefined;
      return row && (JSON.parse(row.body) as Mention);
    },
    ...reading(db),
    async changes(after, limit) {
      return changesAfter(db, after, limit);
    },
    async forget(ids) {
      let erased = 0;
      await inBatches(ids, (batch) => (erased += forgetBatch(batch)));
      if (erased > 0) checkpoint(db);
      return erased;
    },
    async close() {},
  };
}

/** Everything that looks at many mentions; each answer is of one moment. */
function reading(db: Database): Omit<MentionStore, 'put' | 'label' | 'get' | 'changes' | 'forget' | 'close'> {
  const columns = columnReader(db);
  const snapshot = db.transaction(<T>(read: () => T) => read()).deferred as <T>(read: () => T) => T;
  /** The choice before, because a map asks several times for the same. */
  let last: { present: Columns; name: string; found: Chosen[] } | undefined;
  const choose = (query: MentionQuery) => {
    const present = columns();
    const name = JSON.stringify(query);
    if (last?.present !== present || last.name !== name) last = { present, name, found: select(db, present, query) };
    return last;
  };
  const chosen = <T>(query: MentionQuery, read: (present: Columns, found: Chosen[]) => T): T =>
    snapshot(() => {
      const { present, found } = choose(query);
      return read(present, found);
    });
  const howMany = (query: MentionQuery) => choose(query).found.reduce((sum, { rows }) => sum + rows.length, 0);
  const countLists = (query: MentionQuery, lists: readonly (readonly Dimension[])[]) =>
    chosen(query, (present, found) => countChosen(present, found, lists));

  return {
    async search(query, options) {
      checkLimit(options.limit, MAX_PAGE);
      return snapshot(() => searchMentions(db, query, options, looksUp(query) ? undefined : howMany(query)));
    },
    async newestWith(word, limit) {
      return snapshot(() => newestWith(db, word, limit));
    },
    async countStories(query, stories) {
      return countStories(db, query, stories);
    },
    async aggregate(query, dimensions) {
      checkDimensions(dimensions);
      return withFeelings(countLists(query, [[...dimensions, 'sentiment']])[0]!);
    },
    async countAll(query, lists) {
      lists.forEach(checkDimensions);
      return countLists(query, lists).map((counts) => counts.toSorted(byCountThenKey));
    },
    async newestByPlace(query, perPlace) {
      return chosen(query, (present, found) => newestByPlace(db, present, found, perPlace));
    },
    async visits(query, options) {
      return readVisits(db, query, options);
    },
  };
}

/** Whether a query asks for what is no column, so that the indices count it faster. */
function looksUp({ q, author, thread, story, collapse, also }: MentionQuery): boolean {
  return (
    [q, author, thread, story, collapse].some((asked) => asked !== undefined) || (also !== undefined && looksUp(also))
  );
}

/** Gives others their turn between two batches. */
async function inBatches<T>(all: readonly T[], work: (batch: readonly T[]) => unknown): Promise<void> {
  for (let start = 0; start < all.length; start += MAX_BATCH) {
    if (start > 0) await setImmediate();
    work(all.slice(start, start + MAX_BATCH));
  }
}
