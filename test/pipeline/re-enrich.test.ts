import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Enricher } from '../../src/domain/enricher.ts';
import { mentionId } from '../../src/domain/mention.ts';
import { label } from '../../src/pipeline/labels.ts';
import { reEnrich, scheduleReEnrichment, workReEnrichment } from '../../src/pipeline/re-enrich.ts';
import { workIngests } from '../../src/pipeline/work.ts';
import { pull } from '../../src/pipeline/pull.ts';
import { never, openHouse, raw, scripted, until } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.remove());

/** Judges every text as told; a version says another step. */
const judge = (version: number, step: 'use' | 'support' | 'loyalty'): Enricher => ({
  name: 'judge',
  version,
  needs: [],
  gives: ['step', 'outcome'],
  enrich: async (drafts) =>
    drafts.map(() => ({
      step: { value: step, by: `judge@${version}`, confidence: 0.9 },
      outcome: { value: 'none', by: `judge@${version}`, confidence: 0.9 },
    })),
});

const COUNT = 250;
const idOf = (index: number) => mentionId('a', String(index));
const stepsOf = async () => (await house.mentions.aggregate({}, ['step'])).map(({ key, count }) => [key[0], count]);

/** 250 mentions, judged by the first version and written down as such. */
async function filled() {
  const ports = { ...house, enrichers: [judge(1, 'use')] };
  await scheduleReEnrichment(ports);
  const items = Array.from({ length: COUNT }, (_, index) => raw(String(index), { text: `text ${index}` }));
  workIngests(house.queue, { ...ports, sources: [] } as never);
  await pull(scripted('a', [items]), house, never);
  await until(async () => (await house.mentions.search({}, { limit: 1 })).total === COUNT);
}

it('judges anew what an older version judged, and keeps what people said', async () => {
  await filled();
  await label(idOf(7), { step: 'loyalty' }, { ...house, enrichers: [judge(1, 'use')] });
  const second = { ...house, now: () => new Date(house.now().getTime() + 1_000), enrichers: [judge(2, 'support')] };
  workReEnrichment(house.queue, second);
  await scheduleReEnrichment(second);
  await until(async () => (await stepsOf()).some(([step, count]) => step === 'support' && count === COUNT - 1));
  expect(await stepsOf()).toEqual([
    ['support', COUNT - 1],
    ['loyalty', 1],
  ]);
  expect(await house.mentions.get(idOf(7))).toMatchObject({
    judgements: { step: { value: 'loyalty', by: 'people' }, outcome: { by: 'judge@2' } },
  });
});

it('asks for nothing where the versions are the same, or nothing is stored', async () => {
  const ports = { ...house, enrichers: [judge(1, 'use')] };
  await scheduleReEnrichment(ports);
  await scheduleReEnrichment(ports);
  expect(await house.queue.counts('re-enrich')).toMatchObject({ waiting: 0, delayed: 0 });
});

it('goes on where it was interrupted', async () => {
  await filled();
  const second = { ...house, now: () => new Date(house.now().getTime() + 1_000), enrichers: [judge(2, 'support')] };
  await scheduleReEnrichment(second);
  const cut = new AbortController();
  let asked = 0;
  const counting: Enricher = {
    ...judge(2, 'support'),
    enrich: (drafts) => {
      asked += drafts.length;
      if (asked === 100) cut.abort();
      return judge(2, 'support').enrich(drafts);
    },
  };
  await expect(reEnrich({ ...second, enrichers: [counting] }, cut.signal)).rejects.toThrow('aborted');
  expect(await stepsOf()).toEqual([
    ['use', COUNT - 100],
    ['support', 100],
  ]);
  await reEnrich({ ...second, enrichers: [counting] }, never);
  expect(asked).toBe(COUNT);
  expect(await stepsOf()).toEqual([['support', COUNT]]);
});
