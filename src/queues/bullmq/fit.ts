import type { Redis } from 'ioredis';
import { AppError } from '../../domain/errors.ts';
import type { Log } from '../../domain/log.ts';
import { ask } from './connection.ts';

/** The oldest Redis that BullMQ recommends (https://docs.bullmq.io). */
const OLDEST: readonly [major: number, minor: number] = [6, 2];

/**
 * Looks whether this Redis keeps what it is given, before anybody relies on it. Relies on INFO only, because managed
 * servers forbid CONFIG (https://redis.io/docs/latest/commands/info/).
 *
 * @throws AppError `STAGE_UNAVAILABLE` where jobs could be evicted, or where Redis is older than 6.2.
 */
export async function assertRedisFit(redis: Redis, log: Log): Promise<void> {
  const info = await ask(redis, () => redis.info());
  assertInfoFit(info, log);
  if (factsOf(info).get('aof_enabled') === '1') await warnOfLateFlush(redis, log);
}

/**
 * With `everysec` Redis puts off writing its log for up to two seconds while the disk still flushes; killed in that
 * time it has lost jobs that it had acknowledged (seen on a busy disk). Where CONFIG is forbidden, nothing is said.
 * https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
 */
async function warnOfLateFlush(redis: Redis, log: Log): Promise<void> {
  const answer: unknown = await ask(redis, () => redis.config('GET', 'appendfsync')).catch(() => undefined);
  const policy = Array.isArray(answer) ? String(answer[1]) : 'always';
  if (policy === 'always') return;
  log('warn', `Redis flushes its log ${policy}: if it crashes while the disk is busy, accepted jobs can be lost.`, {
    fix: 'Start redis-server with --appendfsync always.',
  });
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
