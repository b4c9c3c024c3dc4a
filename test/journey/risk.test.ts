import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Judgements } from '../../src/domain/enrichment.ts';
import type { Mention } from '../../src/domain/mention.ts';
import { GAPS, OUTCOMES, SENTIMENTS, STEPS } from '../../src/domain/journey.ts';
import { matches } from '../../src/alerts/matches.ts';
import { RISK_BEARING, SIGNS } from '../../src/journey/risk-signs.ts';
import { MAX_WEIGHED, riskOf, riskTrend } from '../../src/journey/risk.ts';
import { aMention } from '../contracts/mentions.ts';

const NOW = new Date('2026-06-30T12:00:00.000Z');
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS).toISOString();

type Value<Name extends 'step' | 'sentiment' | 'outcome' | 'gap'> = NonNullable<Judgements[Name]>['value'];
interface Labels {
  step?: Value<'step'>;
  sentiment?: Value<'sentiment'>;
  outcome?: Value<'outcome'>;
  gap?: Value<'gap'>;
  changed?: boolean;
  pains?: string[];
  /** Of all of them. */
  sure?: number;
}

let made = 0;
/** What somebody said so many days ago, as it was understood. */
function said(days: number, labels: Labels = {}, facts: Partial<Mention> = {}): Mention {
  const { step, sentiment, outcome, gap, changed, pains, sure = 1 } = labels;
  const judged = <T>(value: T) => ({ value, by: 'test@1', confidence: sure });
  return aMention({
    externalId: `m${made++}`,
    at: daysAgo(days),
    author: { id: 'ann' },
    judgements: {
      ...(step !== undefined && { step: judged(step) }),
      ...(sentiment !== undefined && { sentiment: { ...judged(sentiment), score: 0 } }),
      ...(outcome !== undefined && { outcome: judged(outcome) }),
      ...(gap !== undefined && { gap: judged(gap) }),
      ...(changed !== undefined && { momentOfTruth: judged(changed) }),
      ...(pains && { pains: pains.map(judged) }),
    },
    ...facts,
  });
}

const help = { step: 'support', sentiment: 'negative' } as const;
const happy = { sentiment: 'positive' } as const;
const codes = (mentions: Mention[]) => riskOf(mentions, NOW).reasons.map(({ code }) => code);

