import { describe, expect, it } from 'vitest';
import { mask } from '../../src/text/mask.ts';

describe('mask', () => {
  it.each([
    ['write to ana.pop+shop@example.com please', 'write to [email] please'],
    ['call me on +40 721 555 010', 'call me on [phone]'],
    ['after 5 0721 555 010 or at 9 +40 721 555 010', 'after [phone] or at 9 [phone]'],
    ['call 0721-555-010 now', 'call [phone] now'],
    ['شماره من ۰۹۱۲ ۳۴۵ ۶۷۸۹ است', 'شماره من [phone] است'],
    ['my card 4111 1111 1111 1111 was declined', 'my card [card] was declined'],
    ['IBAN RO49 AAAA 1B31 0075 9384 0000 is mine', 'IBAN [iban] is mine'],
    ['card 4111.1111.1111.1111 or 4111-1111-1111-1111', 'card [card] or [card]'],
    ['iban ro49 aaaa 1b31 0075 9384 0000', 'iban [iban]'],
    ['from 2001:db8::1 and fe80::1', 'from [ip] and [ip]'],
    ['joe (at) example.com, ana [at] example dot com', '[email], [email]'],
    ['from 192.168.0.12 it fails', 'from [ip] it fails'],
  ])('%s', (text, masked) => expect(mask(text)).toBe(masked));

  it.each([
    'order 1048234567 never came',
    'I paid 1,249.99 euro on 2026-03-14 and 12/03/2026',
    'from 10:30 to 11:45, model 12345678',
    'card 4111 1111 1111 1112 is no card',
    'ordered 14 strings in 2025 and 2026',
    'tracking RO123456789RO',
    'at 10:30:45 I came (at last) and C++::std is fine :: really',
  ])('leaves %s', (text) => expect(mask(text)).toBe(text));
});
