import { readFileSync } from 'node:fs';

const REFERENCE = /\$\{(env|file):([^}]+)\}/g;
type Report = (path: PropertyKey[], message: string) => void;

/** Replaces `${env:NAME}` and `${file:/path}` in every string, so that secrets need not stand in the file. */
export function fillIn(value: unknown, env: NodeJS.ProcessEnv, report: Report, path: PropertyKey[] = []): unknown {
  if (typeof value === 'string') return fillText(value, env, (message) => report(path, message));
  if (Array.isArray(value)) return value.map((item, index) => fillIn(item, env, report, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillIn(item, env, report, [...path, key])]),
  );
}

function fillText(text: string, env: NodeJS.ProcessEnv, report: (message: string) => void): string {
  return text.replace(REFERENCE, (whole, kind: string, name: string) => {
    const found = kind === 'env' ? env[name] : readSecret(name);
    if (found !== undefined && found !== '') return found;
    report(kind === 'env' ? `the environment variable ${name} is not set` : `the file ${name} cannot be read`);
    return whole;
  });
}

function readSecret(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}
