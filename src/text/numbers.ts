import { digitsOf } from './digits.ts';
import { isCnp, isEmiratesId, isLuhn, isMelliCode, isPesel, isSaudiId } from './national-ids.ts';
import { subjectBefore } from './number-words.ts';
import type { Subject } from './number-words.ts';

const D = '\\p{Nd}';
/** Spaces of every width, and the invisible marks that turn the writing direction. */
const GAP = ' \\u00a0\\u2007\\u2009\\u202f\\u200e\\u200f\\u202a-\\u202c';
/** A run of digits with whatever people put between the groups of a phone or card number. */
const RUN = new RegExp(`(?:\\+${D}|\\((?:\\+?${D})|${D})(?:[${GAP}./()‐‑–-]{0,2}\\+?${D})*`, 'gu');
const GROUP = new RegExp(`\\+?${D}+`, 'gu');
/** What makes the number before it an amount. */
const AMOUNT_AFTER =
  /^ ?(?:[%€$£₽﷼]|(?:lei|ron|euro?|eur|z[łl]|zl|pln|usd|gbp|dollars?|aed|sar|egp|km|kg|mb|gb|million|mln|mil|تومان|تومن|ریال|ريال|درهم|جنيه|دينار|دولار)(?!\p{L}))/iu;
const LATIN_OR_LIKE = /[\p{L}\p{N}_]/u;
const ARABIC = /\p{Script=Arabic}/u;
const DAY = `(?:${D}{4}[-./]${D}{1,2}[-./]${D}{1,2}|${D}{1,2}[-./]${D}{1,2}[-./](?:${D}{4}|${D}{2}))`;
/** A day, a time of which only the hour is in the run, or days from and to. */
const DATES = new RegExp(`^${DAY}(?:[ –/-]{1,2}${DAY})*(?: ${D}{1,2})?$`, 'u');
const YEARS = /^(?:19|20)\d\d[ –/-]{1,2}(?:19|20)\d\d$/;

export type NumberKind = 'card' | 'phone' | 'id';

/** Where a number stands, as far as its meaning depends on it. */
interface Place {
  subject: Subject | undefined;
  /** The text is in Arabic letters. */
  arabic: boolean;
  /** A currency or a unit follows. */
  amount: boolean;
}

/**
 * Marks payment cards, national ids and phones among the numbers of a text. Order numbers, prices, dates, versions and
 * book numbers stay: a phone shows by a plus, a leading zero, a grouping that people give to phones only, or a word
 * before it; ids and cards by their check digits. Linear in the length of the text.
 */
export function maskNumbers(text: string): string {
  const arabic = ARABIC.test(text);
  return text.replace(RUN, (run: string, at: number) => {
    if (run.length < 7 || isPartOfWord(text, at, at + run.length)) return run;
    const amount = AMOUNT_AFTER.test(text.slice(at + run.length, at + run.length + 12));
    return maskRun(run, { subject: subjectBefore(text, at), arabic, amount });
  });
}

