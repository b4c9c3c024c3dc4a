import { expect, it } from 'vitest';
import { remember } from '../../src/text/remember.ts';

function counted(kept: number) {
  const made: string[] = [];
  const ask = remember(kept, (key) => {
    made.push(key);
    return key.length;
  });
  return { ask, made };
}

it('makes once what is asked for again', () => {
  const { ask, made } = counted(10);
  expect([ask('one'), ask('three'), ask('one')]).toEqual([3, 5, 3]);
  expect(made).toEqual(['one', 'three']);
});

it('keeps what was asked for last and forgets the rest', () => {
  const { ask, made } = counted(10);
  for (let index = 0; index < 100; index++) {
    ask(String(index));
    ask('often');
  }
  expect(made.filter((key) => key === 'often')).toEqual(['often']);
  ask('99');
  ask('0');
  expect(made.filter((key) => key === '99')).toHaveLength(1);
  expect(made.filter((key) => key === '0')).toHaveLength(2);
});

it('does not keep long keys', () => {
  const { ask, made } = counted(10);
  const long = 'x'.repeat(1000);
  expect([ask(long), ask(long)]).toEqual([1000, 1000]);
  expect(made).toHaveLength(2);
});
