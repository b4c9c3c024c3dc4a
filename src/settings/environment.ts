import { AppError } from '../domain/errors.ts';
import type { LogLevel } from '../domain/log.ts';

/** What the environment says; the only reader of `process.env` besides `${env:NAME}` in the configuration. */
export interface Environment {
  port: number;
  host: string;
  /** Path of the configuration, and whether somebody asked for this very file. */
  config: { path: string; asked: boolean };
  /** Folder of the SQLite file and the keys. */
  dataDir: string;
  logLevel: LogLevel;
}

export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  refuseHalfStage(env);
  return {
    port: readPort(env['PORT']),
    host: env['HOST'] || '127.0.0.1',
    config: { path: env['EARSHOT_CONFIG'] || 'config/earshot.yaml', asked: Boolean(env['EARSHOT_CONFIG']) },
    dataDir: env['EARSHOT_DATA'] || './data',
    logLevel: readLogLevel(env['LOG_LEVEL']),
  };
}

/** Only the embedded stage exists so far; silently ignoring a server that somebody set up would be a lie. */
function refuseHalfStage(env: NodeJS.ProcessEnv): void {
  const set = ['REDIS_URL', 'ELASTICSEARCH_URL'].filter((name) => env[name]);
  if (set.length === 0) return;
  throw new AppError(
    'STAGE_UNAVAILABLE',
    `${set.join(' and ')} is set, but this version runs the embedded stage only.`,
    {
      fix: `Unset ${set.join(' and ')}: everything is then kept in one SQLite file in EARSHOT_DATA.`,
    },
  );
}

function readPort(value: string | undefined): number {
  const port = value === undefined || value === '' ? 8080 : Number(value);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new AppError('CONFIG_INVALID', `PORT is ${JSON.stringify(value)}, not a port.`, {
    fix: 'Set PORT to a number from 0 to 65535.',
  });
}

function readLogLevel(value: string | undefined): LogLevel {
  if (value === undefined || value === '') return 'info';
  if (value === 'debug' || value === 'info' || value === 'warn' || value === 'error') return value;
  throw new AppError('CONFIG_INVALID', `LOG_LEVEL is ${JSON.stringify(value)}.`, {
    fix: 'Set LOG_LEVEL to debug, info, warn or error.',
  });
}
