import { z } from 'zod';
import { ERRORS, type AppError, type ErrorCode } from '../domain/errors.ts';
import type { Refusal } from '../domain/source.ts';
import type { StateStore } from '../domain/store.ts';
import { mask } from '../text/mask.ts';

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

/** What was refused stays shown until something is read again: an unchanged file is not mended by being asked. */
export function succeeded(
  before: SourceHealth,
  { fetched, refused }: { fetched: number; refused: readonly Refusal[] },
  now: Date,
): SourceHealth {
  const at = now.toISOString();
  const nothingRead = fetched === 0 && refused.length === 0;
  const kept = nothingRead ? before.refused : refused.slice(0, KEPT_REFUSALS).map(masked);
  const refusedCount = nothingRead ? before.refusedCount : refused.length;
  return { lastPullAt: at, lastSuccessAt: at, failures: 0, refused: kept, refusedCount };
}

/** Reasons quote what they could not read. */
const masked = ({ where, reason }: Refusal): Refusal => ({ where: mask(where), reason: mask(reason) });

/** A broken source is tried again for ever, at a growing interval: 30 s, doubled up to 6 h, or as long as it asked for. */
export function failed(before: SourceHealth, error: AppError, now: Date): SourceHealth & { notBefore: string } {
  const asked = typeof error.retry === 'object' ? error.retry.afterMs : 0;
  // It was not asked at all, because of its neighbours: that makes its own pause no longer.
  const isLeftAlone = error.details['leftAlone'] === true;
  const failures = before.failures + (isLeftAlone ? 0 : 1);
  const grown = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20), LONGEST_PAUSE_MS);
  const pause = isLeftAlone ? asked : Math.max(asked, grown);
  const at = now.toISOString();
  const lastError = {
    code: error.code,
    message: mask(error.message),
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    at,
  };
  return { ...before, lastPullAt: at, failures, lastError, notBefore: new Date(now.getTime() + pause).toISOString() };
}

/** Lets a failing source be pulled again at once, for instance because its configuration may have been mended. */
export async function forgetPause(state: StateStore, source: string): Promise<boolean> {
  const { notBefore, ...health } = await readHealth(state, source);
  // A pause that the platform asked for holds across restarts.
  if (notBefore === undefined || health.lastError?.code === 'REMOTE_RATE_LIMITED') return false;
  await writeHealth(state, source, health);
  return true;
}
