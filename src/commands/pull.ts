import type { App } from '../app.ts';
import { AppError, toAppError } from '../domain/errors.ts';
import { JOBS } from '../pipeline/jobs.ts';
import { pull as pullSource } from '../pipeline/pull.ts';
import type { ConfiguredSource } from '../pipeline/pull.ts';
import { workDeliveries, workIngests } from '../pipeline/work.ts';
import { didYouMean } from '../text/nearest.ts';
import { EXIT } from './command.ts';
import type { Command, Terminal } from './command.ts';
import { drain, tellSetAside } from './drain.ts';
import { withApp } from './setup.ts';

interface Pulled {
  source: string;
  fetched: number;
  refused: number;
  error?: { code: string; message: string; fix?: string | undefined };
}

export const pull: Command = {
  name: 'pull',
  usage: '[SOURCE…] [--once]',
  about: 'Pulls now, waits until the mentions are stored, and prints counts per source.',
  flags: { once: { type: 'boolean' } },
  async run({ words }, terminal) {
    return withApp(terminal.env, async (app) => {
      const chosen = choose(app.sources, words);
      const before = await counts(app);
      const { dead } = await app.queue.counts(JOBS.ingest);
      workIngests(app.queue, app);
      workDeliveries(app.queue, app);
      const pulled = await Promise.all(chosen.map((configured) => pullOne(configured, app, terminal)));
      await drain(app.queue, JOBS.ingest, terminal);
      const after = await counts(app);
      for (const one of pulled)
        print(
          {
            ...one,
            new: (after.get(one.source) ?? 0) - (before.get(one.source) ?? 0),
            stored: after.get(one.source) ?? 0,
          },
          terminal,
        );
      const setAside = await tellSetAside(app.queue, JOBS.ingest, dead, terminal);
      return setAside > 0 || pulled.some(({ error, refused }) => error !== undefined || refused > 0)
        ? EXIT.partlyRefused
        : EXIT.fine;
    });
  },
};

function choose(sources: readonly ConfiguredSource[], names: readonly string[]): ConfiguredSource[] {
  const known = sources.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name))
      throw new AppError('USAGE', `no source is called "${name}".${didYouMean(name, known)}`, {
        fix: `Known: ${known.join(', ')}.`,
      });
  }
  return names.length === 0 ? [...sources] : sources.filter(({ name }) => names.includes(name));
}

/** One broken source stops no other. */
async function pullOne(configured: ConfiguredSource, app: App, terminal: Terminal): Promise<Pulled> {
  const source = configured.name;
  try {
    const { fetched, refused } = await pullSource(configured, app, AbortSignal.timeout(600_000));
    for (const { where, reason } of refused) terminal.tell(`${source}, ${where}: ${reason}`);
    return { source, fetched, refused: refused.length };
  } catch (thrown) {
    const { code, message, fix } = toAppError(thrown);
    return { source, fetched: 0, refused: 0, error: { code, message, fix } };
  }
}

async function counts(app: App): Promise<Map<string, number>> {
  const buckets = await app.mentions.aggregate({}, ['source']);
  return new Map(buckets.map(({ key, count }) => [key[0] ?? '', count]));
}

function print(row: Pulled & { new: number; stored: number }, terminal: Terminal): void {
  if (terminal.json) return terminal.print(JSON.stringify(row));
  const told =
    row.error === undefined
      ? `${row.fetched} fetched, ${row.new} new, ${row.stored} stored`
      : `${row.error.message} ${row.error.fix ?? ''}`;
  terminal.print(`${row.source}: ${told}${row.refused === 0 ? '' : `, ${row.refused} refused`}`);
}
