import { setImmediate } from 'node:timers/promises';
import type { MentionQuery } from '../domain/query.ts';
import type { MentionStore } from '../domain/store.ts';
import type { Period } from '../journey/periods.ts';
import { createThemeTexts } from '../journey/theme-texts.ts';
import type { ThemeTexts, When } from '../journey/theme-texts.ts';
import { risingThemes } from '../journey/themes.ts';
import type { Theme } from '../journey/themes.ts';

export interface ThemePorts {
  mentions: Pick<MentionStore, 'search'>;
  now(): Date;
}

export interface ThemeReport {
  themes: Theme[];
  /** Stories that were read. */
  read: Record<When, number>;
  /** False where a period holds more than `MAX_READ` mentions: then its newest ones speak for it. */
  complete: boolean;
}

export type ReadThemes = (query: MentionQuery, periods: Record<When, Period>, limit: number) => Promise<ThemeReport>;

/** Most mentions of a period that are read; shares of so many are sure to well under a hundredth. */
const MAX_READ = 20_000;
const PAGE = 200;
/** Themes that anybody may ask for. */
const MAX_THEMES = 50;
/** Readings that are kept, some 20 MB each at most. */
const MAX_READINGS = 4;
/** Mentions wait in the queue before they are stored, so what is new is looked for from so long before the last look. */
const OVERLAP_MS = 3_600_000;

interface Reading {
  texts: ThemeTexts;
  read: Record<When, number>;
  complete: boolean;
  /** What was found in it, until something is added. */
  themes?: Theme[] | undefined;
  /** When it was last brought up to date, in milliseconds since 1970. */
  lookedAt?: number;
  /** Ends when nobody is reading for it any more. */
  turn: Promise<void>;
}

/**
 * Reads what the mentions of a query speak of. The readings of the last few queries are kept, so whoever asks again
 * waits only for what was collected since.
 */
export function createThemeReader(ports: ThemePorts, most = MAX_READ): ReadThemes {
  const readings = new Map<string, Reading>();

  function readingOf(key: string): Reading {
    const reading = readings.get(key) ?? {
      texts: createThemeTexts(),
      read: { before: 0, now: 0 },
      complete: true,
      turn: Promise.resolve(),
    };
    readings.delete(key);
    readings.set(key, reading);
    const [oldest] = readings.keys();
    if (readings.size > MAX_READINGS) readings.delete(oldest!);
    return reading;
  }

  return async ({ collapse: _collapse, ...query }, periods, limit) => {
    const key = JSON.stringify([query, periods]);
    const reading = readingOf(key);
    reading.turn = reading.turn.then(() => bringUpToDate(reading, query, periods, ports, most));
    try {
      await reading.turn;
    } catch (thrown) {
      readings.delete(key);
      throw thrown;
    }
    reading.themes ??= risingThemes(reading.texts, MAX_THEMES);
    return { themes: reading.themes.slice(0, limit), read: { ...reading.read }, complete: reading.complete };
  };
}

async function bringUpToDate(
  reading: Reading,
  query: MentionQuery,
  periods: Record<When, Period>,
  { mentions, now }: ThemePorts,
  most: number,
): Promise<void> {
  const started = now().getTime();
  for (const when of ['before', 'now'] as const) {
    const wanted = { ...query, ...periods[when], ...since(query, reading.lookedAt) };
    let cursor: string | undefined;
    for (let seen = 0; seen < most; seen += PAGE) {
      const page = await mentions.search(wanted, { limit: PAGE, cursor });
      for (const mention of page.mentions) {
        if (!reading.texts.add(when, mention)) continue;
        reading.read[when]++;
        reading.themes = undefined;
      }
      cursor = page.next;
      if (cursor === undefined) break;
      // Others get their turn.
      await setImmediate();
    }
    if (cursor !== undefined) reading.complete = false;
  }
  reading.lookedAt = started;
}

function since({ collectedFrom }: MentionQuery, lookedAt: number | undefined): MentionQuery {
  if (lookedAt === undefined) return {};
  const from = new Date(lookedAt - OVERLAP_MS).toISOString();
  return { collectedFrom: collectedFrom !== undefined && collectedFrom > from ? collectedFrom : from };
}
