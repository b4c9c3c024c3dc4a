import { createAnswers } from '../answers.ts';
import { openApp } from '../app.ts';
import type { App } from '../app.ts';
import { AppError } from '../domain/errors.ts';
import { createLog } from '../observe.ts';
import { startCatchUp } from '../pipeline/subscribe.ts';
import { syncSubscriptions } from '../pipeline/subscriptions.ts';
import { schedulePulls, workDeliveries, workIngests, workPulls } from '../pipeline/work.ts';
import { serveOn } from '../serve.ts';
import { EXIT, text } from './command.ts';
import type { Arguments, Command, Terminal } from './command.ts';
import { countMentions, watchFirstRound } from './progress.ts';
import { setUp } from './setup.ts';
import type { Setup } from './setup.ts';

/** How long running jobs and open answers may take to end after Ctrl-C. */
const GRACE_MS = 3_000;

export const up: Command = {
  name: 'up',
  usage: '[--port N] [--no-sample]',
  about: 'Runs everything in one process: listening, understanding, answers, notices.',
  flags: { port: { type: 'string' }, 'no-sample': { type: 'boolean' } },
  async run(given, terminal) {
    const stop = stopSignal();
    const setup = await setUp(terminal.env, { sample: given.flags['no-sample'] !== true });
    const app = openApp({
      settings: setup.settings,
      dataDir: setup.environment.dataDir,
      log: createLog(setup.environment.logLevel, process.stderr, () => new Date()),
    });
    try {
      await runUntil(stop, app, setup, portOf(given, setup), terminal);
    } finally {
      await app.close(GRACE_MS);
      await setup.sample?.close();
    }
    return EXIT.fine;
  },
};

async function runUntil(stop: AbortSignal, app: App, setup: Setup, port: number, terminal: Terminal): Promise<void> {
  const { host } = setup.environment;
  // The address comes first: where it is taken, another Earshot may be at work on the same data.
  const serving = await serveOn(createAnswers(app, host).fetch, port, host);
  try {
    await startWork(app);
    await watchFirstRound(app, terminal, stop);
    if (!stop.aborted) terminal.tell(await ready(app, setup, serving.url));
    await ended(stop);
    terminal.tell('Stopping …');
  } finally {
    await serving.close(GRACE_MS);
  }
}

async function startWork(app: App): Promise<void> {
  for (const fresh of await syncSubscriptions(app.state, app.settings.subscriptions, app.now()))
    await startCatchUp(fresh, app);
  workPulls(app.queue, app);
  workIngests(app.queue, app);
  workDeliveries(app.queue, app);
  await schedulePulls(app.queue, app.state, app.sources);
}

/** One line: how much there is, where to look, what to do next. */
async function ready(app: App, { sample, environment }: Setup, url: string): Promise<string> {
  const count = await countMentions(app);
  const next = sample
    ? `This is the sample world; write ${environment.config.path} to listen to your own customers (README: Your first source).`
    : `${app.sources.length} sources are pulled on their schedules; GET ${url}v1/sources shows how they are.`;
  return `${count} mentions are on the journey map at ${url} . ${next}`;
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
