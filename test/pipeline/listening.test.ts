import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failed, readHealth, writeHealth } from '../../src/pipeline/health.ts';
import { AppError } from '../../src/domain/errors.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { enqueue } from '../../src/pipeline/pull.ts';
import { pullNow } from '../../src/pipeline/pull-now.ts';
import { reportSources } from '../../src/pipeline/reports.ts';
import { workIngests } from '../../src/pipeline/work.ts';
import { openHouse, raw, scripted, until } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse('brands: { Velmora: {}, Ale: { exclude: [{ language: pl }] } }')));
afterEach(() => house.remove());

const collectedAt = '2026-05-01T10:00:00.000Z';
const all = async () => (await house.mentions.search({}, { limit: 50 })).mentions;

describe('brands of a batch', () => {
  const items = [
    raw('1', { text: 'Velmora is good.' }),
    raw('2', { text: 'Nothing of the kind.' }),
    raw('3', { text: 'Hotel był bardzo ładny, ale śniadanie było zimne i obsługa niemiła.' }),
  ];

  it('what speaks of none is kept, or dropped where the source says so, and counted either way', async () => {
    await ingest({ source: 'kept', collectedAt, items }, house);
    await ingest({ source: 'dropped', collectedAt, items }, { ...house, brandedOnly: new Set(['dropped']) });
    const found = (await all()).map(({ source, externalId, brands }) => [source, externalId, ...brands].join(' '));
    expect(found.toSorted()).toEqual(['dropped 1 Velmora', 'kept 1 Velmora', 'kept 2', 'kept 3']);
    const sources = [scripted('kept', [[]]), scripted('dropped', [[]])];
    const reports = await reportSources(house.state, sources, house.now());
    expect(reports.map(({ unmatched }) => unmatched)).toEqual([2, 2]);
  });
});

describe('a turn of the brand', () => {
  it('marks what the customer said before it as answered, and what comes later not', async () => {
    const turns = ['09:00', '09:30', '11:00'].map((time, index) =>
      raw(String(index), { thread: 't', publishedAt: `2026-05-01T${time}:00Z` }),
    );
    const other = raw('9', { thread: 'u', publishedAt: '2026-05-01T09:00:00Z' });
    workIngests(house.queue, { ...house, sources: [] });
    const source = scripted('desk', []);
    await enqueue([...turns, other], source, house);
    await enqueue([], source, house, { answered: [{ thread: 't', at: '2026-05-01T10:00:00Z' }] });
    await enqueue([], source, house, { answered: [{ thread: 't', at: '2026-05-01T09:40:00Z' }] });
    await until(async () => {
      const { waiting, running } = await house.queue.counts('ingest');
      return waiting + running === 0;
    });
    const answers = (await all()).map(({ externalId, answeredAt }) => [externalId, answeredAt]);
    expect(Object.fromEntries(answers)).toEqual({
      0: '2026-05-01T10:00:00Z',
      1: '2026-05-01T10:00:00Z',
      2: undefined,
      9: undefined,
    });
  });
});

describe('pulling now', () => {
  it('forgets a pause of ours', async () => {
    await writeHealth(
      house.state,
      's',
      failed(await readHealth(house.state, 's'), new AppError('SOURCE_SHAPE', 'x'), house.now()),
    );
    await pullNow('s', house);
    expect((await readHealth(house.state, 's')).notBefore).toBeUndefined();
    expect(await house.queue.counts('pull')).toMatchObject({ waiting: 1 });
  });

  it('is refused while the platform asks for a pause', async () => {
    const asked = new AppError('REMOTE_RATE_LIMITED', 'slow down', { retry: { afterMs: 60_000 } });
    await writeHealth(house.state, 's', failed(await readHealth(house.state, 's'), asked, house.now()));
    await expect(pullNow('s', house)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('until 2'),
    });
    expect(await house.queue.counts('pull')).toMatchObject({ waiting: 0 });
  });
});
