import { describe, expect, it } from 'vitest';
import { judge } from './judging.ts';

const place = async (...given: Parameters<typeof judge>) => {
  const { step, touchpoint } = await judge(...given);
  return [step.value, touchpoint.value];
};

describe('the place on the journey', () => {
  it('follows the cues', async () => {
    const { step, touchpoint } = await judge('Never again, the app!');
    expect([step.value, step.evidence]).toEqual(['loyalty', ['Never again']]);
    expect([touchpoint.value, touchpoint.evidence]).toEqual(['mobile_app', ['app']]);
  });

  it('is, without cues, what people mostly tell in such a place', async () => {
    expect(await place('a table', { channel: 'review' })).toEqual(['use', 'product']);
    expect(await place('a table', { channel: 'social' })).toEqual(['none', 'none']);
    expect((await place('a table', { channel: 'ticket' }))[0]).toBe('support');
    expect((await judge('a table')).step.evidence).toEqual([]);
  });

  it('has no touchpoint where it is not about a customer', async () => {
    expect(await place('The election, and the waiter', { channel: 'social' })).toEqual(['none', 'none']);
  });

  it('is the step that carries the feeling, of two as strong', async () => {
    expect((await place('on hold terrible, thinking of it', { channel: 'survey' }))[0]).toBe('support');
    expect((await place('on hold, thinking of it terrible', { channel: 'survey' }))[0]).toBe('consideration');
  });

  it('is the later one, of two as strong and as felt', async () => {
    expect((await place('saw the ad, thinking of it', { channel: 'survey' }))[0]).toBe('consideration');
    expect((await place('thinking of it, saw the ad', { channel: 'survey' }))[0]).toBe('awareness');
  });

  it('takes topics as hints', async () => {
    expect((await place('The courier', { channel: 'ticket' }))[1]).not.toBe('delivery');
    expect((await judge('It arrived, courier', { channel: 'survey' })).step.value).toBe('fulfilment');
  });

  it('takes feeling that is addressed to somebody as about them', async () => {
    expect((await place('@shop terrible', { channel: 'social' }))[0]).not.toBe('none');
    expect((await place('terrible', { channel: 'social' }))[0]).toBe('none');
  });

  it('takes a post that names a brand for an experience, a news item not', async () => {
    const brands = ['Velmora'];
    expect((await place('a table', { channel: 'social', brands }))[0]).not.toBe('none');
    expect((await place('a table', { channel: 'social', brands: [] }))[0]).toBe('none');
    expect((await place('a table', { channel: 'news', brands }))[0]).toBe('none');
    expect((await place('The election', { channel: 'social', brands }))[0]).toBe('none');
  });

  it('is told with more confidence the further it leads', async () => {
    const [clear, close] = [
      await judge('on hold', { channel: 'ticket' }),
      await judge('on hold, works', { channel: 'ticket' }),
    ];
    expect(clear.step.confidence).toBeGreaterThan(close.step.confidence);
  });

  it('cannot be told where the language has no lexicon and no word is known', async () => {
    expect(await place('Das ist ein Tisch', {}, 'de')).toEqual([null, null]);
  });
});
