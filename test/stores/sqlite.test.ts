import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { mentionStoreContract } from '../contracts/mention-store.ts';
import { aMention, sampleMentions } from '../contracts/mentions.ts';
import { stateStoreContract } from '../contracts/state-store.ts';
import type { Dimension } from '../../src/domain/query.ts';
import { sqliteMentions } from '../../src/stores/sqlite/mentions.ts';
import { closeDatabase, compact, openDatabase } from '../../src/stores/sqlite/open.ts';
import type { Database } from '../../src/stores/sqlite/open.ts';
import { sqliteState } from '../../src/stores/sqlite/state.ts';

const now = () => new Date('2024-05-01T12:00:00Z');

function inNewFolder<Store>(make: (db: Database) => Store) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-stores-'));
    const path = join(folder, 'earshot.db');
    let db = openDatabase(path);
    return {
      store: make(db),
      reopen: async () => {
        closeDatabase(db);
        db = openDatabase(path);
        return make(db);
      },
      close: async () => {
        closeDatabase(db);
        rmSync(folder, { recursive: true });
      },
    };
  };
}

mentionStoreContract(
  'SQLite',
  inNewFolder((db) => sqliteMentions(db, { now })),
);
stateStoreContract('SQLite', inNewFolder(sqliteState));

const setting = (db: Database, name: string) => Object.values((db.pragma(name) as object[])[0]!)[0] as unknown;
const secret = (index: number) => `qz${index.toString(36)}xsecret${(index * 7919) % 9973}`;

