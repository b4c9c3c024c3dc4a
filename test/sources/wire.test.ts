import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../src/sources/index.ts';

const WIRE = new URL('../../../shared/data/wire/', import.meta.url);
const there = existsSync(WIRE);

/** Which recorded answers are of the kind that the source pulls; all others must be told apart. */
const KINDS: [type: string, ofItsKind: RegExp][] = [['app-store', /^customerreviews/]];

describe.skipIf(!there)('recorded answers (only where ../shared/data/wire is there)', () => {
  const cases = KINDS.flatMap(([type, kind]) => {
    const folder = new URL(`${type}/`, WIRE);
    const files = there ? readdirSync(folder).filter((name) => name !== 'SOURCE.md') : [];
    return files.map((name) => ({ type, name, folder, fits: kind.test(name) }));
  });
  const read = ({ type, name, folder }: (typeof cases)[number]) =>
    sourceOf(type).parse({ body: readFileSync(new URL(name, folder)) });

  const spelling = (name: string) => read(cases.find((one) => one.name === name)!).items;

  it.each(cases.filter(({ fits }) => fits))('$type reads $name', (one) => {
    const { items, refused } = read(one);
    expect(refused).toEqual([]);
    expect(items.length === 0).toBe(one.name.includes('no_entry'));
    expect(items.every(({ publishedAt }) => publishedAt !== undefined)).toBe(true);
  });

  it.each(cases.filter(({ fits }) => !fits))('$type says that $name is something else', (one) => {
    expect(() => read(one)).toThrow(
      expect.objectContaining({
        code: 'SOURCE_SHAPE',
        message: expect.stringMatching(/^Expected a list of .*, but .* came\.$/),
      }),
    );
  });

  it('the JSON and the Atom spelling of the same reviews give the same', () => {
    expect(spelling('customerreviews.xml')).toEqual(spelling('customerreviews.json'));
  });
});
