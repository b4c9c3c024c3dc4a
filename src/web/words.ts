import { EMOTIONS } from '../journey/emotion.ts';
import type { Tally } from '../journey/map.ts';

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

/** With a real minus sign, two decimals. */
export function signed(value: number): string {
  const digits = Math.abs(value).toFixed(2);
  if (Number(digits) === 0) return '0.00';
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

export const percent = (share: number) => `${Math.round(share * 100)} %`;

/** Class that colours by emotion; `mood-empty` where nothing was said. */
export function moodClass({ emotion }: Pick<Tally, 'emotion'>): string {
  return emotion === null ? 'mood-empty' : `mood-${EMOTIONS.indexOf(emotion)}`;
}

/** Number and word, so that colour is never the only carrier. */
export function moodText({ netSentiment, emotion }: Pick<Tally, 'emotion' | 'netSentiment'>): string {
  return netSentiment === null ? 'nothing said' : `${signed(netSentiment)} ${emotion}`;
}
