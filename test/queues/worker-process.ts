import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll } from 'vitest';
import type { WorkerEvent } from './worker-to-kill.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = 'test/queues/worker-to-kill.ts';

let folder: string | undefined;
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** The program as JavaScript, built from the sources as they are now. Lies inside the project to find its packages. */
function program(): string {
  if (folder === undefined) {
    mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true });
    folder = mkdtempSync(join(ROOT, 'node_modules/.cache/worker-'));
    const options = '--ignoreConfig --noCheck --target es2023 --module nodenext --rewriteRelativeImportExtensions';
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, ...options.split(' '), '--rootDir', ROOT, '--outDir', folder, PROGRAM], {
      cwd: ROOT,
    });
  }
  return join(folder, PROGRAM.replace(/ts$/, 'js'));
}

/** A real worker in a process of its own. */
export interface WorkerProcess {
  process: ChildProcess;
  /** What it told so far. */
  events: WorkerEvent[];
  /** Settles when the process is gone. */
  exited: Promise<void>;
}

/** `driver` and `address` say which queue the program opens: see its `open`. */
export function startWorkerProcess(driver: string, address: string, name: string, leaseMs: number): WorkerProcess {
  const child = spawn(process.execPath, [program(), driver, address, name, String(leaseMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: WorkerEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  return { process: child, events, exited: new Promise((done) => child.once('close', () => done())) };
}
