import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Gate } from './net/gate.ts';
import { errorOf, factsOf } from './aside-messages.ts';
import type { AsideCall, AsideReply, AsideSettings, GateAsk } from './aside-messages.ts';
import { AppError } from './domain/errors.ts';
import type { Parsed } from './domain/source.ts';
import type { Call, Listener, PagePart } from './pipeline/listen.ts';

/**
 * Heap of the thread in MiB, beside the answers' own bytes. An answer that unfolds into more ends the thread, not the
 * process.
 */
const MAX_HEAP_MB = 96;

/**
 * Asks platforms in a thread of its own, so that reading a huge or hostile answer holds up neither the API nor any job,
 * and cannot take the process's memory. The gate stays here: it belongs to the process. Needs the built program.
 */
export function listenAside(settings: Omit<AsideSettings, 'gate'>, gate: Gate): Listener & { close(): Promise<void> } {
  const thread = keptThread(settings, gate);
  const call = (ask: AsideCall['ask'], { source, options, signal }: Call) => {
    const { port1: here, port2: there } = new MessageChannel();
    const asked: AsideCall = { type: source.type, options, ask, port: there };
    return conversation(here, () => thread.post(asked, there), signal, thread);
  };
  return {
    async *pull({ cursor, ...asked }) {
      const talk = call({ pull: { cursor } }, asked);
      try {
        for (let reply = await talk.next(); reply.part !== undefined; reply = await talk.next()) yield reply.part;
      } finally {
        talk.end();
      }
    },
    async recheck(asked, externalIds) {
      const talk = call({ recheck: externalIds }, asked);
      try {
        const found: Parsed = { items: [], refused: [], gone: [], answered: [] };
        for (let reply = await talk.next(); reply.part !== undefined; reply = await talk.next()) add(found, reply.part);
        return found;
      } finally {
        talk.end();
      }
    },
    close: () => thread.close(),
  };
}

function add(found: Parsed, part: PagePart): void {
  found.items.push(...part.items);
  found.refused.push(...part.refused);
  found.gone!.push(...(part.gone ?? []));
  found.answered!.push(...(part.answered ?? []));
}

interface Thread {
  post(call: AsideCall, port: MessagePort): void;
  /** Tells when the thread ends before the conversation does. */
  onEnd(tell: (error: AppError) => void): () => void;
  close(): Promise<void>;
}

/** One thread for all calls, started with the first; after one that ended there comes another. */
function keptThread(settings: Omit<AsideSettings, 'gate'>, gate: Gate): Thread {
  let worker: Worker | undefined;
  const waiting = new Set<(error: AppError) => void>();
  const start = () => {
    const { port1: here, port2: there } = new MessageChannel();
    const workerData: AsideSettings = { ...settings, gate: there };
    const started = new Worker(new URL('aside-thread.js', import.meta.url), {
      workerData,
      transferList: [there],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    answerGate(here, gate);
    let isOver = false;
    const over = (error: AppError) => {
      if (isOver) return;
      isOver = true;
      here.close();
      worker = undefined;
      for (const tell of waiting) tell(error);
    };
    started.on('error', (thrown) => over(endedBy(thrown)));
    started.on('exit', () => over(endedBy(undefined)));
    // A command that has done its work ends, whether or not a thread idles.
    started.unref();
    here.unref();
    return started;
  };
  return {
    post: (call, port) => (worker ??= start()).postMessage(call, [port]),
    onEnd(tell) {
      waiting.add(tell);
      return () => waiting.delete(tell);
    },
    async close() {
      await worker?.terminate();
    },
  };
}

function endedBy(thrown: unknown): AppError {
  if ((thrown as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new AppError('SOURCE_SHAPE', `An answer took more than ${MAX_HEAP_MB} MB to read.`, {
      fix: 'Ask for less at a time, or look at what this address really delivers.',
    });
  return new AppError('INTERNAL', 'The thread that asks platforms ended.', { cause: thrown });
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

/** Question and answer with the thread: it goes on only when asked for more. */
function conversation(port: MessagePort, begin: () => void, signal: AbortSignal, thread: Thread) {
  let take: ((reply: AsideReply) => void) | undefined;
  const settle = (reply: AsideReply) => take?.(reply);
  const stop = () => port.postMessage({ stop: true });
  const unwatch = thread.onEnd((error) => settle({ error: factsOf(error) }));
  port.on('message', settle);
  signal.addEventListener('abort', stop);
  let begun = false;
  return {
    async next(): Promise<{ part?: PagePart }> {
      const reply = await new Promise<AsideReply>((resolve) => {
        take = resolve;
        if (begun) port.postMessage({ more: true });
        else begin();
        begun = true;
        if (signal.aborted) stop();
      });
      if ('error' in reply) throw errorOf(reply.error);
      return reply;
    },
    end() {
      unwatch();
      signal.removeEventListener('abort', stop);
      port.postMessage({ stop: true });
      port.close();
    },
  };
}
