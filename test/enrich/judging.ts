import type { Draft, Enricher } from '../../src/domain/enricher.ts';
import type { Judgements } from '../../src/domain/enrichment.ts';
import { createEnrichers, enrichAll, readLexicon } from '../../src/enrich/index.ts';
import { topics } from './lexicons.ts';

/** A small lexicon of our own, so that these tests tell of the rules and not of the words in config/. */
export const english = readLexicon(
  {
    language: 'en',
    sentiment: {
      very_positive: ['love'],
      positive: ['good', 'friendly', 'thanks'],
      negative: ['slow', 'broken', 'rude', 'die ^0.5'],
      very_negative: ['terrible'],
    },
    negators: ['not', 'never', "didn't"],
    boosters: ['very', 'not only'],
    softeners: ['a bit'],
    contrasts: ['but'],
    questions: ['does anyone', 'how'],
    steps: {
      awareness: ['saw the ad'],
      consideration: ['thinking of'],
      fulfilment: ['arrived'],
      use: ['works'],
      support: ['on hold'],
      loyalty: ['never again ^2'],
      none: ['election ^2'],
    },
    touchpoints: { staff: ['waiter ^2'], mobile_app: ['app ^2'], support_team: ['on hold'] },
    outcomes: { churned: ['never again'], purchased: ['i bought'], warned: ['avoid'] },
    gaps: { channel: ['could not see my chat'] },
    opportunities: ['please add'],
    moments_of_truth: ['won me over'],
    topics: {
      delivery_time: ['courier', 'arrived'],
      speed: ['slow'],
      staff_attitude: ['friendly', 'rude'],
      price: ['price'],
    },
  },
  { file: 'test', topics },
);
const polish = readLexicon(
  {
    language: 'pl',
    sentiment: { positive: ['dobr*'], negative: ['zepsut*'] },
    negators: ['nie'],
    steps: { use: ['działa'] },
  },
  { file: 'test', topics },
);

/** All judgements are there. */
type Judged = { [Name in keyof Judgements]-?: NonNullable<Judgements[Name]> };

const enrichers = createEnrichers({ lexicons: [english, polish] });

export const draft = (text: string, facts: Partial<Draft> = {}): Draft => ({
  text,
  channel: 'review',
  judgements: {},
  ...facts,
});

/** All judgements of one text; the language is given, so that short texts can be used. */
export async function judge(text: string, facts: Partial<Draft> = {}, language: string | null = 'en'): Promise<Judged> {
  const told = { value: language, by: 'test@1', confidence: 1 };
  const given: Enricher = {
    name: 'test',
    version: 1,
    needs: [],
    gives: ['language'],
    enrich: async (drafts) => drafts.map(() => ({ language: told })),
  };
  const own = [given, ...enrichers.filter((enricher) => enricher.name !== 'language')];
  const [judgements] = await enrichAll(own, [draft(text, facts)]);
  return judgements as Judged;
}
