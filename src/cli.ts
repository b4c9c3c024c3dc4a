#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EXIT } from './commands/command.ts';
import type { Command, Terminal } from './commands/command.ts';
import { AppError, toAppError } from './domain/errors.ts';
import { didYouMean } from './text/nearest.ts';

/** Each is loaded when it is asked for: most need a small part of the house only, and start so much sooner. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./commands/up.ts')).up,
  check: async () => (await import('./commands/check.ts')).check,
  pull: async () => (await import('./commands/pull.ts')).pull,
  parse: async () => (await import('./commands/parse.ts')).parse,
  'parse-feed': async () => (await import('./commands/parse.ts')).parseFeed,
  annotate: async () => (await import('./commands/annotate.ts')).annotate,
  explain: async () => (await import('./commands/explain.ts')).explain,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluate,
  train: async () => (await import('./commands/train.ts')).train,
  import: async () => (await import('./commands/import.ts')).importFile,
  search: async () => (await import('./commands/search.ts')).search,
  export: async () => (await import('./commands/export.ts')).exportMentions,
  erase: async () => (await import('./commands/erase.ts')).eraseMentions,
  dead: async () => (await import('./commands/dead.ts')).dead,
  reindex: async () => (await import('./commands/reindex.ts')).reindex,
  reference: async () => (await import('./commands/reference.ts')).reference,
};

async function usage(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const lines = commands.map(({ name, usage: behind, about }) => `  ${`${name} ${behind}`.trim()}\n      ${about}`);
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
    terminal.print(await usage());
    return name === undefined ? EXIT.wrong : EXIT.fine;
  }
  const command = await commandNamed(name);
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

function commandNamed(name: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name]!();
  const names = Object.keys(COMMANDS);
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
