import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/domain/source.ts';

const WIRE = new URL('../../../shared/data/wire/', import.meta.url);

/** A recorded answer that is of the kind that the source reads. */
export interface Recorded {
  /** File in `../shared/data/wire/<platform>/`. */
  file: string;
  /** Mentions that it holds. */
  items: number;
  /** Entries that are refused by name. Default 0. */
  refused?: number;
  contentType?: string;
  url?: string;
}

/**
 * Recorded answers of the platform itself: those of its kind give the right number of mentions, every other file of the
 * folder is told apart as `SOURCE_SHAPE`. A named skip where `../shared/data/wire` is missing.
 */
export function wireContract(source: Source, platform: string, recorded: Recorded[]): void {
  const folder = new URL(`${platform}/`, WIRE);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'SOURCE.md') : [];
  const parse = (file: string, rest: Partial<Recorded> = {}) =>
    source.parse({ body: readFileSync(new URL(file, folder)), contentType: rest.contentType, url: rest.url });

  describe.skipIf(files.length === 0)(`${source.type} on recorded answers (only where ../shared/data/wire is)`, () => {
    it.each(recorded)('$file gives $items', (one) => {
      const { items, refused } = parse(one.file, one);
      expect({ items: items.length, refused: refused.length }).toEqual({ items: one.items, refused: one.refused ?? 0 });
    });

    const others = files.filter((file) => !recorded.some((one) => one.file === file));
    it.skipIf(others.length === 0).each(others)('%s is told to be something else', (file) => {
      expect(() => parse(file)).toThrow(expect.objectContaining({ code: 'SOURCE_SHAPE' }));
    });
  });
}
