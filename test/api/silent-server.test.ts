import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnswers } from '../../src/answers.ts';
import { openHouse } from '../pipeline/house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.remove());

/** As long as the server below: it takes every question and never answers. */
const never = () => new Promise<never>(() => {});

describe('a server that says nothing', () => {
  it('does not keep the caller: 503 with what to do', async () => {
    const silent = { ...house.mentions, forget: never, search: never };
    const answers = createAnswers({ ...house, mentions: silent }, '0.0.0.0');
    const [erase, ready] = await Promise.all([
      answers.request(`/v1/mentions/${'0'.repeat(32)}`, { method: 'DELETE' }),
      answers.request('/readyz'),
    ]);
    expect(erase.status).toBe(503);
    expect(await erase.json()).toMatchObject({ code: 'STORE_UNAVAILABLE', fix: expect.stringContaining('/readyz') });
    expect(ready.status).toBe(503);
  });
});
