import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Draft } from '../src/domain/enricher.ts';
import type { Channel } from '../src/domain/mention.ts';
import { NONE, OUTCOMES, SENTIMENTS, STEPS, TOUCHPOINTS } from '../src/domain/journey.ts';
import type { HeadName } from '../src/enrich/model.ts';
import { readWorld } from '../src/sample/world.ts';
import type { Via } from '../src/sample/world.ts';
import { packageRoot } from '../src/settings/shipped.ts';
import { CHANNEL_OF_KIND, hashOf, linesOf, readGold, readSets } from './sets.ts';
import type { DataSet, SetRow } from './sets.ts';

/** What each head can say. */
export const LABELS: Record<HeadName, string[]> = {
  sentiment: [...SENTIMENTS],
  step: [...STEPS, NONE],
  touchpoint: [...TOUCHPOINTS],
  outcome: [...OUTCOMES, NONE],
};

/** A text with what is known of it. */
export interface Example {
  /** Where it comes from: a set, a file of ours, or `gold`. */
  from: string;
  language: string;
  draft: Draft;
  labels: Partial<Record<HeadName, string>>;
  /** The set knows only negative and positive. */
  withoutNeutral?: boolean;
  weight: Partial<Record<HeadName, number>>;
  /** May it train what is shipped? Rows of gold-dev whose set is only to be measured with may not. */
  trains: boolean;
}

/** No set shall outweigh the others: so many of its rows are taken, evenly. */
const MOST_OF_A_SET = 60_000;
/** Labels that follow from emotions of film scenes, often wrong for the single line. */
const SUBTITLE_WEIGHT = 0.1;
/** Small sets of tweets, which larger sets of other kinds of texts and languages would drown. */
const SCARCE = /^(?:ar|de|es|fr|it)-xlmt-umsab$/u;
const SCARCE_WEIGHT = 2;
const WEAK = 0.15;
const OWN_WEIGHT = 2;
/** What the feelings of our own texts weigh: English has far more texts of others, elsewhere ours are as many as theirs. */
const OWN_FEELING_WEIGHT = 0.5;
const OWN_FEELING_WEIGHT_IN: Record<string, number> = { en: 2 };
const ours = (language: string): Example['weight'] => ({
  sentiment: OWN_FEELING_WEIGHT_IN[language] ?? OWN_FEELING_WEIGHT,
  step: OWN_WEIGHT,
  touchpoint: OWN_WEIGHT,
  outcome: OWN_WEIGHT,
});
const FOLDER = join(packageRoot(), 'config/training');

const draftOf = (text: string, channel: Channel): Draft => ({ text, channel, judgements: {} });

/** gold-dev, whole; `trains` says which rows may train. */
export function goldExamples(): Example[] {
  const open = new Set(['A', 'C'].flatMap((folder) => readSets(`sentiment/${folder}`)).map((set) => set.name));
  for (const { name } of readSets('intents/A')) open.add(name);
  return readGold().map(({ lang, source, kind, text, step, touchpoint, sentiment, outcome }) => ({
    from: 'gold',
    language: lang,
    draft: draftOf(text, CHANNEL_OF_KIND[kind] ?? 'social'),
    labels: journeyLabels({ step, touchpoint, sentiment, outcome }),
    weight: ours(lang),
    trains: source === 'authored' || open.has(source),
  }));
}

/** A text that is no customer's story teaches nothing about touchpoints. */
function journeyLabels(given: Partial<Record<HeadName, string>>): Example['labels'] {
  const { touchpoint, ...others } = given;
  return touchpoint === undefined || touchpoint === NONE ? others : { ...others, touchpoint };
}

/** The same texts as if nobody had told what kind of place they come from, which is often so. */
export const withoutPlace = (examples: readonly Example[]): Example[] =>
  examples
    .filter(({ draft }) => draft.channel !== 'social')
    .map((example) => ({ ...example, draft: { ...example.draft, channel: 'social' } }));

/** What nobody writes to a help desk about. */
const TOLD_TO_OTHERS = new Set<string | undefined>(['awareness', 'advocacy', NONE]);

/**
 * The same texts as if they had been written to a help desk: that something stands there shall not say that it asks for
 * help, which a bare report of a fault does not.
 */
