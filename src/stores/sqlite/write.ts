import type { LabelChanges } from '../../domain/labels.ts';
import type { Mention } from '../../domain/mention.ts';
import type { PutOutcome } from '../../domain/store.ts';
import { asKept, check, contentHash, tagsOf } from '../document.ts';
import type { Keepsake } from '../document.ts';
import { blockWriter } from './block-writer.ts';
import type { BlockWriter } from './block-writer.ts';
import { rowOf } from './blocks.ts';
import { columnsOf, wordsOf } from './document.ts';
import type { Database } from './open.ts';

/** What is already known of an id; `key` and what follows are null where it was erased. */
interface Known {
  erased: number;
  key: number | null;
  state: string;
  collected_at: string;
  body: string;
}

export interface MentionWriter {
  put(batch: readonly Mention[]): PutOutcome[];
  label(mention: Mention, changes: LabelChanges): PutOutcome;
  /** The number erased. */
  forget(ids: readonly string[]): number;
}

/** Writes a batch of mentions; the caller holds the transaction. `now` stamps the changes. */
export function mentionWriter(db: Database, now: () => Date): MentionWriter {
  const statements = prepare(db);
  const blocks = blockWriter(db);
  const store = storing(statements, blocks, now);
  const whole = <T>(work: () => T): T => {
    blocks.begin();
    const done = work();
    blocks.flush();
    return done;
  };

  return {
    put: (batch) => whole(() => batch.map((one) => putOne(one))),
    label: (mention, changes) => whole(() => putOne(mention, changes)),
    forget: (ids) => whole(() => ids.filter(forgetOne).length),
  };

  function putOne(handedOver: Mention, changes?: LabelChanges): PutOutcome {
    const checked = check(handedOver);
    if ('reason' in checked) return { id: checked.id, outcome: 'refused', reason: checked.reason };
    const { id } = checked;
    const known = statements.known.get([id]) as Known | undefined;
    if (known?.erased) return { id, outcome: 'erased' };
    const mention = asKept(checked.mention, known && keepsakeOf(known), changes);
    const outcome = store(mention, known);
    return { id, outcome, collectedAt: mention.collectedAt };
  }

  /** Whether there was anything to erase. */
  function forgetOne(id: string): boolean {
    const known = statements.known.get([id]) as Known | undefined;
    if (known?.erased) return false;
    if (known) {
      statements.removeWords.run([known.key]);
      statements.remove.run([known.key]);
      blocks.clear(known.key!);
    }
    statements.change.run([id, 1, now().toISOString()]);
    return known !== undefined;
  }
}

/** Writes what is new of one mention and says what became of it. */
function storing(statements: Statements, blocks: BlockWriter, now: () => Date) {
  return store;

  function store(mention: Mention, known: Known | undefined): 'new' | 'changed' | 'same' {
    const state = contentHash(mention);
    const body = JSON.stringify(mention);
    if (known?.state === state) {
      if (known.body !== body) statements.document.run([known.key, body]);
      return 'same';
    }
    const key = known?.key ?? Number(statements.insert.run(columnsOf(mention, state)).lastInsertRowid);
    if (known) statements.update.run([...columnsOf(mention, state), key]);
    statements.document.run([key, body]);
    writeTags(mention, key, known !== undefined);
    writeWords(mention, key, known !== undefined);
    blocks.set(key, rowOf(mention));
    statements.change.run([mention.id, 0, now().toISOString()]);
    return known ? 'changed' : 'new';
  }

  function writeTags(mention: Mention, key: number, again: boolean): void {
    if (again) statements.removeTags.run([key]);
    for (const [field, values] of Object.entries(tagsOf(mention)))
      for (const value of values) statements.tag.run([field, value, key]);
  }

  function writeWords(mention: Mention, key: number, again: boolean): void {
    const words = wordsOf(mention);
    if (again) statements.changeWords.run([words, key, words]);
    else statements.words.run([key, words]);
  }
}

/** Few are labelled: the document is read only where it may hold labels. */
function keepsakeOf({ collected_at: collectedAt, body }: Known): Keepsake {
  const { labels } = body.includes('"labels":') ? (JSON.parse(body) as Mention) : {};
  return { collectedAt, labels };
}

type Statements = ReturnType<typeof prepare>;

const COLUMNS =
  'id, state, at, collected_at, source, channel, author, thread, story, stars, language, sentiment, step, touchpoint, outcome, gap';

function prepare(db: Database) {
  const marks = COLUMNS.replace(/\w+/g, '?');
  return {
    known: db.prepare(`SELECT c.erased, m.key, m.state, m.collected_at, d.body FROM mention_change c
      LEFT JOIN mention m ON m.id = c.mention_id LEFT JOIN mention_document d ON d.key = m.key WHERE c.mention_id = ?`),
    insert: db.prepare(`INSERT INTO mention (${COLUMNS}) VALUES (${marks})`),
    update: db.prepare(`UPDATE mention SET (${COLUMNS}) = (${marks}) WHERE key = ?`),
    remove: db.prepare('DELETE FROM mention WHERE key = ?'),
    document: db.prepare('INSERT OR REPLACE INTO mention_document (key, body) VALUES (?, ?)'),
    tag: db.prepare('INSERT INTO mention_tag (field, value, mention) VALUES (?, ?, ?)'),
    removeTags: db.prepare('DELETE FROM mention_tag WHERE mention = ?'),
    words: db.prepare('INSERT INTO mention_words (rowid, words) VALUES (?, ?)'),
    changeWords: db.prepare('UPDATE mention_words SET words = ? WHERE rowid = ? AND words IS NOT ?'),
    removeWords: db.prepare('DELETE FROM mention_words WHERE rowid = ?'),
    change: db.prepare('INSERT OR REPLACE INTO mention_change (mention_id, erased, happened_at) VALUES (?, ?, ?)'),
  };
}
