import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Annotated, Annotation } from '../../src/domain/annotator.ts';
import type { Draft } from '../../src/domain/enricher.ts';
import { judgements as schema } from '../../src/domain/enrichment.ts';
import { withAnnotator } from '../../src/enrich/annotated.ts';
import { createEnrichers, enrichAll } from '../../src/enrich/index.ts';
import { closeDatabase, openDatabase } from '../../src/stores/sqlite/open.ts';
import type { Database } from '../../src/stores/sqlite/open.ts';
import { sqliteState } from '../../src/stores/sqlite/state.ts';
import { lexiconFiles, loadLexicon } from './lexicons.ts';

const builtIn = createEnrichers({ lexicons: lexiconFiles.map(loadLexicon) });
const draft = (text: string, more: Partial<Draft> = {}): Draft => ({
  text,
  channel: 'review',
  judgements: {},
  ...more,
});
const SAID: Annotation = {
  sentiment: 'positive',
  step: 'loyalty',
  touchpoint: 'store',
  outcome: 'renewed',
  confidence: 0.5,
  evidence: [],
};

let folder: string;
let db: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-annotated-'));
  db = openDatabase(join(folder, 'earshot.db'));
});
afterEach(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true });
});

/** Judges by a function, and remembers of what it was asked. */
function house(
  say: (text: string) => Annotation | undefined,
  options: { judges?: Annotated[]; below?: number; key?: number; name?: string } = {},
) {
  const { judges = ['sentiment', 'step', 'touchpoint', 'outcome'], below = 1, key = 7, name = 'test' } = options;
  const asked: string[] = [];
  const annotator = {
    name,
    version: 2,
    annotate: (drafts: readonly Draft[]) => {
      asked.push(...drafts.map(({ text }) => text));
      return Promise.resolve(drafts.map(({ text }) => say(text)));
    },
  };
  const memory = sqliteState(db);
  const enrichers = withAnnotator(builtIn, { judges, below }, { annotator, memory, key: Buffer.alloc(32, key) });
  return { asked, memory, enrichers, judge: (...drafts: Draft[]) => enrichAll(enrichers, drafts) };
}

const BAD = 'The parcel came three weeks late and nobody answered, terrible.';

describe('enrichers with an annotator above them', () => {
  it('give its judgements signed by it, and everything else as before', async () => {
    const [own] = await enrichAll(builtIn, [draft(BAD)]);
    const [told] = await house(() => SAID).judge(draft(BAD));
    const by = { by: 'test@2', confidence: 0.5, evidence: [] };
    expect(told).toEqual({
      ...own,
      sentiment: { value: 'positive', score: 0.5, ...by },
      step: { value: 'loyalty', ...by },
      touchpoint: { value: 'store', ...by },
      outcome: { value: 'renewed', ...by },
    });
    expect(schema.safeParse(told).error).toBeUndefined();
  });

  it('stand where it does not answer, and where it is not to judge', async () => {
    const [own] = await enrichAll(builtIn, [draft(BAD)]);
    expect(await house(() => undefined).judge(draft(BAD))).toEqual([own]);
    const [told] = await house(() => SAID, { judges: ['sentiment'] }).judge(draft(BAD));
    expect(told).toEqual({ ...own, sentiment: expect.objectContaining({ value: 'positive' }) });
  });

  it('know no touchpoint where there is no step', async () => {
    const [told] = await house(() => ({ ...SAID, step: 'none' })).judge(draft(BAD));
    expect(told!.touchpoint).toMatchObject({ value: 'none', by: 'test@2' });
  });

  it('ask only where a built-in judge is less sure than wanted, and never without words', async () => {
    const [own] = await enrichAll(builtIn, [draft(BAD)]);
    const sure = own!.sentiment!.confidence;
    const asking = house(() => SAID, { judges: ['sentiment'], below: sure });
    await asking.judge(draft(BAD), draft('😡😡'));
    expect(asking.asked).toEqual([]);
    const unsure = house(() => SAID, { judges: ['sentiment'], below: sure + 0.01 });
    await unsure.judge(draft(BAD), draft('😡😡'));
    expect(unsure.asked).toEqual([BAD]);
  });

  it('pay for a text once, and judge it the same for ever, whatever it would say now', async () => {
    const first = house(() => SAID);
    const [told] = await first.judge(draft(BAD), draft(BAD));
    expect(first.asked).toEqual([BAD]);
    const later = house(() => ({ ...SAID, sentiment: 'neutral' }));
    expect(await later.judge(draft(BAD))).toEqual([told]);
    expect(later.asked).toEqual([]);
    await later.judge(draft(BAD, { rating: 1 }));
    expect(later.asked).toEqual([BAD]);
    const another = house(() => SAID, { name: 'another' });
    await another.judge(draft(BAD));
    expect(another.asked).toEqual([BAD]);
  });

  it('agree on what was answered first where two ask at once', async () => {
    const two = [house(() => SAID), house(() => ({ ...SAID, sentiment: 'neutral' }))];
    const [one, other] = await Promise.all(two.map(({ judge }) => judge(draft(BAD))));
    expect(other).toEqual(one);
  });

  it('ask again where there was no answer, and keep no word of the text', async () => {
    const silent = house(() => undefined);
    await silent.judge(draft(BAD));
    const speaking = house(() => SAID);
    await speaking.judge(draft(BAD));
    expect(speaking.asked).toEqual([BAD]);
    const kept = await speaking.memory.list('annotation/');
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toMatch(/parcel|late/);
    const other = house(() => SAID, { key: 8 });
    await other.judge(draft(BAD));
    expect(other.asked).toEqual([BAD]);
  });

  it('are another judge by name whenever what it does may change, so that what is stored is judged anew', () => {
    const names = [
      house(() => SAID),
      house(() => SAID, { judges: ['step'] }),
      house(() => SAID, { below: 0.5 }),
      house(() => SAID, { name: 'another' }),
    ].map(({ enrichers }) => enrichers.map(({ name, version }) => `${name}@${version}`).join(' '));
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toMatch(/sentiment@\d/);
  });
});
