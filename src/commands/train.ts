import type { Draft } from '../domain/enricher.ts';
import type { Mention } from '../domain/mention.ts';
import { writeModel } from '../enrich/model-file.ts';
import { HEADS } from '../enrich/model.ts';
import type { Head, HeadName, Model } from '../enrich/model.ts';
import { groupBy } from '../enrich/group.ts';
import { aligned } from '../evaluate/report.ts';
import { loadJudges, loadLabelledTexts, loadLexicons } from '../knowledge.ts';
import type { LabelledText } from '../knowledge.ts';
import { learn, missing } from '../learn/learn.ts';
import type { Trial } from '../learn/learn.ts';
import { createTextReader } from '../learn/texts.ts';
import type { Judges, TextReader } from '../learn/texts.ts';
import { readPlaces } from '../settings/environment.ts';
import { ownModelFile, readOwnModel, replaceOwnModel, undoOwnModel } from '../settings/own-model.ts';
import { EXIT } from './command.ts';
import type { Command, Terminal } from './command.ts';
import { readCorrections, textKey, withoutCopies } from './corrections.ts';
import type { Corrections } from './corrections.ts';
import { dataDirOf } from './place.ts';
import { withApp } from './setup.ts';

export const train: Command = {
  name: 'train',
  usage: '[--dry-run] [--undo]',
  about:
    'Fits the judges to the labels that people gave (PATCH /v1/mentions/{id}/labels), and keeps what judges unseen ones better. --undo puts back what was before; --dry-run keeps nothing.',
  flags: { 'dry-run': { type: 'boolean' }, undo: { type: 'boolean' } },
  async run({ flags }, terminal) {
    if (flags['undo'] === true) return undo(ownModelFile(dataDirOf(readPlaces(terminal.env))), terminal);
    return withApp(terminal.env, async ({ mentions, settings }, { environment }) => {
      const judges = { lexicons: loadLexicons(), ...loadJudges(), languages: settings.languages };
      const lessons = await trainHeads(await readCorrections(mentions, terminal), judges, terminal);
      report(lessons, terminal);
      const kept = lessons.flatMap(({ trial }) => (trial?.isBetter ? [trial.learned] : []));
      if (flags['dry-run'] !== true) keep(kept, judges.model, ownModelFile(environment.dataDir), terminal);
      return EXIT.fine;
    });
  },
};

const SAID = {
  before: 'What was judged by before the last training judges again.',
  shipped: 'The shipped judges judge alone again.',
  nothing: 'There is nothing to undo: the shipped judges judge alone.',
};
const RESTART = 'Restart Earshot: it reads this at its start, and judges everything stored anew in the background.';

function undo(file: string, terminal: Terminal): number {
  const now = undoOwnModel(file);
  terminal.print(terminal.json ? JSON.stringify({ undone: now !== 'nothing', judges: now }) : SAID[now]);
  if (now !== 'nothing') terminal.tell(RESTART);
  return now === 'nothing' ? EXIT.partlyRefused : EXIT.fine;
}

/** What became of one question: a trial, or what is missing for one. */
interface Lesson {
  head: HeadName;
  labels: number;
  trial?: Trial;
  missing?: string;
}

async function trainHeads(found: Corrections, judges: Judges, { tell }: Pick<Terminal, 'tell'>): Promise<Lesson[]> {
  const reader = createTextReader(judges);
  const texts = new Map(zip(found.labelled, await reader.read(found.labelled.map(draftOf))));
  const others = (await reader.read(found.others.map(draftOf))).filter((text) => text !== undefined);
  const { anchors, guards } = await readSchool(reader);
  return HEADS.map((name): Lesson => {
    const head = judges.model.heads[name];
    // A touchpoint "none" follows from the step.
    const labelled = found.labelled.filter(({ labels }) => head.labels.includes(labels![name]!));
    const examples = withoutCopies(labelled).flatMap((one) => {
      const text = texts.get(one);
      return text ? [{ text, key: textKey(one), label: one.labels![name]! }] : [];
    });
    const lack = missing(examples.map(({ label }) => label));
    if (lack !== undefined) return { head: name, labels: examples.length, missing: lack };
    tell(`${name}: learning from ${examples.length} labels …`);
    const own = guards.flatMap(({ text, labels }) => {
      const label = labels[name]!;
      return head.labels.includes(label) ? [{ text, label }] : [];
    });
    const trial = learn({ head, reader, examples, anchors, others, guards: own });
    return { head: name, labels: examples.length, trial };
  });
}

