import { z } from 'zod';
import { nearest } from '../text/nearest.ts';

/** One thing that is wrong in the configuration. */
export interface Problem {
  /** Dotted path, e.g. `sources.app.countries.0`. */
  path: string;
  line: number | undefined;
  message: string;
}

/**
 * Says what is wrong, what is known and which known name is nearest. One line per problem. Given to zod as its error
 * map, because only there the schema at hand, and so the known names, can be seen.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => `unknown option "${key}". ${known(key, keysOf(issue.inst))}`).join('\n');
    case 'invalid_value':
      return `${show(issue.input)} is not known. ${known(String(issue.input), issue.values.map(String))}`;
    case 'invalid_union':
      return issue.discriminator === undefined ? undefined : describeKind(issue.discriminator, issue.input, issue.inst);
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `${show(issue.input)} is not a ${issue.expected}`;
    case 'invalid_key':
      return issue.issues[0]?.message;
    default:
      return undefined;
  }
}

function describeKind(discriminator: string, input: unknown, inst: unknown): string {
  const kinds =
    inst instanceof z.ZodDiscriminatedUnion ? inst.options.map((option) => kindOf(option, discriminator)) : [];
  const value = (input as Record<string, unknown>)[discriminator];
  return value === undefined
    ? `${discriminator} is missing. Known: ${kinds.join(', ')}.`
    : `${discriminator} ${show(value)} is not known. ${known(String(value), kinds)}`;
}

function kindOf(option: unknown, discriminator: string): string {
  const literal = (option as z.ZodObject).shape[discriminator];
  return literal instanceof z.ZodLiteral ? String(literal.value) : '?';
}

function keysOf(inst: unknown): string[] {
  return inst instanceof z.ZodObject ? Object.keys(inst.shape) : [];
}

function known(name: string, names: string[]): string {
  const near = nearest(name, names);
  return `${near === undefined ? '' : `Did you mean "${near}"? `}Known: ${names.join(', ')}.`;
}

function show(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 80)}"`;
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'nothing';
  return typeof value === 'object' ? 'a group of options' : String(value);
}
