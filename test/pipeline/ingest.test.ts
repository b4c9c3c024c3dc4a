import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { erase } from '../../src/pipeline/erase.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { workIngests } from '../../src/pipeline/work.ts';
import { openHouse, raw, until } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse('brands: { Velmora: { aliases: [Larkspur] } }')));
afterEach(() => house.remove());

const job = (items: ReturnType<typeof raw>[], collectedAt = '2026-05-01T10:00:00.000Z') => ({
  source: 'a',
  collectedAt,
  items,
});

describe('ingest', () => {
  it('stores once, whatever is repeated, and keeps the first time of collection', async () => {
    const items = [raw('1'), raw('2', { publishedAt: '2026-04-30T23:30:00-02:00' })];
    expect((await ingest(job(items), house)).map(({ outcome }) => outcome)).toEqual(['new', 'new']);
    expect((await ingest(job(items, '2026-05-02T10:00:00.000Z'), house)).map(({ outcome }) => outcome)).toEqual([
      'same',
      'same',
    ]);
    const { mentions } = await house.mentions.search({}, { limit: 10 });
    expect(mentions.map(({ externalId, at, dated, collectedAt }) => ({ externalId, at, dated, collectedAt }))).toEqual([
      { externalId: '1', at: '2026-05-01T10:00:00.000Z', dated: false, collectedAt: '2026-05-01T10:00:00.000Z' },
      { externalId: '2', at: '2026-05-01T01:30:00.000Z', dated: true, collectedAt: '2026-05-01T10:00:00.000Z' },
    ]);
  });

  it('judges with the reasons shown, and finds the brands', async () => {
    await ingest(
      job([raw('1', { text: 'My card was declined at the checkout of the Larkspur page, terrible.' })]),
      house,
    );
    const [mention] = (await house.mentions.search({}, { limit: 1 })).mentions;
    expect(mention!.brands).toEqual(['Velmora']);
    expect(mention!.judgements).toMatchObject({
      language: { value: 'en' },
      sentiment: {
        value: 'negative',
        by: expect.stringMatching(/@\d/),
        evidence: expect.arrayContaining([expect.any(String)]),
      },
      step: { value: 'purchase' },
      touchpoint: { value: 'point_of_sale' },
      pains: [expect.objectContaining({ value: 'payment' })],
    });
  });

  it('sets a refused document aside under its own reason, and stores the others', async () => {
    const brandsOf = (_source: string, text: string) => (text.includes('broken') ? [7 as unknown as string] : []);
    const ports = { ...house, brandsOf };
    workIngests(house.queue, { ...ports, sources: [] });
    await house.queue.add('ingest', job([raw('1'), raw('2', { text: 'broken' }), raw('3')]) as never);
    await until(async () => (await house.queue.dead()).length === 1);
    expect((await house.mentions.search({}, { limit: 10 })).total).toBe(2);
    const [dead] = await house.queue.dead();
    expect(dead).toMatchObject({
      code: 'STORE_REFUSED',
      reason: expect.stringMatching(/^2: .*brands/),
      payload: { items: [{ externalId: '2' }] },
    });
    expect(await house.queue.counts('ingest')).toMatchObject({ waiting: 0, running: 0, dead: 1 });
  });
});

describe('erase', () => {
  it('takes the words out of the dead letters too, and keeps them out', async () => {
    const ports = { ...house, brandsOf: () => [7 as unknown as string] };
    workIngests(house.queue, { ...ports, sources: [] });
    await house.queue.add('ingest', job([raw('1')]) as never);
    await until(async () => (await house.queue.dead()).length === 1);
    const [outcome] = await ingest(job([raw('1')]), house);
    expect(await erase({ ids: [outcome!.id] }, house)).toEqual({ mentions: 1, deadLetters: 1, waiting: 0 });
    expect(await house.queue.dead()).toEqual([]);
    expect((await ingest(job([raw('1')]), house))[0]!.outcome).toBe('erased');
    expect((await house.mentions.search({}, { limit: 1 })).total).toBe(0);
  });

  it.each([
    [{ source: 'a' }, ['1', '2', '3']],
    [{ author: 'bo' }, ['2']],
  ])('finds the dead letters of %j, and tries again what else they hold', async (what, erased) => {
    // A handler that fails for good, so that a whole batch becomes one dead letter.
    house.queue.work('ingest', async ({ payload }) => {
      if ((payload as { items: unknown[] }).items.length === 3) throw new AppError('STORE_REFUSED', 'full');
      await ingest(payload as never, house);
    });
    const by = (id: string, author: string) => raw(id, { author: { id: author } });
    await house.queue.add('ingest', job([by('1', 'al'), by('2', 'bo'), by('3', 'cy')]) as never);
    await until(async () => (await house.queue.dead()).length === 1);
    expect(await erase(what, house)).toMatchObject({ mentions: 0, deadLetters: erased.length });
    expect(await house.queue.dead()).toEqual([]);
    await until(async () => (await house.mentions.search({}, { limit: 9 })).total === 3 - erased.length);
    // No poll brings back what stood in a dead letter only.
    const again = await ingest(job([by('1', 'al'), by('2', 'bo'), by('3', 'cy')]), house);
    expect(again.filter(({ outcome }) => outcome === 'erased')).toHaveLength(erased.length);
  });

  it('follows a deletion at the source, and keeps it', async () => {
    await ingest(job([raw('1'), raw('2')]), house);
    await ingest({ ...job([]), gone: ['1'] }, house);
    expect((await house.mentions.search({}, { limit: 9 })).mentions.map(({ externalId }) => externalId)).toEqual(['2']);
    expect((await ingest(job([raw('1')]), house))[0]!.outcome).toBe('erased');
  });
});