/** Product codes, links and decimals are no numbers of people. Arabic letters are often glued to a number, Latin not. */
function isPartOfWord(text: string, start: number, end: number): boolean {
  const [before, after] = [text.slice(Math.max(0, start - 2), start), text.slice(end, end + 1)];
  if (isLetterBut(after, ARABIC)) return true;
  const last = before.at(-1) ?? '';
  if (isLetterBut(last, ARABIC) || /[#=&]/.test(last)) return true;
  if (last === '/' || last === '-' || last === '.')
    return LATIN_OR_LIKE.test(before[0]!) && subjectBefore(text, start) !== 'phone';
  return last === ',' && /\p{Nd}/u.test(before[0]!);
}

const isLetterBut = (char: string, script: RegExp) => LATIN_OR_LIKE.test(char) && !script.test(char);

/** A run of digits, taken apart once. */
interface Run {
  text: string;
  groups: Group[];
  /** All its digits, ASCII. */
  digits: string;
}

interface Group {
  from: number;
  to: number;
  /** Place of its first digit among the run's digits. */
  at: number;
  size: number;
}

function takeApart(text: string): Run {
  const groups: Group[] = [];
  let at = 0;
  for (const { index: from, 0: written } of text.matchAll(GROUP)) {
    const size = [...written].length - (written.startsWith('+') ? 1 : 0);
    groups.push({ from, to: from + written.length, at, size });
    at += size;
  }
  return { text, groups, digits: digitsOf(text) };
}

const digitsIn = ({ groups, digits }: Run, first: number, last: number) =>
  digits.slice(groups[first]!.at, groups[last]!.at + groups[last]!.size);

const writtenIn = ({ groups, text }: Run, first: number, last: number) =>
  text.slice(groups[first]!.from, groups[last]!.to);

/** Several numbers may stand in one run: `0721 555 010/0722 555 011`. */
function maskRun(text: string, place: Place): string {
  const run = takeApart(text);
  const parts: string[] = [];
  let written = 0;
  // A shape without a plus or a zero says nothing where it is cut out of something longer.
  let isWhole = true;
  for (let first = 0; first < run.groups.length;) {
    const { kind, last } = numberAt(run, first, isWhole, place);
    if (kind === undefined) first = afterGap(run, first);
    else {
      const start = run.groups[first]!.from;
      const isOpened = text[start - 1] === '(' && writtenIn(run, first, last).includes(')');
      parts.push(text.slice(written, isOpened ? start - 1 : start), `[${kind}]`);
      written = run.groups[last]!.to;
      first = last + 1;
    }
    isWhole = kind !== undefined;
  }
  return parts.join('') + text.slice(written);
}

/** What touches something that is no number of people belongs to it: only after a space may another number begin. */
function afterGap({ text, groups }: Run, first: number): number {
  let next = first + 1;
  while (next < groups.length && !SPACE.test(text.slice(groups[next - 1]!.to, groups[next]!.from))) next += 1;
  return next;
}

const SPACE = new RegExp(`[${GAP}]`, 'u');

/** The number that begins at a group: what it is, and its last group. */
function numberAt(run: Run, first: number, isWhole: boolean, place: Place): { kind?: NumberKind; last: number } {
  const ends = endsOf(run, first);
  for (const last of ends.toReversed()) {
    const kind = checkedKind(run, first, last, place);
    if (kind !== undefined) return { kind, last };
  }
  const end = ends.find((last) => last === run.groups.length - 1 || beginsAnother(run, first, last));
  const last = end ?? ends.at(-1)!;
  const isAlone = isWhole && end !== undefined;
  return isPhone(run, first, last, isAlone, place) ? { kind: 'phone', last } : { last };
}

/** Where a number that begins at a group may end: none is longer than 19 digits. */
function endsOf({ groups }: Run, first: number): number[] {
  const ends = [first];
  const most = groups[first]!.at + 19;
  for (let last = first + 1; last < groups.length && groups[last]!.at + groups[last]!.size <= most; last++)
    ends.push(last);
  return ends;
}

/** The group after `end` begins a phone of its own. */
function beginsAnother({ text, groups, digits }: Run, first: number, end: number): boolean {
  const next = groups[end + 1];
  if (next === undefined) return false;
  if (text[next.from] === '+') return true;
  const isPhoneSoFar = digits[groups[first]!.at] === '0' || text[groups[first]!.from] === '+';
  if (isPhoneSoFar && next.at - groups[first]!.at < 8) return false;
  return digits[next.at] === '0' && digits.length - next.at >= 8;
}

/** Issuers' beginnings and lengths (ISO/IEC 7812-1): old Visa 13, Diners 14, American Express 15, all others 16 to 19. */
const CARD = /^(?:4\d{12}|3[0689]\d{12}|3[47]\d{13}|[2-6]\d{15,18})$/;
const MELLI_GROUPS = /^\p{Nd}{3}-\p{Nd}{6}-\p{Nd}$/u;

/** What the check digits say. */
function checkedKind(run: Run, first: number, last: number, { subject, arabic }: Place): NumberKind | undefined {
  const digits = digitsIn(run, first, last);
  if (digits.length < 10 || run.text[run.groups[first]!.from] === '+') return undefined;
  if (CARD.test(digits) && isLuhn(digits)) return 'card';
  if (isEmiratesId(digits)) return 'id';
  if (subject === 'phone' || (first !== last && !MELLI_GROUPS.test(writtenIn(run, first, last)))) return undefined;
  return isPersonId(digits, subject, arabic) ? 'id' : undefined;
}

/**
 * Eleven of a hundred numbers pass the sum of a melli code, ten that of a Saudi id: outside Arabic letters and without
 * a word for it they are taken for what they are elsewhere.
 */
function isPersonId(digits: string, subject: Subject | undefined, arabic: boolean): boolean {
  if (subject === 'thing') return false;
  if (digits.length !== 10) return (!arabic || subject === 'id') && (isCnp(digits) || isPesel(digits));
  return (arabic || subject === 'id') && (isSaudiId(digits) || isMelliCode(digits));
}

/** Ways of grouping that people give to phones only, as lengths of the groups; `-` stands for any mark between. */
const PHONE_GROUPS = new Set([
  '3-3-4',
  '3-3-3',
  '3-2-2-2',
  '2-3-2-2',
  '3-7',
  '3-2-2-3',
  '1-3-3-4',
  '2-3-4',
  '3-6',
  '3-4-3',
]);

/** E.164 allows 15 digits; fewer than 8 are too short to be told from an order number, unless a word says so. */
function isPhone(run: Run, first: number, last: number, isAlone: boolean, { subject, amount }: Place): boolean {
  const digits = digitsIn(run, first, last);
  if (digits.length < 7 || digits.length > 15) return false;
  const number = writtenIn(run, first, last);
  if (DATES.test(number) || YEARS.test(number)) return false;
  if (number.startsWith('+')) return digits.length >= 8;
  if (first === last && (subject === 'thing' || subject === 'id')) return false;
  const sizes = run.groups.slice(first, last + 1).map(({ size }) => size);
  if (isNationalPrefix(digits, sizes)) return digits.length >= 8 && !number.startsWith('0.');
  if (amount || !isAlone) return false;
  return subject === undefined ? hasPhoneShape(number, digits, sizes) : subject === 'phone';
}

function hasPhoneShape(number: string, digits: string, sizes: readonly number[]): boolean {
  if (sizes.length === 1) return ITALIAN_MOBILE.test(digits);
  return PHONE_GROUPS.has(sizes.join('-')) && !isThousands(number) && !isBookNumber(digits);
}

/** `0` and then an area, or `00` and then a country. A zero that stands alone needs a whole area behind it. */
function isNationalPrefix(digits: string, sizes: readonly number[]): boolean {
  return /^00?[1-9]/.test(digits) && (sizes[0]! > 1 || (sizes[1] ?? 0) >= 3);
}

const ITALIAN_MOBILE = /^3[2-9]\d{8}$/;
/** `12.345.678`: dots between thousands, not between parts of a phone. */
const isThousands = (number: string) => /^\p{Nd}{1,3}(?:\.\p{Nd}{3})+$/u.test(number);
/** ISBN-13 begins with 978 or 979 (ISO 2108). */
const isBookNumber = (digits: string) => digits.length === 13 && /^97[89]/.test(digits);
