import { expect, it } from 'vitest';
import { digitsOf } from '../../src/text/digits.ts';

it('reads the digits of every script that has any', () => {
  let value = 0;
  for (let code = 0, before = -2; code < 0x11_0000; code++) {
    const digit = code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code);
    if (!/\p{Nd}/u.test(digit)) continue;
    value = code === before + 1 ? (value + 1) % 10 : 0;
    before = code;
    expect([code.toString(16), digitsOf(`x ${digit}-`)]).toEqual([code.toString(16), String(value)]);
  }
  expect(digitsOf('no digits')).toBe('');
});
