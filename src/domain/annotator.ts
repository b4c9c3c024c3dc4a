import { z } from 'zod';
import type { Draft } from './enricher.ts';
import type { HttpClient } from './http.ts';
import { NONE, OUTCOMES, SENTIMENTS, STEPS, TOUCHPOINTS } from './journey.ts';
import type { Log } from './log.ts';
import type { StateStore } from './store.ts';

const share = z.number().min(0).max(1);

/** What an annotator says of one text. Labels of the codebook only; `evidence` holds words of the text itself. */
export const annotation = z.strictObject({
  sentiment: z.enum(SENTIMENTS).optional(),
  step: z.enum([...STEPS, NONE]).optional(),
  touchpoint: z.enum([...TOUCHPOINTS, NONE]).optional(),
  outcome: z.enum([...OUTCOMES, NONE]).optional(),
  confidence: share,
  evidence: z.array(z.string()).max(5),
});
export type Annotation = z.infer<typeof annotation>;

/** What an annotator may be asked to judge. */
export const ANNOTATED = ['sentiment', 'step', 'touchpoint', 'outcome'] as const;
export type Annotated = (typeof ANNOTATED)[number];

/** Judges texts in place of the built-in enrichers. */
export interface Annotator {
  /** Names the judge and everything that changes its judgement, such as its model. */
  readonly name: string;
  readonly version: number;
  /** One answer per text, undefined where it cannot tell or be asked: then the built-in judgement stands. Never throws. */
  annotate(drafts: readonly Draft[], judges: readonly Annotated[]): Promise<(Annotation | undefined)[]>;
}

export interface AnnotatorPorts {
  http: HttpClient;
  state: Pick<StateStore, 'get' | 'set'>;
  now(): Date;
  log: Log;
}

/** A kind of annotator, as one self-describing object. Register it in `annotators/index.ts`. */
export interface AnnotatorKind<Options = unknown> {
  readonly type: string;
  readonly about: string;
  readonly docs: string;
  readonly options: z.ZodType<Options>;
  /** @throws AppError `CONFIG_INVALID` where it cannot be had here. */
  open(options: Options, ports: AnnotatorPorts): Promise<Annotator>;
}

export function defineAnnotator<Options>(kind: AnnotatorKind<Options>): AnnotatorKind {
  return kind as AnnotatorKind;
}
