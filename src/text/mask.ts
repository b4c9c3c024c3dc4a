import { isIPv6 } from 'node:net';

/**
 * Masks what identifies a person inside a text before anything is stored or queued: e-mail addresses, payment cards
 * (Luhn), bank accounts (IBAN, ISO 7064 mod 97-10), IP addresses and phone numbers, with digits of any script.
 * Order numbers, prices and years are not phones: a phone is written with a plus, a leading zero or groups.
 */
export function mask(text: string): string {
  if (!MAY_HOLD.test(text)) return text;
  let masked = text.replace(EMAIL, '[email]').replace(SPELT_EMAIL, '[email]').replace(IPV4, '[ip]');
  masked = masked.replace(IPV6, (found) => (found !== '::' && isIPv6(found) ? '[ip]' : found));
  masked = masked.replace(IBAN, maskIban);
  masked = masked.replace(CARD, (found) => (isCard(found) ? '[card]' : found));
  return masked.replace(PHONE, (found) => (isPhone(found) ? '[phone]' : found));
}

/** Decimal digits of Latin, Arabic-Indic and Persian scripts. */
const D = '[0-9\\u0660-\\u0669\\u06f0-\\u06f9]';
const MAY_HOLD = new RegExp(`@|${D}|[([]at[)\\]]`, 'iu');
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu;
const IPV4 = /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])/g;
const IBAN = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\p{L}\p{N}])/giu;
/** Candidates; `isIPv6` decides. */
const IPV6 = /(?<![\p{L}\p{N}:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\p{L}\p{N}:])/giu;
/** `joe (at) example.com`, `joe [at] example dot com`. */
const SPELT_EMAIL =
  /[\p{L}\p{N}._%+-]{1,64} ?[([]at[)\]] ?[\p{L}\p{N}-]{1,63}(?:(?:\.| ?[([]?dot[)\]]? ?)[\p{L}\p{N}-]{1,63}){1,4}/giu;
const CARD = new RegExp(`(?<!${D})${D}(?:[ .-]?${D}){12,18}(?!${D})`, 'gu');
const PHONE = new RegExp(
  `(?<![\\p{L}\\p{N}#/.,-])(?:(?<!${D} )|(?=\\+|0))(?:\\+|00)?\\(?${D}(?:[ ./()-]{0,2}${D}){6,14}(?![\\p{L}\\p{N}]|[ .,/-]${D})`,
  'gu',
);

function digitsOf(text: string): string {
  return text.replace(/\D/gu, (char) => {
    const code = char.codePointAt(0)!;
    return (code >= 0x660 && code <= 0x669) || (code >= 0x6f0 && code <= 0x6f9) ? String(code & 0xf) : '';
  });
}

/** Luhn's check over 13 to 19 digits; payment cards begin with 2 to 6 (ISO/IEC 7812-1). */
function isCard(text: string): boolean {
  if (!/^[2-6]/.test(digitsOf(text))) return false;
  const sum = [...digitsOf(text)].toReversed().reduce((total, char, index) => {
    const doubled = Number(char) * (index % 2 === 0 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** Words behind the number look like one more group of it: they are given back until the check fits. */
function maskIban(found: string): string {
  for (let end = found.length; end > 0; end = found.lastIndexOf(' ', end - 1)) {
    if (isIban(found.slice(0, end))) return `[iban]${found.slice(end)}`;
  }
  return found;
}

/** ISO 13616: the first four characters go to the end, letters count from 10, the number is 1 modulo 97. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '').toUpperCase();
  const moved = compact.slice(4) + compact.slice(0, 4);
  let rest = 0;
  for (const char of moved) rest = Number(`${rest}${Number.parseInt(char, 36)}`) % 97;
  return rest === 1;
}

/** E.164 allows 15 digits; fewer than 8 is too short to be told from an order number. */
function isPhone(text: string): boolean {
  const digits = digitsOf(text).length;
  if (digits < 8 || digits > 15 || isDate(text)) return false;
  return /^(?:\+|00|\(?[0٠۰])/u.test(text) || /[ ./()-]/u.test(text.trim());
}

const DATE = /^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})(?:[ T]|$)/;
function isDate(text: string): boolean {
  return DATE.test(text.trim());
}
