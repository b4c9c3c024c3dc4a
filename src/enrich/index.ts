import type { Draft, Enricher } from '../domain/enricher.ts';
import type { JudgementName, Judgements } from '../domain/enrichment.ts';
import { AppError } from '../domain/errors.ts';
import { createAnalyse } from './analysis.ts';
import { createJourney } from './journey.ts';
import { createLanguage } from './language.ts';
import type { Lexicon } from './lexicon.ts';
import type { Model, Supplement } from './model.ts';
import { createUnderstanding } from './reading.ts';
import { createSentiment } from './sentiment.ts';
import { createSignals } from './signals.ts';
import { createTopics } from './topics.ts';

export { readLexicon, readTopics } from './lexicon.ts';
export type { Lexicon } from './lexicon.ts';

export interface EnricherOptions {
  /** As checked by `readLexicon`. */
  lexicons: readonly Lexicon[];
  /** As read by `readModel`. Without it the cues of the lexicons judge alone. */
  model?: Model | undefined;
  /** Judge texts of their languages beside the model. */
  supplements?: readonly Supplement[] | undefined;
  /** ISO 639-1 codes that are told apart. Default `DEFAULT_LANGUAGES`. */
  languages?: readonly string[] | undefined;
}

/** All enrichers, sharing one reading of each text. */
export function createEnrichers({ lexicons, model, supplements, languages }: EnricherOptions): Enricher[] {
  const analyse = createAnalyse(lexicons);
  const understanding = model && createUnderstanding(analyse, model, supplements);
  return [
    createLanguage(languages),
    createSentiment(analyse, understanding),
    createTopics(analyse),
    createSignals(analyse, understanding),
    createJourney(analyse, understanding),
  ];
}

/**
 * Judges drafts with all enrichers, each after those whose judgements it needs, `there` being in the drafts already;
 * the drafts themselves stay as they are. What an earlier judge said about the same thing is replaced. Throws `CONFIG_INVALID` where a need is given by
 * nobody, two give the same, or needs run in a circle.
 */
export async function enrichAll(
  enrichers: readonly Enricher[],
  drafts: readonly Draft[],
  there: readonly JudgementName[] = [],
): Promise<Judgements[]> {
  const working = drafts.map((draft) => ({ ...draft, judgements: { ...draft.judgements } }));
  for (const enricher of inOrder(enrichers, there)) {
    const given = await enricher.enrich(working);
    for (const [index, judgements] of given.entries()) Object.assign(working[index]!.judgements, judgements);
  }
  return working.map((draft) => draft.judgements);
}

/** Sorts enrichers so that each comes after those that give what it needs. */
export function inOrder(enrichers: readonly Enricher[], there: readonly JudgementName[] = []): Enricher[] {
  refuseDoubles(enrichers);
  const given = new Set<JudgementName>(there);
  const waiting = new Set(enrichers);
  const ordered: Enricher[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter((enricher) => enricher.needs.every((need) => given.has(need)));
    if (ready.length === 0) throw stuck([...waiting], given);
    for (const enricher of ready) {
      ordered.push(enricher);
      waiting.delete(enricher);
      for (const name of enricher.gives) given.add(name);
    }
  }
  return ordered;
}

function refuseDoubles(enrichers: readonly Enricher[]): void {
  const all = enrichers.flatMap((enricher) => enricher.gives);
  const double = all.find((name, index) => all.indexOf(name) !== index);
  if (double === undefined) return;
  throw new AppError('CONFIG_INVALID', `two enrichers give "${double}"`, { fix: 'Leave one of them out.' });
}

function stuck(waiting: readonly Enricher[], given: ReadonlySet<JudgementName>): AppError {
  const all = new Set(waiting.flatMap((enricher) => enricher.gives));
  const open = waiting.map(({ name, needs }) => `${name} (${needs.filter((need) => !given.has(need)).join(', ')})`);
  const missing = waiting.flatMap((enricher) => enricher.needs).find((need) => !given.has(need) && !all.has(need));
  const what = missing === undefined ? 'enrichers need each other in a circle' : `no enricher gives "${missing}"`;
  return new AppError('CONFIG_INVALID', `${what}: ${open.join('; ')}`, {
    fix: 'Add the enricher that gives it, or correct `needs` and `gives`.',
  });
}
