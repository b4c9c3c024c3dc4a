import { readFileSync } from 'node:fs';
import { AppError } from '../domain/errors.ts';
import type { Parsed } from '../domain/source.ts';
import { sourceOf } from '../sources/index.ts';
import { readFeed } from '../text/feed/feed.ts';
import { EXIT, text, word } from './command.ts';
import type { Arguments, Command, Terminal } from './command.ts';

const flags = {
  'content-type': { type: 'string' },
  url: { type: 'string' },
} as const;

export const parse: Command = {
  name: 'parse',
  usage: 'TYPE FILE [--content-type T] [--url U]',
  about: 'Reads one wire answer of a source type offline: RawMention JSONL on stdout, problems on stderr.',
  flags,
  async run(given, terminal) {
    const source = sourceOf(word(given, 0, 'TYPE'));
    const parsed = source.parse(answer(given, word(given, 1, 'FILE')));
    for (const item of parsed.items) terminal.print(JSON.stringify(item));
    return report(parsed, terminal);
  },
};

export const parseFeed: Command = {
  name: 'parse-feed',
  usage: 'FILE [--content-type T] [--url U]',
  about: 'Reads a feed offline: { format, title, link, items: [RawMention…] } as JSON.',
  flags,
  async run(given, terminal) {
    const wire = answer(given, word(given, 0, 'FILE'));
    const { format, title, link } = readFeed(wire);
    const parsed = sourceOf('rss').parse(wire);
    terminal.print(
      JSON.stringify(
        { format, title: title ?? null, link: link ?? null, items: parsed.items },
        undefined,
        terminal.json ? 0 : 2,
      ),
    );
    return report(parsed, terminal);
  },
};

function answer(given: Arguments, file: string) {
  return { body: read(file), contentType: text(given, 'content-type'), url: text(given, 'url') };
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (cause) {
    throw new AppError('FILE_UNREADABLE', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function report({ items, refused }: Parsed, terminal: Terminal): number {
  for (const { where, reason } of refused) terminal.tell(`${where}: ${reason}`);
  if (refused.length === 0) return EXIT.fine;
  terminal.tell(`${items.length} taken, ${refused.length} refused.`);
  return EXIT.partlyRefused;
}
