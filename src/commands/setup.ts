import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openApp } from '../app.ts';
import type { App } from '../app.ts';
import { AppError, toAppError } from '../domain/errors.ts';
import { understand } from '../journey/personas.ts';
import { loadModels } from '../knowledge.ts';
import { createLog } from '../observe.ts';
import { readEnvironment } from '../settings/environment.ts';
import type { Environment } from '../settings/environment.ts';
import { loadSettings } from '../settings/load.ts';
import type { Settings } from '../settings/schema.ts';
import { packageRoot } from '../settings/shipped.ts';
import { startSample } from '../sample/server.ts';
import type { RunningSample } from '../sample/server.ts';
import { readWorld } from '../sample/world.ts';
import { readBeginning } from '../settings/keys.ts';
import { dataDirOf } from './place.ts';

/** The environment and the configuration it leads to; with the sample server where there is no configuration. */
export interface Setup {
  environment: Environment;
  settings: Settings;
  /** The file that was read. */
  path: string;
  sample: RunningSample | undefined;
}

/**
 * Finds the configuration: the file that was asked for, or `config/earshot.yaml`, or else the sample world.
 * @throws {AppError} `CONFIG_INVALID` with every problem.
 */
export async function setUp(env: NodeJS.ProcessEnv, options: { sample?: boolean } = {}): Promise<Setup> {
  const environment = readEnvironment(env);
  const { path, asked } = environment.config;
  if (asked || existsSync(path))
    return { environment, path, settings: await readChecked(path, env), sample: undefined };
  if (options.sample === false) return { environment, path, settings: await readChecked(path, env), sample: undefined };
  return setUpSample(environment, env);
}

async function setUpSample(given: Environment, env: NodeJS.ProcessEnv): Promise<Setup> {
  if (given.stage) {
    // Invented customers and schedules must never get among those that the servers already hold.
    throw new AppError(
      'STAGE_UNAVAILABLE',
      `There is no ${given.config.path}, and the sample world runs embedded only.`,
      {
        fix: 'Write the configuration or name it in EARSHOT_CONFIG; without REDIS_URL and ELASTICSEARCH_URL the sample world starts.',
      },
    );
  }
  const folder = join(packageRoot(), 'config', 'sample');
  // Apart from one's own data, into which invented customers must never get.
  const environment = { ...given, dataDir: dataDirOf(given) };
  const path = join(folder, 'earshot.yaml');
  const began = readBeginning(join(environment.dataDir, 'began'), new Date());
  const sample = await startSample(readWorld(folder, began));
  try {
    return { environment, path, sample, settings: await readChecked(path, { ...env, EARSHOT_SAMPLE_URL: sample.url }) };
  } catch (thrown) {
    await sample.close();
    throw thrown;
  }
}

/** The stages and personas that queries name can only be checked against the stage models and the other personas. */
async function readChecked(path: string, env: NodeJS.ProcessEnv): Promise<Settings> {
  const settings = loadSettings(path, env);
  const { personas, subscriptions } = settings;
  const ports = { models: loadModels(), personas: { list: () => Promise.resolve(personas) } };
  const queries = [
    ...personas.map(({ query }, index) => ({ where: `personas.${index}`, query })),
    ...Object.entries(subscriptions).map(([id, { query }]) => ({ where: `subscriptions.${id}`, query })),
  ];
  const problems: string[] = [];
  for (const { where, query } of queries) {
    try {
      await understand(query, ports);
    } catch (thrown) {
      const { message, fix } = toAppError(thrown);
      problems.push(`  ${path}  ${where}.query: ${message} ${fix ?? ''}`);
    }
  }
  if (problems.length === 0) return settings;
  throw new AppError('CONFIG_INVALID', ['The configuration has problems:', ...problems].join('\n'));
}

/** For commands that work on the stores: opens everything, runs, and closes whatever happens. */
export async function withApp<T>(env: NodeJS.ProcessEnv, run: (app: App, setup: Setup) => Promise<T>): Promise<T> {
  const setup = await setUp(env);
  const { settings, environment } = setup;
  try {
    const log = createLog(environment.logLevel, process.stderr, () => new Date());
    const app = await openApp({ settings, environment, log, fresh: true });
    try {
      return await run(app, setup);
    } finally {
      await app.close();
    }
  } finally {
    await setup.sample?.close();
  }
}
