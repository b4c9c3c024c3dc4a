import { createHash } from 'node:crypto';
import type { Head, HeadName } from '../enrich/model.ts';
import { groupBy } from '../enrich/group.ts';
import { measure } from '../evaluate/metrics.ts';
import { chanceOfMean, chanceOfWins } from './chance.ts';
import type { Features } from './features.ts';
import { fit, sharesAfter } from './fit.ts';
import type { Lesson } from './fit.ts';
import type { Text, TextReader } from './texts.ts';
import { headOf, movable } from './weights.ts';

/** A text with what a person says is right about it. */
export interface Example {
  text: Text;
  /** The same for copies of one text. */
  key: string;
  label: string;
}

/** From what a head learns, and on what it is tried. */
export interface Matter {
  head: Head;
  reader: Pick<TextReader, 'model' | 'layout'>;
  /** People's labels, each text once. */
  examples: readonly Example[];
  /** Texts of every language about which the judges shall go on saying what they say. */
  anchors: readonly Text[];
  /** Mentions of the same place that nobody labelled. They are held too, but less: they use the words of the labels. */
  others: readonly Text[];
  /** Labelled by the codebook, in every language: none may be judged worse for what was learned in others. */
  guards: readonly Omit<Example, 'key'>[];
}

/** How well the texts that people labelled were judged by what had not learned from them. */
export interface Score {
  /** Shares, 0…1. */
  accuracy: number;
  macroF1: number;
  /** Mean of −ln of the share that the right label got; 0 is best. */
  surprise: number;
}

export interface Trial {
  head: HeadName;
  labels: number;
  /** Of these, how many say what the shipped judges said. */
  confirmed: number;
  before: Score;
  /** By five folds. */
  after: Score;
  /** How likely so many more right answers are, and so much less surprise, if nothing was learned; 0…1. */
  chance: { accuracy: number; surprise: number };
  /** Pull of the weights to 0 that judged best. */
  pull: number;
  /** Languages in which less is right than before. */
  worse: string[];
  isBetter: boolean;
  learned: Head;
  /** How many of the others would be judged differently. */
  others: { rows: number; changed: number };
}

/** Fewer labels teach nothing that holds; of two classes there must be some each, or only the commonest is learned. */
const LEAST = { labels: 30, ofTwo: 5 };

/** What is missing before a head can learn; undefined where nothing is. */
export function missing(labels: readonly string[]): string | undefined {
  if (labels.length < LEAST.labels) return `${labels.length} of at least ${LEAST.labels} labels`;
  const counts = [...new Set(labels)].map((label) => labels.filter((one) => one === label).length);
  const second = counts.toSorted((a, b) => b - a)[1] ?? 0;
  if (second >= LEAST.ofTwo) return undefined;
  return `${second} of at least ${LEAST.ofTwo} labels of a second class`;
}

const FOLDS = 5;
/** From a hardly felt pull to one under which hardly anything moves; tried in this order, the strongest first. */
const PULLS = [10, 2, 0.4];
/** What is likelier than this may be chance. */
const SURE = 0.05;
/** A language with a smaller share of the labels is none of theirs. */
const RARE = 0.1;
/** What the others weigh: one by one at most, and together as a share of what the labels weigh. */
const OTHERS = 2;

/**
 * A small step away from the shipped head, learned from people's labels and tried on those that it has not seen. It is
 * better where more answers are right and the labels surprise less, both by more than chance, and no language has lost.
 */
export function learn(matter: Matter): Trial {
  const { head, reader, examples, others, guards } = matter;
  const places = movable(
    head,
    examples.map(({ text }) => text),
    reader,
  );
  const school = schoolOf(matter, places);
  const { shares, pull } = crossValidate(school, examples.map(foldOf));
  const weights = school.teach(school.lessons, pull);
  const before = (text: Text) => Array.from(text.said[head.name], Math.exp);
  const after = (text: Text) => sharesAfter(school.see(text), weights);

  const truthOf = ({ label }: Pick<Example, 'label'>) => head.labels.indexOf(label);
  const judged = examples.map((one, index): Outcome => ({
    truth: truthOf(one),
    before: before(one.text),
    after: shares[index]!,
  }));
  const guarded = guards.map((one): Outcome => ({
    truth: truthOf(one),
    before: before(one.text),
    after: after(one.text),
  }));
  const chance = {
    accuracy: chanceOfWins(...winsOf(judged)),
    surprise: chanceOfMean(judged.map((one) => surpriseOf(one, 'before') - surpriseOf(one, 'after'))),
  };
  const worse = new Set([...losers(judged, examples), ...losers(guarded, guards).filter(isRareIn(examples))]);
  return {
    head: head.name,
    labels: examples.length,
    confirmed: judged.filter((one) => isRight(one, 'before')).length,
    before: scoreOf(judged, 'before', head),
    after: scoreOf(judged, 'after', head),
    chance,
    pull,
    worse: [...worse].toSorted(),
    isBetter: chance.accuracy < SURE && chance.surprise < SURE && worse.size === 0,
    learned: headOf(head, weights, places, reader.layout),
    others: {
      rows: others.length,
      changed: others.filter((text) => best(before(text)) !== best(after(text))).length,
    },
  };
}

