/** The servers that `.ci/servers start` brings up. */
export type ServerName = 'REDIS_URL' | 'ELASTICSEARCH_URL';

/**
 * The address of a real server for tests, or `undefined` where there is none: such tests are skipped by name.
 *
 * @throws Error where there is none although `EARSHOT_NEEDS_SERVERS=1` says that there must be.
 */
export function serverUrl(name: ServerName): string | undefined {
  const url = process.env[name];
  if (!url && process.env.EARSHOT_NEEDS_SERVERS === '1')
    throw new Error(`EARSHOT_NEEDS_SERVERS=1, but ${name} is not set: eval "$(.ci/servers start)".`);
  return url || undefined;
}
