import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Terminal } from '../../src/commands/command.ts';
import { openApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import { mentionId } from '../../src/domain/mention.ts';
import type { Mention } from '../../src/domain/mention.ts';
import type { LabelChanges } from '../../src/domain/labels.ts';
import { enrichAll } from '../../src/enrich/index.ts';
import { label } from '../../src/pipeline/labels.ts';
import { readEnvironment } from '../../src/settings/environment.ts';
import { readSettings } from '../../src/settings/load.ts';

const BEGINNINGS = [
  'This morning it was',
  'After the update it went',
  'Day three and the kettle is',
  'My brother says his is',
  'We looked at the display and it said',
  'By the evening everything had turned',
  'The one in the office is',
  'Since Monday ours has been',
  'I plugged it in and it was',
  'The second unit is also',
  'Wife asked why the thing is',
  'Came home, the lamp showed',
  'On the highest setting it is',
  'Without the lid it stays',
  'With the new filter it became',
  'Even in winter it is',
  'Right out of the box:',
  'At my parents’ place it is',
];
const ENDINGS = ['again', 'once more', 'as the manual puts it', 'for hours', 'today', 'all weekend'];

/** Words of a company that no shipped judge knows, and how its customers feel who use them. */
export const WORDS = { quimmelig: 'negative', vondrasch: 'positive' } as const;
type Word = keyof typeof WORDS;

/** So many different texts with a word. */
export function textsWith(word: Word, count: number): string[] {
  const all = BEGINNINGS.flatMap((begins) => ENDINGS.map((ends) => `${begins} ${word} ${ends}.`));
  // In big steps, so that neither beginnings nor endings come in a row.
  return Array.from({ length: count }, (_, index) => all[(index * 31) % all.length]!);
}

/** An installation in a folder: a configuration, and real stores. */
export interface Installation {
  env: NodeJS.ProcessEnv;
  open(): Promise<App>;
}

export function install(folder: string): Installation {
  const config = join(folder, 'earshot.yaml');
  writeFileSync(config, 'sources: {}\n');
  const env = { EARSHOT_CONFIG: config, EARSHOT_DATA: join(folder, 'data'), LOG_LEVEL: 'error' };
  const open = () =>
    openApp({ settings: readSettings('sources: {}', config, {}), environment: readEnvironment(env), log: () => {} });
  return { env, open };
}

export function aMention(externalId: string, text: string, more: Partial<Mention> = {}): Mention {
  const at = '2026-03-01T12:00:00.000Z';
  return {
    id: mentionId('shop', externalId),
    source: 'shop',
    externalId,
    channel: 'review',
    text,
    brands: [],
    collectedAt: at,
    at,
    dated: true,
    judgements: {},
    ...more,
  };
}

/** Stores mentions as they are judged now, and labels those with changes. */
export async function fill(app: App, all: readonly { mention: Mention; changes?: LabelChanges | undefined }[]) {
  const judged = await enrichAll(
    app.enrichers,
    all.map(({ mention }) => mention),
  );
  await app.mentions.put(all.map(({ mention }, index) => ({ ...mention, judgements: judged[index]! })));
  for (const { mention, changes } of all) if (changes) await label(mention.id, changes, app);
}

/** A terminal that remembers. */
export function aTerminal(env: NodeJS.ProcessEnv, json = true) {
  const [printed, told]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    env,
    stdin: process.stdin,
    print: (line) => void printed.push(line),
    tell: (line) => void told.push(line),
    json,
  };
  return { terminal, printed, told };
}
