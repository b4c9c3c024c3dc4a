import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Channel } from '../src/domain/mention.ts';
import { packageRoot } from '../src/settings/shipped.ts';

/** The data beside the repository; what is in it is told by its own README. */
export const DATA = join(packageRoot(), '../shared/data/');

export interface SetRow {
  text: string;
  label: string | string[];
  split: 'train' | 'dev';
  kind: string;
  emotions?: string[];
}

export interface DataSet {
  /** E.g. `en-uci-sls`. */
  name: string;
  language: string;
  rows: SetRow[];
}

export const CHANNEL_OF_KIND: Record<string, Channel> = {
  tweet: 'social',
  comment: 'social',
  forum: 'social',
  query: 'social',
  subtitle: 'social',
  review: 'review',
  app_review: 'review',
  ticket: 'ticket',
  survey: 'survey',
  news: 'news',
};

/** All sets of one folder of the data, e.g. `sentiment/A`, by name. */
export function readSets(folder: string): DataSet[] {
  const path = `${DATA}${folder}/`;
  if (!existsSync(path)) return [];
  const files = readdirSync(path)
    .filter((file) => file.endsWith('.jsonl.gz'))
    .toSorted();
  return files.map((file) => ({
    name: file.replace('.jsonl.gz', ''),
    language: file.slice(0, 2),
    rows: linesOf(gunzipSync(readFileSync(path + file)).toString()).map((line) => JSON.parse(line) as SetRow),
  }));
}

export interface GoldRow {
  id: string;
  lang: string;
  source: string;
  kind: string;
  text: string;
  step: string;
  touchpoint: string;
  sentiment: string;
  outcome: string;
}

export const readGold = (): GoldRow[] =>
  linesOf(readFileSync(`${DATA}gold-dev.jsonl`, 'utf8')).map((line) => JSON.parse(line) as GoldRow);

/** Names a text without showing it. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

export const linesOf = (content: string): string[] => content.split('\n').filter((line) => line.trim() !== '');