const zip = <A, B>(left: readonly A[], right: readonly B[]): [A, B][] => left.map((one, at) => [one, right[at]!]);
const draftOf = (mention: Mention): Draft => ({ ...mention, judgements: {} });

/** Of each language so many texts are read; one of three holds what is learned to what was known, the others try it. */
const OF_A_LANGUAGE = 75;

async function readSchool({ read }: TextReader) {
  const all = [...groupBy(loadLabelledTexts(), ({ language }) => language).values()].flatMap(evenly);
  const texts = await read(all.map(({ text }): Draft => ({ text, channel: 'social', judgements: {} })));
  const known = all.flatMap(({ labels }, index) => (texts[index] ? [{ text: texts[index], labels }] : []));
  return {
    anchors: known.filter((_, index) => index % 3 === 0).map(({ text }) => text),
    guards: known.filter((_, index) => index % 3 !== 0),
  };
}

function evenly(texts: readonly LabelledText[]): LabelledText[] {
  const every = Math.max(1, texts.length / OF_A_LANGUAGE);
  return Array.from({ length: Math.floor(texts.length / every) }, (_, index) => texts[Math.floor(index * every)]!);
}

function keep(heads: readonly Head[], { heads: _shipped, ...model }: Model, file: string, terminal: Terminal): void {
  const before = readOwnModel(file);
  const bytes =
    heads.length === 0
      ? undefined
      : writeModel({ ...model, heads: Object.fromEntries(heads.map((head) => [head.name, head])) });
  if (bytes === undefined ? before === undefined : before?.equals(bytes)) return terminal.tell('Nothing changes.');
  replaceOwnModel(file, bytes);
  terminal.tell(
    bytes ? `${file} is written.` : `${file} is put aside: what it had learned is not better by the labels of today.`,
  );
  terminal.tell(`${RESTART} \`earshot train --undo\` takes it back.`);
}

function report(lessons: readonly Lesson[], terminal: Terminal): void {
  if (terminal.json) {
    for (const { trial, ...lesson } of lessons) {
      const { learned: _learned, isBetter = false, ...figures } = trial ?? {};
      terminal.print(JSON.stringify({ ...lesson, ...figures, kept: isBetter }));
    }
    return;
  }
  for (const line of aligned([HEADINGS, ...lessons.map(rowOf)])) terminal.print(line);
  terminal.print('');
  for (const line of BIAS) terminal.print(line);
}

const HEADINGS = [
  '',
  'labels',
  'confirm',
  'right',
  'after',
  'F1',
  'after',
  'surprise',
  'after',
  'chance',
  'others',
  '',
];
/** What the figures do not tell. */
const BIAS = [
  'right, F1 (mean over the classes) and surprise (mean of −ln of what the right label was given; less is better):',
  'on labels that were not learned from, by five folds. chance: that so much is better by chance. others: how many of',
  'the newest mentions that nobody labelled would be judged differently.',
  'People label what looks wrong: of everything stored, more is right than of these, and what is learned from errors',
  'alone goes too far. Confirm right judgements too (the same PATCH with the same value), and look at some of the others.',
];

const short = (value: number): string => value.toFixed(3);

function rowOf({ head, labels, trial, missing: lack }: Lesson): string[] {
  if (!trial) return [head, String(labels), ...HEADINGS.slice(3).map(() => '–'), lack!];
  const { before, after, chance, others, worse, isBetter } = trial;
  const verdict = worse.length > 0 ? `refused: worse in ${worse.join(', ')}` : 'refused: not surely better';
  return [
    head,
    String(labels),
    String(trial.confirmed),
    ...[before.accuracy, after.accuracy, before.macroF1, after.macroF1, before.surprise, after.surprise].map(short),
    short(Math.max(chance.accuracy, chance.surprise)),
    `${others.changed}/${others.rows}`,
    isBetter ? 'better' : verdict,
  ];
}
