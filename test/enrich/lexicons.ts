import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readLexicon, readTopics } from '../../src/enrich/index.ts';
import type { Lexicon } from '../../src/enrich/index.ts';

const CONFIG = new URL('../../config/', import.meta.url);
const FOLDER = new URL('lexicons/', CONFIG);

export const topics = readTopics(parse(readFileSync(new URL('topics.yaml', CONFIG), 'utf8')), 'config/topics.yaml');
export const lexiconFiles = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

export function loadLexicon(file: string): Lexicon {
  return readLexicon(parse(readFileSync(new URL(file, FOLDER), 'utf8')), { file: `config/lexicons/${file}`, topics });
}
