import { GAPS } from '../domain/journey.ts';
import type { Judgement } from '../domain/enrichment.ts';
import type { Mention } from '../domain/mention.ts';
import type { MentionQuery } from '../domain/query.ts';

interface Sign {
  /** Above 0 = how likely this alone makes it that somebody leaves; below 0 = the part of the risk that it takes away. */
  weight: number;
  /** After so many days it weighs half. */
  halfLifeDays: number;
  /** What happened, without the full stop. */
  says: string;
}

/**
 * All that raises or lowers the risk that somebody leaves; each from what weighs most to what weighs least. The weights
 * are chosen, not measured.
 */
export const SIGNS = {
  churned: { weight: 0.9, halfLifeDays: 365, says: 'Told of leaving, or of never coming back' },
  moment_of_truth: { weight: 0.5, halfLifeDays: 60, says: 'Came to think worse of the brand' },
  loyalty_negative: { weight: 0.5, halfLifeDays: 60, says: 'Spoke of staying or leaving, and was unhappy' },
  warned: { weight: 0.4, halfLifeDays: 60, says: 'Warned others' },
  feeling_fell: { weight: 0.4, halfLifeDays: 60, says: 'Feels worse of late than before' },
  abandoned: { weight: 0.25, halfLifeDays: 60, says: 'Gave up a purchase' },
  gap_unanswered: { weight: 0.25, halfLifeDays: 60, says: 'Met a broken hand-over, and no answer is known' },
  returned: { weight: 0.2, halfLifeDays: 60, says: 'Sent back what was bought' },
  support_again: { weight: 0.2, halfLifeDays: 60, says: 'Needed help again within 30 days' },
  pain_again: { weight: 0.15, halfLifeDays: 60, says: 'Named the same pain again' },
  renewed: { weight: -0.6, halfLifeDays: 180, says: 'Renewed' },
  purchased_again: { weight: -0.5, halfLifeDays: 90, says: 'Bought again' },
  loyalty_positive: { weight: -0.4, halfLifeDays: 60, says: 'Spoke of staying, and was happy' },
  recommended: { weight: -0.4, halfLifeDays: 60, says: 'Recommended the brand' },
  last_word_positive: { weight: -0.3, halfLifeDays: 60, says: 'Was happy when last heard of' },
} as const satisfies Record<string, Sign>;
export type SignCode = keyof typeof SIGNS;
export const SIGN_CODES = Object.keys(SIGNS) as [SignCode, ...SignCode[]];

export type RiskLabels = Pick<MentionQuery, 'outcome' | 'step' | 'sentiment' | 'signal' | 'gap'>;

/** RiskLabels of which a mention that can raise a risk has at least one: where to look for people at risk. */
export const RISK_BEARING: readonly RiskLabels[] = [
  { outcome: ['churned', 'warned', 'abandoned', 'returned'] },
  { step: ['loyalty'], sentiment: ['negative'] },
  { signal: ['moment_of_truth'], sentiment: ['negative'] },
  { gap: [...GAPS] },
  { step: ['support'] },
  { signal: ['pain'] },
  { sentiment: ['negative'] },
];

/** What is read of a mention: everything but its words. */
export type Said = Omit<Mention, 'text' | 'title'>;

/** A sign that was found. */
export interface Found {
  code: SignCode;
  /** How sure or how strong it is, 0…1. */
  strength: number;
  /** When it was given: the time of the newest of `mentions`. */
  at: string;
  /** Who say so. */
  mentions: readonly Said[];
  /** The pain, where it is about one. */
  about?: string;
}

const DAY_MS = 86_400_000;
const SUPPORT_DAYS = 30;
/** What is said in so many days is compared with what was said before. */
const RECENT_DAYS = 60;
/** Fewer earlier words are no past to fall from. */
const LEAST_EARLIER = 2;
/** Of the mean feeling, which goes from −1 to 1. */
const LEAST_FALL = 0.5;
const FEELING = { negative: -1, neutral: 0, positive: 1 };

/**
 * Every sign in what one author said up to a time.
 * @param said The author's mentions up to `now`, from the oldest to the newest.
 * @param now Milliseconds since 1970.
 */
export function findSigns(said: readonly Said[], now: number): Found[] {
  const became = said.findIndex(isCustomer);
  return [
    ...said.flatMap((mention, index) => signsIn(mention, became !== -1 && became < index, now)),
    ...supportAgain(said),
    ...painAgain(said),
    ...feelingFell(said, now),
    ...lastWord(said),
  ];
}

/** How sure a judgement is of a value, 0…1; 0 where it is of another. */
const sure = <T>(judgement: Judgement<T> | undefined, value: T): number =>
  judgement?.value === value ? judgement.confidence : 0;

