import { describe, expect, it } from 'vitest';
import { mask } from '../../src/text/mask.ts';
import { LEFT, MASKED } from './mask-cases.ts';

const MARKED = /«(\w+):([^»]*)»/g;
const asWritten = (marked: string) => marked.replace(MARKED, '$2');
const asMasked = (marked: string) => marked.replace(MARKED, '[$1]');
const countOf = (table: Record<string, string[]>) => Object.values(table).flat().length;

describe.each(Object.entries(MASKED))('masks in %s', (_language, cases) => {
  it.each(cases)('%s', (marked) => expect(mask(asWritten(marked))).toBe(asMasked(marked)));
});

describe.each(Object.entries(LEFT))('leaves in %s', (_language, cases) => {
  it.each(cases)('%s', (text) => expect(mask(text)).toBe(text));
});

describe('mask', () => {
  it('is held against at least 120 cases either way, in six languages', () => {
    expect(Object.keys(MASKED)).toEqual(['en', 'ro', 'fa', 'it', 'pl', 'ar']);
    expect(Object.keys(LEFT)).toEqual(Object.keys(MASKED));
    expect(countOf(MASKED)).toBeGreaterThanOrEqual(130);
    expect(countOf(LEFT)).toBeGreaterThanOrEqual(130);
  });

  it('changes nothing that it masked before', () => {
    for (const marked of Object.values(MASKED).flat()) expect(mask(asMasked(marked))).toBe(asMasked(marked));
  });
});

describe('handles', () => {
  const keepsHandle = (handle: string) => handle.toLowerCase() === 'velmora';

  it('are kept unless the source says otherwise', () =>
    expect(mask('thanks @maria_pop and @ana@example.social')).toBe('thanks @maria_pop and @ana@example.social'));

  it.each([
    ['thanks @maria_pop, @Velmora did not help', 'thanks [handle], @Velmora did not help'],
    ['@ana@example.social and ana@example.social', '[handle] and [email]'],
    ['شكرا @نورة_علي.', 'شكرا [handle].'],
    ['meet @ 5, a@b and me@home', 'meet @ 5, a@b and me@home'],
  ])('are masked but for those to keep: %s', (text, masked) => expect(mask(text, { keepsHandle })).toBe(masked));
});