describe('riskOf', () => {
  it.each<[name: string, mentions: Mention[], level: string, reasons: string[]]>([
    ['nothing', [], 'low', []],
    ['one plain mention', [said(1)], 'low', []],
    ['one unhappy mention', [said(1, { step: 'use', sentiment: 'negative', pains: ['price'] })], 'low', []],
    ['what could not be told', [said(1, { step: null, sentiment: null, outcome: null })], 'low', []],
    ['what is told to be nothing', [said(1, { step: 'none', outcome: 'none', gap: 'none' })], 'low', []],
    ['only good words', [said(9, { outcome: 'renewed' }), said(1, happy)], 'low', []],
    ['leaving', [said(1, { outcome: 'churned' })], 'churned', ['churned']],
    ['warning others', [said(1, { outcome: 'warned' })], 'raised', ['warned']],
    [
      'an unhappy word of loyalty',
      [said(1, { step: 'loyalty', sentiment: 'negative' })],
      'raised',
      ['loyalty_negative'],
    ],
    ['a neutral word of loyalty', [said(1, { step: 'loyalty', sentiment: 'neutral' })], 'low', []],
    ['a bad moment of truth', [said(1, { changed: true, sentiment: 'negative' })], 'raised', ['moment_of_truth']],
    ['a good moment of truth', [said(1, { changed: true, sentiment: 'positive' })], 'low', []],
    ['a purchase given up', [said(1, { outcome: 'abandoned' })], 'low', ['abandoned']],
    ['a thing sent back', [said(1, { outcome: 'returned' })], 'low', ['returned']],
    ['a gap that nobody answered', [said(1, { gap: 'channel' })], 'low', ['gap_unanswered']],
    ['a gap that was answered', [said(2, { gap: 'channel' }, { answeredAt: daysAgo(1) })], 'low', []],
    ['two calls for help in a month', [said(30, help), said(1, help)], 'low', ['support_again']],
    ['two calls for help in two months', [said(32, help), said(1, help)], 'low', []],
    ['thanks for help', [said(9, help), said(1, { step: 'support', sentiment: 'positive' })], 'low', []],
    ['two turns of one ticket', [said(9, help, { thread: 't' }), said(1, help, { thread: 't' })], 'low', []],
    ['the same pain twice', [said(90, { pains: ['price'] }), said(1, { pains: ['price'] })], 'low', ['pain_again']],
    ['two pains', [said(90, { pains: ['price'] }), said(1, { pains: ['crash'] })], 'low', []],
    [
      'joy, then anger',
      [said(99, happy), said(98, happy), said(1, { sentiment: 'negative' })],
      'raised',
      ['feeling_fell'],
    ],
    [
      'a mixed time after a good one',
      [said(200, happy), said(190, happy), said(5, { sentiment: 'negative' }), said(1, happy)],
      'low',
      [],
    ],
    ['one joy, then anger', [said(99, happy), said(1, { sentiment: 'negative' })], 'low', []],
    ['joy, then a question', [said(99, happy), said(98, happy), said(1, { sentiment: 'neutral' })], 'low', []],
    [
      'a copy of the same words',
      [said(2, { pains: ['x'] }, { story: 's' }), said(1, { pains: ['x'] }, { story: 's' })],
      'low',
      [],
    ],
    ['what is long over', [said(900, { outcome: 'warned' })], 'low', []],
    ['what is still to come', [said(-1, { outcome: 'churned' })], 'low', []],
    ['leaving long ago', [said(900, { outcome: 'churned' })], 'low', ['churned']],
    [
      'much at once',
      [
        said(3, { outcome: 'warned' }),
        said(2, { outcome: 'returned' }),
        said(1, { step: 'loyalty', sentiment: 'negative' }),
      ],
      'high',
      ['loyalty_negative', 'warned', 'returned'],
    ],
  ])('of %s', (_name, mentions, level, reasons) => {
    const risk = riskOf(mentions, NOW);
    expect(risk.level).toBe(level);
    expect(risk.reasons.map(({ code }) => code)).toEqual(reasons);
    expect(risk.risk > 0).toBe(reasons.length > 0);
    expect(risk.since === undefined).toBe(level === 'low');
  });

  const warning = () => said(20, { outcome: 'warned' });
  it.each<[name: string, mention: Mention, reason: string]>([
    ['a renewal', said(1, { outcome: 'renewed' }), 'renewed'],
    ['a recommendation', said(1, { outcome: 'recommended' }), 'recommended'],
    ['a happy word of loyalty', said(1, { step: 'loyalty', sentiment: 'positive' }), 'loyalty_positive'],
    ['a happy last word', said(1, happy), 'last_word_positive'],
  ])('is lowered by %s', (_name, mention, reason) => {
    const bad = warning();
    expect(codes([bad, mention])).toContain(reason);
    expect(riskOf([bad, mention], NOW).risk).toBeLessThan(riskOf([bad], NOW).risk);
  });

  it('is lowered by a purchase only of somebody who was a customer before', () => {
    const bought = said(1, { step: 'purchase', outcome: 'purchased' });
    expect(codes([warning(), bought])).toEqual(['warned']);
    expect(codes([said(30, { step: 'use' }), warning(), bought])).toEqual(['warned', 'purchased_again']);
  });

  it('is not lowered by joy before anger, unless the joy says more', () => {
    const bad = warning();
    expect(riskOf([said(40, happy), bad, said(1, { sentiment: 'negative' })], NOW)).toEqual(riskOf([bad], NOW));
  });

  it('tells sentences, voices and since when', () => {
    const mentions = [
      said(40, { pains: ['price', 'crash'] }),
      said(20, { pains: ['price'], outcome: 'warned' }),
      said(10, { pains: ['crash'] }),
    ];
    const { reasons, since } = riskOf(mentions, NOW);
    const [old, middle, late] = mentions.map(({ id }) => id);
    expect(reasons.map(({ says, mentions: voices }) => [says, voices])).toEqual([
      ['Warned others.', [middle]],
      ['Named the same pain again: crash, price.', [late, middle, old]],
    ]);
    expect(since).toBe(mentions[1]!.at);
  });

  it('halves what is as old as its half-life, and counts what is unsure for less', () => {
    const { weight, halfLifeDays } = SIGNS.warned;
    expect(riskOf([said(0, { outcome: 'warned' })], NOW).risk).toBeCloseTo(weight);
    expect(riskOf([said(halfLifeDays, { outcome: 'warned' })], NOW).risk).toBeCloseTo(weight / 2);
    expect(riskOf([said(0, { outcome: 'warned', sure: 0.5 })], NOW).risk).toBeCloseTo(weight / 2);
  });

  it('counts the labels of one mention once, and many turns of one conversation too', () => {
    const all = { outcome: 'churned', step: 'loyalty', sentiment: 'negative', changed: true } as const;
    expect(riskOf([said(1, all)], NOW)).toMatchObject({ reasons: [{ code: 'churned' }] });
    const turns = [3, 2, 1].map((days) => said(days, { outcome: 'returned' }, { thread: 't' }));
    expect(riskOf(turns, NOW).risk).toBeCloseTo(riskOf(turns.slice(2), NOW).risk);
    const apart = [3, 2, 1].map((days) => said(days, { outcome: 'returned' }));
    expect(riskOf(apart, NOW).risk).toBeGreaterThan(2 * riskOf(turns, NOW).risk);
  });

  it('tells of leaving until something says that they came back', () => {
    const left = said(20, { outcome: 'churned' });
    const stays = [said(30, { outcome: 'renewed' }), said(10, { outcome: 'recommended' }), said(5, happy)];
    expect(riskOf([left], NOW)).toMatchObject({ level: 'churned', since: left.at });
    expect(riskOf([...stays, left], NOW)).toMatchObject({ level: 'churned', since: left.at });
    expect(codes([...stays, left])).not.toContain('renewed');
    for (const outcome of ['renewed', 'purchased'] as const)
      expect(riskOf([left, said(1, { outcome })], NOW).level).toBe('raised');
  });

  it('weighs the newest only', () => {
    const bad = said(1_000, { outcome: 'churned' });
    const fill = (count: number) => Array.from({ length: count }, (_, index) => said(index / 10));
    expect(codes([bad, ...fill(MAX_WEIGHED - 1)])).toEqual(['churned']);
    expect(codes([bad, ...fill(MAX_WEIGHED)])).toEqual([]);
  });
});

