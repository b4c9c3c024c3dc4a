import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { ALIVE_MS, factsOf } from './aside-messages.ts';
import type { AsideCall, AsideReply, AsideSettings, GateAsk } from './aside-messages.ts';
import { AppError } from './domain/errors.ts';
import type { Gate } from './net/gate.ts';

/**
 * Heap of the thread in MiB. The caps on bytes and values (`net/body.ts`) keep reading far below; an answer that unfolds
 * into more all the same ends the thread. A limit near to what is used would end the process instead, because an engine
 * that needs much at once (one `JSON.parse`) cannot be stopped in the middle.
 */
const HEAP_MB = 160;
/** Most of it is let go at once; a larger part for that would only be memory that is never given back. In MiB. */
const YOUNG_HEAP_MB = 8;
/** A thread that has said nothing for so many seconds is stuck in an answer. */
const MAX_SILENCE_S = 20;

/** The thread ended in the middle of a conversation. */
export class ThreadEnded extends Error {
  readonly reason: AppError;
  constructor(reason: AppError) {
    super(reason.message, { cause: reason });
    this.reason = reason;
  }
}

export interface Talk {
  /** What the thread says next. @throws {ThreadEnded} */
  reply(): Promise<AsideReply>;
  send(message: { more: true } | { stop: true }): void;
  end(): void;
}

export interface KeptThread {
  begin(call: Omit<AsideCall, 'port'>): Talk;
  close(): Promise<void>;
}

/** One thread, started with the first call; after one that ended there comes another. */
export function keptThread(settings: Omit<AsideSettings, 'gate'>, gate: Gate, heapMb = HEAP_MB): KeptThread {
  let worker: Worker | undefined;
  const open = new Set<(error: ThreadEnded) => void>();
  const start = () => {
    const started = startThread(settings, gate, heapMb, (reason) => {
      if (worker === started) worker = undefined;
      for (const tell of open) tell(new ThreadEnded(reason));
    });
    return started;
  };
  return {
    begin(call) {
      const { port1: port, port2: there } = new MessageChannel();
      const replies = inbox<AsideReply>();
      port.on('message', replies.put);
      open.add(replies.fail);
      worker ??= start();
      worker.ref();
      worker.postMessage({ ...call, port: there } satisfies AsideCall, [there]);
      return {
        reply: replies.take,
        send: (message) => port.postMessage(message),
        end() {
          open.delete(replies.fail);
          // A command that has done its work ends, whether or not a thread idles.
          if (open.size === 0) worker?.unref();
          port.postMessage({ stop: true });
          port.close();
        },
      };
    },
    async close() {
      await worker?.terminate();
    },
  };
}

/** Messages in their order, taken by one; after a failure there come no more. */
function inbox<T>() {
  const come: T[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  return {
    put(message: T) {
      come.push(message);
      wake?.();
    },
    fail(error: Error) {
      failure = error;
      wake?.();
    },
    async take(): Promise<T> {
      while (come.length === 0) {
        if (failure) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return come.shift()!;
    },
  };
}

function startThread(
  settings: Omit<AsideSettings, 'gate'>,
  gate: Gate,
  heapMb: number,
  onEnd: (reason: AppError) => void,
): Worker {
  const { port1: here, port2: there } = new MessageChannel();
  const worker = new Worker(new URL('aside-thread.js', import.meta.url), {
    workerData: { ...settings, gate: there } satisfies AsideSettings,
    transferList: [there],
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
  });
  answerGate(here, gate);
  let ended = false;
  const end = (reason: AppError) => {
    if (ended) return;
    ended = true;
    clearInterval(watch);
    here.close();
    void worker.terminate();
    onEnd(reason);
  };
  // Counted in turns of this loop, so that a machine that slept is not taken for a thread that is stuck.
  let silence = 0;
  const watch = setInterval(() => ++silence > MAX_SILENCE_S && end(stuck()), ALIVE_MS);
  worker.on('message', () => void (silence = 0));
  worker.on('error', (thrown) => end(endedBy(thrown, heapMb)));
  worker.on('exit', () => end(endedBy(undefined, heapMb)));
  here.unref();
  watch.unref();
  return worker;
}

function endedBy(thrown: unknown, heapMb: number): AppError {
  if ((thrown as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return tooMuch(`take more than ${heapMb} MB to read`);
  return new AppError('INTERNAL', 'The thread that asks platforms ended.', { cause: thrown });
}

const stuck = () => tooMuch(`take more than ${MAX_SILENCE_S} s to read`);

function tooMuch(what: string): AppError {
  return new AppError('REMOTE_TOO_LARGE', `What the platform answered would ${what}.`, {
    fix: 'Ask for less at a time, or look at what this address really delivers.',
  });
}

/** Turns at hosts are given out here, in the process that holds the state. */
function answerGate(port: MessagePort, gate: Gate): void {
  const stops = new Map<number, AbortController>();
  port.on('message', async ({ id, ...ask }: GateAsk) => {
    if ('stop' in ask) return stops.get(id)?.abort();
    const control = new AbortController();
    stops.set(id, control);
    try {
      await ('enter' in ask ? gate.enter(ask.enter, control.signal) : gate.leave(ask.leave, ask.answered));
      port.postMessage({ id });
    } catch (thrown) {
      port.postMessage({ id, error: factsOf(thrown) });
    } finally {
      stops.delete(id);
    }
  });
}
