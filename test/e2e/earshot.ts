import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mention } from '../../src/domain/mention.ts';

export const root = join(import.meta.dirname, '..', '..');

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'earshot-e2e-'));
}

/** A real Earshot process: what `npm start` runs, on a free port. */
export interface Earshot {
  process: ChildProcess;
  /** All that was told so far. */
  told(): string;
  /** Resolves when that was told; rejects when the process ends before. */
  tells(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Address of the API once everything was pulled. */
  ready(): Promise<string>;
  /** The exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export function startEarshot(env: Record<string, string>): Earshot {
  const child = spawn(process.execPath, [join(root, 'dist/workers/all.js')], {
    cwd: env['EARSHOT_DATA'],
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('exit', (code, signal) => {
      resolve(signal ?? code ?? -1);
      for (const listener of listeners) listener();
    });
  });
  const tells = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const look = () => {
        const match = told.match(pattern);
        if (match) resolve(match);
        else if (child.exitCode !== null || child.signalCode !== null)
          reject(new Error(`ended without ${pattern}: ${told}`));
        else return;
        listeners.delete(look);
      };
      listeners.add(look);
      look();
    });
  return {
    process: child,
    told: () => told,
    tells,
    ready: async () => (await tells(/journey map at (http:\S+)/))[1]!,
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

export async function getJson<T>(url: string, path: string): Promise<T> {
  const response = await fetch(new URL(path, url));
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export async function allMentions(url: string, filter = ''): Promise<Mention[]> {
  const found: Mention[] = [];
  let cursor = '';
  do {
    const page = await getJson<{ mentions: Mention[]; next?: string }>(
      url,
      `/v1/mentions?limit=200${filter}${cursor && `&cursor=${cursor}`}`,
    );
    found.push(...page.mentions);
    cursor = page.next ?? '';
  } while (cursor !== '');
  return found;
}
