import { AppError } from '../domain/errors.ts';
import type { LogLevel } from '../domain/log.ts';

/** The servers of the scaled stage. */
export interface ScaledStage {
  redisUrl: string;
  elasticsearch: {
    url: string;
    apiKey: string | undefined;
    username: string | undefined;
    password: string | undefined;
    /** SHA-256 fingerprint of a certificate authority of one's own. */
    caFingerprint: string | undefined;
  };
}

/** What the environment says; the only reader of the environment besides `${env:NAME}` in the configuration. */
export interface Environment {
  port: number;
  host: string;
  /** Path of the configuration, and whether somebody asked for this very file. */
  config: { path: string; asked: boolean };
  /** Folder of the SQLite file and the keys. */
  dataDir: string;
  logLevel: LogLevel;
  /** Absent = embedded. */
  stage: ScaledStage | undefined;
  /** Begins the names of everything in Redis and Elasticsearch. */
  prefix: string;
  /** Key of the authors' pseudonyms, for several machines; absent = kept in `dataDir`. */
  authorKey: Buffer | undefined;
  /** How long a job stays with a process that shows no sign of life; absent = the queue's own default. */
  leaseMs: number | undefined;
}

/** Where the configuration and the data lie, whatever else the environment says. */
export function readPlaces(env: NodeJS.ProcessEnv): Pick<Environment, 'config' | 'dataDir'> {
  return {
    config: { path: env['EARSHOT_CONFIG'] || 'config/earshot.yaml', asked: Boolean(env['EARSHOT_CONFIG']) },
    dataDir: env['EARSHOT_DATA'] || './data',
  };
}

export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  return {
    port: readPort(env['PORT']),
    host: env['HOST'] || '127.0.0.1',
    ...readPlaces(env),
    logLevel: readLogLevel(env['LOG_LEVEL']),
    stage: readStage(env),
    prefix: readPrefix(env['EARSHOT_PREFIX']),
    authorKey: readAuthorKey(env['EARSHOT_AUTHOR_KEY']),
    leaseMs: readLease(env['EARSHOT_LEASE_SECONDS']),
  };
}

/** Both servers or none: with one of them it could only be guessed what was meant. */
function readStage(env: NodeJS.ProcessEnv): ScaledStage | undefined {
  const { REDIS_URL: redisUrl, ELASTICSEARCH_URL: url } = env;
  if (!redisUrl && !url) return undefined;
  if (!redisUrl || !url) {
    const [set, missing] = redisUrl ? ['REDIS_URL', 'ELASTICSEARCH_URL'] : ['ELASTICSEARCH_URL', 'REDIS_URL'];
    throw new AppError('STAGE_UNAVAILABLE', `${set} is set and ${missing} is not.`, {
      fix: `Set ${missing} too for the scaled stage, or unset ${set}: everything is then kept in one SQLite file.`,
    });
  }
  if (!/^rediss?:\/\//.test(redisUrl) || !URL.canParse(redisUrl)) {
    throw new AppError('CONFIG_INVALID', 'REDIS_URL is no Redis address.', {
      fix: 'Write it like redis://localhost:6379.',
    });
  }
  const given = (name: string) => env[name] || undefined;
  const caFingerprint = url.startsWith('https:') ? given('ELASTICSEARCH_CA_FINGERPRINT') : undefined;
  const [apiKey, username, password] = ['API_KEY', 'USERNAME', 'PASSWORD'].map((name) =>
    given(`ELASTICSEARCH_${name}`),
  );
  return { redisUrl, elasticsearch: { url, apiKey, username, password, caFingerprint } };
}

function invalid(name: string, value: string, fix: string): AppError {
  return new AppError('CONFIG_INVALID', `${name} is ${JSON.stringify(value)}.`, { fix });
}

function readPort(value = ''): number {
  const port = value === '' ? 8080 : Number(value);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw invalid('PORT', value, 'Set PORT to a number from 0 to 65535.');
}

function readLogLevel(value = ''): LogLevel {
  if (value === '') return 'info';
  if (value === 'debug' || value === 'info' || value === 'warn' || value === 'error') return value;
  throw invalid('LOG_LEVEL', value, 'Set LOG_LEVEL to debug, info, warn or error.');
}

function readLease(value = ''): number | undefined {
  if (value === '') return undefined;
  const seconds = Number(value);
  if (seconds >= 1 && seconds <= 600) return seconds * 1_000;
  throw invalid('EARSHOT_LEASE_SECONDS', value, 'Set it to a number from 1 to 600.');
}

function readPrefix(value = ''): string {
  if (value === '') return 'earshot';
  if (/^[a-z][a-z0-9-]{0,40}$/.test(value)) return value;
  throw invalid('EARSHOT_PREFIX', value, 'Set it to small letters, digits and hyphens.');
}

function readAuthorKey(value = ''): Buffer | undefined {
  if (value === '') return undefined;
  const key = Buffer.from(value, 'base64');
  if (key.length >= 32) return key;
  throw new AppError('CONFIG_INVALID', 'EARSHOT_AUTHOR_KEY is shorter than 32 bytes.', {
    fix: 'Make one with: openssl rand -base64 32',
  });
}
