import { BLOCK_TABLES, blockWriter } from './block-writer.ts';
import { ROWS, TAG_FIELDS, rankOf } from './blocks.ts';
import type { CodeField, Row } from './blocks.ts';
import type { Database } from './open.ts';

/**
 * `mention` holds what filters and counts read, narrow enough to be scanned; the documents stand aside. The words are
 * kept folded, so that they can be taken out of the index again whatever the folding has become since; the tokenizer
 * `ascii` leaves everything beyond ASCII as it is. `mention_change` has one row per mention ever seen: a mention that
 * changes moves to the end, an erased one leaves only its id there.
 */
const SCHEMA = `
CREATE TABLE mention (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  at TEXT NOT NULL,
  collected_at TEXT NOT NULL,
  source TEXT NOT NULL,
  channel TEXT NOT NULL,
  author TEXT,
  thread TEXT,
  story TEXT NOT NULL,
  stars INTEGER,
  language TEXT,
  sentiment TEXT,
  step TEXT,
  touchpoint TEXT,
  outcome TEXT,
  gap TEXT
);
CREATE INDEX mention_newest ON mention (at DESC, id DESC);
CREATE INDEX mention_author ON mention (author) WHERE author IS NOT NULL;
CREATE TABLE mention_document (
  key INTEGER PRIMARY KEY REFERENCES mention (key) ON DELETE CASCADE,
  body TEXT NOT NULL
);
CREATE TABLE mention_tag (
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  mention INTEGER NOT NULL REFERENCES mention (key) ON DELETE CASCADE,
  PRIMARY KEY (field, value, mention)
) WITHOUT ROWID;
CREATE INDEX mention_tag_of ON mention_tag (mention, field, value);
CREATE VIRTUAL TABLE mention_words USING fts5 (words, tokenize = 'ascii');
INSERT INTO mention_words (mention_words, rank) VALUES ('secure-delete', 1);
CREATE TABLE mention_change (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  mention_id TEXT NOT NULL UNIQUE,
  erased INTEGER NOT NULL,
  happened_at TEXT NOT NULL
);
`;

const INDICES = `
CREATE INDEX IF NOT EXISTS mention_thread ON mention (thread) WHERE thread IS NOT NULL;
CREATE INDEX IF NOT EXISTS mention_story ON mention (story);
CREATE INDEX IF NOT EXISTS mention_copy ON mention (story) WHERE story <> id;
`;

/** Files of format 1 did not know threads and stories. */
const FROM_FORMAT_1 = `
ALTER TABLE mention ADD COLUMN thread TEXT;
ALTER TABLE mention ADD COLUMN story TEXT NOT NULL DEFAULT '';
UPDATE mention SET story = id, thread =
  (SELECT json_extract(body, '$.thread') FROM mention_document d WHERE d.key = mention.key);
`;

/** Makes the tables of the mentions where they are missing or old; safe when several processes start at once. */
export function createMentionTables(db: Database): void {
  if (hasTable(db, 'mention_block') && hasTable(db, 'mention_copy')) return;
  db.transaction(() => {
    if (!hasTable(db, 'mention_change')) db.exec(SCHEMA);
    else if (!knowsStories(db)) db.exec(FROM_FORMAT_1);
    db.exec(INDICES);
    if (hasTable(db, 'mention_block')) return;
    db.exec(BLOCK_TABLES);
    fillBlocks(db);
  }).immediate();
}

function hasTable(db: Database, name: string): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get([name]) !== undefined;
}

function knowsStories(db: Database): boolean {
  return db.prepare("SELECT 1 FROM pragma_table_info('mention') WHERE name = 'story'").get([]) !== undefined;
}

type StoredRow = Record<Exclude<CodeField, 'stars'>, string | null> & {
  key: number;
  id: string;
  at: string;
  collected_at: string;
  stars: number | null;
};

/** Files of format 2 had no blocks. A million mentions take about ten seconds, once. */
function fillBlocks(db: Database): void {
  const rows = db.prepare('SELECT * FROM mention WHERE key >= ? ORDER BY key LIMIT ?');
  const tags = db.prepare('SELECT mention, field, value FROM mention_tag WHERE mention BETWEEN ? AND ?');
  const blocks = blockWriter(db);
  for (let from = 0; ;) {
    const found = rows.all([from, ROWS]) as StoredRow[];
    const last = found.at(-1);
    if (last === undefined) return;
    const told = tags.all([from, last.key]) as { mention: number; field: string; value: string }[];
    blocks.begin();
    for (const row of found)
      blocks.set(
        row.key,
        asRow(
          row,
          told.filter(({ mention }) => mention === row.key),
        ),
      );
    blocks.flush();
    from = last.key + 1;
  }
}

function asRow({ id, at, collected_at, stars, ...values }: StoredRow, tags: { field: string; value: string }[]): Row {
  const valuesOf = (field: string) => tags.filter((tag) => tag.field === field).map(({ value }) => value);
  return {
    at: Date.parse(at),
    collectedAt: Date.parse(collected_at),
    rank: rankOf(id),
    values: { ...values, stars: stars?.toString() ?? null },
    tags: Object.fromEntries(TAG_FIELDS.map((field) => [field, valuesOf(field)])) as unknown as Row['tags'],
  };
}
