import type { Log, LogLevel } from './domain/log.ts';

export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** One JSON object a line on stderr, or a plain sentence where a person is watching. */
export function createLog(least: LogLevel, stream: NodeJS.WriteStream, now: () => Date): Log {
  const from = LOG_LEVELS.indexOf(least);
  const line = stream.isTTY ? asSentence : asJson;
  return (level, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) >= from) stream.write(`${line(now(), level, message, fields)}\n`);
  };
}

function asJson(at: Date, level: LogLevel, message: string, fields: Record<string, unknown>): string {
  return JSON.stringify({ at: at.toISOString(), level, message, ...fields });
}

function asSentence(_at: Date, level: LogLevel, message: string, fields: Record<string, unknown>): string {
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [level === 'info' ? '' : `${level}:`, message, ...rest].filter(Boolean).join(' ');
}
