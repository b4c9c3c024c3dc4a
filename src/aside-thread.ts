import { workerData, parentPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { ALIVE_MS, errorOf, factsOf } from './aside-messages.ts';
import type { AsideCall, AsideReply, AsideSettings, ErrorFacts } from './aside-messages.ts';
import type { AppError } from './domain/errors.ts';
import type { HttpClient } from './domain/http.ts';
import type { Gate } from './net/gate.ts';
import { createHttp } from './net/http.ts';
import { stopIfAborted } from './net/pace.ts';
import { listenHere } from './pipeline/listen.ts';
import { sourceOf } from './sources/index.ts';

/** The gate of the process, asked from here. */
function gateBehind(port: MessagePort): Gate {
  let last = 0;
  const open = new Map<number, { resolve: () => void; reject: (error: AppError) => void }>();
  port.on('message', ({ id, error }: { id: number; error?: ErrorFacts }) => {
    const asked = open.get(id);
    open.delete(id);
    if (error) asked?.reject(errorOf(error));
    else asked?.resolve();
  });
  const ask = (question: { enter: string } | { leave: string; answered: boolean }, signal?: AbortSignal) => {
    const id = ++last;
    const stop = () => port.postMessage({ id, stop: true });
    signal?.addEventListener('abort', stop);
    return new Promise<void>((resolve, reject) => {
      open.set(id, { resolve, reject });
      port.postMessage({ id, ...question });
    }).finally(() => signal?.removeEventListener('abort', stop));
  };
  return {
    async enter(host, signal) {
      stopIfAborted(signal);
      await ask({ enter: host }, signal);
    },
    leave: (host, answered) => ask({ leave: host, answered }),
  };
}

async function answer({ type, options, ask, now, port }: AsideCall, http: HttpClient): Promise<void> {
  const control = new AbortController();
  let goOn: (() => void) | undefined;
  port.on('message', (message: { more: true } | { stop: true }) => {
    if ('stop' in message) control.abort();
    goOn?.();
  });
  try {
    const { listen } = listenHere({ http, now: () => new Date(now) });
    for await (const part of listen(ask, { source: sourceOf(type), options, signal: control.signal })) {
      const asked = new Promise<void>((resolve) => (goOn = resolve));
      port.postMessage({ part } satisfies AsideReply);
      await asked;
      control.signal.throwIfAborted();
    }
    port.postMessage({} satisfies AsideReply);
  } catch (thrown) {
    port.postMessage({ error: factsOf(thrown) } satisfies AsideReply);
  }
}

const { gate, ...settings } = workerData as AsideSettings;
const http = createHttp({ ...settings, gate: gateBehind(gate) });
const port = parentPort!;
port.on('message', (call: AsideCall) => void answer(call, http));
// What is stuck says nothing.
setInterval(() => port.postMessage('alive'), ALIVE_MS);
