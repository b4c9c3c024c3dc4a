import { workerData, parentPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { errorOf, factsOf } from './aside-messages.ts';
import type { AsideCall, AsideReply, AsideSettings, ErrorFacts } from './aside-messages.ts';
import type { AppError } from './domain/errors.ts';
import type { HttpClient } from './domain/http.ts';
import type { Parsed } from './domain/source.ts';
import type { Gate } from './net/gate.ts';
import { createHttp } from './net/http.ts';
import { stopIfAborted } from './net/pace.ts';
import { listenHere } from './pipeline/listen.ts';
import { sourceOf } from './sources/index.ts';

/** So many mentions are handed over at once: copying them holds the other thread for a few milliseconds. */
const PART = 500;

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

async function answer({ type, options, ask, port }: AsideCall, http: HttpClient): Promise<void> {
  const control = new AbortController();
  let goOn: (() => void) | undefined;
  port.on('message', (message: { more: true } | { stop: true }) => {
    if ('stop' in message) control.abort();
    goOn?.();
  });
  const tell = async (reply: AsideReply) => {
    const asked = new Promise<void>((resolve) => (goOn = resolve));
    port.postMessage(reply);
    await asked;
    control.signal.throwIfAborted();
  };
  try {
    const listener = listenHere({ http, now: () => new Date() });
    const call = { source: sourceOf(type), options, signal: control.signal };
    if ('recheck' in ask) await tellParts(await listener.recheck(call, ask.recheck), undefined, tell);
    else
      for await (const page of listener.pull({ ...call, cursor: ask.pull.cursor }))
        await tellParts(page, page.isWhole ? page.cursor : undefined, tell);
    port.postMessage({});
  } catch (thrown) {
    port.postMessage({ error: factsOf(thrown) });
  }
}

/** The last part holds what is not mentions, so that the order is kept. */
async function tellParts(
  { items, refused, gone, answered }: Parsed,
  cursor: unknown,
  tell: (reply: AsideReply) => Promise<void>,
): Promise<void> {
  let start = 0;
  for (; items.length - start > PART; start += PART)
    await tell({ part: { items: items.slice(start, start + PART), refused: [], isWhole: false } });
  const rest = { items: items.slice(start), refused, ...(gone && { gone }), ...(answered && { answered }) };
  await tell({ part: { ...rest, isWhole: true, cursor } });
}

const { gate, ...settings } = workerData as AsideSettings;
const http = createHttp({ ...settings, gate: gateBehind(gate) });
parentPort!.on('message', (call: AsideCall) => void answer(call, http));
