import { ThreadEnded, keptThread } from './aside-kept.ts';
import type { KeptThread } from './aside-kept.ts';
import { errorOf } from './aside-messages.ts';
import type { AsideReply, AsideSettings } from './aside-messages.ts';
import type { Gate } from './net/gate.ts';
import { listenHere } from './pipeline/listen.ts';
import type { Ask, Call, Listener, Part } from './pipeline/listen.ts';

/** Pushes are mostly one event, read faster than they are handed over. In bytes. */
const SMALL_PUSH = 64 * 1_024;

/**
 * Asks platforms in a thread of its own, so that reading a huge or hostile answer holds up neither the API nor any job,
 * and cannot take the process's memory. Where the thread ends over an answer, each source that was being read is read
 * once more in a thread for itself, so that only the one with that answer fails. The gate stays here: it belongs to the
 * process. Needs the built program.
 */
export function listenAside(
  settings: Omit<AsideSettings, 'gate'>,
  gate: Gate,
  now: () => Date,
  heapMb?: number,
): Listener & { close(): Promise<void> } {
  const shared = keptThread(settings, gate, heapMb);
  const alone = keptThread(settings, gate, heapMb);
  const turns = oneAtATime();
  let isClosed = false;
  /** Options of sources over which a thread may have ended: they are read alone until that goes well. */
  const suspects = new WeakSet<object>();

  async function* listenTogether(progress: { ask: Ask }, call: Call): AsyncGenerator<Part> {
    for await (const part of converse(shared, progress.ask, call, now())) {
      yield part;
      if (part.end && 'pull' in progress.ask) progress.ask = { pull: { cursor: part.end.cursor } };
    }
  }

  async function* listenAlone(ask: Ask, call: Call): AsyncGenerator<Part> {
    const done = await turns();
    try {
      yield* converse(alone, ask, call, now());
      suspects.delete(call.options as object);
    } catch (thrown) {
      throw thrown instanceof ThreadEnded ? thrown.reason : thrown;
    } finally {
      await alone.close();
      done();
    }
  }

  return {
    async *listen(ask, call) {
      if ('push' in ask && ask.push.body.length <= SMALL_PUSH) return yield* readPushHere(ask, call, now);
      const progress = { ask };
      try {
        if (!suspects.has(call.options as object)) return yield* listenTogether(progress, call);
      } catch (thrown) {
        if (!(thrown instanceof ThreadEnded)) throw thrown;
        if (isClosed) throw thrown.reason;
        suspects.add(call.options as object);
      }
      return yield* listenAlone(progress.ask, call);
    },
    async close() {
      isClosed = true;
      await Promise.all([shared.close(), alone.close()]);
    },
  };
}

function readPushHere(ask: Ask, call: Call, now: () => Date): AsyncIterable<Part> {
  return listenHere({ http: asksNobody, now }).listen(ask, call);
}

const asksNobody = () => Promise.reject(new Error('Reading a push asks nobody.'));

/** Question and answer with the thread: it goes on only when asked for more. */
async function* converse(
  thread: KeptThread,
  ask: Ask,
  { source, options, signal }: Call,
  now: Date,
): AsyncGenerator<Part> {
  const talk = thread.begin({ type: source.type, options, ask, now: now.toISOString() });
  const stop = () => talk.send({ stop: true });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    for (let reply = await talk.reply(); ; reply = await talk.reply()) {
      const part = partIn(reply);
      if (part === undefined) return;
      yield part;
      talk.send({ more: true });
    }
  } finally {
    signal.removeEventListener('abort', stop);
    talk.end();
  }
}

function partIn(reply: AsideReply): Part | undefined {
  if ('error' in reply) throw errorOf(reply.error);
  return reply.part;
}

/** Waits until everybody before has called what it got. */
function oneAtATime(): () => Promise<() => void> {
  let last = Promise.resolve();
  return async () => {
    const before = last;
    let done!: () => void;
    last = new Promise((resolve) => (done = resolve));
    await before;
    return done;
  };
}
