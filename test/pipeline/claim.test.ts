import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimed } from '../../src/pipeline/claim.ts';
import { openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
let ms = Date.parse('2026-03-01T10:00:00Z');
const ports = () => ({ state: house.state, now: () => new Date(ms) });
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.remove());

/** Work that goes on until it is told to end. */
function lasting() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { work: () => promise, end: () => resolve() };
}

it('lets one do the work, and the next when he is done', async () => {
  const { work, end } = lasting();
  const first = claimed('posts', ports(), work);
  expect(await claimed('posts', ports(), async () => {})).toBe(false);
  expect(await claimed('others', ports(), async () => {})).toBe(true);
  end();
  expect(await first).toBe(true);
  expect(await claimed('posts', ports(), async () => {})).toBe(true);
});

it('is free again after a failure, which is told', async () => {
  await expect(claimed('posts', ports(), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await claimed('posts', ports(), async () => {})).toBe(true);
});

it('is free after a while where somebody died, and he takes nothing from his heir', async () => {
  const dead = lasting();
  const first = claimed('posts', ports(), dead.work);
  await claimed('posts', ports(), async () => {});
  ms += 8_000;
  const heir = lasting();
  const second = claimed('posts', ports(), heir.work);
  await house.state.get('claim/posts');
  dead.end();
  await first;
  expect(await claimed('posts', ports(), async () => {})).toBe(false);
  heir.end();
  expect(await second).toBe(true);
});

it('goes to one of many who ask at once', async () => {
  const { work, end } = lasting();
  const all = Array.from({ length: 5 }, () => claimed('posts', ports(), work));
  setTimeout(end, 50);
  expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
});
