import { setTimeout as pause } from 'node:timers/promises';
import { createAnswers } from '../answers.ts';
import { openApp } from '../app.ts';
import type { App } from '../app.ts';
import { AppError, toAppError } from '../domain/errors.ts';
import { createLog } from '../observe.ts';
import { scheduleReEnrichment, workReEnrichment } from '../pipeline/re-enrich.ts';
import { scheduleRechecks, workRechecks } from '../pipeline/recheck.ts';
import { resumeCatchUps } from '../pipeline/subscribe.ts';
import { syncSubscriptions } from '../pipeline/subscriptions.ts';
import { schedulePulls, workDeliveries, workIngests, workPulls } from '../pipeline/work.ts';
import { serveOn } from '../serve.ts';
import type { Serving } from '../serve.ts';
import { didYouMean } from '../text/nearest.ts';
import { EXIT, text } from './command.ts';
import type { Arguments, Command, Terminal } from './command.ts';
import { settledCount, watchFirstRound } from './progress.ts';
import { setUp } from './setup.ts';
import type { Setup } from './setup.ts';

/** What a process can do; `up` does all of it, a worker of the scaled stage one of them. */
const PARTS = {
  api: async () => {},
  pull: async (app: App) => {
    workPulls(app.queue, app);
    workRechecks(app.queue, app);
  },
  ingest: async (app: App) => {
    workIngests(app.queue, app);
    workReEnrichment(app.queue, app);
  },
  deliver: async (app: App) => workDeliveries(app.queue, app),
  maintain: startMaintaining,
} satisfies Record<string, (app: App) => Promise<void>>;
type Part = keyof typeof PARTS;

/** How long running jobs and open answers may take to end after Ctrl-C, in milliseconds. */
const GRACE_MS = { embedded: 3_000, scaled: 25_000 };

/** For answers that are being given, and for what a silent server still owes. */
const ANSWER_GRACE_MS = 2_000;
const LAST_MS = 1_000;

export const up: Command = {
  name: 'up',
  usage: '[--port N] [--no-sample] [--only api,pull,ingest,deliver,maintain]',
  about:
    'Runs everything in one process: listening, understanding, answers, notices. --only: a part, for the scaled stage.',
  flags: { port: { type: 'string' }, 'no-sample': { type: 'boolean' }, only: { type: 'string' } },
  async run(given, terminal) {
    const parts = partsOf(text(given, 'only'));
    const stop = stopSignal();
    const setup = await setUp(terminal.env, { sample: given.flags['no-sample'] !== true });
    const { environment, settings } = setup;
    const graceMs = environment.stage ? GRACE_MS.scaled : GRACE_MS.embedded;
    try {
      const log = createLog(environment.logLevel, process.stderr, () => new Date());
      const app = await openApp({ settings, environment, log });
      try {
        await runUntil(stop, { app, setup, parts, port: portOf(given, setup), graceMs }, terminal);
      } finally {
        await Promise.race([app.close(graceMs), pause(graceMs + LAST_MS)]);
        // Everything is saved or handed back; a request to a silent server must not hold the process.
        setTimeout(() => process.exit(), LAST_MS).unref();
      }
    } finally {
      await setup.sample?.close();
    }
    return EXIT.fine;
  },
};

interface Run {
  app: App;
  setup: Setup;
  parts: readonly Part[];
  port: number;
  graceMs: number;
}

async function runUntil(stop: AbortSignal, run: Run, terminal: Terminal): Promise<void> {
  const { app, parts } = run;
  // The address comes first: where it is taken, another Earshot may be at work on the same data.
  const serving = parts.includes('api') ? await serve(run) : undefined;
  try {
    for (const part of parts) await PARTS[part](app);
    if (serving && parts.length === Object.keys(PARTS).length) await welcome(stop, run, serving, terminal);
    else terminal.tell(`Working: ${parts.join(', ')}${serving ? ` at ${serving.url}` : ''}.`);
    await ended(stop);
    terminal.tell('Stopping …');
  } finally {
    // Open answers are short; the jobs need the time.
    await serving?.close(ANSWER_GRACE_MS);
  }
}

function serve({ app, setup, port }: Run): Promise<Serving> {
  const { host } = setup.environment;
  return serveOn(createAnswers(app, host).fetch, port, host);
}

/** Progress until everything was asked once, then one line: how much there is, where to look, what to do next. */
async function welcome(stop: AbortSignal, { app, setup }: Run, { url }: Serving, terminal: Terminal): Promise<void> {
  try {
    await watchFirstRound(app, terminal, stop);
    if (!stop.aborted)
      terminal.tell(`${await settledCount(app)} mentions are on the journey map at ${url} . ${next(app, setup, url)}`);
  } catch (thrown) {
    // A server that is away for a moment ends the report, not the work.
    app.log('warn', toAppError(thrown).message);
  }
}

function next({ sources }: App, { sample, environment }: Setup, url: string): string {
  return sample
    ? `This is the sample world; write ${environment.config.path} to listen to your own customers (README: Your first source).`
    : `${sources.length} sources are pulled on their schedules; GET ${url}v1/sources shows how they are.`;
}

/** Brings subscriptions and schedules in line with the configuration. */
async function startMaintaining(app: App): Promise<void> {
  await syncSubscriptions(app.state, app.settings.subscriptions, app.now());
  await resumeCatchUps(app);
  await schedulePulls(app.queue, app.state, app.sources);
  await scheduleRechecks(app.queue, app.sources);
  await scheduleReEnrichment(app);
  if (app.reindex) await scheduleCompaction(app);
}

/** Elasticsearch keeps erased words on the disk until it is asked, some time after the erasure. */
async function scheduleCompaction(app: App): Promise<void> {
  app.queue.work('compact', () => app.compact());
  await app.queue.every({ key: 'compact', name: 'compact', payload: null, everySeconds: 3_600 });
}

function partsOf(only: string | undefined): Part[] {
  const known = Object.keys(PARTS) as Part[];
  if (only === undefined) return known;
  return only.split(',').map((name) => {
    const part = known.find((candidate) => candidate === name);
    if (part) return part;
    throw new AppError('USAGE', `--only ${name} is no part.${didYouMean(name, known)}`, {
      fix: `Known: ${known.join(', ')}.`,
    });
  });
}

function portOf(given: Arguments, { environment }: Setup): number {
  const asked = text(given, 'port');
  if (asked === undefined) return environment.port;
  const port = Number(asked);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new AppError('USAGE', `--port ${asked} is not a port.`);
}

/** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