const some = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const anything = fc
  .record({
    days: fc.integer({ min: 1, max: 200 }),
    labels: fc.record({
      step: some(...STEPS),
      sentiment: some(...SENTIMENTS),
      outcome: some(...OUTCOMES),
      gap: some(...GAPS),
      changed: fc.boolean(),
      pains: some(['price'], ['price', 'crash']),
      sure: fc.constantFrom(0, 0.4, 1),
    }),
    thread: some('a', 'b'),
  })
  .map(({ days, labels, thread }) => said(days, labels as Labels, thread === undefined ? {} : { thread }));
const anybody = fc.array(anything, { maxLength: 12 });

describe('riskOf of anybody', () => {
  it('is 0…1, what its reasons say, and the same in any order', () => {
    let atRisk = 0;
    fc.assert(
      fc.property(anybody, (mentions) => {
        const told = riskOf(mentions, NOW);
        const { risk, reasons } = told;
        const part = (keep: (weight: number) => boolean) =>
          reasons
            .map(({ weight }) => weight)
            .filter(keep)
            .reduce((rest, weight) => rest * (1 - Math.abs(weight)), 1);
        expect(risk).toBeCloseTo((1 - part((weight) => weight > 0)) * part((weight) => weight < 0));
        expect(risk >= 0 && risk <= 1).toBe(true);
        expect(riskOf(mentions.toReversed(), NOW)).toEqual(told);
        const ids = new Set(mentions.map(({ id }) => id));
        expect(
          reasons.every((reason) => reason.mentions.length > 0 && reason.mentions.every((id) => ids.has(id))),
        ).toBe(true);
        if (risk > 0) atRisk++;
      }),
      { seed: 1, numRuns: 300 },
    );
    expect(atRisk).toBeGreaterThan(100);
  });

  it('never falls by a newest bad word, and never rises by a newest good one', () => {
    const bad = fc.record({
      sentiment: fc.constant('negative' as const),
      step: some(...STEPS),
      outcome: some('churned', 'warned', 'abandoned', 'returned'),
      gap: some(...GAPS),
      changed: fc.boolean(),
    });
    const good = fc.record({
      sentiment: fc.constant('positive' as const),
      step: some('use', 'loyalty', 'advocacy'),
      outcome: some('renewed', 'recommended', 'purchased'),
    });
    fc.assert(
      fc.property(anybody, bad, good, (mentions, worse, better) => {
        const { risk } = riskOf(mentions, NOW);
        const slack = 1e-9;
        expect(riskOf([...mentions, said(0, worse as Labels)], NOW).risk).toBeGreaterThanOrEqual(risk - slack);
        expect(riskOf([...mentions, said(0, better as Labels)], NOW).risk).toBeLessThanOrEqual(risk + slack);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('is raised by nothing that the search for people at risk would pass over', () => {
    let raised = 0;
    for (const mentions of fc.sample(anybody, { seed: 3, numRuns: 2_000 })) {
      const found = mentions.filter((mention) => RISK_BEARING.some((query) => matches(query, mention)));
      const reasons = riskOf(mentions, NOW).reasons.filter(({ weight }) => weight > 0);
      const voices = new Set(reasons.flatMap(({ mentions: ids }) => ids));
      raised += voices.size;
      expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining([...voices]));
    }
    expect(raised).toBeGreaterThan(2_000);
  });
});

describe('riskTrend', () => {
  const mentions = [said(75, { outcome: 'warned' }), said(10, { outcome: 'churned' }), said(5, { outcome: 'renewed' })];

  it('tells the risk at the ends of months, from the first mention on', () => {
    const trend = riskTrend(mentions, NOW, 6);
    expect(trend.map(({ month, level }) => [month, level])).toEqual([
      ['2026-04', 'raised'],
      ['2026-05', 'low'],
      ['2026-06', 'raised'],
    ]);
    expect(trend.at(-1)!.risk).toBe(riskOf(mentions, NOW).risk);
    expect(trend[0]!.risk).toBe(riskOf(mentions, new Date('2026-04-30T23:59:59.999Z')).risk);
    expect(riskTrend(mentions, NOW, 2).map(({ month }) => month)).toEqual(['2026-05', '2026-06']);
    expect(riskTrend([], NOW, 6)).toEqual([]);
  });

  it('does not know the answers and words of later months yet', () => {
    const gap = said(40, { gap: 'device' }, { answeredAt: daysAgo(1) });
    expect(riskTrend([gap], NOW, 2).map(({ risk }) => risk > 0)).toEqual([true, false]);
  });

  it('goes over the turn of a year', () => {
    const trend = riskTrend([said(200)], new Date('2026-01-31T00:00:00Z'), 3);
    expect(trend.map(({ month }) => month)).toEqual(['2025-12', '2026-01']);
  });
});
