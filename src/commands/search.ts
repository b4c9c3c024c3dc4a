import type { MentionStore } from '../domain/store.ts';
import type { Mention } from '../domain/mention.ts';
import type { MentionQuery } from '../domain/query.ts';
import { LIST_FIELDS, mentionFilter } from '../domain/query.ts';
import { filterParams, readParams } from '../journey/filter-params.ts';
import type { RawParams } from '../journey/filter-params.ts';
import { understand } from '../journey/personas.ts';
import type { UnderstandPorts } from '../journey/personas.ts';
import { z } from 'zod';
import { EXIT, read } from './command.ts';
import type { Arguments, Command } from './command.ts';
import { withApp } from './setup.ts';

/** Every filter of the API is a flag of the same name. */
export const filterFlags = Object.fromEntries(
  Object.keys(mentionFilter.shape)
    .filter((name) => name !== 'q')
    .map((name) => [name, { type: 'string' as const, multiple: LIST_FIELDS.has(name) }]),
);

export function queryOf({ words, flags }: Arguments, ports: UnderstandPorts): Promise<MentionQuery> {
  const given = Object.entries(flags).filter(([name]) => name in filterFlags);
  const raw = { ...Object.fromEntries(given), ...(words.length === 0 ? {} : { q: words.join(' ') }) } as RawParams;
  return understand(readParams(z.strictObject(filterParams), raw), ports);
}

const PAGE = 200;

/** All mentions of a query, page by page. */
export async function* allMentions(
  store: Pick<MentionStore, 'search'>,
  query: MentionQuery,
  most = Infinity,
): AsyncIterable<Mention> {
  let cursor: string | undefined;
  let left = most;
  do {
    const page = await store.search(query, { limit: Math.min(PAGE, left), cursor });
    yield* page.mentions;
    left -= page.mentions.length;
    cursor = page.next;
  } while (cursor !== undefined && left > 0);
}

export const search: Command = {
  name: 'search',
  usage: '[QUERY] [--stage S --model M --touchpoint T --sentiment X --from … --to …] [--limit N]',
  about: 'Searches the stored mentions, newest first; the filters are those of GET /v1/mentions.',
  flags: { ...filterFlags, limit: { type: 'string' } },
  async run(given, terminal) {
    return withApp(terminal.env, async ({ mentions, ...ports }) => {
      const limit = read(given, 'limit', z.coerce.number().int().min(1).default(20));
      for await (const mention of allMentions(mentions, await queryOf(given, ports), limit)) {
        terminal.print(terminal.json ? JSON.stringify(mention) : inWords(mention));
      }
      return EXIT.fine;
    });
  },
};

function inWords({ at, source, title, text: said, judgements: { sentiment, step, touchpoint } }: Mention): string {
  const place = [sentiment?.value, step?.value, touchpoint?.value].map((value) => value ?? '?').join(' · ');
  return `${at.slice(0, 10)}  ${source}  ${place}\n  ${title === undefined ? '' : `${title}: `}${said.replaceAll('\n', '\n  ')}\n`;
}
