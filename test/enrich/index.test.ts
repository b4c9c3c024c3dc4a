import { describe, expect, it } from 'vitest';
import type { Enricher } from '../../src/domain/enricher.ts';
import type { JudgementName } from '../../src/domain/enrichment.ts';
import { createEnrichers, enrichAll } from '../../src/enrich/index.ts';
import { draft } from './judging.ts';
import { lexiconFiles, loadLexicon } from './lexicons.ts';

const fake = (name: string, needs: JudgementName[], gives: JudgementName[], ran: string[] = []): Enricher => ({
  name,
  version: 1,
  needs,
  gives,
  enrich: async (drafts) => {
    ran.push(name);
    return drafts.map(() => ({}));
  },
});

describe('enrichAll', () => {
  it('runs each enricher after those that give what it needs', async () => {
    const ran: string[] = [];
    await enrichAll(
      [
        fake('c', ['step', 'language'], ['gap'], ran),
        fake('b', ['language'], ['step'], ran),
        fake('a', [], ['language'], ran),
      ],
      [draft('x')],
    );
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  it('refuses a missing need, a circle, and two that give the same', async () => {
    await expect(enrichAll([fake('a', ['gap'], ['step'])], [])).rejects.toThrow('no enricher gives "gap": a (gap)');
    await expect(enrichAll([fake('a', ['gap'], ['step']), fake('b', ['step'], ['gap'])], [])).rejects.toThrow(
      'in a circle',
    );
    await expect(enrichAll([fake('a', [], ['step']), fake('b', [], ['step'])], [])).rejects.toThrow(
      'two enrichers give "step"',
    );
  });

  it('merges all judgements, replaces older ones, and leaves the drafts alone', async () => {
    const lexicons = lexiconFiles.map(loadLexicon);
    const old = draft('The parcel arrived late, never again!', {
      judgements: { language: { value: 'pl', by: 'old@1', confidence: 1 } },
    });
    const [judgements] = await enrichAll(createEnrichers({ lexicons }), [old]);
    expect(judgements!.language).toMatchObject({ value: 'en', by: 'language@3' });
    expect(Object.keys(judgements!).toSorted()).toEqual([
      'gap',
      'language',
      'momentOfTruth',
      'opportunities',
      'outcome',
      'pains',
      'sentiment',
      'step',
      'topics',
      'touchpoint',
    ]);
    expect(old.judgements.language!.by).toBe('old@1');
  });
});
