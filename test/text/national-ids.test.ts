import { describe, expect, it } from 'vitest';
import {
  isCnp,
  isCodiceFiscale,
  isEmiratesId,
  isLuhn,
  isMelliCode,
  isPesel,
  isSaudiId,
} from '../../src/text/national-ids.ts';

/** Every digit changed by one: the check digit has to tell all of them. */
function misread(digits: string): string[] {
  return [...digits].map((digit, at) => digits.slice(0, at) + ((Number(digit) + 1) % 10) + digits.slice(at + 1));
}

describe.each([
  ['CNP', isCnp, ['1800101221144', '2921130400576', '5010615123310', '8770719352129']],
  ['PESEL', isPesel, ['44051401359', '85031412347', '04270908828']],
  ['Saudi id', isSaudiId, ['1056781238', '2345098715']],
  ['Emirates id', isEmiratesId, ['784199012345676', '784200533445563']],
  ['melli code', isMelliCode, ['0499370899', '0077316940', '4432109874']],
  ['Luhn', isLuhn, ['79927398713', '4111111111111111']],
] as const)('%s', (_name, isValid, numbers) => {
  it.each(numbers)('knows %s from one misread digit', (digits) => {
    expect(isValid(digits)).toBe(true);
    expect(misread(digits).filter(isValid)).toEqual([]);
  });
});

it.each(['RSSMRA85T10A562S', 'bnclra90a41f205i', 'RSSMRA85T10A56NH'])('knows the codice fiscale %s', (code) => {
  expect(isCodiceFiscale(code)).toBe(true);
  const last = code.at(-1)!.toUpperCase();
  expect(isCodiceFiscale(code.slice(0, -1) + (last === 'A' ? 'B' : 'A'))).toBe(false);
});

it.each([
  ['a month 13', isCnp, '1801301221141'],
  ['ten equal digits', isMelliCode, '1111111111'],
  ['a Saudi id that begins with 3', isSaudiId, '3056781234'],
  ['a day 32', isPesel, '85033212340'],
  ['letters', isMelliCode, '04993708a9'],
])('takes no %s', (_what, isValid, text) => expect(isValid(text)).toBe(false));
