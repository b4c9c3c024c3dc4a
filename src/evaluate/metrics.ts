/** One answer beside the truth. `said` is null where it could not tell, which counts as wrong. */
export interface Answer {
  truth: string;
  said: string | null;
  /** 0…1. */
  confidence: number;
}

export interface ClassFigures {
  label: string;
  /** Rows of that class. */
  rows: number;
  precision: number;
  recall: number;
  f1: number;
}

export interface Bin {
  from: number;
  to: number;
  rows: number;
  /** Means over the bin, 0…1. */
  confidence: number;
  accuracy: number;
}

export interface Figures {
  rows: number;
  /** Shares, 0…1. */
  accuracy: number;
  told: number;
  /** Mean F1 of the classes that hold at least `leastShare` and `leastRows` of the rows. */
  macroF1: number;
  classes: ClassFigures[];
  /** Expected calibration error: by how much confidence and accuracy differ, over ten bins. */
  ece: number;
  bins: Bin[];
  /** Of the answers with a confidence of 0.8 or more: their share of all, and how many of them are right. */
  sure: { share: number; accuracy: number };
}

export interface Counting {
  /** Classes that are rarer are left out of the mean. Default: every class of the truth counts. */
  leastShare?: number;
  leastRows?: number;
}

const BINS = 10;
const SURE = 0.8;

/** All figures of a list of answers; of an empty list they are 0. */
export function measure(answers: readonly Answer[], { leastShare = 0, leastRows = 1 }: Counting = {}): Figures {
  const classes = classFigures(answers);
  const counted = classes.filter(({ rows }) => rows >= leastRows && rows >= leastShare * answers.length);
  const told = answers.filter((answer) => answer.said !== null);
  const sure = told.filter((answer) => answer.confidence >= SURE);
  const bins = binned(told);
  return {
    rows: answers.length,
    accuracy: share(answers, isRight),
    told: share(answers, (answer) => answer.said !== null),
    macroF1: mean(counted.map(({ f1 }) => f1)),
    classes,
    ece: bins.reduce((sum, bin) => sum + (bin.rows * Math.abs(bin.confidence - bin.accuracy)) / told.length, 0),
    bins,
    sure: { share: answers.length === 0 ? 0 : sure.length / answers.length, accuracy: share(sure, isRight) },
  };
}

const isRight = ({ truth, said }: Answer): boolean => truth === said;
const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
const share = <T>(items: readonly T[], holds: (item: T) => boolean): number =>
  mean(items.map((item) => (holds(item) ? 1 : 0)));

function classFigures(answers: readonly Answer[]): ClassFigures[] {
  const labels = [...new Set(answers.map(({ truth }) => truth))].toSorted();
  return labels.map((label) => {
    const rows = answers.filter(({ truth }) => truth === label);
    const said = answers.filter((answer) => answer.said === label);
    const recall = share(rows, isRight);
    const precision = share(said, isRight);
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    return { label, rows: rows.length, precision, recall, f1 };
  });
}

function binned(answers: readonly Answer[]): Bin[] {
  return Array.from({ length: BINS }, (_, index) => {
    const [from, to] = [index / BINS, (index + 1) / BINS];
    const own = answers.filter(({ confidence }) => Math.min(Math.floor(confidence * BINS), BINS - 1) === index);
    return {
      from,
      to,
      rows: own.length,
      confidence: mean(own.map((a) => a.confidence)),
      accuracy: share(own, isRight),
    };
  }).filter(({ rows }) => rows > 0);
}
