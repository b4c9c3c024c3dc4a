import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** One import that the house forbids, and the folder into which it is planted. */
const FORBIDDEN: [folder: string, imported: string][] = [
  ['domain', '../text/fold.ts'],
  ['text', '../sources/index.ts'],
  ['journey', '../stores/sqlite/open.ts'],
  ['alerts', '../enrich/index.ts'],
  ['net', '../text/fold.ts'],
  ['sources', '../stores/sqlite/open.ts'],
  ['sources', './rss.ts'],
  ['notifiers', '../sources/index.ts'],
  ['enrich', '../net/http.ts'],
  ['annotators', '../net/http.ts'],
  ['enrich', '../annotators/index.ts'],
  ['enrich', '../learn/fit.ts'],
  ['learn', '../settings/shipped.ts'],
  ['stores/sqlite', '../../enrich/index.ts'],
  ['queues/sqlite', '../../stores/sqlite/open.ts'],
  ['settings', '../sources/rss.ts'],
  ['settings', '../pipeline/jobs.ts'],
  ['pipeline', '../stores/sqlite/open.ts'],
  ['pipeline', '../notifiers/webhook.ts'],
  ['api', '../pipeline/jobs.ts'],
  ['web', '../stores/sqlite/open.ts'],
  ['sample', '../app.ts'],
];

describe('who may import whom', () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'earshot-lint-'));
    for (const part of ['src', 'workers', '.oxlintrc.json', 'package.json', 'tsconfig.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const lint = (path: string) =>
    spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--deny-warnings', path], { cwd: copy, encoding: 'utf8' });

  it('is kept', () => {
    const { status, stdout } = lint('src');
    expect(stdout).toContain('Found 0 warnings and 0 errors');
    expect(status).toBe(0);
  });

  it.each(FORBIDDEN)('src/%s may not import %s', (folder, imported) => {
    const planted = join(copy, 'src', folder, 'planted.ts');
    writeFileSync(planted, `import * as forbidden from '${imported}';\n\nexport const planted = forbidden;\n`);
    const { status, stdout } = lint(planted);
    rmSync(planted);
    expect(stdout).toContain('no-restricted-imports');
    expect(status).not.toBe(0);
  });

  it('workers may not import an adapter', () => {
    const planted = join(copy, 'workers', 'planted.ts');
    writeFileSync(
      planted,
      "import * as forbidden from '../src/sources/index.ts';\n\nexport const planted = forbidden;\n",
    );
    const { status } = lint(planted);
    rmSync(planted);
    expect(status).not.toBe(0);
  });

  it('a circle of imports is refused', () => {
    const [one, two] = ['one', 'two'].map((name) => join(copy, 'src', 'text', `${name}.ts`));
    writeFileSync(one!, "import { two } from './two.ts';\n\nexport const one = () => two;\n");
    writeFileSync(two!, "import { one } from './one.ts';\n\nexport const two = () => one;\n");
    const { status, stdout } = lint('src/text');
    rmSync(one!);
    rmSync(two!);
    expect(stdout).toContain('no-cycle');
    expect(status).not.toBe(0);
  });
});

function sources(): { path: string; text: string }[] {
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
}

describe('the house rules', () => {
  const outside = /^src\/(net|settings|commands|sample)\/|^src\/(app|aside-thread|cli)\.ts$/;

  it('clock and environment are given, not taken', () => {
    const takers = sources().filter(
      ({ path, text }) => !outside.test(path) && /Date\.now\(\)|new Date\(\)|process\.env/.test(text),
    );
    expect(takers.map(({ path }) => path)).toEqual([]);
  });

  it('no folder is named after nothing', () => {
    const names = sources().flatMap(({ path }) => path.split('/'));
    expect(names.filter((name) => /^(utils?|helpers?|common|core|lib|shared|misc)(\.tsx?)?$/.test(name))).toEqual([]);
  });

  it('nothing speaks of a machine or a registry', () => {
    const pattern = /registry\.npmjs|\/root\/|"resolved"/;
    const files = [
      ...sources(),
      { path: 'package-lock.json', text: readFileSync(join(root, 'package-lock.json'), 'utf8') },
    ];
    expect(files.filter(({ text }) => pattern.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
