import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aMention } from '../contracts/mentions.ts';
import { sqliteMentions } from '../../src/stores/sqlite/mentions.ts';
import { closeDatabase, openDatabase } from '../../src/stores/sqlite/open.ts';
import { sqliteState } from '../../src/stores/sqlite/state.ts';

const now = () => new Date('2024-05-01T12:00:00Z');
const idOf = (index: number) => aMention({ externalId: String(index) }).id;

/** Puts and counts as fast as it can, saying on stdout what has been acknowledged. */
const WRITER = `
import { openDatabase } from './src/stores/sqlite/open.js';
import { sqliteMentions } from './src/stores/sqlite/mentions.js';
import { sqliteState } from './src/stores/sqlite/state.js';
import { mentionId } from './src/domain/mention.js';
const [path, most] = process.argv.slice(2);
const at = '2024-05-01T12:00:00.000Z';
const db = openDatabase(path);
const store = sqliteMentions(db, { now: () => new Date(at) });
const state = sqliteState(db);
const mention = (index) => ({
  id: mentionId('reviews', String(index)), externalId: String(index), source: 'reviews', channel: 'review',
  text: 'Word' + index, brands: [], collectedAt: at, at, dated: false, judgements: {},
});
async function count() {
  const entry = await state.get('count');
  if ((await state.set('count', (entry?.value ?? 0) + 1, entry?.version ?? null)) === null) await count();
}
for (let index = 0; index < Number(most); index += 5) {
  await store.put([0, 1, 2, 3, 4].map((more) => mention(index + more)));
  await count();
  await new Promise((done) => process.stdout.write(index + 4 + '\\n', done));
}
`;

describe('several processes with one file', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-processes-'));
  const program = join(folder, 'program');

  /** The sources as JavaScript, because the children run without a loader. */
  beforeAll(() => {
    const options =
      '--ignoreConfig --module nodenext --target es2023 --types node --rootDir . --skipLibCheck --noCheck';
    const files = ['open', 'mentions', 'state'].map((name) => `src/stores/sqlite/${name}.ts`);
    const compile = [
      resolve('node_modules/typescript/bin/tsc'),
      ...options.split(' '),
      '--rewriteRelativeImportExtensions',
    ];
    mkdirSync(program);
    execFileSync(process.execPath, [...compile, '--outDir', program, ...files], { stdio: 'pipe' });
    symlinkSync(resolve('node_modules'), join(program, 'node_modules'));
    writeFileSync(join(program, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(program, 'writer.js'), WRITER);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a writer to its end, or kills it once it has acknowledged that many times. */
  function write(path: string, most: number, killAfter = Infinity) {
    const child = spawn(process.execPath, [join(program, 'writer.js'), path, String(most)]);
    let said = '';
    let complaint = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.split('\n').length > killAfter) child.kill('SIGKILL');
    });
    child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
    return new Promise<{ last: number; complaint: string }>((done) =>
      child.on('close', () => done({ last: Number(said.trim().split('\n').at(-1)), complaint })),
    );
  }

  it('may create it and write to it at the same moment, without losing anything', async () => {
    const path = join(folder, 'shared', 'earshot.db');
    const ended = await Promise.all([1, 2, 3, 4].map(() => write(path, 200)));
    expect(ended).toEqual(Array.from({ length: 4 }, () => ({ last: 199, complaint: '' })));
    const db = openDatabase(path);
    expect((await sqliteMentions(db, { now }).search({ q: 'word*' }, { limit: 1 })).total).toBe(200);
    expect((await sqliteMentions(db, { now }).changes(undefined, 1_000)).changes).toHaveLength(200);
    expect(await sqliteState(db).get('count')).toMatchObject({ value: 160 });
    closeDatabase(db);
  });

  it.each([1, 7, 40])('lose nothing that was acknowledged when one is killed after %i writes', async (killAfter) => {
    const path = join(folder, `killed after ${killAfter}`, 'earshot.db');
    const { last, complaint } = await write(path, 100_000, killAfter);
    expect(complaint).toBe('');
    expect(last).toBeLessThan(99_999);
    const db = openDatabase(path);
    const store = sqliteMentions(db, { now });
    for (let index = 0; index <= last; index++) expect(await store.get(idOf(index))).toBeDefined();
    const { total } = await store.search({ q: 'word*' }, { limit: 1 });
    expect(total % 5).toBe(0);
    expect(total).toBeGreaterThan(last);
    closeDatabase(db);
  });
});
