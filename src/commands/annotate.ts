import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { loadKnowledge } from '../knowledge.ts';
import type { Knowledge } from '../knowledge.ts';
import { AppError } from '../domain/errors.ts';
import type { Draft } from '../domain/enricher.ts';
import type { Judgement, Judgements } from '../domain/enrichment.ts';
import { NONE } from '../domain/journey.ts';
import { CHANNELS, MAX_TEXT } from '../domain/mention.ts';
import { enrichAll } from '../enrich/index.ts';
import { stageOf } from '../journey/stages.ts';
import type { StageModel } from '../journey/stage-model.ts';
import { mask } from '../text/mask.ts';
import { EXIT } from './command.ts';
import type { Command } from './command.ts';
import { ownPlace } from './place.ts';

const row = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  text: z.string().max(MAX_TEXT),
  channel: z.enum(CHANNELS).default('social'),
  language: z.string().optional(),
  rating: z.number().min(1).max(5).optional(),
});
type Row = z.infer<typeof row>;

/** What is read at once: enough to be fast, little enough to stream. */
const BATCH = 100;

export const annotate: Command = {
  name: 'annotate',
  usage: '[FILE|-]',
  about:
    'Judges texts: JSONL {id?, text, channel?, language?, rating?} in, one JSONL line each out, same order. Stores nothing.',
  flags: {},
  async run({ words: [file = '-'] }, terminal) {
    const knowledge = loadKnowledge(undefined, ownPlace(terminal));
    let refused = 0;
    for await (const lines of batches(file === '-' ? terminal.stdin : await openFile(file))) {
      const read = lines.map(readRow);
      const judged = await judge(
        read.flatMap((item) => ('row' in item ? [item.row] : [])),
        knowledge,
      );
      for (const item of read) {
        if ('row' in item) terminal.print(JSON.stringify(judged.shift()));
        else {
          refused += 1;
          terminal.print(JSON.stringify(item));
          terminal.tell(`line ${item.line}: ${item.error}`);
        }
      }
    }
    if (refused > 0) terminal.tell(`${refused} of the lines could not be read; the others are annotated.`);
    return refused === 0 ? EXIT.fine : EXIT.partlyRefused;
  },
};

async function openFile(file: string): Promise<NodeJS.ReadableStream> {
  try {
    return (await open(file)).createReadStream();
  } catch (cause) {
    throw new AppError('FILE_UNREADABLE', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

interface Line {
  line: number;
  content: string;
}

async function* batches(input: NodeJS.ReadableStream): AsyncIterable<Line[]> {
  let batch: Line[] = [];
  let line = 0;
  for await (const content of createInterface({ input, crlfDelay: Infinity })) {
    line += 1;
    if (content.trim() === '') continue;
    batch.push({ line, content });
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** A line that cannot be read keeps its place in the output, with what is wrong. */
function readRow({ line, content }: Line): { row: Row } | { line: number; error: string } {
  try {
    const result = row.safeParse(JSON.parse(content));
    if (result.success) return { row: result.data };
    const issue = result.error.issues[0]!;
    return { line, error: `${issue.path.join('.') || 'row'}: ${issue.message}` };
  } catch (thrown) {
    return { line, error: `not JSON: ${(thrown as Error).message}` };
  }
}

export async function judge(
  rows: readonly Row[],
  { enrichers, models }: Knowledge,
): Promise<Record<string, unknown>[]> {
  const drafts = rows.map(toDraft);
  const judgements = await enrichAll(enrichers, drafts);
  return rows.map((item, index) => ({
    ...(item.id === undefined ? {} : { id: item.id }),
    ...toAnnotation(judgements[index]!, models),
    redacted: drafts[index]!.text,
  }));
}

export function toDraft({ text, channel, language, rating }: Row): Draft {
  return {
    text: mask(text),
    channel,
    judgements: {},
    ...(language === undefined ? {} : { declaredLanguage: language }),
    ...(rating === undefined ? {} : { rating }),
  };
}

/** The stable shape of the contract; who judged is left to `explain` and to the API. */
function toAnnotation(judgements: Judgements, models: readonly StageModel[]): Record<string, unknown> {
  const { language, sentiment, step, touchpoint, outcome, topics = [], pains = [], opportunities = [] } = judgements;
  const gap = judgements.gap?.value;
  return {
    language: brief(language),
    sentiment: { ...withEvidence(sentiment), score: sentiment?.score ?? null },
    step: withEvidence(step),
    touchpoint: withEvidence(touchpoint),
    outcome: brief(outcome),
    topics: topics.map(({ value, sentiment: feeling, confidence }) => ({ value, sentiment: feeling, confidence })),
    pains: pains.map(({ value }) => value),
    opportunities: opportunities.map(({ value }) => value),
    gap: gap === NONE || gap === undefined ? null : gap,
    momentOfTruth: judgements.momentOfTruth?.value === true,
    stages: Object.fromEntries(
      models.map((model) => [model.id, stageOf(model, step?.value ?? null, touchpoint?.value ?? null)]),
    ),
  };
}

const brief = (judgement: Judgement<unknown> | undefined) => ({
  value: judgement?.value ?? null,
  confidence: judgement?.confidence ?? 0,
});
const withEvidence = (judgement: Judgement<unknown> | undefined) => ({
  ...brief(judgement),
  evidence: judgement?.evidence ?? [],
});
