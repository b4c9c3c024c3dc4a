import { describe, expect, it } from 'vitest';
import type { Visit } from '../../src/domain/store.ts';
import { pathsOf } from '../../src/journey/paths.ts';
import { shipped } from './models.ts';

const model = shipped('five-stage');

/** One traveller's way, written `step@day` or `step@day=outcome`. */
const way = (traveller: string, ...stations: string[]): Visit[] =>
  stations.map((station) => {
    const [, step, day, outcome] = /^(\w+)@(\d+)(?:=(\w+))?$/.exec(station)!;
    const at = new Date(Date.UTC(2026, 0, Number(day))).toISOString();
    return { traveller, at, step: step!, touchpoint: 'product', sentiment: null, outcome: outcome ?? 'none' };
  });

describe('pathsOf', () => {
  const visits = [
    ...way('a', 'consideration@1', 'purchase@3', 'use@4', 'support@9', 'loyalty@20=churned'),
    ...way('b', 'consideration@1', 'consideration@2', 'purchase@8=abandoned'),
    ...way('c', 'purchase@5=abandoned'),
    ...way('d', 'consideration@1', 'purchase@2', 'consideration@4', 'purchase@10'),
  ];
  const paths = pathsOf(model, visits);
  const stage = (id: string) => paths.stages.find((one) => one.id === id);

  it('counts who began, stayed, moved and ended where', () => {
    expect(paths).toMatchObject({ travellers: 4, moved: 3 });
    expect(stage('purchase')).toEqual({
      id: 'purchase',
      name: 'Purchase',
      travellers: 4,
      began: 1,
      ended: 3,
      onlyHere: 1,
      dropOut: 3 / 5,
      lastOutcomes: [{ outcome: 'abandoned', count: 2 }],
    });
    expect(stage('retention')).toMatchObject({ travellers: 1, began: 0, ended: 1, onlyHere: 0, dropOut: 1 });
    expect(stage('retention')!.lastOutcomes).toEqual([{ outcome: 'churned', count: 1 }]);
    expect(stage('awareness')).toMatchObject({ travellers: 0, dropOut: null, lastOutcomes: [] });
  });

  it('tells transitions with the days between the last word there and the first here', () => {
    expect(paths.transitions).toEqual([
      { from: 'consideration', to: 'purchase', count: 4, share: 1, medianDays: 4 },
      { from: 'purchase', to: 'consideration', count: 1, share: 0.5, medianDays: 2 },
      { from: 'purchase', to: 'retention', count: 1, share: 0.5, medianDays: 1 },
    ]);
    expect(paths.routes.map(({ stages, count }) => [stages.length, count])).toEqual([
      [4, 1],
      [3, 1],
      [2, 1],
    ]);
  });

  it('counts every traveller once at the beginning and once at the end', () => {
    for (const side of ['began', 'ended'] as const)
      expect(paths.stages.reduce((sum, one) => sum + one[side], 0)).toBe(paths.travellers);
    for (const { id, ended, dropOut } of paths.stages.filter(({ travellers }) => travellers > 0)) {
      const left = paths.transitions.filter(({ from }) => from === id).reduce((sum, { count }) => sum + count, 0);
      expect(dropOut).toBeCloseTo(ended / (ended + left));
    }
  });

  it('reads the same visits by another model', () => {
    expect(pathsOf(shipped('funnel'), visits)).toMatchObject({ travellers: 4, moved: 3 });
    expect(pathsOf(model, [])).toMatchObject({ travellers: 0, moved: 0, transitions: [], routes: [] });
  });
});
