import { createRequire } from 'node:module';
import type { Sentiment } from '../domain/journey.ts';

/** A lexicon of others, to be measured beside ours on the same rows. */
export interface Baseline {
  name: string;
  feel(text: string, language: string): Sentiment;
  /** Rows of a set that it is asked for, where it is slow. */
  most?: number;
}

type Load = () => Baseline['feel'];

const require = createRequire(import.meta.url);
const bySign = (score: number, least = 0): Sentiment =>
  score > least ? 'positive' : score < -least ? 'negative' : 'neutral';
const NATURAL: Record<string, [string, string]> = {
  en: ['English', 'afinn'],
  es: ['Spanish', 'afinn'],
  it: ['Italian', 'pattern'],
  fr: ['French', 'pattern'],
  de: ['German', 'pattern'],
};

/** Only the development installation has them; names are not written as imports, so that nothing needs them. */
const LOADS: Record<string, Load> = {
  AFINN: () => {
    const Sentiment = require('sentiment') as new () => { analyze(text: string): { score: number } };
    const afinn = new Sentiment();
    return (text) => bySign(afinn.analyze(text).score);
  },
  VADER: () => {
    const { SentimentIntensityAnalyzer: vader } = require('vader-sentiment') as {
      SentimentIntensityAnalyzer: { polarity_scores(text: string): { compound: number } };
    };
    return (text) => bySign(vader.polarity_scores(text).compound, 0.05);
  },
  natural: () => {
    const Analyzer = require('natural/lib/natural/sentiment/SentimentAnalyzer.js') as new (
      ...given: (string | undefined)[]
    ) => { getSentiment(words: string[]): number };
    const made = new Map(
      Object.entries(NATURAL).map(([code, [language, kind]]) => [code, new Analyzer(language, undefined, kind)]),
    );
    return (text, language) => {
      const words = text.match(/[\p{L}\p{N}']+/gu) ?? [];
      return bySign(words.length === 0 ? 0 : (made.get(language) ?? made.get('en')!).getSentiment(words));
    };
  },
  multilang: () => {
    const feel = require('multilang-sentiment') as (text: string, language: string) => { score: number };
    return (text, language) => bySign(feel(text, language).score);
  },
};

/** It searches its lists for similar words and takes up to a tenth of a second for a text. */
const SLOW = 'multilang';
const MOST_SLOW = 350;

/** The baselines that are installed, and the names of those that are not. */
export function loadBaselines(): { found: Baseline[]; missing: string[] } {
  const found: Baseline[] = [];
  const missing: string[] = [];
  for (const [name, load] of Object.entries(LOADS))
    try {
      found.push({ name, feel: load(), ...(name === SLOW && { most: MOST_SLOW }) });
    } catch {
      missing.push(name);
    }
  return { found, missing };
}
