import { measure } from './metrics.ts';
import type { Answer, Counting, Figures } from './metrics.ts';

/** Answers of one judge to the same rows as the others'. */
export interface Judged {
  judge: string;
  answers: Answer[];
}

/** One table line: a set, or the rows of one language. */
export interface Line {
  name: string;
  language: string;
  judges: Judged[];
}

const percent = (value: number): string => (value * 100).toFixed(1);
const short = (value: number): string => value.toFixed(3).replace('0.', '.');

/** One line a set with the judges side by side (macro-F1), then the mean over the sets of each language. */
export function compare(lines: readonly Line[], counting: Counting): string[] {
  const judges = lines[0]?.judges.map(({ judge }) => judge) ?? [];
  const figures = lines.map(({ name, language, judges: all }) => ({
    name,
    language,
    own: measure(all[0]!.answers, counting),
    f1: judges.map((judge) => {
      const found = all.find((one) => one.judge === judge);
      return found ? measure(found.answers, counting).macroF1 : undefined;
    }),
  }));
  const head = ['set', 'rows', 'accuracy', 'ECE', ...judges.map((judge) => `F1 ${judge}`)];
  const rows = figures.map(({ name, own, f1 }) => [
    name,
    String(own.rows),
    short(own.accuracy),
    short(own.ece),
    ...f1.map((value) => (value === undefined ? '–' : short(value))),
  ]);
  const languages = [...new Set(figures.map(({ language }) => language))];
  const means = languages.map((language) => {
    const own = figures.filter((line) => line.language === language);
    const f1 = judges.map((_, at) => own.flatMap((line) => line.f1[at] ?? []));
    return [
      `mean ${language}`,
      String(own.reduce((sum, line) => sum + line.own.rows, 0)),
      short(mean(own.map((line) => line.own.accuracy))),
      short(mean(own.map((line) => line.own.ece))),
      ...f1.map((values) => (values.length === 0 ? '–' : short(mean(values)))),
    ];
  });
  return aligned([head, ...rows, ...(languages.length === rows.length ? [] : means)]);
}

/** Accuracy, calibration and every class of one judge. */
export function detail(name: string, answers: readonly Answer[], counting: Counting): string[] {
  const figures = measure(answers, counting);
  const { accuracy, macroF1, ece, sure, told, rows } = figures;
  const classes = figures.classes.map(({ label, rows: own, precision, recall, f1 }) => [
    `  ${label}`,
    String(own),
    short(precision),
    short(recall),
    short(f1),
  ]);
  return [
    `${name}: ${rows} rows, accuracy ${percent(accuracy)} %, macro-F1 ${short(macroF1)}, ECE ${short(ece)}, told ${percent(told)} %`,
    `  of the answers with confidence 0.8 or more (${percent(sure.share)} %) ${percent(sure.accuracy)} % are right`,
    ...aligned([['  class', 'rows', 'precision', 'recall', 'F1'], ...classes]),
    ...reliability(figures),
  ];
}

const PLOT = 40;

/** How often answers of each confidence are right: `#` up to the accuracy, `|` where the confidence lies. */
export function reliability({ bins }: Figures): string[] {
  const lines = bins.map(({ from, to, rows, confidence, accuracy }) => {
    const bar = [...'#'.repeat(Math.round(accuracy * PLOT)).padEnd(PLOT + 1)];
    bar[Math.round(confidence * PLOT)] = '|';
    return `  ${from.toFixed(1)}–${to.toFixed(1)} ${bar.join('')} ${String(rows).padStart(6)}`;
  });
  return ['  confidence, how many are right (#) against how sure (|), rows', ...lines];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);

/** Lines of a table, the first column to the left, the others to the right. */
export function aligned(cells: readonly string[][]): string[] {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
}
