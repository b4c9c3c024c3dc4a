import { createHmac } from 'node:crypto';
import { ANNOTATED, annotation } from '../domain/annotator.ts';
import type { Annotated, Annotation, Annotator } from '../domain/annotator.ts';
import type { Draft, Enricher } from '../domain/enricher.ts';
import type { Judgements } from '../domain/enrichment.ts';
import { NONE } from '../domain/journey.ts';
import { searchText } from '../domain/mention.ts';
import type { Json } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';
import { enrichAll } from './index.ts';

export interface AnnotatedOptions {
  judges: readonly Annotated[];
  /** Asked only where a built-in judge is less sure than this, 0…1; 1 = always. */
  below: number;
}

export interface AnnotatedPorts {
  annotator: Annotator;
  /** Keeps answers, so that the same text is paid for once and judged the same whenever it comes again. */
  memory: Pick<StateStore, 'getAll' | 'addAll'>;
  /** Under which texts are hashed there, so that nobody can try out what was said. */
  key: Buffer;
}

/**
 * The enrichers with an annotator above those whose judgements it gives. They judge first, and stand wherever it does
 * not answer.
 */
export function withAnnotator(
  enrichers: readonly Enricher[],
  options: AnnotatedOptions,
  ports: AnnotatedPorts,
): Enricher[] {
  const concerns = (enricher: Enricher) => enricher.gives.some((name) => (options.judges as string[]).includes(name));
  const inner = enrichers.filter(concerns);
  if (inner.length === 0) return [...enrichers];
  return [...enrichers.filter((enricher) => !concerns(enricher)), joined(inner, options, ports)];
}

function joined(inner: readonly Enricher[], options: AnnotatedOptions, ports: AnnotatedPorts): Enricher {
  const gives = inner.flatMap((enricher) => enricher.gives);
  const { name, version } = ports.annotator;
  const needs = [...new Set(inner.flatMap((enricher) => enricher.needs))].filter((need) => !gives.includes(need));
  const judges = inner.map((enricher) => `${enricher.name}@${enricher.version}`);
  return {
    name: [name, ...options.judges, options.below, ...judges].join('+'),
    version,
    needs,
    gives,
    async enrich(drafts) {
      const all = await enrichAll(inner, drafts, needs);
      const built = all.map((judged) => pick(judged, gives));
      const open = [...drafts.keys()].filter((index) => isOpen(drafts[index]!, built[index]!, options));
      const answers = await askOnce(
        open.map((index) => drafts[index]!),
        options.judges,
        ports,
      );
      for (const [place, index] of open.entries()) {
        const answer = answers[place];
        if (answer) Object.assign(built[index]!, judgementsOf(answer, options.judges, `${name}@${version}`));
      }
      return built;
    },
  };
}

const pick = (judged: Judgements, names: readonly string[]): Judgements =>
  Object.fromEntries(Object.entries(judged).filter(([name]) => names.includes(name)));

/** Whether there is anything to read, and a built-in judge that is not sure enough. */
function isOpen(draft: Draft, built: Judgements, { judges, below }: AnnotatedOptions): boolean {
  if (!/\p{L}/u.test(draft.text)) return false;
  return below >= 1 || judges.some((name) => (built[name]?.value ?? null) === null || built[name]!.confidence < below);
}

/** Asks for what is not remembered, and remembers what was answered first, whoever asked. */
async function askOnce(
  drafts: readonly Draft[],
  judges: readonly Annotated[],
  { annotator, memory, key }: AnnotatedPorts,
): Promise<(Annotation | undefined)[]> {
  const keys = drafts.map((draft) => memoryKey(draft, judges, annotator, key));
  const known = new Map<string, Annotation>();
  const learn = (entries: readonly { key: string; value: Json }[]) => {
    for (const entry of entries) {
      const found = annotation.safeParse(entry.value).data;
      if (found) known.set(entry.key, found);
    }
  };
  learn(await memory.getAll(keys));
  const first = new Map(keys.map((one, index) => [one, drafts[index]!]));
  const asked = [...first].filter(([one]) => !known.has(one));
  const answers = await annotator.annotate(
    asked.map(([, draft]) => draft),
    judges,
  );
  const fresh = asked.flatMap(([one], index) => (answers[index] ? [{ key: one, value: answers[index] as Json }] : []));
  learn(await memory.addAll(fresh));
  return keys.map((one) => known.get(one));
}

function memoryKey(draft: Draft, judges: readonly Annotated[], { name, version }: Annotator, key: Buffer): string {
  const asked = JSON.stringify([name, version, judges, searchText(draft), draft.channel, draft.rating]);
  return `annotation/${createHmac('sha256', key).update(asked).digest('base64url')}`;
}

const SIGNS = { negative: -1, neutral: 0, positive: 1 };

function judgementsOf(answer: Annotation, judges: readonly Annotated[], by: string): Judgements {
  const { confidence, evidence } = answer;
  const told = ANNOTATED.filter((name) => judges.includes(name) && answer[name] !== undefined);
  const judgements = Object.fromEntries(told.map((name) => [name, { value: answer[name], by, confidence, evidence }]));
  if (judgements['sentiment']) Object.assign(judgements['sentiment'], { score: SIGNS[answer.sentiment!] * confidence });
  // Only a customer's story has a touchpoint.
  if (answer.step === NONE && judges.includes('step'))
    judgements['touchpoint'] = { value: NONE, by, confidence, evidence };
  return judgements as Judgements;
}
