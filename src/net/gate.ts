import { AppError } from '../domain/errors.ts';
import type { Json } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';
import { pause } from './pace.ts';

/** The way to the hosts: everybody who asks one goes through it, so that together they stay polite. */
export interface Gate {
  /**
   * Waits for the host's turn.
   * @throws {AppError} `REMOTE_UNREACHABLE` while the host is left alone because it had fault after fault.
   */
  enter(host: string, signal: AbortSignal): Promise<void>;
  /** Tells whether the host gave an answer, of whatever kind, other than a fault of its own. */
  leave(host: string, answered: boolean): Promise<void>;
}

/** What is known of one host. Times are milliseconds since 1970. */
export interface HostState {
  /** When the next request may start. */
  free: number;
  /** Faults since the last answer. */
  faults: number;
  /** The host is left alone until then. */
  closedUntil: number;
}

const UNKNOWN: HostState = { free: 0, faults: 0, closedUntil: 0 };

/** Keeps what is known of hosts. `change` is atomic: nobody else changes the same host in between. */
export interface HostMemory {
  get(host: string): Promise<HostState | undefined>;
  change(host: string, next: (known: HostState | undefined) => HostState): Promise<void>;
}

export interface GateOptions {
  /** Least time between the starts of two requests to one host, in milliseconds. */
  perHostMs: number;
  /** So many faults in a row close the way to the host. Absent = it is never closed. */
  closesAfter?: number | undefined;
  now: () => Date;
  /** Waits that many milliseconds. Default `pause`. */
  wait?: typeof pause | undefined;
}

/** The first time that a host is left alone, and the longest, in milliseconds; each time in a row doubles it. */
const FIRST_CLOSED_MS = 30_000;
const LONGEST_CLOSED_MS = 600_000;

/**
 * Spaces the requests to each host, and leaves a host alone after several faults in a row: then a single request is let
 * through to see how it is, while all others are sent back.
 */
export function createGate(
  memory: HostMemory,
  { perHostMs, closesAfter = Infinity, now, wait = pause }: GateOptions,
): Gate {
  const closedMs = (faults: number) =>
    Math.min(FIRST_CLOSED_MS * 2 ** Math.min(faults - closesAfter, 20), LONGEST_CLOSED_MS);
  return {
    async enter(host, signal) {
      let turn = 0;
      await memory.change(host, (known = UNKNOWN) => {
        // Not read before: it may take several rounds until the turn is ours.
        const at = now().getTime();
        if (at < known.closedUntil) throw closed(host, known.closedUntil - at);
        turn = Math.max(known.free, at);
        const isProbe = known.faults >= closesAfter;
        return { ...known, free: turn + perHostMs, ...(isProbe && { closedUntil: at + closedMs(known.faults) }) };
      });
      await wait(turn - now().getTime(), signal);
    },
    async leave(host, answered) {
      const { faults } = (await memory.get(host)) ?? UNKNOWN;
      if (answered && faults === 0) return;
      const at = now().getTime();
      await memory.change(host, (known = UNKNOWN) => {
        if (answered) return { ...known, faults: 0, closedUntil: 0 };
        const total = known.faults + 1;
        return { ...known, faults: total, closedUntil: total >= closesAfter ? at + closedMs(total) : 0 };
      });
    },
  };
}

function closed(host: string, afterMs: number): AppError {
  return new AppError('REMOTE_UNREACHABLE', `${host} had fault after fault, so it is left alone for now.`, {
    retry: { afterMs },
    details: { leftAlone: true },
    fix: 'Nothing to do: it is asked again by itself. If it goes on, look at the status page of the other side.',
  });
}

/** For one process. */
export function ownMemory(): HostMemory {
  const hosts = new Map<string, HostState>();
  return {
    get: async (host) => hosts.get(host),
    async change(host, next) {
      hosts.set(host, next(hosts.get(host)));
    },
  };
}

/** How often somebody else may be first. */
const MAX_ROUNDS = 100;
const PREFIX = 'host/';

/** For all processes that share a StateStore. A turn costs one read and one write. */
export function sharedMemory(state: StateStore, random: () => number): HostMemory {
  return {
    get: async (host) => (await state.get(PREFIX + host))?.value as HostState | undefined,
    async change(host, next) {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const entry = await state.get(PREFIX + host);
        const value = next(entry?.value as HostState | undefined) as unknown as Json;
        if ((await state.set(PREFIX + host, value, entry?.version ?? null)) !== null) return;
        await pause(random() * Math.min(5 * (round + 1), 100));
      }
      throw new AppError('STORE_BUSY', `Others kept taking their turns at ${host}.`);
    },
  };
}
