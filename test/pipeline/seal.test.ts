import { expect, it } from 'vitest';
import { seal, unseal } from '../../src/pipeline/seal.ts';

const key = Buffer.alloc(32, 7);
const identity = { id: 'u-4711', name: 'Pia Lund 😡' };
const sealed = seal(identity, 'anon_1', key);

it('opens with its key and for its pseudonym only', () => {
  expect(unseal(sealed, 'anon_1', key)).toEqual(identity);
  expect(unseal(sealed, 'anon_2', key)).toBeNull();
  expect(unseal(sealed, 'anon_1', Buffer.alloc(32, 8))).toBeNull();
});

it('never looks the same, nor like what it holds', () => {
  expect(seal(identity, 'anon_1', key)).not.toBe(sealed);
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/4711|Lund/);
});

it('is not opened where any byte of it was changed, cut off or added', () => {
  const bytes = Buffer.from(sealed, 'base64url');
  for (let place = 0; place < bytes.length; place++) {
    const changed = Buffer.from(bytes);
    changed[place]! ^= 1;
    expect(unseal(changed.toString('base64url'), 'anon_1', key)).toBeNull();
    expect(unseal(bytes.subarray(0, place).toString('base64url'), 'anon_1', key)).toBeNull();
  }
  expect(unseal(`${sealed}AAAA`, 'anon_1', key)).toBeNull();
});
