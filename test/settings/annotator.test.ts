import { describe, expect, it } from 'vitest';
import type { AppError } from '../../src/domain/errors.ts';
import { referenceText, settingsJsonSchema } from '../../src/settings/reference.ts';
import { readSettings } from '../../src/settings/load.ts';

const read = (annotator: string) => readSettings(`annotator: ${annotator}`, 'earshot.yaml', { KEY: 'sk-1' }).annotator;

function problemOf(annotator: string): unknown {
  try {
    return read(annotator);
  } catch (thrown) {
    return (thrown as AppError).details['problems'];
  }
}

describe('the annotator in the configuration', () => {
  it('is none by default', () => {
    expect(readSettings('brands: {}', 'earshot.yaml', {}).annotator).toBeUndefined();
  });

  it('takes the options of its type, with defaults that cost little', () => {
    expect(read('{ type: openai, url: "http://127.0.0.1:11434/v1", model: tiny, key: "${env:KEY}" }')).toEqual({
      type: 'openai',
      url: 'http://127.0.0.1:11434/v1',
      model: 'tiny',
      key: 'sk-1',
      batch: 8,
      concurrency: 2,
      timeoutSeconds: 30,
      requestsPerDay: 1_000,
      tokensPerDay: 1_000_000,
      format: 'schema',
      judges: ['sentiment', 'step', 'touchpoint', 'outcome'],
      below: 1,
    });
    expect(read('{ type: onnx, path: m.onnx, labels: [negative, positive], below: 0.5 }')).toMatchObject({
      below: 0.5,
    });
  });

  it.each([
    ['{ type: opnai, url: "http://x.example", model: m }', 'Did you mean "openai"?'],
    ['{ type: openai, url: here, model: m }', 'annotator.url'],
    ['{ type: openai, url: "http://x.example", model: m, judges: [language] }', 'annotator.judges'],
    ['{ type: openai, url: "http://x.example", model: m, bacth: 2 }', 'Did you mean "batch"?'],
  ])('%s is told with its place', (annotator, message) => {
    expect(JSON.stringify(problemOf(annotator))).toContain(message.replaceAll('"', '\\"'));
  });

  it('stands in the reference and in the schema for editors', () => {
    expect(referenceText()).toContain('## `openai`');
    expect(referenceText()).toContain('`requestsPerDay`');
    expect(JSON.stringify(settingsJsonSchema())).toContain('tokensPerDay');
  });
});
