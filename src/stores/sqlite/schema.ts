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
  if (knowsStories(db)) return;
  db.transaction(() => {
    if (knowsStories(db)) return;
    db.exec(hasTables(db) ? FROM_FORMAT_1 : SCHEMA);
    db.exec(INDICES);
  }).immediate();
}

function hasTables(db: Database): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'mention_change'").get([]) !== undefined;
}

function knowsStories(db: Database): boolean {
  return db.prepare("SELECT 1 FROM pragma_table_info('mention') WHERE name = 'story'").get([]) !== undefined;
}
