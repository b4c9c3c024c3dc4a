import { AppError } from '../domain/errors.ts';
import type { JobQueue } from '../domain/queue.ts';
import { EXIT, word } from './command.ts';
import type { Command, Terminal } from './command.ts';
import { withApp } from './setup.ts';

export const dead: Command = {
  name: 'dead',
  usage: 'list | replay ID | drop ID',
  about: 'What could not be done, with the reasons: show it, try it again, or forget it.',
  flags: {},
  async run(given, terminal) {
    const action = word(given, 0, 'list, replay or drop');
    return withApp(terminal.env, async ({ queue }) => {
      if (action === 'list') return list(queue, terminal);
      const id = word(given, 1, 'ID');
      const done = action === 'replay' ? await queue.retry(id) : action === 'drop' ? await queue.drop(id) : undefined;
      if (done === undefined)
        throw new AppError('USAGE', `dead ${action} is not known.`, { fix: 'Known: list, replay, drop.' });
      if (!done) throw new AppError('NOT_FOUND', `There is no dead letter ${id}.`);
      return EXIT.fine;
    });
  },
};

async function list(queue: JobQueue, terminal: Terminal): Promise<number> {
  for (const job of await queue.dead(1_000)) {
    terminal.print(
      terminal.json ? JSON.stringify(job) : `${job.id}  ${job.failedAt}  ${job.name}  ${job.code}: ${job.reason}`,
    );
  }
  return EXIT.fine;
}
