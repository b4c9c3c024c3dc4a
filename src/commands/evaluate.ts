import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { loadKnowledge, loadLexicons } from '../knowledge.ts';
import type { Draft, Enricher } from '../domain/enricher.ts';
import type { Judgement, Judgements } from '../domain/enrichment.ts';
import { AppError } from '../domain/errors.ts';
import { createEnrichers, enrichAll } from '../enrich/index.ts';
import { measure } from '../evaluate/metrics.ts';
import type { Answer } from '../evaluate/metrics.ts';
import { compare, detail } from '../evaluate/report.ts';
import type { Judged, Line } from '../evaluate/report.ts';
import { MEASURED, readLabelled } from '../evaluate/rows.ts';
import type { Labelled, Measured } from '../evaluate/rows.ts';
import { formatOf, readRows } from '../text/rows/rows.ts';
import { mask } from '../text/mask.ts';
import { loadBaselines } from './baselines.ts';
import type { Baseline } from './baselines.ts';
import { EXIT } from './command.ts';
import type { Command, Terminal } from './command.ts';
import { readCorrections } from './corrections.ts';
import { withApp } from './setup.ts';

export const evaluate: Command = {
  name: 'evaluate',
  usage: '[FILE…] [--corrections]',
  about:
    'How right the shipped judges are: on JSONL or CSV with text and any of language, sentiment (or label), step, touchpoint, outcome, topics (channel and rating help); without FILE on the labels that people gave here.',
  flags: { corrections: { type: 'boolean' } },
  async run(given, terminal) {
    if (given.flags['corrections'] === true && given.words.length > 0)
      throw new AppError('USAGE', 'Give either files or --corrections.');
    if (given.words.length === 0) return evaluateCorrections(terminal);
    const sets: LabelledSet[] = [];
    let refused = 0;
    for (const file of given.words) {
      const { rows, problems } = await readSet(file);
      refused += problems.length;
      for (const problem of problems) terminal.tell(`${file}, ${problem}`);
      if (rows.length > 0) sets.push({ name: basename(file), rows });
    }
    await evaluateSets(sets, terminal);
    return refused === 0 ? EXIT.fine : EXIT.partlyRefused;
  },
};

/** People's labels are the truth; the texts are judged anew, because the stored judgements hold the labels. */
async function evaluateCorrections(terminal: Terminal): Promise<number> {
  return withApp(terminal.env, async ({ mentions, settings }) => {
    const { labelled } = await readCorrections(mentions, terminal);
    if (labelled.length === 0) {
      terminal.tell(
        'Nobody has labelled a mention yet: PATCH /v1/mentions/{id}/labels does, GET /v1/review shows where.',
      );
      return EXIT.partlyRefused;
    }
    const drafts = labelled.map((mention): Draft => ({ ...mention, judgements: {} }));
    const rows = labelled.map(({ text, channel, rating, labels }): Labelled => ({
      text,
      channel,
      rating,
      truth: labels as Labelled['truth'],
    }));
    const { enrichers } = loadKnowledge(settings.languages);
    const judgements = await enrichAll(enrichers, drafts);
    await evaluateSets([{ name: 'corrections', rows, drafts, judgements }], terminal);
    for (const line of BIAS) terminal.tell(line);
    return EXIT.fine;
  });
}

/** What the figures do not tell. */
const BIAS = [
  'Only mentions that people labelled are measured, and people label what looks wrong: of everything stored, more is',
  'right. The shipped judges are measured, without what `earshot train` has learned from these very labels.',
];

/** Labelled texts under one name. */
export interface LabelledSet {
  name: string;
  rows: Labelled[];
  /** Told beforehand, where the rows do not tell it each. */
  language?: string | undefined;
  /** As they are stored. Else they are made of the rows. */
  drafts?: Draft[] | undefined;
  /** Judgements made elsewhere, e.g. by models that were trained without these rows. Else they are made here. */
  judgements?: Judgements[] | undefined;
}

async function readSet(file: string): Promise<{ rows: Labelled[]; problems: string[] }> {
  const format = formatOf(file.replace(/\.gz$/u, '')) ?? 'jsonl';
  if (format === 'xlsx') throw new AppError('USAGE', `${file}: workbooks are not read here; save it as CSV.`);
  const [rows, problems]: [Labelled[], string[]] = [[], []];
  const broken: { where: string; reason: string }[] = [];
  for await (const { line, values, problem } of readRows(chunksOf(file), { format, broken })) {
    const read = problem ?? readLabelled(values);
    if (typeof read === 'string') problems.push(`line ${line}: ${read}`);
    else rows.push(read);
  }
  return { rows, problems: [...problems, ...broken.map(({ where, reason }) => `${where}: ${reason}`)] };
}

