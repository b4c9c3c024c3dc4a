import { z } from 'zod';
import { mentionFilter } from './query.ts';
import { slug } from './slug.ts';

const asksForPersona = ({ code, keys }: z.core.$ZodRawIssue) =>
  code === 'unrecognized_keys' && String(keys) === 'persona';

/** What somebody says of a persona. Its query holds no other, so that none leads in circles. */
export const personaFields = {
  name: z.string().min(1).max(200).describe('For people.'),
  description: z.string().min(1).max(2_000).optional().describe('Who they are and what they want.'),
  query: z
    .strictObject(mentionFilter.omit({ persona: true, collapse: true }).shape, {
      error: (issue) => (asksForPersona(issue) ? 'a persona cannot hold another: write its filters here' : undefined),
    })
    .describe('Whose mentions these are, in the words of a filter.'),
};

/** A saved query over what is stored; never guessed from traits of people. */
export const persona = z.strictObject({ id: slug.describe('Its name in queries.'), ...personaFields });
export type Persona = z.infer<typeof persona>;

export interface KnownPersona extends Persona {
  origin: 'configuration' | 'api';
}

/** Those of the configuration and those that were made through the API. */
export interface Personas {
  /** Those of the configuration first, in its order. */
  list(): Promise<KnownPersona[]>;
  /**
   * Makes it, or writes over one of the same id.
   * @returns `created` = there was none before.
   * @throws {AppError} `CONFLICT` where it comes from the configuration, `QUERY_INVALID` for an unknown stage.
   */
  put(persona: Persona): Promise<{ persona: KnownPersona; created: boolean }>;
  /**
   * False where there is none of that id.
   * @throws {AppError} `CONFLICT` where it comes from the configuration, or a subscription asks for it.
   */
  remove(id: string): Promise<boolean>;
}
