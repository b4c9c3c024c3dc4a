import { z } from 'zod';
import { ANNOTATED, annotation, defineAnnotator } from '../domain/annotator.ts';
import type { Annotation, Annotator, AnnotatorPorts } from '../domain/annotator.ts';
import type { Draft } from '../domain/enricher.ts';
import { AppError, toAppError } from '../domain/errors.ts';
import { searchText } from '../domain/mention.ts';

const options = z.strictObject({
  path: z.string().min(1).describe('Of the model file (.onnx).'),
  judge: z.enum(ANNOTATED).default('sentiment').describe('What the model tells.'),
  labels: z
    .array(z.string().min(1))
    .min(2)
    .describe('Labels of the codebook in the order of the model’s probabilities.'),
  version: z.int().min(1).default(1).describe('Raise it with every new file, so that what is stored is judged anew.'),
});
export type OnnxOptions = z.infer<typeof options>;

/** What is used of the runtime. https://onnxruntime.ai/docs/api/js/ */
export interface OnnxRuntime {
  InferenceSession: { create(path: string): Promise<OnnxSession> };
  Tensor: new (type: 'string', data: string[], dims: number[]) => unknown;
}

interface OnnxSession {
  inputNames: readonly string[];
  outputNames: readonly string[];
  run(feeds: Record<string, unknown>): Promise<Record<string, { data: ArrayLike<unknown>; dims: readonly number[] }>>;
}

/** Not among what is installed with Earshot, because few need it and it is large. */
const PACKAGE = 'onnxruntime-node';

/**
 * A model of one's own that takes texts as they are (a tensor of strings, n × 1, as scikit-learn pipelines are exported
 * by skl2onnx with `zipmap: false`) and gives a tensor of probabilities, n × labels. Models that want token numbers
 * need their tokenizer beside them and are served by an endpoint instead.
 */
export const onnx = defineAnnotator<OnnxOptions>({
  type: 'onnx',
  about: 'Runs a model file of your own in this process. Needs the package onnxruntime-node.',
  docs: 'https://onnx.ai/sklearn-onnx/auto_tutorial/plot_dbegin_options_zipmap.html',
  options,
  open: (given, ports) => openOnnx(given, ports, importRuntime),
});

/** @throws AppError `CONFIG_INVALID` where the package or the file cannot be loaded, or a label is not known. */
export async function openOnnx(
  given: OnnxOptions,
  { log }: Pick<AnnotatorPorts, 'log'>,
  load: () => Promise<OnnxRuntime>,
): Promise<Annotator> {
  checkLabels(given);
  const runtime = await load();
  const session = await runtime.InferenceSession.create(given.path).catch((cause: unknown) => {
    throw new AppError('CONFIG_INVALID', `annotator.path: ${given.path} cannot be loaded: ${String(cause)}`, {
      fix: 'Name a model file that takes a tensor of strings.',
      cause,
    });
  });
  return {
    name: `onnx/${given.judge}`,
    version: given.version,
    async annotate(drafts, judges) {
      if (drafts.length === 0 || !judges.includes(given.judge)) return drafts.map(() => undefined);
      try {
        return await judge(drafts, given, runtime, session);
      } catch (thrown) {
        log('warn', 'the annotator failed; the built-in judges stand', { reason: toAppError(thrown).message });
        return drafts.map(() => undefined);
      }
    },
  };
}

async function importRuntime(): Promise<OnnxRuntime> {
  try {
    return (await import(PACKAGE)) as OnnxRuntime;
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `annotator: the package ${PACKAGE} is not installed.`, {
      fix: `Run npm install ${PACKAGE}, or take the annotator out of the configuration.`,
      cause,
    });
  }
}

function checkLabels({ judge: name, labels }: OnnxOptions): void {
  const known = annotation.shape[name];
  const wrong = labels.find((label) => !known.safeParse(label).success);
  if (wrong === undefined && new Set(labels).size === labels.length) return;
  const what = wrong === undefined ? 'a label stands there twice' : `"${wrong}" is no label of ${name}`;
  throw new AppError('CONFIG_INVALID', `annotator.labels: ${what}.`, {
    fix: 'Name each label of the codebook once, in the order of the model’s probabilities.',
  });
}

async function judge(
  drafts: readonly Draft[],
  { judge: name, labels }: OnnxOptions,
  { Tensor }: OnnxRuntime,
  session: OnnxSession,
): Promise<(Annotation | undefined)[]> {
  const input = new Tensor('string', drafts.map(searchText), [drafts.length, 1]);
  const outputs = await session.run({ [session.inputNames[0]!]: input });
  const shares = Object.values(outputs).find(({ dims }) => dims.length === 2 && dims[1] === labels.length);
  if (shares === undefined || shares.data.length !== drafts.length * labels.length)
    throw new Error(`the model gives no probabilities of ${labels.length} labels`);
  return drafts.map((_, row) => {
    const own = labels.map((_label, column) => Number(shares.data[row * labels.length + column]));
    const best = own.indexOf(Math.max(...own));
    return annotation.safeParse({ [name]: labels[best], confidence: own[best], evidence: [] }).data;
  });
}
