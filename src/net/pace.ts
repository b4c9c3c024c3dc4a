import { AppError } from '../domain/errors.ts';

/** Work that is told to stop is no failure: it is handed back at once and the attempt does not count. */
function stopped(): AppError {
  return new AppError('REMOTE_TIMEOUT', 'The work was stopped before the answer came.', {
    retry: { afterMs: 1_000 },
    fix: 'Nothing to do: it is taken up again.',
  });
}

/** Throws once the signal is aborted. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw stopped();
}

/** Waits that long, or throws as soon as the signal is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  stopIfAborted(signal);
  if (ms <= 0) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
  stopIfAborted(signal);
}

export interface Deadline {
  /** Aborted when time is up or the caller stops. */
  signal: AbortSignal;
  /** Throws why it ended, if it did. */
  check(): void;
  /** Frees the timer. */
  end(): void;
}

/** One time limit over a whole exchange, joined with the caller's own signal. */
export function startDeadline(ms: number, address: string, caller?: AbortSignal): Deadline {
  const control = new AbortController();
  let ended: AppError | undefined;
  const finish = (reason: AppError) => {
    ended ??= reason;
    control.abort(ended);
  };
  const late = () => finish(tooLate(ms, address));
  const stop = () => finish(stopped());
  const timer = setTimeout(late, ms);
  caller?.addEventListener('abort', stop);
  if (caller?.aborted) stop();
  return {
    signal: control.signal,
    check() {
      if (ended) throw ended;
    },
    end() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', stop);
    },
  };
}

function tooLate(ms: number, address: string): AppError {
  return new AppError('REMOTE_TIMEOUT', `${address} did not answer completely within ${ms / 1000} s.`, {
    fix: 'Nothing to do: it is tried again. If it goes on, the other side is too slow or unreachable from here.',
  });
}