/** In the languages of the labels these decide, not the codebook's texts. */
const isRareIn =
  (examples: readonly Example[]) =>
  (language: string): boolean =>
    examples.filter(({ text }) => text.language === language).length < RARE * examples.length;

/** The same text is always in the same fold. */
const foldOf = ({ key }: Example): number => createHash('sha256').update(key).digest().readUInt32BE() % FOLDS;

interface School {
  /** One for each example. */
  lessons: Lesson[];
  /** The text with those weights alone that may move. */
  see(text: Text): Pick<Lesson, 'features' | 'said'>;
  teach(lessons: readonly Lesson[], pull: number, from?: Float64Array): Float64Array;
}

function schoolOf({ head, examples, anchors, others }: Matter, places: Int32Array): School {
  const { name, labels } = head;
  const indices = new Map(Array.from(places, (place, index) => [place, index]));
  const see = ({ features, said }: Text) => ({ features: only(features, indices), said: said[name] });
  const lessons = examples.map(({ text, label }): Lesson => ({
    ...see(text),
    target: Float64Array.from(labels, (one) => (one === label ? 1 : 0)),
    weight: 1,
  }));
  const held = (texts: readonly Text[], weight: number) =>
    texts.map((text): Lesson => ({ ...see(text), target: text.said[name].map(Math.exp), weight }));
  const kept = [
    ...held(anchors, Math.max(1, examples.length / anchors.length)),
    ...held(others, OTHERS * Math.min(1, examples.length / others.length)),
  ];
  return {
    lessons,
    see,
    teach: (own, pull, from) => fit([...own, ...kept], { size: places.length, labels: labels.length, pull, from }),
  };
}

function only({ places, values }: Features, indices: ReadonlyMap<number, number>): Features {
  const found = [...places.keys()].filter((at) => indices.has(places[at]!));
  return {
    places: Int32Array.from(found, (at) => indices.get(places[at]!)!),
    values: Float64Array.from(found, (at) => values[at]!),
  };
}

/**
 * What is said about each text by weights that have not seen its fold. Under which pull, the other folds decide, so
 * that no text chooses the pull by which it is judged.
 */
function crossValidate({ lessons, teach }: School, folds: readonly number[]) {
  const shares = PULLS.map((): (readonly number[])[] => []);
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = lessons.filter((_, index) => folds[index] !== fold);
    let weights: Float64Array | undefined;
    for (const [at, pull] of PULLS.entries()) {
      weights = teach(others, pull, weights);
      for (const [index, lesson] of lessons.entries())
        if (folds[index] === fold) shares[at]![index] = sharesAfter(lesson, weights);
    }
  }
  const bestWithout = (fold?: number): number => {
    const sums = shares.map((all) =>
      lessons.reduce((sum, { target }, index) => {
        return folds[index] === fold ? sum : sum - Math.log(all[index]![target.indexOf(1)]!);
      }, 0),
    );
    return sums.indexOf(Math.min(...sums));
  };
  const chosen = Array.from({ length: FOLDS }, (_, fold) => bestWithout(fold));
  return { shares: folds.map((fold, index) => shares[chosen[fold]!]![index]!), pull: PULLS[bestWithout()]! };
}

/** What was said about a text before and after, as shares by label, and which label is right. */
interface Outcome {
  truth: number;
  before: readonly number[];
  after: readonly number[];
}
type Side = 'before' | 'after';

const best = (shares: readonly number[]): number => shares.indexOf(Math.max(...shares));
const isRight = (outcome: Outcome, side: Side): boolean => best(outcome[side]) === outcome.truth;
const surpriseOf = (outcome: Outcome, side: Side): number => -Math.log(outcome[side][outcome.truth]!);

function scoreOf(outcomes: readonly Outcome[], side: Side, { labels }: Head): Score {
  const answers = outcomes.map((outcome) => {
    const said = best(outcome[side]);
    return { truth: labels[outcome.truth]!, said: labels[said]!, confidence: outcome[side][said]! };
  });
  const { accuracy, macroF1 } = measure(answers);
  const surprise = outcomes.reduce((sum, outcome) => sum + surpriseOf(outcome, side), 0) / outcomes.length;
  return { accuracy, macroF1, surprise };
}

/** Of how many texts only the one after is right, and only the one before. */
function winsOf(outcomes: readonly Outcome[]): [wins: number, losses: number] {
  const changed = outcomes.filter((one) => isRight(one, 'before') !== isRight(one, 'after'));
  const wins = changed.filter((one) => isRight(one, 'after')).length;
  return [wins, changed.length - wins];
}

/** Languages of which fewer texts are right than before, by more than chance. */
function losers(outcomes: readonly Outcome[], texts: readonly { text: Text }[]): string[] {
  const byLanguage = groupBy([...outcomes.keys()], (index) => texts[index]!.text.language);
  return [...byLanguage].flatMap(([language, places]) => {
    const [wins, losses] = winsOf(places.map((place) => outcomes[place]!));
    return language !== undefined && chanceOfWins(losses, wins) < SURE ? [language] : [];
  });
}
