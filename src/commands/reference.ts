import { referenceText, settingsJsonSchema } from '../settings/reference.ts';
import { EXIT } from './command.ts';
import type { Command } from './command.ts';

export const reference: Command = {
  name: 'reference',
  usage: '[--schema]',
  about: 'The reference of all sources and destinations in Markdown, or the JSON Schema of the configuration.',
  flags: { schema: { type: 'boolean' } },
  run({ flags }, terminal) {
    terminal.print(flags['schema'] === true ? JSON.stringify(settingsJsonSchema(), undefined, 2) : referenceText());
    return Promise.resolve(EXIT.fine);
  },
};