export const asTickets = (examples: readonly Example[]): Example[] =>
  examples
    .filter(({ labels }) => !TOLD_TO_OTHERS.has(labels.step))
    .map(({ labels: { sentiment: _sentiment, ...labels }, ...example }) => ({
      ...example,
      labels,
      draft: { ...example.draft, channel: 'ticket' },
      weight: { step: 1, touchpoint: 1, outcome: 1 },
    }));

const SAMPLE_CHANNELS: Record<Via, Channel> = {
  mastodon: 'social',
  'app-store': 'review',
  zendesk: 'ticket',
  forum: 'social',
  news: 'news',
};

/** The texts of the sample world, as they are handed over: they name a brand, except the news. */
export function sampleExamples(): Example[] {
  const world = readWorld(join(packageRoot(), 'config/sample'), new Date('2026-03-01'));
  return world.map(({ text, title, rating, via, language, step, touchpoint, sentiment }) => ({
    from: 'sample',
    language,
    draft: {
      ...draftOf(text, SAMPLE_CHANNELS[via]),
      ...(title !== undefined && { title }),
      brands: via === 'news' ? [] : ['Velmora'],
      ...(rating !== undefined && { rating }),
    },
    labels: journeyLabels({ step, touchpoint, sentiment }),
    weight: { sentiment: 1, step: 1, touchpoint: 1 },
    trains: true,
  }));
}

/** Our own texts: `config/training/<language>.tsv`. */
export function ownExamples(): Example[] {
  return tsvFiles(FOLDER).flatMap(({ name, rows }) =>
    rows.flatMap(([step, touchpoint, sentiment, outcome, text]): Example[] => {
      if (!text) return [];
      return [
        {
          from: `own-${name}`,
          language: name,
          draft: draftOf(text, 'social'),
          labels: journeyLabels({ step: step!, touchpoint: touchpoint!, sentiment: sentiment!, outcome: outcome! }),
          weight: ours(name),
          trains: true,
        },
      ];
    }),
  );
}

function tsvFiles(folder: string): { name: string; rows: string[][] }[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.tsv'));
  return files.toSorted().map((file) => ({
    name: file.replace('.tsv', ''),
    rows: linesOf(readFileSync(join(folder, file), 'utf8'))
      .slice(1)
      .map((line) => line.split('\t')),
  }));
}

/** Texts of the open sets with their labels of feeling, and our labels of the journey where we gave some. */
export function setExamples(): Example[] {
  const gold = new Set(readGold().map(({ text }) => text));
  const labels = new Map(
    tsvFiles(join(FOLDER, 'labels')).map(({ name, rows }) => [name, new Map(rows.map((r) => [r[0]!, r]))]),
  );
  return ['A', 'C']
    .flatMap((folder) => readSets(`sentiment/${folder}`))
    .flatMap((set) => {
      const own = labels.get(set.name);
      // Rows for development measure; those that we labelled for the journey train that.
      const usable = set.rows.filter(({ text }) => !gold.has(text));
      const labelled = own ? usable.filter(({ text }) => own.has(hashOf(text))) : [];
      const train = thinned(usable.filter(({ split, text }) => split === 'train' && !own?.has(hashOf(text))));
      return [
        ...labelled.map((row) => labelledExample(set, row, own!.get(hashOf(row.text))!)),
        ...train.map((row, index) => feelingExample(set, row, index)),
      ];
    });
}

function thinned<T>(rows: readonly T[]): T[] {
  const every = Math.max(1, rows.length / MOST_OF_A_SET);
  return Array.from({ length: Math.floor(rows.length / every) }, (_, index) => rows[Math.floor(index * every)]!);
}

function labelledExample(set: DataSet, { text, kind }: SetRow, row: string[]): Example {
  const [, step, touchpoint, outcome, sentiment] = row as [string, string, string, string, string];
  return {
    from: `labels-${set.name}`,
    language: set.language,
    draft: draftOf(text, CHANNEL_OF_KIND[kind] ?? 'social'),
    labels: journeyLabels({ step, touchpoint, outcome, sentiment }),
    weight: { ...ours(set.language), sentiment: feelingWeight(set, kind) },
    trains: true,
  };
}

