import { AppError, toAppError } from '../domain/errors.ts';
import type { Persona } from '../domain/persona.ts';
import type { MentionFilter, MentionQuery } from '../domain/query.ts';
import type { StageModel } from './stage-model.ts';
import { resolveFilter, unknownName } from './stages.ts';

export interface UnderstandPorts {
  models: readonly StageModel[];
  personas: { list(): Promise<readonly Persona[]> };
}

/**
 * Turns what people write into what the stores read: stages become places, and a persona the query that is saved under
 * its name, which must hold as well as the filter itself.
 * @throws {AppError} `QUERY_INVALID` for an unknown model, stage or persona, naming the known ones and the nearest.
 */
export async function understand(filter: MentionFilter, { models, personas }: UnderstandPorts): Promise<MentionQuery> {
  const { persona, ...plain } = filter;
  const query = resolveFilter(plain, models);
  if (persona === undefined) return query;
  return { ...query, also: savedQuery(personaNamed(await personas.list(), persona), models) };
}

/** Its stage model may have gone since it was saved: then it is the persona that has to be mended, not what was asked. */
function savedQuery({ id, query }: Persona, models: readonly StageModel[]): MentionQuery {
  try {
    return resolveFilter(query, models);
  } catch (thrown) {
    const { message, fix = '' } = toAppError(thrown);
    throw new AppError('QUERY_INVALID', `The query of the persona "${id}" cannot be understood any more: ${message}`, {
      fix: `Change that persona. ${fix}`,
      details: { parameter: 'persona' },
    });
  }
}

function personaNamed(personas: readonly Persona[], id: string): Persona {
  const found = personas.find((persona) => persona.id === id);
  if (found) return found;
  throw unknownName(
    'persona',
    'persona',
    id,
    personas.map((persona) => persona.id),
  );
}
