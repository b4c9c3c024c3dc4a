import { describe, expect, it } from 'vitest';
import { createBrandFinder } from '../../src/pipeline/brands.ts';

describe('createBrandFinder', () => {
  const find = createBrandFinder({
    Velmora: { aliases: ['Vel Mora'], products: ['Aria 2'], handles: ['@vlm_help'] },
    Ale: {
      exclude: [{ words: '"ginger ale" -beer' }, { language: 'pl' }, { words: 'birra', language: 'it' }],
    },
    Mint: { require: [{ words: 'phone' }, { words: 'plan*' }] },
    مارک: null,
  });

  it.each([
    ['I like velmora!', ['Velmora']],
    ['VÉLMORA is back', ['Velmora']],
    ['Velmoras are not', []],
    ['vel mora, vel-mora', ['Velmora']],
    ['vel and mora', []],
    ['my Aria 2 broke', ['Velmora']],
    ['Aria 20 broke', []],
    ['ask @vlm_help.', ['Velmora']],
    ['vlm_help', []],
    ['mail@vlm_help', []],
    ['an Ale and a مارک', ['Ale', 'مارک']],
    ['I ordered ginger ale', []],
    ['ginger ale, no beer', ['Ale']],
    ['fresh mint', []],
    ['Mint plans are cheap', ['Mint']],
  ])('%s', (text, brands) => {
    expect(find(text)).toEqual(brands);
  });

  it('rules of a language hold in that language only', () => {
    expect(find('dobre ale drogie', 'pl')).toEqual([]);
    expect(find('dobre ale drogie', 'en')).toEqual(['Ale']);
    expect(find('Ale, la birra', 'it')).toEqual([]);
    expect(find('Ale, la birra', 'es')).toEqual(['Ale']);
  });

  it('a text may be of several brands, told in the order of the configuration', () => {
    expect(find('مارک or Ale or Velmora?')).toEqual(['Velmora', 'Ale', 'مارک']);
  });

  it('looks once at a long text, however many brands there are', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`brand ${index}`, null]));
    const words = 'brand '.repeat(16_000);
    expect(createBrandFinder(many)(`${words} 4999`)).toEqual(['brand 4999']);
  });
});
