import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { NONE, SENTIMENTS, STEPS, TOUCHPOINTS } from '../../src/domain/journey.ts';
import { readWorld } from '../../src/sample/world.ts';
import type { SampleMention } from '../../src/sample/world.ts';
import { fold } from '../../src/text/fold.ts';
import { mask } from '../../src/text/mask.ts';

const DAY = 86_400_000;
const began = new Date('2026-03-01T12:00:00Z');
const world = readWorld(fileURLToPath(new URL('../../config/sample', import.meta.url)), began);
const all = <K extends keyof SampleMention>(field: K) => new Set(world.map((mention) => mention[field]));
const ageOf = (mention: SampleMention) => (began.getTime() - mention.said.getTime()) / DAY;
const paymentPains = world.filter((mention) => mention.step === 'purchase' && mention.sentiment === 'negative');

/** Plainer and wider than what masks: an address has an @ with letters on both sides, a phone at least nine digits. */
const ADDRESS = /\p{L}@\p{L}/u;
const PHONE = /\+?\d(?:[ ()./-]{0,2}\d){8,}/u;

describe('the sample world', () => {
  it('has about 300 mentions under ids of their own, told in five languages through all platforms', () => {
    expect(world.length).toBeGreaterThanOrEqual(280);
    expect(world.length).toBeLessThanOrEqual(330);
    expect(all('id').size).toBe(world.length);
    expect([...all('language')].toSorted()).toEqual(['en', 'fa', 'it', 'pl', 'ro']);
    expect([...all('via')].toSorted()).toEqual(['app-store', 'forum', 'mastodon', 'news', 'zendesk']);
    expect(world.every(({ id, language }) => id.startsWith(`${language}-`))).toBe(true);
  });

  it('visits every step and every touchpoint in every mood', () => {
    expect(all('step')).toEqual(new Set([...STEPS, NONE]));
    expect(all('touchpoint')).toEqual(new Set([...TOUCHPOINTS, NONE]));
    expect(all('sentiment')).toEqual(new Set(SENTIMENTS));
    const unplaced = world.filter((mention) => mention.step === NONE);
    expect(new Set(unplaced.map((mention) => mention.touchpoint))).toEqual(new Set([NONE]));
  });

  it('says of each what its platform says', () => {
    const viasWith = (field: 'rating' | 'title' | 'likes') =>
      [...new Set(world.filter((mention) => mention[field] !== undefined).map((mention) => mention.via))].toSorted();
    expect(viasWith('rating')).toEqual(['app-store']);
    expect(viasWith('title')).toEqual(['app-store', 'news', 'zendesk']);
    expect(viasWith('likes')).toEqual(['mastodon']);
    const untold = world.filter(({ via, rating, title }) =>
      via === 'app-store' ? !rating || !title : (via === 'zendesk' || via === 'news') && !title,
    );
    expect(untold).toEqual([]);
  });

  it('spans nine months, oldest first', () => {
    const ages = world.map(ageOf);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0.19);
    expect(Math.max(...ages)).toBeLessThanOrEqual(270.01);
    expect(Math.max(...ages)).toBeGreaterThan(240);
    expect(ages).toEqual(ages.toSorted((a, b) => b - a));
    expect(world.map((mention) => mention.serial)).toEqual([...world.keys()]);
  });

  it('has no two texts alike', () => {
    const folded = world.map((mention) => fold(mention.text).replaceAll(/[^\p{L}]+/gu, ' '));
    expect(new Set(folded).size).toBe(world.length);
    const openings = folded.map((text) => text.trim().split(' ').slice(0, 6).join(' '));
    expect(new Set(openings).size).toBe(world.length);
  });

  it('has trouble with card payments in the last three weeks, and never before', () => {
    const within = (youngest: number) =>
      paymentPains.filter((mention) => ageOf(mention) >= youngest && ageOf(mention) < youngest + 21).length;
    expect(within(0)).toBeGreaterThanOrEqual(25);
    const earlier = Array.from({ length: 250 }, (_, index) => within(21 + index));
    expect(Math.max(...earlier)).toBeLessThan(10);
  });

  it('holds addresses and numbers of people only until it is masked', () => {
    const texts = world.map(({ title = '', text }) => `${title}\n${text}`);
    expect(texts.filter((text) => ADDRESS.test(text) || PHONE.test(text)).length).toBeGreaterThanOrEqual(2);
    expect(texts.map((text) => mask(text)).filter((text) => ADDRESS.test(text) || PHONE.test(text))).toEqual([]);
  });
});