async function* chunksOf(file: string): AsyncGenerator<string> {
  const stream = createReadStream(file);
  const opened = file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream;
  const decoder = new TextDecoder();
  try {
    for await (const chunk of opened) yield decoder.decode(chunk as Uint8Array, { stream: true });
  } catch (cause) {
    throw new AppError('FILE_UNREADABLE', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  yield decoder.decode();
}

/** Judges all rows and prints the tables; sets of texts whose judgements are given are measured by those. */
export async function evaluateSets(sets: readonly LabelledSet[], terminal: Terminal): Promise<void> {
  const { enrichers } = loadKnowledge();
  const cues = createEnrichers({ lexicons: loadLexicons() });
  const { found, missing } = loadBaselines();
  if (missing.length > 0)
    terminal.tell(
      `not installed and so left out: ${missing.join(', ')} (npm install --no-save sentiment vader-sentiment natural multilang-sentiment)`,
    );
  for (const { name, most } of found)
    if (most) terminal.tell(`${name} is slow: it is asked for some ${most} rows of a set, chosen by chance`);
  const judged = [];
  for (const set of sets) judged.push(await judgeSet(set, { enrichers, cues, baselines: found }));
  for (const name of MEASURED)
    tell(
      name,
      judged.flatMap((set) => lineOf(set, name)),
      terminal,
    );
  tellTopics(judged, terminal);
}

interface Judges {
  enrichers: Enricher[];
  cues: Enricher[];
  baselines: Baseline[];
}

interface JudgedSet extends LabelledSet {
  earshot: Judgements[];
  cues: Judgements[];
  felt: { name: string; said: (string | undefined)[] }[];
}

async function judgeSet(set: LabelledSet, { enrichers, cues, baselines }: Judges): Promise<JudgedSet> {
  const drafts =
    set.drafts ??
    set.rows.map(({ text, channel, rating }): Draft => ({
      text: mask(text),
      channel,
      judgements: {},
      ...(rating && { rating }),
    }));
  const earshot = set.judgements ?? (await enrichAll(enrichers, drafts));
  const feels = set.rows.some(({ truth }) => truth.sentiment !== undefined);
  return {
    ...set,
    earshot,
    cues: await enrichAll(cues, drafts),
    felt: baselines.map(({ name, feel, most = Infinity }) => {
      const share = most / set.rows.length;
      const asked = (text: string) => feels && chanceOf(text) < share;
      return {
        name,
        said: set.rows.map(({ text, truth }, index) =>
          asked(text) ? feel(text, languageOf(set, truth, earshot[index]!)) : undefined,
        ),
      };
    }),
  };
}

/** 0…1, the same for the same text: every so-many-th row would be a bad choice, for sets are often sorted in turns. */
const chanceOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;

const languageOf = (set: LabelledSet, truth: Labelled['truth'], said: Judgements): string =>
  truth.language ?? set.language ?? said.language?.value ?? 'en';

function lineOf(set: JudgedSet, name: Measured): Line[] {
  const places = set.rows.flatMap(({ truth }, index) => (truth[name] === undefined ? [] : [index]));
  if (places.length === 0) return [];
  const truths = places.map((place) => set.rows[place]!.truth[name]!);
  const by = (judge: string, all: readonly Judgements[]): Judged => ({
    judge,
    answers: places.map((place, index) => {
      const judgement = all[place]![name] as Judgement<string> | undefined;
      return { truth: truths[index]!, said: judgement?.value ?? null, confidence: judgement?.confidence ?? 0 };
    }),
  });
  const fixed = (judge: string, saidOf: (place: number) => string | undefined): Judged => ({
    judge,
    answers: places.flatMap((place, index): Answer[] => {
      const said = saidOf(place);
      return said === undefined ? [] : [{ truth: truths[index]!, said, confidence: 1 }];
    }),
  });
  const most = [...truths].toSorted().reduce(mostFrequent(truths));
  return [
    {
      name: set.name,
      language: set.language ?? 'all',
      judges: [
        by('Earshot', set.earshot),
        ...(name === 'language' ? [] : [by('cues', set.cues)]),
        fixed('majority', () => most),
        ...(name === 'sentiment' ? set.felt.map(({ name: judge, said }) => fixed(judge, (place) => said[place])) : []),
      ],
    },
  ];
}

function mostFrequent(values: readonly string[]): (a: string, b: string) => string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return (a, b) => (counts.get(b)! > counts.get(a)! ? b : a);
}

/** Labels that are rarer than a twentieth of a set are not in its mean for sentiment, nor touchpoints of fewer than five rows. */
const COUNTING = { language: {}, sentiment: { leastShare: 0.05 }, step: {}, touchpoint: { leastRows: 5 }, outcome: {} };

function tell(name: Measured, lines: readonly Line[], terminal: Terminal): void {
  if (lines.length === 0) return;
  const answers: Answer[] = lines.flatMap(({ judges }) => judges[0]!.answers);
  if (terminal.json) {
    const sets = lines.map(({ name: set, judges }) => ({
      set,
      judges: judges.map(({ judge, answers: own }) => ({ judge, ...measure(own, COUNTING[name]) })),
    }));
    terminal.print(JSON.stringify({ measured: name, sets, all: measure(answers, COUNTING[name]) }));
    return;
  }
  for (const line of [
    '',
    name.toUpperCase(),
    ...compare(lines, COUNTING[name]),
    '',
    ...detail(`all ${name}`, answers, COUNTING[name]),
  ])
    terminal.print(line);
}

/** Topics may be several: precision and recall over all rows that tell them. */
function tellTopics(sets: readonly JudgedSet[], terminal: Terminal): void {
  let [both, said, wanted] = [0, 0, 0];
  for (const { rows, earshot } of sets)
    for (const [index, { topics }] of rows.entries()) {
      if (!topics) continue;
      const own = new Set((earshot[index]!.topics ?? []).map(({ value }) => value));
      both += topics.filter((topic) => own.has(topic)).length;
      said += own.size;
      wanted += topics.length;
    }
  if (wanted === 0) return;
  const [precision, recall] = [both / Math.max(said, 1), both / wanted];
  const figures = { measured: 'topics', precision, recall, f1: (2 * precision * recall) / (precision + recall || 1) };
  if (terminal.json) terminal.print(JSON.stringify(figures));
  else
    terminal.print(
      `\nTOPICS\nprecision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, F1 ${figures.f1.toFixed(3)}`,
    );
}
