import { softmax } from '../src/enrich/reader.ts';
import type { HeadName } from '../src/enrich/model.ts';
import { sharesOf } from './fit.ts';
import type { Weights } from './fit.ts';
import { LABELS } from './lessons.ts';
import type { Example } from './lessons.ts';
import { trainHead } from './school.ts';
import type { Ground, Pupil } from './school.ts';
import { hashOf } from './sets.ts';

export const FOLDS = 5;
const CANDIDATES = Array.from({ length: 60 }, (_, index) => 0.4 + index * 0.05);

/** Which part of the texts a text belongs to; the same text is always in the same. */
export const foldOf = ({ draft }: Example): number => Number.parseInt(hashOf(draft.text).slice(0, 6), 16) % FOLDS;

/** Texts labelled by the codebook: they measure, by turns. */
export const measures = ({ from }: Example): boolean => /^(?:gold|own-|labels-)/u.test(from);

/** Trains a head once for each fold, without the texts of that fold that measure. */
export const trainFolds = (head: HeadName, pupils: readonly Pupil[], ground: Ground): Weights[] =>
  Array.from({ length: FOLDS }, (_, fold) => {
    const others = pupils.filter(({ example }) => example.trains && !(measures(example) && foldOf(example) === fold));
    return trainHead(head, others, ground);
  });

/** What customers say elsewhere differs more from the texts at hand than these from each other: everything is told a little less surely. */
const CAUTION = { sentiment: 1.1, step: 1.3, touchpoint: 1.3, outcome: 1.1 };

/** The temperature under which the labels of texts that were not trained on are least surprising, with some caution. */
export function temperatureOf(
  head: HeadName,
  held: readonly { pupil: Pupil; weights: Weights }[],
  { pieces }: Ground,
): number {
  const answers = held.map(({ pupil: { example, vector }, weights }) => ({
    logs: sharesOf(weights, vector, pieces).map((share) => Math.log(Math.max(share, 1e-12))),
    right: LABELS[head].indexOf(example.labels[head]!),
    weight: example.weight[head] ?? 1,
  }));
  const surprise = (temperature: number) =>
    answers.reduce((sum, { logs, right, weight }) => sum - weight * Math.log(softmax(logs, temperature)[right]!), 0);
  const best = CANDIDATES.reduce((one, other) => (surprise(other) < surprise(one) ? other : one));
  return best * CAUTION[head];
}
