import { describe, expect, it } from 'vitest';
import { judge } from './judging.ts';

const outcome = async (text: string) => (await judge(text)).outcome.value;

describe('the outcome', () => {
  it('is what was done or declared, with the words that tell', async () => {
    const judged = await judge('Yesterday I bought two. Good.');
    expect([judged.outcome.value, judged.outcome.evidence]).toEqual(['purchased', ['I bought']]);
    expect(await outcome('a table')).toBe('none');
  });

  it('is void with a negator up to two words before, in the same clause', async () => {
    expect(await outcome('It is not true that I bought it')).toBe('purchased');
    expect(await outcome('not that I bought it')).toBe('none');
    expect(await outcome('not I bought it')).toBe('none');
    expect(await outcome('Certainly not, I bought it')).toBe('purchased');
  });

  it('keeps a negator that is its own', async () => {
    expect(await outcome('Never again')).toBe('churned');
  });
});
