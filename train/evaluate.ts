import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluateSets } from '../src/commands/evaluate.ts';
import type { LabelledSet } from '../src/commands/evaluate.ts';
import type { Judgements } from '../src/domain/enrichment.ts';
import { HEADS } from '../src/enrich/model.ts';
import type { Labelled } from '../src/evaluate/rows.ts';
import { packageRoot } from '../src/settings/shipped.ts';
import { CHANNEL_OF_KIND, hashOf, linesOf, readGold, readSets } from './sets.ts';

/** Rows of a set that are looked at, evenly. */
const MOST = 5_000;

/** Development rows of all sets of feelings; of those that may only measure, all rows. */
function feelingSets(): LabelledSet[] {
  return ['A', 'B', 'C', 'measure-only'].flatMap((folder) =>
    readSets(`sentiment/${folder}`).flatMap(({ name, language, rows }): LabelledSet[] => {
      const own = rows.filter(({ split }) => folder === 'measure-only' || split === 'dev');
      const every = Math.max(1, own.length / MOST);
      const chosen = Array.from(
        { length: Math.floor(own.length / every) },
        (_, index) => own[Math.floor(index * every)]!,
      );
      if (chosen.length === 0) return [];
      const labelled = chosen.map(({ text, label, kind }): Labelled => ({
        text,
        channel: CHANNEL_OF_KIND[kind] ?? 'social',
        truth: { sentiment: label as string, language },
      }));
      return [{ name, language, rows: labelled }];
    }),
  );
}

/** gold-dev, judged by the models that the training made without it: see `held-out.tsv` beside the model. */
function goldSet(): LabelledSet[] {
  const [head, ...lines] = linesOf(readFileSync(join(packageRoot(), 'config/models/held-out.tsv'), 'utf8'));
  const columns = head!.split('\t');
  const held = new Map(lines.map((line) => [line.slice(0, line.indexOf('\t')), line.split('\t')]));
  const rows = readGold().filter(({ text }) => held.has(hashOf(text)));
  const judgements = rows.map(({ text }) => {
    const cells = held.get(hashOf(text))!;
    const told = HEADS.map((name) => {
      const at = columns.indexOf(name);
      return [name, { value: cells[at] || null, confidence: Number(cells[at + 1]), by: 'held-out' }];
    });
    return Object.fromEntries(told) as Judgements;
  });
  const languages = [...new Set(rows.map(({ lang }) => lang))];
  return languages.map((language): LabelledSet => {
    const places = rows.flatMap(({ lang }, index) => (lang === language ? [index] : []));
    return {
      name: `gold-dev ${language}`,
      language,
      rows: places.map((place) => {
        const { text, kind, sentiment, step, touchpoint, outcome } = rows[place]!;
        return { text, channel: CHANNEL_OF_KIND[kind] ?? 'social', truth: { sentiment, step, touchpoint, outcome } };
      }),
      judgements: places.map((place) => judgements[place]!),
    };
  });
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const terminal = { env: process.env, stdin: process.stdin, print, tell, json: process.argv.includes('--json') };
print('SETS OF FEELINGS, development rows');
await evaluateSets(feelingSets(), terminal);
print('\nGOLD-DEV, the journey codebook; cross-validated');
await evaluateSets(goldSet(), terminal);
