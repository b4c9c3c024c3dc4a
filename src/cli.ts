#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { annotate } from './commands/annotate.ts';
import { check } from './commands/check.ts';
import { EXIT } from './commands/command.ts';
import type { Command, Terminal } from './commands/command.ts';
import { dead } from './commands/dead.ts';
import { eraseMentions } from './commands/erase.ts';
import { evaluate } from './commands/evaluate.ts';
import { explain } from './commands/explain.ts';
import { exportMentions } from './commands/export.ts';
import { importFile } from './commands/import.ts';
import { parse, parseFeed } from './commands/parse.ts';
import { pull } from './commands/pull.ts';
import { reindex } from './commands/reindex.ts';
import { reference } from './commands/reference.ts';
import { search } from './commands/search.ts';
import { train } from './commands/train.ts';
import { up } from './commands/up.ts';
import { AppError, toAppError } from './domain/errors.ts';
import { didYouMean } from './text/nearest.ts';

const COMMANDS: readonly Command[] = [
  up,
  check,
  pull,
  parse,
  parseFeed,
  annotate,
  explain,
  evaluate,
  train,
  importFile,
  search,
  exportMentions,
  eraseMentions,
  dead,
  reindex,
  reference,
];

function usage(): string {
  const lines = COMMANDS.map(({ name, usage: behind, about }) => `  ${`${name} ${behind}`.trim()}\n      ${about}`);
  return [
    'earshot COMMAND',
    '',
    ...lines,
    '',
    '--json on any command: JSON or JSONL, as also when the output is piped.',
  ].join('\n');
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help') {
    terminal.print(usage());
    return name === undefined ? EXIT.wrong : EXIT.fine;
  }
  const command = commandNamed(name);
  const { values, positionals } = read(command, rest);
  if (values['help'] === true) {
    terminal.print(`earshot ${command.name} ${command.usage}\n${command.about}`);
    return EXIT.fine;
  }
  return command.run(
    { words: positionals, flags: values },
    { ...terminal, json: terminal.json || values['json'] === true },
  );
}

function commandNamed(name: string): Command {
  const found = COMMANDS.find((command) => command.name === name);
  if (found) return found;
  const names = COMMANDS.map((command) => command.name);
  throw new AppError('USAGE', `"${name}" is no command.${didYouMean(name, names)}`, {
    fix: `Known: ${names.join(', ')}.`,
  });
}

function read(command: Command, args: string[]) {
  try {
    const options = { ...command.flags, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
    return parseArgs({ args, options, allowPositionals: true });
  } catch (thrown) {
    throw new AppError('USAGE', (thrown as Error).message.split('\n')[0]!, {
      fix: `earshot ${command.name} ${command.usage}`,
    });
  }
}

/** 2 where the caller has to change something, 1 where the world has. */
function exitCode({ code }: AppError): number {
  return ['CONFIG_INVALID', 'USAGE', 'QUERY_INVALID', 'STAGE_UNAVAILABLE', 'FILE_UNREADABLE'].includes(code)
    ? EXIT.wrong
    : EXIT.partlyRefused;
}

const terminal: Terminal = {
  env: process.env,
  stdin: process.stdin,
  print: (line) => void process.stdout.write(`${line}\n`),
  tell: (line) => void process.stderr.write(`${line}\n`),
  json: !process.stdout.isTTY,
};

/** Runs one command and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`earshot export | head`) is no fault.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  try {
    process.exitCode = await dispatch(argv, terminal);
  } catch (thrown) {
    const error = toAppError(thrown);
    terminal.tell(argv.includes('--json') ? asJson(error) : [error.message, error.fix].filter(Boolean).join('\n'));
    process.exitCode = exitCode(error);
  }
}

function asJson({ code, message, fix, details }: AppError): string {
  return JSON.stringify({ code, message, fix, ...details });
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === self) await main(process.argv.slice(2));
