import type { MessagePort } from 'node:worker_threads';
import { AppError, toAppError } from './domain/errors.ts';
import type { ErrorCode, Retry } from './domain/errors.ts';
import type { Ask, Part } from './pipeline/listen.ts';

/** What the thread is started with. */
export interface AsideSettings {
  allow?: readonly string[] | undefined;
  userAgent?: string | undefined;
  gate: MessagePort;
}

/** One thing to do; its parts come through the port. */
export interface AsideCall {
  type: string;
  options: unknown;
  ask: Ask;
  /** What time it is, ISO 8601 UTC. */
  now: string;
  port: MessagePort;
}

export interface ErrorFacts {
  code: ErrorCode;
  message: string;
  retry: Retry;
  fix: string | undefined;
  details: Record<string, unknown>;
}

/** How often the thread says that it is not stuck, in milliseconds. */
export const ALIVE_MS = 1_000;

/** `part` is absent at the end. */
export type AsideReply = { part?: Part } | { error: ErrorFacts };
export type GateAsk = { id: number } & ({ enter: string } | { leave: string; answered: boolean } | { stop: true });

/** An error as plain data: a class does not survive the way between threads. */
export function factsOf(thrown: unknown): ErrorFacts {
  const { code, message, retry, fix, details } = toAppError(thrown);
  return { code, message, retry, fix, details: JSON.parse(JSON.stringify(details)) as Record<string, unknown> };
}

export function errorOf({ code, message, retry, fix, details }: ErrorFacts): AppError {
  return new AppError(code, message, { retry, details, ...(fix === undefined ? {} : { fix }) });
}
