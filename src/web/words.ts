import { EMOTIONS } from '../journey/emotion.ts';
import type { Tally } from '../journey/map.ts';
import type { Period } from '../journey/periods.ts';

const NAMES: Record<string, string> = {
  none: 'No touchpoint',
  unknown: 'Touchpoint not clear',
  point_of_sale: 'Point of sale',
};

/** A stored name as people read it: `social_media` → `Social media`. */
export function label(name: string): string {
  const spaced = name.replaceAll('_', ' ');
  return NAMES[name] ?? spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const plain = new Intl.NumberFormat('en');
export const number = (value: number) => plain.format(value);

export const mentionCount = (count: number) => (count === 1 ? '1 mention' : `${number(count)} mentions`);

/** With a real minus sign. */
export function signed(value: number, decimals = 2): string {
  const digits = Math.abs(value).toFixed(decimals);
  if (Number(digits) === 0) return digits;
  return `${value < 0 ? '−' : '+'}${digits}`;
}

export const perDay = (value: number) => `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} a day`;

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
export const date = (iso: string) => day.format(new Date(iso));

const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });

/** Of an ISO 639-1 code, its English name; of anything else, itself. */
export function languageName(code: string): string {
  return /^[a-z]{2,3}$/.test(code) ? (languages.of(code) ?? code) : code;
}

/** The days from the first up to, but without, the end. */
export const daysText = ({ from, to }: Period) =>
  `${date(from)} to ${date(new Date(Date.parse(to) - 1).toISOString())}`;

export const percent = (share: number) => `${Math.round(share * 100)}\u00a0%`;

/** A share of which small changes matter: with one decimal. */
export const share = (value: number) => `${(value * 100).toFixed(1)}\u00a0%`;

/** How people call an author: by name, else by the beginning of their id. */
export function authorName({ id, name }: { id: string; name?: string | undefined }): string {
  return name ?? `Author ${id.replace(/^anon_/, '').slice(0, 8)}`;
}

/** Class that colours by emotion; `mood-empty` where nothing was said. */
export function moodClass({ emotion }: Pick<Tally, 'emotion'>): string {
  return emotion === null ? 'mood-empty' : `mood-${EMOTIONS.indexOf(emotion)}`;
}

/** Number and word, so that colour is never the only carrier. */
export function moodText({ netSentiment, emotion }: Pick<Tally, 'emotion' | 'netSentiment'>): string {
  return netSentiment === null ? 'nothing said' : `${signed(netSentiment)} ${emotion}`;
}
