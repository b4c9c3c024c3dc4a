import { isIPv6 } from 'node:net';
import { isCodiceFiscale } from './national-ids.ts';
import { maskNumbers } from './numbers.ts';

/** What is masked beside what always is. */
export interface MaskChoice {
  /** @names become `[handle]`, but for those that this says to keep (without the @, as written). */
  keepsHandle?: (handle: string) => boolean;
}

/**
 * Masks what identifies a person inside a text before anything is stored or queued: e-mail addresses, payment cards
 * (Luhn), bank accounts (IBAN, ISO 7064 mod 97-10), national ids (by their check digits), IP addresses and phone
 * numbers, with digits of any script; @handles by choice. Linear in the length of the text.
 */
export function mask(text: string, { keepsHandle }: MaskChoice = {}): string {
  if (!MAY_HOLD.test(text)) return text;
  // Few texts hold a sign of an address, and looking for addresses without it takes longer than all the rest.
  let masked = AT.test(text) ? text.replace(EMAIL, maskEmail) : text;
  if (SPELT_AT.test(text)) masked = masked.replace(SPELT_EMAIL, '[email]');
  if (keepsHandle !== undefined)
    masked = masked.replace(HANDLE, (found, handle: string) => (keepsHandle(handle) ? found : '[handle]'));
  if (!/\p{Nd}|::/u.test(masked)) return masked;
  masked = masked.replace(IPV4, '[ip]');
  masked = masked.replace(IPV6, (found) => (/\d/.test(found) && isIPv6(found) ? '[ip]' : found));
  masked = masked.replace(IBAN, maskIban);
  masked = masked.replace(CODICE_FISCALE, (found) => (isCodiceFiscale(found.replaceAll(/[ -]/g, '')) ? '[id]' : found));
  return maskNumbers(masked);
}

const MAY_HOLD = /[@＠]|\p{Nd}|::|[([]at[)\]]/iu;
const AT = /[@＠]/;
const SPELT_AT = /[([]at[)\]]/i;
/** With an @ before it, it is a name in the fediverse (`@ana@example.social`), which is a handle. */
const EMAIL = /[@＠]?[\p{L}\p{N}._%+-]{1,64}[@＠][\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu;
const maskEmail = (found: string) => (/^[@＠]/.test(found) ? found : '[email]');
/** `joe (at) example.com`, `joe [at] example dot com`. */
const SPELT_EMAIL =
  /[\p{L}\p{N}._%+-]{1,64} ?[([]at[)\]] ?[\p{L}\p{N}-]{1,63}(?:(?:\.| ?[([]?dot[)\]]? ?)[\p{L}\p{N}-]{1,63}){1,4}/giu;
const HANDLE = /(?<![\p{L}\p{N}_.@])[@＠]([\p{L}\p{N}_][\p{L}\p{N}_.-]{0,100}(?:@[\p{L}\p{N}.-]{1,200})?(?<![.-]))/gu;
const IPV4 = /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d)/g;
const IBAN = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\p{L}\p{N}])/giu;
/** Candidates; `isIPv6` decides. */
const IPV6 = /(?<![\p{L}\p{N}:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\p{L}\p{N}:])/giu;
const CODICE_FISCALE = /(?<![\p{L}\p{N}])[A-Z]{3}[ -]?[A-Z]{3}[ -]?[0-9A-Z]{5}[ -]?[0-9A-Z]{5}(?![\p{L}\p{N}])/giu;

/** Words behind the number look like one more group of it: they are given back until the check fits. */
function maskIban(found: string): string {
  for (let end = found.length; end > 0; end = found.lastIndexOf(' ', end - 1)) {
    if (isIban(found.slice(0, end))) return `[iban]${found.slice(end)}`;
  }
  return found;
}

/** Lengths by country (https://www.swift.com/standards/data-standards/iban-international-bank-account-number, release 99). */
const IBAN_LENGTHS = new Map(
  `NO15 BE16 DK18 FI18 FO18 FK18 GL18 NL18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 CH21 HR21 LI21 LV21
  BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24
  SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IR26 IS26 TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28
  DO28 GT28 HU28 LB28 NI28 PL28 SV28 SD18 BR29 EG29 PS29 QA29 UA29 YE30 JO30 KW30 MU30 SC31 MT31 HN28 LC32 RU33`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);

/** ISO 13616: the first four characters go to the end, letters count from 10, the number is 1 modulo 97. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '').toUpperCase();
  if (IBAN_LENGTHS.get(compact.slice(0, 2)) !== compact.length) return false;
  const moved = compact.slice(4) + compact.slice(0, 4);
  let rest = 0;
  for (const char of moved) rest = Number(`${rest}${Number.parseInt(char, 36)}`) % 97;
  return rest === 1;
}
