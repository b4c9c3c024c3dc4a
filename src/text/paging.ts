import { z } from 'zod';
import { valueAt } from './json-path.ts';

const parameter = z.string().min(1).max(100);
const path = z.string().min(1).max(200);

/** How the pages of a list follow one another. */
export const pagingOptions = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('cursor'),
    parameter: parameter.describe('Of the address, for the cursor.'),
    at: path.describe('Where in the answer the next cursor stands, such as meta.next_cursor.'),
  }),
  z.strictObject({
    by: z.literal('page'),
    parameter: parameter.describe('Of the address, for the number of the page.'),
    first: z.int().min(0).max(1).default(1),
  }),
  z.strictObject({
    by: z.literal('offset'),
    parameter: parameter.describe('Of the address, for how many items are passed over.'),
  }),
  z.strictObject({
    by: z.literal('link'),
    at: path.optional().describe('Where in the answer the next address stands. Default: the Link header, rel=next.'),
  }),
]);
export type Paging = z.infer<typeof pagingOptions>;

export const sinceOptions = z.strictObject({
  parameter,
  as: z.enum(['iso', 'day', 'seconds', 'milliseconds']).default('iso'),
});

/** An instant as a platform wants to read it. */
export function sinceText(instant: string, as: z.infer<typeof sinceOptions>['as']): string {
  if (as === 'iso') return instant;
  if (as === 'day') return instant.slice(0, 10);
  const milliseconds = Date.parse(instant);
  return String(as === 'seconds' ? Math.floor(milliseconds / 1_000) : milliseconds);
}

export interface PageAnswer {
  /** Address of this page. */
  url: string;
  headers: Record<string, string>;
  json: unknown;
  /** Items of this page. */
  count: number;
}

/** Address of the next page; undefined where this was the last. */
export function nextOf(paging: Paging, { url, headers, json, count }: PageAnswer): string | undefined {
  switch (paging.by) {
    case 'link': {
      const next = paging.at === undefined ? linkOf(headers['link']) : textOf(valueAt(json, paging.at));
      return next === undefined || !URL.canParse(next, url) ? undefined : new URL(next, url).href;
    }
    case 'cursor': {
      const next = textOf(valueAt(json, paging.at));
      return next === undefined ? undefined : withParameter(url, paging.parameter, next);
    }
    case 'page':
      return count === 0 ? undefined : withParameter(url, paging.parameter, countOn(url, paging, 1, paging.first));
    case 'offset':
      return count === 0 ? undefined : withParameter(url, paging.parameter, countOn(url, paging, count, 0));
  }
}

function countOn(url: string, paging: { parameter: string }, step: number, first: number): string {
  const here = new URL(url).searchParams.get(paging.parameter);
  return String((here === null ? first : Number(here)) + step);
}

function withParameter(url: string, name: string, value: string): string {
  const next = new URL(url);
  next.searchParams.set(name, value);
  return next.href;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Of the Link header, RFC 8288: https://www.rfc-editor.org/rfc/rfc8288 */
export function linkOf(header: string | undefined, relation = 'next'): string | undefined {
  for (const [, address, parameters] of (header ?? '').matchAll(/<([^>]{0,4000})>([^<]{0,1000})/g)) {
    if (new RegExp(`;\\s*rel="?(?:[^";]* )?${relation}(?: |"|;|,|$)`, 'i').test(parameters!)) return address;
  }
  return undefined;
}
