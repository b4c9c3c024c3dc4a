import { SIGNS, SIGN_CODES, conversationOf, findSigns } from './risk-signs.ts';
import type { Found, Said, SignCode } from './risk-signs.ts';

/** `churned` = told of leaving, and nothing since says that they came back. */
export const RISK_LEVELS = ['low', 'raised', 'high', 'churned'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

export interface RiskReason {
  code: SignCode;
  /**
   * Above 0 = how likely this alone makes it that they leave, 0…1; below 0 = the part of the risk that it takes away.
   * What is old or was not surely understood weighs less.
   */
  weight: number;
  /** A plain sentence. */
  says: string;
  /** Ids of those who say so, newest first. */
  mentions: string[];
}

/** How likely an author seems to leave, and why. */
export interface Risk {
  /** 0…1: (1 − the product of 1 − weight of all that raises) × the product of 1 + weight of all that lowers. */
  risk: number;
  level: RiskLevel;
  /** From what raises most to what lowers most. Empty where nothing raises. */
  reasons: RiskReason[];
  /** Where the level is not low: when the oldest word that still raises it was said; of `churned`, when they said so. */
  since?: string;
}

export interface RiskMonth {
  /** `2026-05`, in UTC. */
  month: string;
  /** At the end of the month; of the present month, now. */
  risk: number;
  level: RiskLevel;
}

/** Most mentions of an author that are weighed: the newest. */
export const MAX_WEIGHED = 200;

/** From here on a risk is raised, and from there on high. */
const RAISED = 0.3;
const HIGH = 0.6;
/** What weighs less is forgotten. */
const LEAST_WEIGHT = 0.01;
const DAY_MS = 86_400_000;
/** What says that somebody who left came back. */
const COMEBACK: ReadonlySet<SignCode> = new Set(['renewed', 'purchased_again', 'loyalty_positive']);

interface Weighed extends Found {
  /** 0…1, whether it raises or lowers. */
  size: number;
}

/**
 * How likely the author of these mentions seemed to leave at a time. The order of the mentions does not matter; what
 * was said later is not looked at, and copies of one story count once.
 */
export function riskOf(mentions: readonly Said[], now: Date): Risk {
  const signs = findSigns(saidUntil(mentions, now), now.getTime())
    .map((found) => ({ ...found, size: sizeOf(found, now) }))
    .filter(({ size }) => size >= LEAST_WEIGHT);
  const left = signs.findLast(({ code }) => code === 'churned');
  const raising = oncePerConversation(signs.filter(({ code }) => SIGNS[code].weight > 0));
  // Good words from before somebody left do not speak against it.
  const after = signs.filter(({ code, at }) => SIGNS[code].weight < 0 && (left === undefined || at > left.at));
  const lowering = oncePerConversation(after);
  if (raising.length === 0) return { risk: 0, level: 'low', reasons: [] };
  const risk = together(raising) * (1 - together(lowering));
  const hasLeft = left !== undefined && !lowering.some(({ code }) => COMEBACK.has(code));
  const level = levelOf(risk, hasLeft);
  const since = level === 'churned' ? left!.at : oldest(raising);
  return { risk, level, reasons: reasonsOf(raising, lowering), ...(level === 'low' ? {} : { since }) };
}

/**
 * The risk at the ends of the last months, the oldest first; those before the first mention are left out.
 * @param months How many, the present one among them.
 */
export function riskTrend(mentions: readonly Said[], now: Date, months: number): RiskMonth[] {
  return Array.from({ length: months }, (_, index) => {
    const begins = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months + 1 + index);
    const ends = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months + 2 + index) - 1;
    return { month: new Date(begins).toISOString().slice(0, 7), at: new Date(Math.min(ends, now.getTime())) };
  })
    .filter(({ at }) => mentions.some((mention) => Date.parse(mention.at) <= at.getTime()))
    .map(({ month, at }) => {
      const { risk, level } = riskOf(mentions, at);
      return { month, risk, level };
    });
}

/** The newest, from the oldest on, each story once. */
function saidUntil(mentions: readonly Said[], now: Date): Said[] {
  const told = new Set<string>();
  return mentions
    .filter(({ at }) => Date.parse(at) <= now.getTime())
    .toSorted((a, b) => (a.at === b.at ? Number(a.id > b.id) - Number(a.id < b.id) : a.at < b.at ? -1 : 1))
    .slice(-MAX_WEIGHED)
    .filter(({ id, story = id }) => !told.has(story) && told.add(story));
}

function sizeOf({ code, strength, at }: Found, now: Date): number {
  const { weight, halfLifeDays } = SIGNS[code];
  const days = (now.getTime() - Date.parse(at)) / DAY_MS;
  return Math.abs(weight) * strength * 2 ** (-days / halfLifeDays);
}

/** Who says the same again in one conversation says it once: the strongest counts. */
function oncePerConversation(signs: readonly Weighed[]): Weighed[] {
  const strongest = new Map<string, Weighed>();
  for (const sign of signs) {
    const key = JSON.stringify([sign.code, sign.about, conversationOf(sign.mentions[0]!)]);
    if (sign.size > (strongest.get(key)?.size ?? 0)) strongest.set(key, sign);
  }
  return [...strongest.values()];
}

/** The chance that at least one of several independent things comes true; more of them never make it smaller. */
function together(parts: readonly Weighed[]): number {
  return 1 - parts.reduce((none, { size }) => none * (1 - size), 1);
}

function levelOf(risk: number, hasLeft: boolean): RiskLevel {
  if (risk < RAISED) return 'low';
  if (hasLeft) return 'churned';
  return risk < HIGH ? 'raised' : 'high';
}

const oldest = (signs: readonly Weighed[]) => signs.reduce((least, { at }) => (at < least ? at : least), signs[0]!.at);

function reasonsOf(raising: readonly Weighed[], lowering: readonly Weighed[]): RiskReason[] {
  const all = [...raising, ...lowering];
  return SIGN_CODES.map((code) => ({ code, signs: all.filter((sign) => sign.code === code) }))
    .filter(({ signs }) => signs.length > 0)
    .map(({ code, signs }) => ({
      code,
      weight: Math.sign(SIGNS[code].weight) * together(signs),
      says: sentence(code, signs),
      mentions: idsOf(signs),
    }))
    .toSorted((a, b) => b.weight - a.weight);
}

function sentence(code: SignCode, signs: readonly Weighed[]): string {
  const about = [...new Set(signs.flatMap((sign) => sign.about ?? []))].toSorted();
  return `${SIGNS[code].says}${about.length > 0 ? `: ${about.join(', ')}` : ''}.`;
}

function idsOf(signs: readonly Weighed[]): string[] {
  const voices = signs.flatMap(({ mentions }) => mentions).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  return [...new Set(voices.map(({ id }) => id))];
}
