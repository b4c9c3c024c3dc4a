import { toAppError } from '../domain/errors.ts';
import { createHttp } from '../net/http.ts';
import { configuredSources } from '../app.ts';
import type { ConfiguredSource } from '../pipeline/pull.ts';
import { EXIT } from './command.ts';
import type { Command, Terminal } from './command.ts';
import { setUp } from './setup.ts';
import type { Setup } from './setup.ts';

export const check: Command = {
  name: 'check',
  usage: '[--live]',
  about: 'Checks the whole configuration and names all problems at once; --live asks every source without storing.',
  flags: { live: { type: 'boolean' } },
  async run({ flags }, terminal) {
    const setup = await setUp(terminal.env);
    try {
      const sources = configuredSources(setup.settings);
      summarize(setup, sources, terminal);
      if (flags['live'] !== true) return EXIT.fine;
      const fine = await Promise.all(sources.map((source) => checkLive(source, setup, terminal)));
      return fine.every(Boolean) ? EXIT.fine : EXIT.partlyRefused;
    } finally {
      await setup.sample?.close();
    }
  },
};

function summarize({ path, settings, sample }: Setup, sources: readonly ConfiguredSource[], terminal: Terminal): void {
  const subscriptions = Object.keys(settings.subscriptions);
  const names = sources.map(({ name, source, everySeconds }) => ({ name, type: source.type, everySeconds }));
  if (terminal.json)
    return terminal.print(
      JSON.stringify({ ok: true, path, sample: sample !== undefined, sources: names, subscriptions }),
    );
  terminal.print(`${path} is fine: ${names.length} sources, ${subscriptions.length} subscriptions.`);
  for (const { name, type, everySeconds } of names) terminal.print(`  ${name}: ${type}, every ${everySeconds} s`);
}

const now = () => new Date();

/** The first page of what would be pulled the first time. */
async function checkLive(
  { name, source, options }: ConfiguredSource,
  { settings }: Setup,
  terminal: Terminal,
): Promise<boolean> {
  const http = createHttp({ allow: settings.network.allow, userAgent: settings.network.userAgent, now });
  try {
    let items = 0;
    for await (const page of source.pull({
      options,
      cursor: undefined,
      http,
      now,
      signal: AbortSignal.timeout(60_000),
    })) {
      items = page.items.length;
      break;
    }
    terminal.print(
      terminal.json
        ? JSON.stringify({ source: name, ok: true, items })
        : `  ${name}: answers, ${items} on the first page`,
    );
    return true;
  } catch (thrown) {
    const { code, message, fix } = toAppError(thrown);
    terminal.print(
      terminal.json
        ? JSON.stringify({ source: name, ok: false, code, message, fix })
        : `  ${name}: ${message} ${fix ?? ''}`,
    );
    return false;
  } finally {
    await http.close();
  }
}
