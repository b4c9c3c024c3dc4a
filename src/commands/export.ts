import { z } from 'zod';
import type { Mention } from '../domain/mention.ts';
import { EXIT, read } from './command.ts';
import type { Command } from './command.ts';
import { allMentions, filterFlags, queryOf } from './search.ts';
import { withApp } from './setup.ts';

const format = z.enum(['jsonl', 'csv']).default('jsonl');

/** Columns of the CSV; the JSONL holds everything. */
const COLUMNS: Record<string, (mention: Mention) => unknown> = {
  id: ({ id }) => id,
  source: ({ source }) => source,
  channel: ({ channel }) => channel,
  at: ({ at }) => at,
  dated: ({ dated }) => dated,
  author: ({ author }) => author?.id,
  rating: ({ rating }) => rating,
  language: ({ judgements }) => judgements.language?.value,
  sentiment: ({ judgements }) => judgements.sentiment?.value,
  score: ({ judgements }) => judgements.sentiment?.score,
  step: ({ judgements }) => judgements.step?.value,
  touchpoint: ({ judgements }) => judgements.touchpoint?.value,
  outcome: ({ judgements }) => judgements.outcome?.value,
  topics: ({ judgements }) => judgements.topics?.map(({ value }) => value).join(' '),
  pains: ({ judgements }) => judgements.pains?.map(({ value }) => value).join(' '),
  title: ({ title }) => title,
  text: (mention) => mention.text,
  url: ({ url }) => url,
};

export const exportMentions: Command = {
  name: 'export',
  usage: '[QUERY] [--format jsonl|csv] [the filters of search]',
  about: 'Streams all mentions of a query.',
  flags: { ...filterFlags, format: { type: 'string' } },
  async run(given, terminal) {
    const wanted = read(given, 'format', format);
    return withApp(terminal.env, async ({ mentions, ...ports }) => {
      if (wanted === 'csv') terminal.print(Object.keys(COLUMNS).join(','));
      for await (const mention of allMentions(mentions, await queryOf(given, ports))) {
        terminal.print(wanted === 'csv' ? toCsv(mention) : JSON.stringify(mention));
      }
      return EXIT.fine;
    });
  },
};

function toCsv(mention: Mention): string {
  return Object.values(COLUMNS)
    .map((column) => cell(column(mention)))
    .join(',');
}

/** RFC 4180; what a spreadsheet would run as a formula gets an apostrophe in front. */
function cell(value: unknown): string {
  const told = value === undefined || value === null ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(told) ? `'${told}` : told;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
