import type { App } from '../app.ts';
import { AppError } from '../domain/errors.ts';
import { JOBS } from '../pipeline/jobs.ts';
import { enqueue } from '../pipeline/pull.ts';
import { channelOf } from '../pipeline/pull.ts';
import type { ConfiguredSource } from '../pipeline/pull.ts';
import { workIngests } from '../pipeline/work.ts';
import { sourceOf } from '../sources/index.ts';
import { EXIT, text, word } from './command.ts';
import type { Arguments, Command, Terminal } from './command.ts';
import { drain, tellSetAside } from './drain.ts';
import { withApp } from './setup.ts';

const SOURCE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const importFile: Command = {
  name: 'import',
  usage: 'FILE --source NAME [--map field=column…] [--channel C]',
  about: 'Takes a CSV, JSONL or XLSX file once, under the name of a source.',
  flags: { source: { type: 'string' }, map: { type: 'string', multiple: true }, channel: { type: 'string' } },
  async run(given, terminal) {
    return withApp(terminal.env, async (app) => {
      const configured = toSource(given, app);
      const before = await app.queue.counts(JOBS.ingest);
      workIngests(app.queue, app);
      let taken = 0;
      let refused = 0;
      const context = {
        options: configured.options,
        cursor: undefined,
        http: app.http,
        now: app.now,
        signal: new AbortController().signal,
      };
      for await (const page of configured.source.pull(context)) {
        await enqueue(page.items, configured, app);
        taken += page.items.length;
        refused += page.refused.length;
        for (const { where, reason } of page.refused) terminal.tell(`${where}: ${reason}`);
      }
      await drain(app.queue, JOBS.ingest, terminal);
      const setAside = await tellSetAside(app.queue, JOBS.ingest, before.dead, terminal);
      summarize({ source: configured.name, taken, refused }, terminal);
      return refused === 0 && setAside === 0 ? EXIT.fine : EXIT.partlyRefused;
    });
  },
};

/** Under the name of a configured source, its brand and its way with authors hold. */
function toSource(given: Arguments, app: App): ConfiguredSource {
  const name = text(given, 'source');
  if (name === undefined || !SOURCE_NAME.test(name)) {
    const fix = 'Name the source under which the rows are kept: small letters, digits and hyphens.';
    throw new AppError('USAGE', name === undefined ? '--source NAME is missing.' : `--source "${name}" is no name.`, {
      fix,
    });
  }
  const known = app.sources.find((configured) => configured.name === name);
  const { brand, keepsHandle, authors = 'pseudonym', unmatched = 'keep' } = known ?? { brand: undefined };
  const source = sourceOf('file');
  const map = Object.fromEntries([given.flags['map'] ?? []].flat().map((pair) => readPair(String(pair))));
  const channel = text(given, 'channel') ?? (known && channelOf(known));
  const asked = {
    path: word(given, 0, 'FILE'),
    ...(Object.keys(map).length > 0 ? { map } : {}),
    ...(channel ? { channel } : {}),
  };
  const options = source.options.safeParse(asked);
  if (options.success)
    return {
      name,
      source,
      options: options.data,
      everySeconds: source.everySeconds,
      brand,
      authors,
      keepsHandle,
      unmatched,
    };
  throw new AppError(
    'USAGE',
    options.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
  );
}

function readPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
  throw new AppError('USAGE', `--map ${pair} is not field=column.`);
}

function summarize(counts: { source: string; taken: number; refused: number }, terminal: Terminal): void {
  terminal.print(
    terminal.json ? JSON.stringify(counts) : `${counts.source}: ${counts.taken} taken, ${counts.refused} refused.`,
  );
}