/** Of one mention one sign that raises and one that lowers. */
function signsIn(mention: Said, knewTheBrand: boolean, now: number): Found[] {
  const { outcome, step, sentiment, momentOfTruth, gap } = mention.judgements;
  const [happy, unhappy] = [sure(sentiment, 'positive'), sure(sentiment, 'negative')];
  const answered = mention.answeredAt !== undefined && Date.parse(mention.answeredAt) <= now;
  const signs: Partial<Record<SignCode, number>> = {
    churned: sure(outcome, 'churned'),
    moment_of_truth: Math.min(sure(momentOfTruth, true), unhappy),
    loyalty_negative: Math.min(sure(step, 'loyalty'), unhappy),
    warned: sure(outcome, 'warned'),
    abandoned: sure(outcome, 'abandoned'),
    returned: sure(outcome, 'returned'),
    gap_unanswered: answered ? 0 : Math.max(...GAPS.map((between) => sure(gap, between))),
    renewed: sure(outcome, 'renewed'),
    purchased_again: knewTheBrand ? sure(outcome, 'purchased') : 0,
    loyalty_positive: Math.min(sure(step, 'loyalty'), happy),
    recommended: sure(outcome, 'recommended'),
  };
  const found = SIGN_CODES.map((code) => ({ code, weight: SIGNS[code].weight * (signs[code] ?? 0) }));
  return [found.filter(({ weight }) => weight > 0), found.filter(({ weight }) => weight < 0)].flatMap((alike) =>
    gravest(alike, mention),
  );
}

/**
 * The labels of one mention were read from the same words, so they must not count as if they were several: the gravest
 * names the sign, and it weighs as much as the surest of them.
 */
function gravest(alike: readonly { code: SignCode; weight: number }[], mention: Said): Found[] {
  const [first] = alike;
  if (first === undefined) return [];
  const most = Math.max(...alike.map(({ weight }) => Math.abs(weight)));
  const strength = most / Math.abs(SIGNS[first.code].weight);
  return [{ code: first.code, strength, at: mention.at, mentions: [mention] }];
}

const CUSTOMER_STEPS: ReadonlySet<unknown> = new Set(['fulfilment', 'use', 'support', 'loyalty']);
const CUSTOMER_OUTCOMES: ReadonlySet<unknown> = new Set(['purchased', 'returned', 'renewed', 'churned']);

/** Has bought before or lives with the product, so the next purchase is another one. */
function isCustomer({ judgements: { step, outcome } }: Said): boolean {
  return CUSTOMER_STEPS.has(step?.value) || CUSTOMER_OUTCOMES.has(outcome?.value);
}

/** The same for all turns of one ticket, so that they can count as one. */
export function conversationOf({ source, thread, id }: Said): string {
  return thread === undefined ? id : JSON.stringify([source, thread]);
}

function firstTurns(said: readonly Said[]): Said[] {
  const begun = new Set<string>();
  return said.filter((mention) => {
    const conversation = conversationOf(mention);
    return !begun.has(conversation) && begun.add(conversation);
  });
}

function supportAgain(said: readonly Said[]): Found[] {
  const contacts = firstTurns(
    said.filter(({ judgements: { step, sentiment } }) => step?.value === 'support' && sentiment?.value !== 'positive'),
  );
  return contacts.slice(1).flatMap((contact, index) => {
    const before = contacts[index]!;
    if (Date.parse(contact.at) - Date.parse(before.at) > SUPPORT_DAYS * DAY_MS) return [];
    const strength = sure(contact.judgements.step, 'support');
    return [{ code: 'support_again' as const, strength, at: contact.at, mentions: [contact, before] }];
  });
}

function painAgain(said: readonly Said[]): Found[] {
  const pains = new Set(said.flatMap(({ judgements }) => (judgements.pains ?? []).map(({ value }) => value)));
  return [...pains].flatMap((about) => {
    const painOf = ({ judgements: { pains: all } }: Said) => all?.find(({ value }) => value === about);
    const [first, ...later] = firstTurns(said.filter(painOf));
    return later.map((mention) => ({
      code: 'pain_again' as const,
      strength: painOf(mention)!.confidence,
      at: mention.at,
      mentions: [mention, first!],
      about,
    }));
  });
}

function feelingFell(said: readonly Said[], now: number): Found[] {
  const felt = said.filter(hasFeeling);
  const recent = felt.filter(({ at }) => Date.parse(at) > now - RECENT_DAYS * DAY_MS);
  const earlier = felt.slice(0, felt.length - recent.length);
  const unhappy = recent.filter(({ judgements }) => judgements.sentiment?.value === 'negative');
  const newest = unhappy.at(-1);
  if (newest === undefined || earlier.length < LEAST_EARLIER) return [];
  const fall = meanFeeling(earlier) - meanFeeling(recent);
  if (fall < LEAST_FALL || meanFeeling(recent) >= 0) return [];
  return [{ code: 'feeling_fell', strength: fall / 2, at: newest.at, mentions: unhappy }];
}

function lastWord(said: readonly Said[]): Found[] {
  const last = said.findLast(hasFeeling);
  const strength = last ? sure(last.judgements.sentiment, 'positive') : 0;
  return strength > 0 ? [{ code: 'last_word_positive', strength, at: last!.at, mentions: [last!] }] : [];
}

const hasFeeling = ({ judgements: { sentiment } }: Said) => (sentiment?.value ?? null) !== null;

function meanFeeling(felt: readonly Said[]): number {
  return felt.reduce((sum, { judgements }) => sum + FEELING[judgements.sentiment!.value!], 0) / felt.length;
}
