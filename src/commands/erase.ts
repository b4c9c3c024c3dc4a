import { AppError } from '../domain/errors.ts';
import { erase, eraseAll } from '../pipeline/erase.ts';
import type { Erasure } from '../pipeline/erase.ts';
import type { App } from '../app.ts';
import { EXIT, text } from './command.ts';
import type { Arguments, Command } from './command.ts';
import { withApp } from './setup.ts';

export const eraseMentions: Command = {
  name: 'erase',
  usage: '--mention ID | --author ID | --source NAME',
  about: 'Erases for good, everywhere, and never takes it again.',
  flags: { mention: { type: 'string' }, author: { type: 'string' }, source: { type: 'string' } },
  async run(given, terminal) {
    return withApp(terminal.env, async (app) => {
      const erased = await run(given, app);
      terminal.print(
        terminal.json
          ? JSON.stringify(erased)
          : `${erased.mentions} mentions and ${erased.deadLetters} dead letters erased.`,
      );
      return EXIT.fine;
    });
  },
};

function run(given: Arguments, app: App): Promise<Erasure> {
  const [mention, author, source] = ['mention', 'author', 'source'].map((flag) => text(given, flag));
  if ([mention, author, source].filter((value) => value !== undefined).length !== 1) {
    throw new AppError('USAGE', 'Give exactly one of --mention, --author and --source.');
  }
  if (mention !== undefined) return erase([mention], app);
  return eraseAll(author === undefined ? { source: [source!] } : { author: [author] }, app);
}
