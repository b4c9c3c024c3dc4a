import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPlaces } from '../settings/environment.ts';
import type { Environment } from '../settings/environment.ts';
import type { Terminal } from './command.ts';

/** Where this installation keeps its data: the sample world, which stands in where there is no configuration, apart. */
export function dataDirOf({ config, dataDir }: Pick<Environment, 'config' | 'dataDir'>): string {
  return config.asked || existsSync(config.path) ? dataDir : join(dataDir, 'sample');
}

/** Where commands that open nothing find what this installation has learned. */
export const ownPlace = ({ env, tell }: Pick<Terminal, 'env' | 'tell'>) => ({
  dataDir: dataDirOf(readPlaces(env)),
  tell,
});
