import { describe, expect, it } from 'vitest';
import { MAX_TEXT } from '../../src/domain/mention.ts';
import { gather, rowInvalid } from '../../src/text/gather.ts';
import type { Draft } from '../../src/text/gather.ts';

const draft = (fields: Partial<Draft>): Draft =>
  ({ externalId: '1', channel: 'review', text: 'words', ...fields }) as Draft;
const read = (...drafts: Partial<Draft>[]) =>
  gather(
    drafts,
    (_entry, index) => `entry ${index + 1}`,
    (entry) => draft(entry),
  );

const leaveOut = () => undefined;
const broken = () => {
  throw new TypeError('a fault');
};
const refusing = () => {
  throw rowInvalid('no');
};

describe('entries become mentions', () => {
  it('without what is blank', () => {
    const blank = { title: ' ', url: '', author: { id: '', name: ' ' }, declaredLanguage: '', engagement: {} };
    expect(read(blank).items).toEqual([{ externalId: '1', channel: 'review', text: 'words' }]);
  });

  it('with the title as words where there are no others', () => {
    expect(read({ text: '', title: 'short' }).items[0]).toEqual({ externalId: '1', channel: 'review', text: 'short' });
  });

  it('cut between characters', () => {
    const [item] = read({ text: `${'a'.repeat(MAX_TEXT - 1)}😀`, title: 'b'.repeat(3_000) }).items;
    expect(item!.text).toBe('a'.repeat(MAX_TEXT - 1));
    expect(item!.title).toHaveLength(2_000);
  });

  it('without control characters and half characters', () => {
    expect(read({ text: 'a\u0000b\u0007\nc\ud800d' }).items[0]!.text).toBe('ab\nc\ufffdd');
  });

  it.each(['javascript:alert(1)', 'mailto:a@b.example', 'nonsense', `https://a.example/${'b'.repeat(5_000)}`])(
    'without a link to %.30s',
    (url) => expect(read({ url }).items[0]).not.toHaveProperty('url'),
  );

  it('once per id, the later spelling winning', () => {
    expect(read({ text: 'old' }, { text: 'new' }).items.map(({ text }) => text)).toEqual(['new']);
  });
});

describe('entries that do not fit', () => {
  it('are named and the others go on', () => {
    const { items, refused } = read(
      { text: '' },
      { externalId: '2', rating: 9 },
      { externalId: '' },
      { externalId: '4' },
    );
    expect(items.map(({ externalId }) => externalId)).toEqual(['4']);
    expect(refused).toEqual([
      { where: 'entry 1', reason: 'It has no words.' },
      { where: 'entry 2', reason: expect.stringContaining('rating') },
      { where: 'entry 3', reason: expect.stringContaining('externalId') },
    ]);
  });

  it('are left out without a word only on purpose', () => {
    expect(gather([1], () => 'x', leaveOut)).toEqual({ items: [], refused: [] });
  });

  it('do not hide faults of our own', () => {
    expect(() => gather([1], () => 'x', broken)).toThrow(TypeError);
    expect(gather([1], () => 'x', refusing).refused).toEqual([{ where: 'x', reason: 'no' }]);
  });
});
