import { describe, expect, it } from 'vitest';
import { judge } from './judging.ts';

const wishes = async (text: string) => (await judge(text)).opportunities.map((wish) => wish.value);

describe('topics', () => {
  it('carry the feeling of their own clause', async () => {
    const { topics, pains } = await judge('The courier was friendly, the app is slow');
    expect(topics.map(({ value, sentiment }) => [value, sentiment])).toEqual([
      ['delivery_time', 'positive'],
      ['staff_attitude', 'positive'],
      ['speed', 'negative'],
    ]);
    expect(pains.map(({ value, evidence }) => [value, evidence])).toEqual([['speed', ['slow']]]);
  });

  it('take the feeling of the sentence where their clause has none, never of another sentence', async () => {
    expect((await judge('The courier, how terrible')).pains.map((pain) => pain.value)).toEqual(['delivery_time']);
    expect((await judge('A courier came. Terrible.')).pains).toEqual([]);
  });

  it('are told once each, with every word that named them', async () => {
    const { topics } = await judge('The courier arrived. Courier again.');
    expect(topics).toHaveLength(1);
    expect(topics[0]!.evidence).toEqual(['courier', 'arrived', 'Courier']);
  });

  it('of a wish are those of its clause, else a feature', async () => {
    expect(await wishes('please add the price')).toEqual(['price']);
    expect(await wishes('The price is fine, please add a map')).toEqual(['feature_request']);
    expect(await wishes('The price is fine')).toEqual([]);
  });
});

describe('signals', () => {
  it('tell outcome, broken hand-over and moment of truth, or that there is none', async () => {
    const told = await judge('Never again! The agent could not see my chat.');
    expect([told.outcome.value, told.outcome.evidence]).toEqual(['churned', ['Never again']]);
    expect([told.gap.value, told.gap.evidence]).toEqual(['channel', ['could not see my chat']]);
    expect(told.momentOfTruth.value).toBe(false);
    expect((await judge('That won me over')).momentOfTruth.value).toBe(true);
    const nothing = await judge('a table');
    expect([nothing.outcome.value, nothing.gap.value]).toEqual(['none', 'none']);
  });

  it('take the later of two outcomes that are as clear', async () => {
    expect((await judge('I bought it, avoid')).outcome.value).toBe('warned');
  });
});
