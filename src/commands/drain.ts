import { setTimeout as pause } from 'node:timers/promises';
import type { JobQueue } from '../domain/queue.ts';
import type { Terminal } from './command.ts';

const STEP_MS = 50;
const TOLD_EVERY = 20;

/** Waits until no job of this name is left to do, saying every second how many still are. */
export async function drain(queue: JobQueue, name: string, terminal: Pick<Terminal, 'tell'>): Promise<void> {
  for (let round = 1; ; round++) {
    const { waiting, delayed, running } = await queue.counts(name);
    const left = waiting + delayed + running;
    if (left === 0) return;
    if (round % TOLD_EVERY === 0) terminal.tell(`${left} batches to go …`);
    await pause(STEP_MS);
  }
}

/** Says how many batches went to the dead letters since there were `before` of them, and gives their number. */
export async function tellSetAside(
  queue: JobQueue,
  name: string,
  before: number,
  terminal: Pick<Terminal, 'tell'>,
): Promise<number> {
  const setAside = (await queue.counts(name)).dead - before;
  if (setAside > 0) terminal.tell(`${setAside} batches could not be stored: earshot dead list shows why.`);
  return setAside;
}
