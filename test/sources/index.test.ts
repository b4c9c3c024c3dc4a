import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { REDACTED, redact } from '../../src/domain/secret.ts';
import { SOURCES, sourceOf } from '../../src/sources/index.ts';

const shown = (type: string, options: object) => redact(sourceOf(type).options, options);

describe('the list of sources', () => {
  it('holds every file of the folder', () => {
    const files = readdirSync(new URL('../../src/sources/', import.meta.url)).filter((name) => name !== 'index.ts');
    expect(SOURCES.map(({ type }) => `${type}.ts`).toSorted()).toEqual(files.toSorted());
  });

  it('has fixtures for each', () => {
    const folders = readdirSync(new URL('../fixtures/sources/', import.meta.url));
    expect(folders.toSorted()).toEqual(SOURCES.map(({ type }) => type).toSorted());
  });

  it('adding one touches three places: its file, its line in the list, its fixtures', () => {
    const src = new URL('../../src/', import.meta.url);
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path));
    const knowing = (type: string) =>
      files.filter((path) => readFileSync(new URL(path, src), 'utf8').includes(`${homeOf(path)}${type}.ts'`));
    const homeOf = (path: string) => (path.startsWith('sources/') ? "from './" : 'sources/');
    for (const { type } of SOURCES) expect([type, knowing(type)]).toEqual([type, ['sources/index.ts']]);
  });

  it('finds by type', () => {
    expect(sourceOf('rss').type).toBe('rss');
    expect(() => sourceOf('constructor')).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it.each(SOURCES.map((source) => [source.type, source] as const))('%s describes itself', (_type, source) => {
    expect(source.about).toMatch(/^[A-Z].*\.$/);
    expect(source.docs).toMatch(/^https:/);
    expect(() => z.toJSONSchema(source.options, { io: 'input' })).not.toThrow();
  });

  it('tokens are redacted where options are shown', () => {
    expect(shown('mastodon', { instance: 'https://a.example', token: 'x' })).toEqual({
      instance: 'https://a.example',
      token: REDACTED,
    });
    expect(shown('zendesk', { token: 'x' })).toEqual({ token: REDACTED });
  });
});
