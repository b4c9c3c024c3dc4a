import { AppError } from '../domain/errors.ts';
import type { Destination, Notifier } from '../domain/notice.ts';
import { webhook } from './webhook.ts';

/** Every way to tell people. */
export const NOTIFIERS: readonly Notifier[] = [webhook];

/** The notifier of that type. Throws `CONFIG_INVALID` where there is none. */
export function notifierOf(type: string): Notifier {
  const notifier = NOTIFIERS.find((known) => known.type === type);
  if (notifier) return notifier;
  throw new AppError('CONFIG_INVALID', `"${type}" is no type of destination.`, {
    fix: `Use one of: ${NOTIFIERS.map((known) => known.type).join(', ')}.`,
  });
}

/**
 * Two destinations of one subscription that lead to the same place could not be told apart in the log.
 * @returns What is wrong, or nothing.
 */
export function repeatedDestination(destinations: readonly Destination[]): string | undefined {
  const keys = destinations.map(destinationKey);
  const again = keys.find((key, index) => keys.indexOf(key) !== index);
  return again && `two destinations lead to ${again}; give the second a subscription of its own`;
}

/** Tells destinations apart: `webhook https://example.com/hook`. Holds no secret. */
export function destinationKey(destination: Destination): string {
  return `${destination.type} ${notifierOf(destination.type).key(destination)}`;
}
