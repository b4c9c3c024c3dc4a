import type { Redis } from 'ioredis';
import { AppError } from '../../domain/errors.ts';
import type { Log } from '../../domain/log.ts';
import { ask } from './connection.ts';

/** The oldest Redis that BullMQ recommends (https://docs.bullmq.io). */
const OLDEST: readonly [major: number, minor: number] = [6, 2];

/**
 * Looks whether this Redis keeps what it is given, before anybody relies on it. Asks INFO only, because managed
 * servers forbid CONFIG (https://redis.io/docs/latest/commands/info/).
 *
 * @throws AppError `STAGE_UNAVAILABLE` where jobs could be evicted, or where Redis is older than 6.2.
 */
export async function assertRedisFit(redis: Redis, log: Log): Promise<void> {
  assertInfoFit(await ask(redis, () => redis.info()), log);
}

/** The same, of what INFO said. */
export function assertInfoFit(info: string, log: Log): void {
  const facts = factsOf(info);
  refuseOld(facts.get('redis_version') ?? '');
  refuseEviction(facts.get('maxmemory_policy'));
  if (facts.get('aof_enabled') === '1') return;
  log('warn', 'REDIS KEEPS NO APPEND-ONLY FILE: if it crashes, jobs that were accepted are lost.', {
    fix: 'Start redis-server with --appendonly yes.',
  });
}

function factsOf(info: string): Map<string, string> {
  const lines = info.split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

function refuseOld(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new AppError('STAGE_UNAVAILABLE', `Redis ${version || 'of unknown version'} is too old for the jobs.`, {
    fix: `Install Redis ${OLDEST.join('.')} or newer.`,
  });
}

function refuseEviction(policy: string | undefined): void {
  if (policy === 'noeviction') return;
  const message = `Redis would throw jobs away when its memory is full: its maxmemory-policy is ${policy ?? 'unknown'}.`;
  throw new AppError('STAGE_UNAVAILABLE', message, {
    fix: 'Set it: redis-cli CONFIG SET maxmemory-policy noeviction (and in redis.conf, or with your provider).',
  });
}
