import { AppError } from '../domain/errors.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { MentionQuery, Place, PlainFilter } from '../domain/query.ts';
import { didYouMean, nearest } from '../text/nearest.ts';
import { DEFAULT_MODEL } from './stage-model.ts';
import type { Stage, StageModel } from './stage-model.ts';

/**
 * The stage of one place on the journey. `null` as touchpoint = could not tell.
 * @returns The stage's id, or `null` where the step is `none` or could not be told.
 */
export function stageOf(model: StageModel, step: string | null, touchpoint: string | null): string | null {
  return model.stages.find((stage) => stage.places.some((place) => holds(place, step, touchpoint)))?.id ?? null;
}

function holds(place: Place, step: string | null, touchpoint: string | null): boolean {
  if (place.step !== step) return false;
  return place.touchpoints === undefined || (place.touchpoints as string[]).includes(touchpoint ?? UNKNOWN);
}

/**
 * Where on the journey these stages are.
 * @throws {AppError} `QUERY_INVALID` naming the known stages and the nearest.
 */
export function placesOf(model: StageModel, stageIds: readonly string[]): Place[] {
  return stageIds.flatMap((id) => stageNamed(model, id).places);
}

/**
 * Turns what people write into what the stores read: stages become places. A filter that may name a persona goes through
 * `understand`.
 * @throws {AppError} `QUERY_INVALID` for an unknown model or stage, naming the known ones and the nearest.
 */
export function resolveFilter(filter: PlainFilter, models: readonly StageModel[]): MentionQuery {
  const { model, stage, persona: _none, ...query } = filter;
  if (model === undefined && stage === undefined) return query;
  const chosen = modelNamed(models, model);
  return stage === undefined ? query : { ...query, places: placesOf(chosen, stage) };
}

/** @throws {AppError} `QUERY_INVALID` naming the known models and the nearest. */
export function modelNamed(models: readonly StageModel[], id: string = DEFAULT_MODEL): StageModel {
  const found = models.find((model) => model.id === id);
  if (found) return found;
  throw unknownName(
    'stage model',
    'model',
    id,
    models.map((model) => model.id),
  );
}

function stageNamed(model: StageModel, id: string): Stage {
  const found = model.stages.find((stage) => stage.id === id);
  if (found) return found;
  throw unknownName(
    `stage of the model "${model.id}"`,
    'stage',
    id,
    model.stages.map((stage) => stage.id),
  );
}

/** What was asked for by a name that nothing has. */
export function unknownName(what: string, parameter: string, name: string, known: string[]): AppError {
  const near = nearest(name, known);
  return new AppError('QUERY_INVALID', `"${name}" is no ${what}.${didYouMean(name, known)}`, {
    fix: known.length === 0 ? 'There is none yet.' : `Known: ${known.join(', ')}.`,
    details: { parameter, known, ...(near === undefined ? {} : { nearest: near }) },
  });
}
