import { AppError } from '../domain/errors.ts';
import { EXIT } from './command.ts';
import type { Command } from './command.ts';
import { withApp } from './setup.ts';

export const reindex: Command = {
  name: 'reindex',
  usage: '',
  about:
    'Builds new indices beside the live ones and swaps them once all is compared. Goes on where it was interrupted.',
  flags: {},
  async run(_given, terminal) {
    return withApp(terminal.env, async (app) => {
      if (!app.reindex) {
        throw new AppError('USAGE', 'The embedded stage has no indices of its own.', {
          fix: 'Set REDIS_URL and ELASTICSEARCH_URL to work on the scaled stage.',
        });
      }
      const report = await app.reindex();
      const { version, partitions, mentions, copied, repaired } = report;
      terminal.print(
        terminal.json
          ? JSON.stringify(report)
          : `Version ${version} is live: ${mentions} mentions in ${partitions} indices, ${copied} copied, ${repaired} repaired.`,
      );
      return EXIT.fine;
    });
  },
};
