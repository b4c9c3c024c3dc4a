import { AppError, toAppError } from '../domain/errors.ts';
import { erase } from '../pipeline/erase.ts';
import type { Erased, Erasure } from '../pipeline/erase.ts';
import { pseudonym } from '../pipeline/person.ts';
import type { App } from '../app.ts';
import { EXIT, text } from './command.ts';
import type { Arguments, Command, Terminal } from './command.ts';
import { withApp } from './setup.ts';

export const eraseMentions: Command = {
  name: 'erase',
  usage: '--mention ID | --author ID | --source NAME',
  about:
    'Erases what is stored, everywhere; no poll brings it back. An author: by the stored id or by the platform’s own.',
  flags: { mention: { type: 'string' }, author: { type: 'string' }, source: { type: 'string' } },
  async run(given, terminal) {
    return withApp(terminal.env, async (app) => {
      const erasure = await eraseAll(whatOf(given, app), app);
      tell(erasure, terminal);
      if (erasure.mentions > 0) await clean(app, terminal);
      return erasure.mentions + erasure.deadLetters === 0 ? EXIT.partlyRefused : EXIT.fine;
    });
  },
};

/** SQLite moves rows about, and Elasticsearch keeps old segments: only rewriting leaves no copy on the disk. */
async function clean(app: App, { tell: say }: Terminal): Promise<void> {
  try {
    await app.compact();
  } catch (thrown) {
    say(`The words are gone from every answer; from the disk later: ${toAppError(thrown).message}`);
  }
}

function whatOf(given: Arguments, { personKey }: App): Erased[] {
  const [mention, author, source] = ['mention', 'author', 'source'].map((flag) => text(given, flag));
  if ([mention, author, source].filter((value) => value !== undefined).length !== 1) {
    throw new AppError('USAGE', 'Give exactly one of --mention, --author and --source.');
  }
  if (mention !== undefined) return [{ ids: [mention] }];
  if (source !== undefined) return [{ source }];
  return [{ author: author! }, { author: pseudonym(author!, personKey) }];
}

async function eraseAll(all: Erased[], app: App): Promise<Erasure> {
  const sum: Erasure = { mentions: 0, deadLetters: 0, waiting: 0 };
  for (const what of all) {
    const { mentions, deadLetters, waiting } = await erase(what, app);
    sum.mentions += mentions;
    sum.deadLetters += deadLetters;
    sum.waiting = waiting;
  }
  return sum;
}

function tell(erasure: Erasure, { json, print }: Terminal): void {
  if (json) return print(JSON.stringify(erasure));
  print(`${erasure.mentions} mentions erased, and ${erasure.deadLetters} in dead letters.`);
  if (erasure.waiting > 0)
    print(`${erasure.waiting} batches were still on their way: erase once more when they are stored.`);
}
