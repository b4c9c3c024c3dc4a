import { describe, expect, it } from 'vitest';
import { readLabelled } from '../../src/evaluate/rows.ts';

describe('a labelled row', () => {
  it('may tell any of what is measured', () => {
    expect(
      readLabelled({ text: 'Fine', channel: 'review', rating: 4, sentiment: 'positive', step: 'use', language: 'en' }),
    ).toEqual({
      text: 'Fine',
      channel: 'review',
      rating: 4,
      topics: undefined,
      truth: { sentiment: 'positive', step: 'use', language: 'en' },
    });
  });

  it('may call the sentiment label', () => {
    expect(readLabelled({ text: 'Fine', label: 'positive' })).toMatchObject({ truth: { sentiment: 'positive' } });
    expect(readLabelled({ text: 'Fine', label: 'positive', sentiment: 'neutral' })).toMatchObject({
      truth: { sentiment: 'neutral' },
    });
  });

  it('comes out of a table with empty cells and with numbers and lists as words', () => {
    expect(
      readLabelled({ text: 'Fine', channel: '', rating: '5', step: '', outcome: 'none', topics: 'price; quality' }),
    ).toMatchObject({
      channel: 'social',
      rating: 5,
      truth: { outcome: 'none' },
      topics: ['price', 'quality'],
    });
  });

  it('is refused with the reason', () => {
    expect(readLabelled({ text: 'Fine', step: 'delivery' })).toContain('step');
    expect(readLabelled({ text: '', step: 'use' })).toContain('text');
    expect(readLabelled({ text: 'Fine' })).toContain('none of language, sentiment');
    expect(readLabelled({ text: 'Fine', step: 'use', rating: '9' })).toContain('rating');
  });
});
