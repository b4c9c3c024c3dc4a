/**
 * Pulls from every source while the platform answers with bombs, in a process of its own, and tells what became of the
 * process: `node --expose-gc bombs-child.mjs DIST BASE SETTINGS BOMBS`, with lists as JSON. One line of JSON per pull.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

const [dist, base, settingsText, bombs] = process.argv.slice(2);
const load = (path) => import(join(dist, 'src', path));
const { openApp } = await load('app.js');
const { toAppError } = await load('domain/errors.js');
const { pull } = await load('pipeline/pull.js');
const { readEnvironment } = await load('settings/environment.js');
const { readSettings } = await load('settings/load.js');

const RESOLUTION_MS = 5;
/** A byte now and then would go on until the deadline of the exchange. */
const PATIENCE_MS = { 'a byte now and then': 1_500 };

const dataDir = mkdtempSync(join(tmpdir(), 'earshot-bombs-'));
const settings = readSettings(settingsText, 'test', process.env);
const app = await openApp({ settings, environment: { ...readEnvironment({}), dataDir }, log: () => {} });
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
/** The highest memory use since `forgetPeak`, in MB; where that cannot be told, since the process began. */
function peakMb() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1_024;
  } catch {
    return process.resourceUsage().maxRSS / 1_024;
  }
}

/** Linux forgets it: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html */
function forgetPeak() {
  // What earlier pulls left for the collector is not what this one takes.
  globalThis.gc();
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere only what goes beyond all pulls before is seen.
  }
}

const queued = async () => (await app.queue.counts('ingest')).waiting;

async function pullOnce(bomb, configured) {
  await fetch(`${base}/next?${new URLSearchParams({ bomb, type: configured.source.type })}`);
  const before = await queued();
  forgetPeak();
  const beforeMb = peakMb();
  delay.reset();
  // The first tick after a reset is only the beginning of what is measured.
  await pause(4 * RESOLUTION_MS);
  const began = performance.now();
  const signal = AbortSignal.timeout(PATIENCE_MS[bomb] ?? 20_000);
  const code = await pull(configured, app, signal).then(
    () => 'fine',
    (thrown) => `${toAppError(thrown).code}${toAppError(thrown).code === 'INTERNAL' ? ` ${thrown.stack}` : ''}`,
  );
  const tookMs = performance.now() - began;
  await pause(2 * RESOLUTION_MS);
  const heldMs = delay.max / 1e6 - RESOLUTION_MS;
  const jobs = (await queued()) - before;
  const growthMb = peakMb() - beforeMb;
  return { bomb, type: configured.source.type, code, jobs, heldMs, tookMs, growthMb };
}

try {
  forgetPeak();
  tell({ firstMb: peakMb() });
  for (const bomb of JSON.parse(bombs)) {
    for (const configured of app.sources) tell(await pullOnce(bomb, configured));
  }
  forgetPeak();
  tell({ lastMb: peakMb(), polluted: {}.hurt !== undefined });
} finally {
  await app.close(0);
  rmSync(dataDir, { recursive: true, force: true });
}
