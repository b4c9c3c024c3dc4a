import { describe, expect, it } from 'vitest';
import { matches } from '../../src/alerts/matches.ts';
import { AppError } from '../../src/domain/errors.ts';
import { NONE, STEPS, TOUCHPOINTS, TOUCHPOINT_GROUPS } from '../../src/domain/journey.ts';
import type { Mention } from '../../src/domain/mention.ts';
import { readStageModel } from '../../src/journey/stage-model.ts';
import { placesOf, resolveFilter, stageOf } from '../../src/journey/stages.ts';
import { shipped, shippedModels } from './models.ts';

/** step: five-stage, four-stage, funnel, sale (at a touchpoint of the engagement group). */
const TABLE: Record<string, [string, string, string, string]> = {
  awareness: ['awareness', 'awareness', 'top', 'prospect'],
  consideration: ['consideration', 'engagement', 'middle', 'engagement'],
  purchase: ['purchase', 'transaction', 'bottom', 'engagement'],
  fulfilment: ['retention', 'transaction', 'bottom', 'post-sale'],
  use: ['retention', 'retention', 'bottom', 'post-sale'],
  support: ['retention', 'retention', 'bottom', 'post-sale'],
  loyalty: ['retention', 'retention', 'bottom', 'post-sale'],
  advocacy: ['advocacy', 'retention', 'bottom', 'post-sale'],
};

function caught(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('no AppError was thrown');
}

describe('the four shipped stage models', () => {
  it.each(STEPS)('put %s where the vocabulary says', (step) => {
    const ids = ['five-stage', 'four-stage', 'funnel', 'sale'];
    expect(ids.map((id) => stageOf(shipped(id), step, 'website'))).toEqual(TABLE[step]);
  });

  it('put consideration at a prospect touchpoint into the prospect stage of the sale, and nowhere else', () => {
    for (const touchpoint of [...TOUCHPOINTS, NONE, null]) {
      const prospect = (TOUCHPOINT_GROUPS.prospect as readonly (string | null)[]).includes(touchpoint);
      expect(stageOf(shipped('sale'), 'consideration', touchpoint)).toBe(prospect ? 'prospect' : 'engagement');
    }
  });

  it('have no stage for none and for what could not be told', () => {
    for (const model of shippedModels) {
      expect(stageOf(model, NONE, NONE)).toBeNull();
      expect(stageOf(model, null, 'website')).toBeNull();
    }
  });

  it('find by stage exactly the mentions whose stage it is', () => {
    for (const model of shippedModels)
      for (const stage of model.stages) {
        const query = resolveFilter({ model: model.id, stage: [stage.id] }, shippedModels);
        for (const step of STEPS)
          for (const touchpoint of [...TOUCHPOINTS, NONE, null] as const)
            expect(matches(query, mentionAt(step, touchpoint))).toBe(stageOf(model, step, touchpoint) === stage.id);
      }
  });
});

function mentionAt(step: string, touchpoint: string | null): Mention {
  const judged = { by: 'test@1', confidence: 1 };
  const judgements = { step: { value: step, ...judged }, touchpoint: { value: touchpoint, ...judged } };
  return { text: 'x', brands: [], judgements } as unknown as Mention;
}

describe('resolveFilter', () => {
  it('takes five-stage where no model is named and leaves the other fields as they are', () => {
    const query = resolveFilter({ stage: ['purchase'], source: ['shop'], q: 'late' }, shippedModels);
    expect(query).toEqual({ places: [{ step: 'purchase' }], source: ['shop'], q: 'late' });
  });

  it('names the known models and the nearest', () => {
    const error = caught(() => resolveFilter({ model: 'funel' }, shippedModels));
    expect(error.code).toBe('QUERY_INVALID');
    expect(error.message).toContain('Did you mean "funnel"?');
    expect(error.details).toEqual({
      parameter: 'model',
      known: ['five-stage', 'four-stage', 'funnel', 'sale'],
      nearest: 'funnel',
    });
  });

  it('names the known stages of the model and the nearest', () => {
    const error = caught(() => placesOf(shipped('sale'), ['post-sales']));
    expect(error.code).toBe('QUERY_INVALID');
    expect(error.details).toMatchObject({ known: ['prospect', 'engagement', 'post-sale'], nearest: 'post-sale' });
  });
});

const model = (...stages: unknown[]) => ({
  id: 'mine',
  name: 'Mine',
  stages: stages.map((steps, index) => ({ id: `s${index}`, name: `S${index}`, steps })),
});
const problemsOf = (value: unknown) => caught(() => readStageModel(value, 'mine.yaml')).details['problems'];

describe('reading a stage model', () => {
  it('lets a specific entry win over the plain one, whichever comes first', () => {
    const specific = { step: 'use', touchpoints: ['mobile_app', 'unknown'] };
    const rest = STEPS.filter((step) => step !== 'use');
    for (const stages of [
      [[specific], [...rest, 'use']],
      [['use', ...rest], [specific]],
    ]) {
      const read = readStageModel(model(...stages), 'mine.yaml');
      const own = (stages[0] as unknown[]).includes(specific) ? 's0' : 's1';
      expect(stageOf(read, 'use', 'mobile_app')).toBe(own);
      expect(stageOf(read, 'use', null)).toBe(own);
      expect(stageOf(read, 'use', 'store')).not.toBe(own);
    }
  });

  it('refuses a step that is in no stage', () => {
    expect(problemsOf(model(STEPS.filter((step) => step !== 'loyalty')))).toEqual(['step "loyalty" is in no stage']);
  });

  it('refuses a step that is mapped only in part', () => {
    const problems = problemsOf(
      model([...STEPS.filter((step) => step !== 'use'), { step: 'use', group: 'prospect' }]),
    ) as string[];
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('website');
  });

  it('refuses a plain step in two stages, and two specific entries that overlap', () => {
    const overlap = [
      { step: 'use', group: 'prospect' },
      { step: 'use', touchpoints: ['press'] },
    ];
    expect(problemsOf(model(STEPS, ['use']))).toEqual(['step "use" is in stage "s0" and again in "s1"']);
    expect(problemsOf(model(STEPS, [overlap[0]], [overlap[1]]))).toEqual([
      'step "use" at touchpoint "press" is in stage "s1" and again in "s2"',
    ]);
  });

  it('names a mistyped step with its place and the nearest', () => {
    const problems = problemsOf(model([...STEPS.slice(1), 'awarness'])) as string[];
    expect(problems.join()).toMatch(/stages\.0\.steps\.7: .*Did you mean "awareness"\?/);
  });

  it('refuses two stages of one id, touchpoints together with a group, and unknown keys', () => {
    const twice = model(STEPS.slice(4), STEPS.slice(0, 4));
    twice.stages[1]!.id = 's0';
    expect(problemsOf(twice)).toContain('stage "s0" is there twice');
    expect(
      String(problemsOf(model([...STEPS], [{ step: 'use', group: 'prospect', touchpoints: ['store'] }]))),
    ).toContain('not both');
    expect(String(problemsOf({ ...model(STEPS), colour: 'red' }))).toContain('colour');
    expect(problemsOf(null)).toHaveLength(1);
  });
});