describe('the embedded file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-file-'));
  const path = join(folder, 'deep', 'er', 'earshot.db');
  const opened: Database[] = [];
  const open = (file = path) => {
    const db = openDatabase(file);
    opened.push(db);
    return db;
  };
  afterEach(() => {
    opened.splice(0).forEach(closeDatabase);
    rmSync(join(folder, 'deep'), { recursive: true, force: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is made with its folder, for the owner only, and is durable and clean', () => {
    const db = open();
    expect(statSync(join(folder, 'deep')).mode & 0o077).toBe(0);
    expect(setting(db, 'journal_mode')).toBe('wal');
    expect(setting(db, 'synchronous')).toBe(2);
    expect(setting(db, 'secure_delete')).toBe(1);
    expect(setting(db, 'busy_timeout')).toBeGreaterThan(1_000);
  });

  it('is looked through for a frequent word from its end, up to a bound', async () => {
    const db = open();
    const store = sqliteMentions(db, { now });
    const year = (externalId: string, number: number) => aMention({ externalId, at: `${number}-01-01T00:00:00.000Z` });
    await store.put([year('first', 2024), year('second', 2023)]);
    const fill = (from: number, to: number) =>
      db.exec(`WITH RECURSIVE more (key) AS (SELECT ${from} UNION ALL SELECT key + 1 FROM more WHERE key < ${to})
        INSERT INTO mention_words (rowid, words) SELECT key, 'parcel' FROM more`);
    const newest = async () => {
      const { total, mentions } = await store.newestWith('parcel', 1);
      return [total, mentions[0]?.externalId];
    };
    fill(3, 5_000);
    expect(await newest()).toEqual([5_000, 'first']);
    fill(5_001, 5_001);
    expect(await newest()).toEqual([5_001, 'second']);
    fill(5_002, 50_001);
    expect(await newest()).toEqual([50_000, undefined]);
  });

  it('is not touched when a newer program wrote it', () => {
    closeDatabase(open());
    const raw = new Libsql(path);
    raw.pragma('user_version = 999');
    raw.close();
    const before = readFileSync(path);
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'STAGE_UNAVAILABLE',
        message: expect.stringMatching(/earshot\.db.*newer.*999/),
        fix: expect.stringMatching(/EARSHOT_DATA/),
      }),
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('of an older format is brought up, with what stands in it', async () => {
    const answer = aMention({ externalId: '2', thread: 't1' });
    const old = open();
    await sqliteMentions(old, { now }).put([aMention(), answer]);
    old.exec('DROP TABLE mention_block; DROP TABLE mention_code;');
    old.exec('DROP INDEX mention_thread; DROP INDEX mention_story; DROP INDEX mention_copy;');
    old.exec('ALTER TABLE mention DROP COLUMN thread; ALTER TABLE mention DROP COLUMN story;');
    closeDatabase(old);
    const store = sqliteMentions(open(), { now });
    const found = async (query: object) => (await store.search(query, { limit: 9 })).mentions.map(({ id }) => id);
    expect(await found({ thread: ['t1'] })).toEqual([answer.id]);
    expect(await found({ story: [aMention().id] })).toEqual([aMention().id]);
    expect(await store.aggregate({}, ['source'])).toMatchObject([{ key: ['reviews'], count: 2 }]);
  });

  it('of format 2 is counted as before once its columns are made, also where mentions were erased', async () => {
    const all = sampleMentions(700);
    const old = open();
    const before = sqliteMentions(old, { now });
    await before.put(all);
    await before.forget(all.slice(100, 500).map(({ id }) => id));
    const lists: Dimension[][] = [
      ['step', 'touchpoint', 'pain'],
      ['day', 'brand'],
      ['signal', 'language', 'source'],
    ];
    const counted = await before.countAll({}, lists);
    const starred = await before.aggregate({ rating: [4, 5] }, ['channel']);
    const newest = await before.newestByPlace({}, 2);
    old.exec('DROP TABLE mention_block; DROP TABLE mention_code;');
    closeDatabase(old);
    const store = sqliteMentions(open(), { now });
    expect(await store.countAll({}, lists)).toEqual(counted);
    expect(await store.aggregate({ rating: [4, 5] }, ['channel'])).toEqual(starred);
    expect(await store.newestByPlace({}, 2)).toEqual(newest);
    expect(counted[0]!.length).toBeGreaterThan(100);
  });

  it('counts nothing of a batch that was rolled back, and goes on', async () => {
    const db = open();
    const store = sqliteMentions(db, { now });
    await store.put([aMention({ source: 'kept' })]);
    const lost = ['2', '3'].map((externalId) => aMention({ source: 'lost', externalId }));
    db.exec(`CREATE TRIGGER stop BEFORE INSERT ON mention_change WHEN NEW.mention_id = '${lost[1]!.id}'
      BEGIN SELECT raise(ABORT, 'no'); END`);
    await expect(store.put(lost)).rejects.toThrow(/no/);
    db.exec('DROP TRIGGER stop');
    const sources = async () => (await store.aggregate({}, ['source'])).map(({ key, count }) => [...key, count]);
    expect(await sources()).toEqual([['kept', 1]]);
    await store.put([aMention({ source: 'next', externalId: '4' })]);
    expect(await sources()).toEqual([
      ['kept', 1],
      ['next', 1],
    ]);
  });

  it.each([
    ['it is no database', () => writeFileSync(join(folder, 'file'), 'no database at all '.repeat(99)), 'file'],
    ['its folder is a file', () => writeFileSync(join(folder, 'file'), ''), 'file/earshot.db'],
    ['it is a folder', () => undefined, '.'],
  ])('is named where %s', (_, prepare, name) => {
    prepare();
    expect(() => open(join(folder, name))).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE', message: expect.stringContaining(folder) }),
    );
  });

  it('leaves no log behind when it is closed', async () => {
    const db = open();
    await sqliteMentions(db, { now }).put([aMention()]);
    expect(readdirSync(join(folder, 'deep/er'))).toContain('earshot.db-wal');
    closeDatabase(db);
    closeDatabase(db);
    const log = `${path}-wal`;
    expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
    expect(await sqliteMentions(open(), { now }).get(aMention().id)).toEqual(aMention());
  });

  it('is shared by several connections, each seeing what the other has written', async () => {
    const [one, other] = [sqliteMentions(open(), { now }), sqliteMentions(open(), { now })];
    const all = sampleMentions(200);
    const outcomes = (await Promise.all(all.flatMap((mention) => [one.put([mention]), other.put([mention])]))).flat();
    expect(outcomes.filter(({ outcome }) => outcome === 'new')).toHaveLength(all.length);
    expect(outcomes.filter(({ outcome }) => outcome === 'same')).toHaveLength(all.length);
    expect(await other.search({}, { limit: 200 })).toEqual(await one.search({}, { limit: 200 }));
    const places: Dimension[] = ['step', 'touchpoint', 'topic'];
    expect(await other.aggregate({}, places)).toEqual(await one.aggregate({}, places));
    await other.forget([all[0]!.id]);
    expect(await one.aggregate({}, ['source'])).toEqual(await other.aggregate({}, ['source']));
    expect((await one.aggregate({}, ['source'])).reduce((sum, { count }) => sum + count, 0)).toBe(199);
    expect((await one.put([all[0]!]))[0]).toMatchObject({ outcome: 'erased' });

    const [state, same] = [sqliteState(open()), sqliteState(open())];
    const version = await state.set('key', 0);
    expect([await state.set('key', 1, version), await same.set('key', 2, version)]).toEqual([expect.any(String), null]);
  });

  it('holds other tables beside its own', async () => {
    const db = open();
    db.exec('CREATE TABLE queue_jobs (id INTEGER PRIMARY KEY)');
    await sqliteMentions(db, { now }).put([aMention()]);
    await sqliteState(db).set('key', 1);
    db.exec('INSERT INTO queue_jobs VALUES (1)');
    expect(await sqliteMentions(db, { now }).search({}, { limit: 1 })).toMatchObject({ total: 1 });
  });

  const bytes = () =>
    readdirSync(join(folder, 'deep/er'))
      .filter((name) => !name.endsWith('-shm'))
      .map((name) => readFileSync(join(folder, 'deep/er', name)).toString('latin1'))
      .join('');

  it('holds no word of an erased mention once it has been asked to forget it', async () => {
    const store = sqliteMentions(open(), { now });
    await store.put([aMention({ text: `Call me at ${secret(1)}`, author: { id: secret(2) } }), ...sampleMentions(20)]);
    expect(bytes()).toContain(secret(1));
    expect(bytes()).toContain(secret(2));
    await store.forget([aMention().id]);
    expect(bytes()).not.toContain(secret(1));
    expect(bytes()).not.toContain(secret(2));
  });

  it('holds no erased or overwritten word once it is compacted, neither in documents nor in the index', async () => {
    const db = open();
    const store = sqliteMentions(db, { now });
    const all = Array.from({ length: 1_500 }, (_, index) =>
      aMention({
        externalId: String(index),
        text: `${`Words of mention ${index % 50} `.repeat(1 + (index % 40))}${secret(index)}`,
        author: { id: `${secret(index)}author` },
      }),
    );
    const every = (rest: number) => all.map((_, index) => index).filter((index) => index % 3 === rest);
    await store.put(all);
    await store.put(every(1).map((index) => aMention({ externalId: String(index), text: 'Taken back.' })));
    expect(await store.forget(every(0).map((index) => all[index]!.id))).toBe(500);
    compact(db);
    const left = bytes();
    expect(all.map((_, index) => index).filter((index) => left.includes(secret(index)))).toEqual(every(2));
    expect((await store.search({ q: 'qz*' }, { limit: 1 })).total).toBe(500);
    db.exec("INSERT INTO mention_words (mention_words, rank) VALUES ('integrity-check', 1)");
    expect(setting(db, 'integrity_check')).toBe('ok');
  });
});