/** What the kind of a set says about the journey, weakly; one row in so many is used for that. */
const WEAK_STEPS: Record<string, { step: string; touchpoint?: string; every: number }> = {
  'en-vader-nyt': { step: NONE, every: 10 },
  'en-vader-movies': { step: 'use', touchpoint: 'product', every: 20 },
  'en-vader-amazon': { step: 'use', touchpoint: 'product', every: 8 },
  'en-goemotions': { step: NONE, every: 40 },
  'ro-xed': { step: NONE, every: 20 },
  'it-xed': { step: NONE, every: 15 },
  'pl-xed': { step: NONE, every: 10 },
  'ar-xed': { step: NONE, every: 10 },
  'fa-xed': { step: NONE, every: 2 },
  'de-xed': { step: NONE, every: 30 },
  'fr-xed': { step: NONE, every: 30 },
  'es-xed': { step: NONE, every: 30 },
};

const SUBTITLE = 'subtitle';
function feelingWeight({ name }: DataSet, kind: string): number {
  if (kind === SUBTITLE) return SUBTITLE_WEIGHT;
  return SCARCE.test(name) ? SCARCE_WEIGHT : 1;
}

/** Reviews that were picked for being good or bad. */
const NEUTRAL_UNKNOWN = new Set(['en-uci-sls', 'en-vader-movies']);

function feelingExample(set: DataSet, { text, label, kind }: SetRow, index: number): Example {
  const weak = WEAK_STEPS[set.name];
  const labels: Example['labels'] = { sentiment: label as string };
  if (weak && index % weak.every === 0) {
    labels.step = weak.step;
    if (weak.touchpoint) labels.touchpoint = weak.touchpoint;
  }
  return {
    from: set.name,
    language: set.language,
    draft: draftOf(text, CHANNEL_OF_KIND[kind] ?? 'social'),
    labels,
    withoutNeutral: NEUTRAL_UNKNOWN.has(set.name) || (kind === SUBTITLE && set.language !== 'en'),
    weight: { sentiment: feelingWeight(set, kind), step: WEAK, touchpoint: WEAK },
    trains: true,
  };
}

/** So many rows of a set tell how sure the model may be. */
const ENOUGH = 300;

/** Rows of the open sets that are for development; they never train. */
export const devExamples = (): Example[] =>
  ['A', 'C']
    .flatMap((folder) => readSets(`sentiment/${folder}`))
    .flatMap((set) =>
      set.rows
        .filter(({ split }) => split === 'dev')
        .slice(0, ENOUGH)
        .map((row, index) => ({ ...feelingExample(set, row, index), trains: false })),
    );

/** Polish reviews under CC BY-SA 4.0 (class B): they may train only what is shipped apart, under the same licence. */
export function shareAlikeExamples(split: 'train' | 'dev'): Example[] {
  const gold = new Set(readGold().map(({ text }) => text));
  return readSets('sentiment/B').flatMap((set) => {
    const rows = set.rows.filter((row) => row.split === split && !gold.has(row.text));
    return (split === 'train' ? thinned(rows) : rows.slice(0, ENOUGH)).map((row, index) =>
      feelingExample(set, row, index),
    );
  });
}

/** One in so many of the questions to banks and assistants. */
const INTENT_EVERY = 12;
/** Domains of CLINC150 in which a customer speaks to a company. */
const CUSTOMER_DOMAINS = new Set(['banking', 'credit_cards']);

/** Questions of people who are customers already are `support`; what is said to an assistant is no story at all. */
export function intentExamples(): Example[] {
  const gold = new Set(readGold().map(({ text }) => text));
  return readSets('intents/A').flatMap((set) => {
    const rows = set.rows.filter(({ text, split }) => split === 'train' && !gold.has(text));
    return rows.flatMap((row, index): Example[] => {
      const domain = (row as { domain?: string }).domain;
      const customer =
        set.name === 'en-banking77' || domain === 'banking' || (domain !== undefined && CUSTOMER_DOMAINS.has(domain));
      if (set.name === 'en-nlupp' && !customer) return [];
      if (index % (set.language === 'fa' ? 4 : INTENT_EVERY) !== 0) return [];
      return [
        {
          from: set.name,
          language: set.language,
          draft: draftOf(row.text, CHANNEL_OF_KIND[row.kind] ?? 'social'),
          labels: { step: customer ? 'support' : NONE, outcome: NONE },
          weight: { step: WEAK * 2, outcome: WEAK },
          trains: true,
        },
      ];
    });
  });
}
