import { describe, expect, it } from 'vitest';
import type { Draft, Enricher } from '../../src/domain/enricher.ts';
import { judgements as schema } from '../../src/domain/enrichment.ts';
import type { JudgementName, Judgements } from '../../src/domain/enrichment.ts';
import { MAX_TEXT, searchText } from '../../src/domain/mention.ts';

export interface EnricherCase {
  /** A fresh enricher. */
  create: () => Enricher;
  /** Gives drafts the judgements that the enricher needs. */
  prepare: (drafts: readonly Draft[]) => Promise<Draft[]>;
}

const draft = (text: string, facts: Partial<Draft> = {}): Draft => ({
  text,
  channel: 'social',
  judgements: {},
  ...facts,
});

const EMPTY = ['', '   ', '🫠', '🫠🫠 🪿', '...', 'https://example.org/a-very-good-page', '@somebody'].map((text) =>
  draft(text),
);
const USUAL = [
  draft('The parcel arrived late and the box was crushed, but the courier was very friendly!', { channel: 'review' }),
  draft('Never again. I cancelled my subscription because nobody answers the phone.', { rating: 1, title: 'Terrible' }),
  draft('Does anyone know whether they ship to Norway?', { declaredLanguage: 'en-GB' }),
  draft('Livrarea a întârziat o săptămână și nimeni nu răspunde la telefon.', { channel: 'ticket' }),
  draft('Obsługa była miła, ale jedzenie zimne. Nie polecam!', { channel: 'review', rating: 2 }),
  draft('@shop I love the new app 😍 but please add dark mode', { replyTo: '17' }),
];
const RIGHT_TO_LEFT = [
  draft('التوصيل متأخر جدا والموظف كان وقحا، لن أشتري منكم مرة أخرى!', { channel: 'review' }),
  draft('‏عالی بود، خیلی راضی‌ام ولی ارسالش دیر شد 😊 (order 12)', { title: 'نظر من' }),
];
const LONG = [
  draft('The app crashes and nobody helps, never again. '.repeat(3_000).slice(0, MAX_TEXT)),
  draft('not '.repeat(25_000)),
  draft('x'.repeat(MAX_TEXT)),
  draft('👍'.repeat(MAX_TEXT / 2)),
  draft('@a,?!'.repeat(MAX_TEXT / 5)),
];
const ALL = [...EMPTY, ...USUAL, ...RIGHT_TO_LEFT];

/** What every enricher promises. */
export function enricherContract(name: string, { create, prepare }: EnricherCase): void {
  const enricher = create();
  const run = async (drafts: readonly Draft[]) => enricher.enrich(await prepare(drafts));

  describe(`${name} keeps the enricher contract`, () => {
    it('gives one answer per draft, with what it declares and nothing else, and signs it', async () => {
      const given = await run(ALL);
      expect(given).toHaveLength(ALL.length);
      for (const answer of given) {
        expect(Object.keys(answer).toSorted()).toEqual([...enricher.gives].toSorted());
        expect(schema.safeParse(answer).error).toBeUndefined();
        for (const { by } of each(answer)) expect(by).toBe(`${enricher.name}@${enricher.version}`);
      }
    });

    it('reads only the judgements that it needs', async () => {
      const { needs } = enricher;
      const bare = await prepare(ALL);
      for (const { judgements } of bare)
        for (const key of Object.keys(judgements) as JudgementName[]) if (!needs.includes(key)) delete judgements[key];
      expect(await enricher.enrich(bare)).toEqual(await run(ALL));
    });

    it('judges the same text the same way each time', async () => {
      const drafts = await prepare(ALL);
      expect(await enricher.enrich(drafts)).toEqual(await enricher.enrich(drafts));
      expect(await create().enrich(drafts)).toEqual(await enricher.enrich(drafts));
    });

    it('judges a batch as its members one by one, in any order', async () => {
      const batch = await run(ALL);
      for (const [index, single] of ALL.entries()) expect(await run([single])).toEqual([batch[index]]);
      expect((await run(ALL.toReversed())).toReversed()).toEqual(batch);
      expect(await enricher.enrich([])).toEqual([]);
    });

    it('is unsure, not guessing, where there is nothing to read', async () => {
      for (const answer of await run(EMPTY)) for (const judgement of each(answer)) expect(judgement.value).toBeNull();
    });

    it('leaves the drafts as they are', async () => {
      const drafts = await prepare(ALL);
      const before = structuredClone(drafts);
      await enricher.enrich(drafts);
      expect(drafts).toEqual(before);
    });

    it('shows the very words of the text as evidence', async () => {
      for (const drafts of [ALL, LONG.slice(0, 1)]) {
        const given = await run(drafts);
        for (const [index, answer] of given.entries())
          for (const { evidence = [] } of each(answer))
            for (const words of evidence) expect(searchText(drafts[index]!)).toContain(words);
      }
    });

    it('finishes the longest texts', async () => {
      for (const answer of await run(LONG)) expect(schema.safeParse(answer).error).toBeUndefined();
    });
  });
}

type Any = { value: unknown; by: string; evidence?: string[] | undefined };
const each = (answer: Judgements): Any[] => Object.values(answer).flat() as Any[];
