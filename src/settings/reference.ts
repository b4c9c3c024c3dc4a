import { z } from 'zod';
import { LIST_FIELDS } from '../domain/query.ts';
import { NOTIFIERS } from '../notifiers/index.ts';
import { SOURCES } from '../sources/index.ts';
import { settingsSchema } from './schema.ts';

/** JSON Schema of the configuration, for editors: what a person writes, before defaults and conversions. */
export function settingsJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
  return { ...(acceptSingles(schema) as Record<string, unknown>), title: 'Earshot configuration' };
}

/** In YAML a filter may name one value where the query holds a list. */
function acceptSingles(node: unknown, name = ''): unknown {
  if (Array.isArray(node)) return node.map((item) => acceptSingles(item));
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, acceptSingles(value, key)]),
  ) as Record<string, unknown>;
  if (!LIST_FIELDS.has(name) || copy['type'] !== 'array') return copy;
  const { description, ...list } = copy;
  return { ...(description === undefined ? {} : { description }), anyOf: [list, copy['items']] };
}

/** The reference of sources and notifiers in Markdown. */
export function referenceText(): string {
  const sources = SOURCES.map((source) => entry(source, `every ${source.everySeconds} s, channel ${source.channel}`));
  const notifiers = NOTIFIERS.map((notifier) => entry(notifier));
  return ['# Sources', ...sources, '# Destinations of notices', ...notifiers, ''].join('\n\n');
}

function entry(
  { type, about, docs, options }: { type: string; about: string; docs: string; options: z.ZodType },
  facts = '',
): string {
  const shape = (options as z.ZodObject).shape as Record<string, z.ZodType>;
  const rows = Object.entries(shape).map(
    ([name, option]) => `| \`${name}\` | ${need(option)} | ${option.description ?? ''} |`,
  );
  return [
    `## \`${type}\``,
    [about, facts && `Default: ${facts}.`, `Format: ${docs}`].filter(Boolean).join(' '),
    '',
    '| option | needed | what it is |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

function need(option: z.ZodType): string {
  return option.safeParse(undefined).success ? 'no' : 'yes';
}
