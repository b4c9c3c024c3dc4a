import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import type { MentionStore } from '../../src/domain/store.ts';
import type { OpenMentionStore } from './mention-store.ts';
import { aMention } from './mentions.ts';

const JUDGED: Mention['judgements'] = {
  sentiment: { value: 'negative', score: -0.6, by: 'sentiment@1', confidence: 0.7, evidence: ['late'] },
  step: { value: 'use', by: 'cues@1', confidence: 0.6 },
};
const said = (more: Partial<Mention> = {}) => aMention({ externalId: 'one', judgements: JUDGED, ...more });
const byPeople = { by: 'people', confidence: 1 };

/** What people say against the judgements outlives whatever is stored later, and goes with the erasure. */
export function labelsContract(open: () => Promise<OpenMentionStore>): void {
  let current: OpenMentionStore;
  let store: MentionStore;
  beforeEach(async () => {
    current = await open();
    ({ store } = current);
  });
  afterEach(() => current.close());

  const { id } = said();
  const outcomeOf = async (mention: Mention) => (await store.put([mention]))[0]!.outcome;

  it('stand above what was judged, and are found by', async () => {
    await store.put([said()]);
    expect(await store.label(said(), { sentiment: 'positive', step: 'support' })).toMatchObject({ outcome: 'changed' });
    expect(await store.get(id)).toMatchObject({
      labels: { sentiment: 'positive', step: 'support' },
      judgements: {
        sentiment: { value: 'positive', score: 1, ...byPeople },
        step: { value: 'support', ...byPeople },
      },
    });
    expect((await store.search({ step: ['support'] }, { limit: 10 })).total).toBe(1);
    expect((await store.search({ sentiment: ['negative'] }, { limit: 10 })).total).toBe(0);
    expect(await store.aggregate({}, ['step'])).toMatchObject([{ key: ['support'], positive: 1, negative: 0 }]);
  });

  it('survive being judged anew, being edited and reopening', async () => {
    await store.put([said()]);
    await store.label(said(), { step: 'support' });
    expect(await outcomeOf(said())).toBe('same');
    store = await current.reopen();
    expect(await outcomeOf(said({ text: 'Another text.', judgements: {} }))).toBe('changed');
    expect(await store.get(id)).toMatchObject({
      text: 'Another text.',
      labels: { step: 'support' },
      judgements: { step: { value: 'support', ...byPeople } },
    });
  });

  it('are not lost to a writer who read before they were given', async () => {
    await store.put([said()]);
    const before = (await store.get(id))!;
    await store.label(said(), { outcome: 'churned' });
    await store.put([{ ...before, answeredAt: '2026-03-01T00:00:00.000Z' }]);
    expect(await store.get(id)).toMatchObject({
      labels: { outcome: 'churned' },
      answeredAt: '2026-03-01T00:00:00.000Z',
    });
  });

  it('add up, and are taken back one by one', async () => {
    await store.put([said()]);
    await Promise.all([store.label(said(), { step: 'support' }), store.label(said(), { outcome: 'none' })]);
    expect((await store.get(id))!.labels).toEqual({ step: 'support', outcome: 'none' });
    await store.label(said(), { step: null });
    const after = (await store.get(id))!;
    expect(after.labels).toEqual({ outcome: 'none' });
    expect(after.judgements.step).toEqual(JUDGED.step);
    await store.label(said(), { outcome: null });
    expect(await store.get(id)).toEqual((await store.put([said()]), said()));
  });

  it('come along with a mention that is new', async () => {
    await store.put([said({ labels: { step: 'loyalty' } })]);
    expect(await store.get(id)).toMatchObject({ labels: { step: 'loyalty' }, judgements: { step: byPeople } });
  });

  it('are told to whoever follows', async () => {
    await store.put([said()]);
    const { next } = await store.changes(undefined, 10);
    await store.label(said(), { step: 'support' });
    expect((await store.changes(next, 10)).changes).toMatchObject([
      { kind: 'stored', mention: { labels: { step: 'support' } } },
    ]);
  });

  it('go with the erasure, and bring nothing back', async () => {
    await store.put([said()]);
    await store.label(said(), { step: 'support' });
    await store.forget([id]);
    expect(await store.label(said(), { step: 'use' })).toEqual({ id, outcome: 'erased' });
    expect(await store.get(id)).toBeUndefined();
  });
}
