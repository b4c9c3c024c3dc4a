import { z } from 'zod';
import { ERRORS, type AppError, type ErrorCode } from '../domain/errors.ts';
import type { Refusal } from '../domain/source.ts';
import type { StateStore } from '../domain/store.ts';

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** How a source is doing: what the sources page and `/v1/sources` show. Times are ISO 8601 UTC. */
export const sourceHealth = z.strictObject({
  lastPullAt: z.string().optional(),
  lastSuccessAt: z.string().optional(),
  lastError: z
    .strictObject({ code: z.enum(codes), message: z.string(), fix: z.string().optional(), at: z.string() })
    .optional(),
  /** Failures since the last success. */
  failures: z.int().nonnegative(),
  /** Not pulled before this time. */
  notBefore: z.string().optional(),
  /** What the last pull could not take, with the reasons; at most ten are kept. */
  refused: z.array(z.strictObject({ where: z.string(), reason: z.string() })),
  refusedCount: z.int().nonnegative(),
});
export type SourceHealth = z.infer<typeof sourceHealth>;

const FRESH: SourceHealth = { failures: 0, refused: [], refusedCount: 0 };
const KEPT_REFUSALS = 10;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;

const keyOf = (source: string) => `health/${source}`;

export async function readHealth(state: StateStore, source: string): Promise<SourceHealth> {
  const entry = await state.get(keyOf(source));
  return sourceHealth.safeParse(entry?.value).data ?? FRESH;
}

export async function writeHealth(state: StateStore, source: string, health: SourceHealth): Promise<void> {
  await state.set(keyOf(source), health as never);
}

export function succeeded(now: Date, refused: readonly Refusal[]): SourceHealth {
  const at = now.toISOString();
  return {
    lastPullAt: at,
    lastSuccessAt: at,
    failures: 0,
    refused: refused.slice(0, KEPT_REFUSALS),
    refusedCount: refused.length,
  };
}

/** A broken source is tried again for ever, at a growing interval: 30 s, doubled up to 6 h, or as long as it asked for. */
export function failed(before: SourceHealth, error: AppError, now: Date): SourceHealth & { notBefore: string } {
  const failures = before.failures + 1;
  const grown = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20), LONGEST_PAUSE_MS);
  const pause = typeof error.retry === 'object' ? Math.max(error.retry.afterMs, grown) : grown;
  const at = now.toISOString();
  const lastError = {
    code: error.code,
    message: error.message,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    at,
  };
  return { ...before, lastPullAt: at, failures, lastError, notBefore: new Date(now.getTime() + pause).toISOString() };
}

/** Lets a failing source be pulled again at once, for instance because its configuration may have been mended. */
export async function forgetPause(state: StateStore, source: string): Promise<boolean> {
  const { notBefore, ...health } = await readHealth(state, source);
  if (notBefore === undefined) return false;
  await writeHealth(state, source, health);
  return true;
}
