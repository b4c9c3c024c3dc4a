import { z } from 'zod';
import { CHANNELS } from '../../domain/mention.ts';
import type { Parsed } from '../../domain/source.ts';
import { notInFormat } from '../decode.ts';
import { gather, rowInvalid } from '../gather.ts';
import type { Draft } from '../gather.ts';
import { htmlToText } from '../html.ts';
import { valueAt } from '../json-path.ts';
import { COLUMNS, columnMap, draftOfRow } from './mention-row.ts';
import { columnKey } from './rows.ts';
import type { Row } from './rows.ts';

/** How mentions are found in JSON of any shape; shared by every source that reads such. */
export const jsonShape = {
  items: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Path to the list, such as data.reviews. Default: the answer itself, one object or a list.'),
  map: columnMap
    .optional()
    .describe(`Paths inside an item, such as author.name; without it they are called ${COLUMNS.join(', ')}.`),
  channel: z.enum(CHANNELS).default('review').describe('What kind of place the words come from.'),
  html: z.boolean().default(false).describe('The words are HTML.'),
  ratingRange: z
    .strictObject({ from: z.number(), to: z.number() })
    .refine(({ from, to }) => from < to, 'from must be less than to')
    .optional()
    .describe('The scale of the ratings where it is not 1 to 5, for instance { from: 0, to: 10 }.'),
};
const shape = z.object(jsonShape);
export type JsonShape = z.infer<typeof shape>;

const EXPECTED = 'a list of JSON objects';

/** Throws `SOURCE_SHAPE` where the list is not where it should be. */
export function readItems(json: unknown, wanted: JsonShape): Parsed {
  return gather(itemsIn(json, wanted.items), nameOf, (item, index) => draftOf(item, index, wanted));
}

/** @throws {AppError} `SOURCE_SHAPE` */
export function itemsIn(json: unknown, path: string | undefined): unknown[] {
  const found = path === undefined ? json : valueAt(json, path);
  if (Array.isArray(found)) return found as unknown[];
  if (typeof found === 'object' && found !== null) return [found];
  const names = typeof json === 'object' && json !== null ? Object.keys(json).slice(0, 8).join(', ') : '';
  const came = names === '' ? 'JSON of another kind' : `JSON with ${names.slice(0, 120)}`;
  throw notInFormat(path === undefined ? EXPECTED : `${EXPECTED} at ${path}`, came);
}

const nameOf = (_item: unknown, index: number) => `item ${index + 1}`;

function draftOf(item: unknown, index: number, { map, channel, html, ratingRange }: JsonShape): Draft {
  if (typeof item !== 'object' || item === null) throw rowInvalid('It is no JSON object.');
  const { attributes = {}, ...places } = map ?? {};
  const column = (name: string, path: string) => [columnKey(name), valueAt(item, path)] as const;
  const values: Row['values'] = Object.fromEntries([
    ...COLUMNS.map((name) => column(name, places[name] ?? name)),
    ...Object.entries(attributes).map(([name, path]) => column(`attributes.${name}`, path)),
  ]);
  values['date'] = dateOf(values['date']);
  values['rating'] = ratingOf(values['rating'], ratingRange);
  for (const name of html ? ['text', 'title'] : []) {
    if (typeof values[name] === 'string') values[name] = htmlToText(values[name]);
  }
  const named = Object.fromEntries(Object.keys(attributes).map((name) => [name, `attributes.${name}`]));
  return draftOfRow({ line: index + 1, values }, { attributes: named }, channel);
}

/** Numbers are seconds or milliseconds since 1970; which of the two, their size tells for every year up to 5138. */
function dateOf(value: unknown): unknown {
  if (typeof value !== 'number' || !(value > 0)) return value;
  const date = new Date(value < 1e11 ? value * 1_000 : value);
  return Number.isNaN(date.getTime()) ? value : date.toISOString();
}

function ratingOf(value: unknown, range: JsonShape['ratingRange']): unknown {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (range === undefined || typeof number !== 'number' || number < range.from || number > range.to) return value;
  return Number((1 + (4 * (number - range.from)) / (range.to - range.from)).toFixed(6));
}
