import type { Draft } from '../domain/enricher.ts';
import type { Analysis } from './analysis.ts';
import { evidenceFor } from './evidence.ts';
import { traitsOf } from './traits.ts';
import type { Traits } from './traits.ts';
import { createReader } from './reader.ts';
import type { HeadName, Model, Supplement } from './model.ts';
import type { Scores } from './reader.ts';
import { wordsOf } from './words.ts';
import type { Words } from './words.ts';

/** What the model makes of one text. */
export interface Reading {
  analysis: Analysis;
  words: Words;
  traits: Traits;
  scores: (head: HeadName) => Scores;
}

/** One thing that a head could say. */
export interface Choice {
  label: string;
  /** 0…1. */
  share: number;
}

export interface Understanding {
  model: Model;
  /** Reads a text once, however many ask. */
  read(draft: Draft): Reading;
  /** What a head says. */
  best(reading: Reading, head: HeadName): Choice;
  /** What a head could say, likeliest first. */
  choices(reading: Reading, head: HeadName): Choice[];
  /** The words of the text that speak for a label, strongest first. */
  evidence(reading: Reading, head: HeadName, label: string): string[];
  /** How likely a label is before a word is read, by the place and the form alone, 0…1. */
  priorOf(reading: Reading, head: HeadName, label: string): number;
  /** How likely one label is, 0…1. */
  shareOf(reading: Reading, head: HeadName, label: string): number;
}

/** The model with the cues of the lexicons; supplements judge texts of their languages. */
export function createUnderstanding(
  analyse: (draft: Draft) => Analysis,
  model: Model,
  supplements: readonly Supplement[] = [],
): Understanding {
  const reader = createReader(model);
  const own = new Map(
    supplements.map(({ language, heads }) => [
      language,
      createReader({ ...model, heads: { ...model.heads, ...heads } }, reader),
    ]),
  );
  const readerOf = ({ judgements }: Draft) => own.get(judgements.language?.value ?? '') ?? reader;
  const seen = new WeakMap<Analysis, Reading>();
  return {
    model,
    read(draft) {
      const analysis = analyse(draft);
      const known = seen.get(analysis);
      if (known) return known;
      const [words, traits] = [wordsOf(analysis), traitsOf(draft, analysis)];
      const reading = { analysis, words, traits, scores: readerOf(draft).read(words, traits) };
      seen.set(analysis, reading);
      return reading;
    },
    best(reading, head) {
      const { shares } = reading.scores(head);
      let best = 0;
      for (let place = 1; place < shares.length; place++) if (shares[place]! > shares[best]!) best = place;
      return { label: model.heads[head].labels[best]!, share: shares[best]! };
    },
    choices: (reading, head) =>
      reading
        .scores(head)
        .shares.map((share, place) => ({ label: model.heads[head].labels[place]!, share }))
        .toSorted((a, b) => b.share - a.share),
    evidence: (reading, head, label) => evidenceFor(reading, head, model.heads[head].labels.indexOf(label)),
    priorOf: (reading, head, label) => reading.scores(head).prior()[model.heads[head].labels.indexOf(label)] ?? 0,
    shareOf: (reading, head, label) => reading.scores(head).shares[model.heads[head].labels.indexOf(label)] ?? 0,
  };
}
