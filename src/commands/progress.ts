import { setTimeout as pause } from 'node:timers/promises';
import type { App } from '../app.ts';
import { readHealth } from '../pipeline/health.ts';
import { JOBS } from '../pipeline/jobs.ts';
import type { Terminal } from './command.ts';

const STEP_MS = 250;
const TOLD_EVERY = 4;

/** Shows how the first round goes, until every source was asked once and all that came is stored. */
export async function watchFirstRound(app: App, terminal: Pick<Terminal, 'tell'>, signal: AbortSignal): Promise<void> {
  let told = '';
  for (let round = 0; !signal.aborted; round++) {
    const { asked, busy } = await look(app);
    const line = `Listening: ${await countMentions(app)} mentions, ${asked} of ${app.sources.length} sources asked …`;
    if (round % TOLD_EVERY === 0 && line !== told) terminal.tell((told = line));
    if (asked === app.sources.length && !busy) return;
    await pause(STEP_MS, undefined, { signal }).catch(() => {});
  }
}

async function look({ state, queue, sources }: App): Promise<{ asked: number; busy: boolean }> {
  const health = await Promise.all(sources.map(({ name }) => readHealth(state, name)));
  const [pulls, ingests] = [await queue.counts(JOBS.pull), await queue.counts(JOBS.ingest)];
  return {
    asked: health.filter(({ lastPullAt }) => lastPullAt !== undefined).length,
    busy: pulls.waiting + pulls.running + ingests.waiting + ingests.running > 0,
  };
}

/** A store of the scaled stage shows what it was given within a second: the count is told once it stands still. */
export async function settledCount(app: App): Promise<number> {
  for (let before = -1; ;) {
    const count = await countMentions(app);
    if (count === before) return count;
    before = count;
    await pause(1_100);
  }
}

async function countMentions({ mentions }: Pick<App, 'mentions'>): Promise<number> {
  return (await mentions.search({}, { limit: 1 })).total;
}
