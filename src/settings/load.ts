import { readFileSync } from 'node:fs';
import { LineCounter, isNode, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { LIST_FIELDS } from '../domain/query.ts';
import { describeIssue } from './problems.ts';
import type { Problem } from './problems.ts';
import { fillIn } from './references.ts';
import { settingsSchema } from './schema.ts';
import type { Settings } from './schema.ts';

/**
 * Reads a configuration file. Throws one `CONFIG_INVALID` that holds *every* problem, each with its path, its line,
 * what is known and the nearest known name.
 */
export function loadSettings(path: string, env: NodeJS.ProcessEnv): Settings {
  return readSettings(readText(path), path, env);
}

export function readSettings(text: string, path: string, env: NodeJS.ProcessEnv): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) throw invalid(path, [{ path: '', line: broken.linePos?.[0].line, message: notYaml(broken.code) }]);
  const problems: Problem[] = [];
  const filled = fillIn(withoutEmpty(document.toJS()), env, (at, message) =>
    problems.push({ path: at.join('.'), line: lineOf(document, lines, at), message }),
  );
  const result = settingsSchema.safeParse(acceptSingles(filled), { error: describeIssue, reportInput: false });
  for (const { path: at, message } of (result.error?.issues ?? []).flatMap(split)) {
    problems.push({ path: at.join('.'), line: lineOf(document, lines, at), message });
  }
  if (problems.length > 0 || !result.success) throw invalid(path, problems);
  return result.data as unknown as Settings;
}

/** A section whose lines are all commented out is as good as none. */
function withoutEmpty(settings: unknown): unknown {
  if (!isRecord(settings)) return settings ?? {};
  return Object.fromEntries(Object.entries(settings).filter(([, section]) => section !== null));
}

/** Several unknown options come as one issue of their parent; each is told at its own place, a line of the message each. */
function split(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  const messages = issue.message.split('\n');
  return issue.keys.map((key, index) => ({ path: [...issue.path, key], message: messages[index] ?? issue.message }));
}

/** Without the text at hand, which may be a secret. The first fault only: those behind it mostly follow from it. */
function notYaml(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return `this is not YAML (${words}). A value with ${'${…}'}, : or # inside { } or [ ] has to stand in quotes.`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      fix: 'Set EARSHOT_CONFIG to an existing YAML file.',
    });
  }
}

function invalid(path: string, found: Problem[]): AppError {
  const problems = found.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const lines = problems.map(
    (problem) =>
      `  ${path}${problem.line ? `:${problem.line}` : ''}  ${problem.path ? `${problem.path}: ` : ''}${problem.message}`,
  );
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new AppError('CONFIG_INVALID', `${count} in the configuration:\n${lines.join('\n')}`, {
    details: { problems },
  });
}

/** Line of the nearest node on the path that stands in the file. */
function lineOf(document: Document, lines: LineCounter, at: readonly PropertyKey[]): number | undefined {
  for (let length = at.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(at.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

/** In YAML a filter may name one value where the query holds a list. */
function acceptSingles(settings: unknown): unknown {
  if (!isRecord(settings)) return settings;
  const { subscriptions, personas } = settings;
  return {
    ...settings,
    ...(isRecord(subscriptions) && {
      subscriptions: Object.fromEntries(Object.entries(subscriptions).map(([id, one]) => [id, withLists(one)])),
    }),
    ...(Array.isArray(personas) && { personas: personas.map(withLists) }),
  };
}

function withLists(holder: unknown): unknown {
  return isRecord(holder) && isRecord(holder['query']) ? { ...holder, query: listed(holder['query']) } : holder;
}

/** Single values of list fields as lists of one. */
export function listed(filter: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(filter).map(([key, value]) => [
      key,
      LIST_FIELDS.has(key) && !Array.isArray(value) ? [value] : value,
    ]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
