import { randomUUID } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import { buryPoison, handBack, renew, startRun } from './run.ts';
import type { Handler, Run, RunParts } from './run.ts';
import type { Schedules } from './schedules.ts';

export interface WorkerParts extends RunParts {
  schedules: Schedules;
  leaseMs: number;
  pollMs: number;
}

/** Who works on jobs of one name. */
interface Post {
  name: string;
  handler: Handler;
  concurrency: number;
  running: number;
}

interface State extends WorkerParts {
  posts: Map<string, Post>;
  runs: Set<Run>;
  taking: boolean;
  renewedAt: number;
  /** Set while the worker looks for work now and then; it keeps the process alive. */
  timer: NodeJS.Timeout | undefined;
  /** Set while the worker is about to look. */
  soon: NodeJS.Immediate | undefined;
}

/**
 * Takes due jobs and runs them. One timer drives everything: it renews leases, adds what schedules ask for and looks
 * for work. It starts with the first post and ends with `close`.
 */
export function createWorker(parts: WorkerParts) {
  const state: State = {
    ...parts,
    posts: new Map(),
    runs: new Set(),
    taking: true,
    renewedAt: parts.now(),
    timer: undefined,
    soon: undefined,
  };
  let closing: Promise<void> | undefined;

  return {
    wake: () => wake(state),
    post(name: string, handler: Handler, concurrency: number): void {
      if (closing || state.posts.has(name)) throw notPostable(name);
      state.posts.set(name, { name, handler, concurrency, running: 0 });
      state.timer ??= setTimeout(look, state.pollMs, state);
      wake(state);
    },
    close: (graceMs: number): Promise<void> => (closing ??= shutDown(state, graceMs)),
  };
}

/** Looks for work sooner than the timer would; many calls in one turn of the event loop become one look. */
function wake(state: State): void {
  if (state.timer !== undefined) state.soon ??= setImmediate(look, state);
}

function look(state: State): void {
  stopTimers(state);
  try {
    renewLeases(state);
    if (state.taking) takeDueJobs(state);
  } catch (fault) {
    state.log('error', 'The queue could not look for work and will try again.', { cause: String(fault) });
  }
  state.timer = setTimeout(look, Math.min(state.pollMs, renewalMs(state)), state);
}

function stopTimers(state: State): void {
  clearTimeout(state.timer);
  clearImmediate(state.soon);
  state.timer = undefined;
  state.soon = undefined;
}

const renewalMs = ({ leaseMs }: State) => leaseMs / 3;

/** Comes before taking, so that a process that was held up does not take its own running jobs once more. */
function renewLeases(state: State): void {
  const now = state.now();
  if (now - state.renewedAt < renewalMs(state)) return;
  for (const run of state.runs) renew(state, run, now + state.leaseMs);
  state.renewedAt = now;
}

function takeDueJobs(state: State): void {
  state.schedules.addDue(state.now());
  for (const post of state.posts.values()) {
    const free = post.concurrency - post.running;
    if (free > 0) takeFor(state, post, free);
  }
}

function takeFor(state: State, post: Post, limit: number): void {
  const now = state.now();
  for (const job of state.jobs.take(post.name, limit, now, { token: randomUUID(), until: now + state.leaseMs })) {
    if (buryPoison(state, job)) continue;
    const run = startRun(state, job, post.handler);
    post.running += 1;
    state.runs.add(run);
    void run.ended.finally(() => {
      post.running -= 1;
      state.runs.delete(run);
      wake(state);
    });
  }
}

async function shutDown(state: State, graceMs: number): Promise<void> {
  state.taking = false;
  await settledWithin(
    [...state.runs].map((run) => run.ended),
    graceMs,
  );
  stopTimers(state);
  for (const run of state.runs) handBack(state, run);
}

/** Waits for all of them, but no longer than that. */
async function settledWithin(endings: Promise<void>[], graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([Promise.all(endings), grace]);
  clearTimeout(timer);
}

function notPostable(name: string): AppError {
  return new AppError('INTERNAL', `Nobody can start to work on "${name}": somebody does, or the queue is closing.`, {
    retry: 'never',
    fix: 'Call work() once for each name, before close().',
  });
}
