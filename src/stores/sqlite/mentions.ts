import { setImmediate } from 'node:timers/promises';
import type { LabelChanges } from '../../domain/labels.ts';
import type { Mention } from '../../domain/mention.ts';
import type { MentionStore, PutOutcome } from '../../domain/store.ts';
import { aggregateMentions } from './aggregate.ts';
import { checkpoint } from './open.ts';
import type { Database } from './open.ts';
import { changesAfter, searchMentions } from './read.ts';
import { createMentionTables } from './schema.ts';
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
  const putBatch = db.transaction((batch: readonly Mention[]) => batch.map((mention) => writer.put(mention))).immediate;
  const labelOne = db.transaction((mention: Mention, changes: LabelChanges) => writer.put(mention, changes)).immediate;
  const forgetBatch = db.transaction(
    (batch: readonly string[]) => batch.filter((id) => writer.forget(id)).length,
  ).immediate;
  const find = db.prepare('SELECT d.body FROM mention m JOIN mention_document d ON d.key = m.key WHERE m.id = ?');
  const snapshot = db.transaction(<T>(read: () => T) => read()).deferred as <T>(read: () => T) => T;

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
    async search(query, options) {
      return snapshot(() => searchMentions(db, query, options));
    },
    async aggregate(query, dimensions) {
      return aggregateMentions(db, query, dimensions);
    },
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

/** Gives others their turn between two batches. */
async function inBatches<T>(all: readonly T[], work: (batch: readonly T[]) => unknown): Promise<void> {
  for (let start = 0; start < all.length; start += MAX_BATCH) {
    if (start > 0) await setImmediate();
    work(all.slice(start, start + MAX_BATCH));
  }
}
