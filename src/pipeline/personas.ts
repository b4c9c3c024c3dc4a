import { AppError } from '../domain/errors.ts';
import type { KnownPersona, Persona, Personas } from '../domain/persona.ts';
import type { Json } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';
import type { StageModel } from '../journey/stage-model.ts';
import { resolveFilter } from '../journey/stages.ts';
import { listSubscriptions } from './subscriptions.ts';

const PREFIX = 'persona/';

export interface PersonaPorts {
  state: StateStore;
  models: readonly StageModel[];
}

/** The personas of the configuration, and beside them those of the API, which live in the store. */
export function createPersonas(configured: readonly Persona[], { state, models }: PersonaPorts): Personas {
  const ours = new Set(configured.map(({ id }) => id));
  return {
    async list() {
      const made = (await state.list(PREFIX)).map(({ value }) => value as unknown as Persona);
      // The configuration may since have taken a name.
      return [...configured.map(fromConfiguration), ...made.filter(({ id }) => !ours.has(id)).map(fromApi)];
    },
    async put(persona) {
      if (ours.has(persona.id)) throw readOnly(persona.id);
      // A stage that does not exist would never match: say so now, not by silence.
      resolveFilter(persona.query, models);
      const [key, value] = [PREFIX + persona.id, persona as unknown as Json];
      const created = (await state.set(key, value, null)) !== null;
      if (!created) await state.set(key, value);
      return { persona: fromApi(persona), created };
    },
    async remove(id) {
      if (ours.has(id)) throw readOnly(id);
      const waiting = (await listSubscriptions(state)).filter(({ query }) => query.persona === id);
      if (waiting.length > 0) throw inUse(id, waiting.map((subscription) => subscription.id).join(', '));
      return state.delete(PREFIX + id);
    },
  };
}

const fromConfiguration = (persona: Persona): KnownPersona => ({ ...persona, origin: 'configuration' });
const fromApi = (persona: Persona): KnownPersona => ({ ...persona, origin: 'api' });

function readOnly(id: string): AppError {
  return new AppError('CONFLICT', `The persona "${id}" comes from the configuration.`, {
    fix: 'Change it there and start again, or take another id.',
  });
}

/** Its subscribers would hear nothing any more, and not know why. */
function inUse(id: string, subscriptions: string): AppError {
  return new AppError('CONFLICT', `The persona "${id}" is asked for by subscriptions: ${subscriptions}.`, {
    fix: 'Remove those first.',
  });
}
