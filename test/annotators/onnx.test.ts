import { describe, expect, it } from 'vitest';
import { openAnnotator } from '../../src/annotators/index.ts';
import { onnx, openOnnx } from '../../src/annotators/onnx.ts';
import type { OnnxOptions, OnnxRuntime } from '../../src/annotators/onnx.ts';
import type { Draft } from '../../src/domain/enricher.ts';
import { createHttp } from '../../src/net/http.ts';

const labels = ['negative', 'neutral', 'positive'];
const options = (more: object = {}) => onnx.options.parse({ path: '/models/own.onnx', labels, ...more }) as OnnxOptions;
const draft = (text: string): Draft => ({ text, channel: 'review', judgements: {} });
const logged: string[] = [];
const ports = {
  http: createHttp(),
  state: { get: () => Promise.resolve(undefined), set: () => Promise.resolve(null) },
  now: () => new Date(),
  log: (_level: string, message: string) => void logged.push(message),
};

/** Answers as the runtime does, with what it is told. */
function runtime(shares: (texts: string[]) => number[][]): () => Promise<OnnxRuntime> {
  class Tensor {
    readonly data: string[];
    readonly dims: number[];
    constructor(_type: 'string', data: string[], dims: number[]) {
      this.data = data;
      this.dims = dims;
    }
  }
  const run = (feeds: Record<string, unknown>) => {
    const { data, dims } = feeds['text'] as Tensor;
    expect(dims).toEqual([data.length, 1]);
    const rows = shares(data);
    return Promise.resolve({
      label: { data: rows.map(() => 'x'), dims: [rows.length] },
      probabilities: { data: Float32Array.from(rows.flat()), dims: [rows.length, rows[0]?.length ?? 0] },
    });
  };
  const create = (path: string) =>
    path.startsWith('/models')
      ? Promise.resolve({ inputNames: ['text'], outputNames: ['label', 'probabilities'], run })
      : Promise.reject(new Error('no such file'));
  return () => Promise.resolve({ InferenceSession: { create }, Tensor });
}

describe('an ONNX model by path', () => {
  it('says what to install where the runtime is missing', async () => {
    await expect(openAnnotator('onnx', options(), ports)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('onnxruntime-node is not installed'),
      fix: expect.stringContaining('npm install onnxruntime-node'),
    });
  });

  it.each([
    [{ labels: ['bad', 'good'] }, '"bad" is no label of sentiment'],
    [{ labels: ['negative', 'negative'] }, 'twice'],
    [{ path: '/nowhere.onnx' }, '/nowhere.onnx cannot be loaded'],
  ])('refuses %j', async (more, message) => {
    const opening = openOnnx(
      options(more),
      ports,
      runtime(() => []),
    );
    await expect(opening).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) });
  });

  it('tells the likeliest label of each text, with its probability', async () => {
    const shares = (texts: string[]) =>
      texts.map((text) => (text.includes('bad') ? [0.75, 0.25, 0] : [0.25, 0.25, 0.5]));
    const annotator = await openOnnx(options({ version: 3 }), ports, runtime(shares));
    expect(annotator).toMatchObject({ name: 'onnx/sentiment', version: 3 });
    expect(await annotator.annotate([draft('bad'), draft('good')], ['sentiment', 'step'])).toEqual([
      { sentiment: 'negative', confidence: 0.75, evidence: [] },
      { sentiment: 'positive', confidence: 0.5, evidence: [] },
    ]);
    expect(await annotator.annotate([draft('bad')], ['step'])).toEqual([undefined]);
    expect(await annotator.annotate([], ['sentiment'])).toEqual([]);
  });

  it('leaves it to the built-in judges where the model gives something else', async () => {
    const annotator = await openOnnx(
      options(),
      ports,
      runtime((texts) => texts.map(() => [0.5, 0.5])),
    );
    expect(await annotator.annotate([draft('bad')], ['sentiment'])).toEqual([undefined]);
    const odd = await openOnnx(
      options(),
      ports,
      runtime((texts) => texts.map(() => [Number.NaN, 0, 0])),
    );
    expect(await odd.annotate([draft('bad')], ['sentiment'])).toEqual([undefined]);
    expect(logged).toEqual(['the annotator failed; the built-in judges stand']);
  });
});
