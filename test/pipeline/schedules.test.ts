import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beatSeconds } from '../../src/pipeline/schedules.ts';
import { schedulePulls } from '../../src/pipeline/work.ts';
import { openHouse, scripted } from './house.ts';

const names = Array.from({ length: 200 }, (_, index) => `source-${index}`);
const beats = names.map((name) => beatSeconds({ name, everySeconds: 900 }));

describe('the beat of a source', () => {
  it('is never shorter than asked for, and at most a tenth longer', () => {
    expect(Math.min(...beats)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...beats)).toBeLessThanOrEqual(990);
  });

  it('is always the same, and another for others', () => {
    expect(names.map((name) => beatSeconds({ name, everySeconds: 900 }))).toEqual(beats);
    expect(new Set(beats).size).toBeGreaterThan(60);
  });
});

describe('schedules', () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  beforeEach(async () => void (house = await openHouse()));
  afterEach(() => house.remove());

  it('have the beat of their source', async () => {
    const sources = [scripted('a', []), scripted('b', [])];
    await schedulePulls(house.queue, house.state, sources);
    const made = (await house.queue.schedules()).map(({ key, everySeconds }) => [key, everySeconds]);
    expect(made).toEqual(sources.map((source) => [`pull/${source.name}`, beatSeconds(source)]));
  });
});
