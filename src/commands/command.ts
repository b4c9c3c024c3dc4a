import type { ParseArgsConfig } from 'node:util';
import type { z } from 'zod';
import { AppError } from '../domain/errors.ts';

/** Exit codes, part of the contract. */
export const EXIT = { fine: 0, partlyRefused: 1, wrong: 2 } as const;

type Flags = NonNullable<ParseArgsConfig['options']>;

/** What a command may use of the outside world. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadableStream;
  /** Results. */
  print(line: string): void;
  /** Progress and problems; never mixed with the results. */
  tell(line: string): void;
  /** JSON instead of words: asked for with `--json`, or because nobody is watching. */
  json: boolean;
}

export interface Arguments {
  /** What stands without a flag. */
  words: string[];
  flags: Record<string, string | boolean | (string | boolean)[] | undefined>;
}

/** One command, described once: help, usage errors and the reference are made from it. */
export interface Command {
  name: string;
  /** Behind the name, e.g. `TYPE FILE`. */
  usage: string;
  about: string;
  flags: Flags;
  run(given: Arguments, terminal: Terminal): Promise<number>;
}

export function text(given: Arguments, flag: string): string | undefined {
  const value = given.flags[flag];
  return typeof value === 'string' ? value : undefined;
}

/** A flag read by a schema; what does not fit is a fault of usage. */
export function read<T extends z.ZodType>(given: Arguments, flag: string, schema: T): z.infer<T> {
  const result = schema.safeParse(text(given, flag));
  if (result.success) return result.data;
  throw new AppError('USAGE', `--${flag} ${text(given, flag)}: ${result.error.issues[0]!.message}.`);
}

/** A word that has to be there. */
export function word(given: Arguments, index: number, what: string): string {
  const value = given.words[index];
  if (value === undefined) throw new AppError('USAGE', `${what} is missing.`);
  return value;
}
