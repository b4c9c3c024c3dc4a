import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLexicon, readTopics } from '../src/enrich/lexicon.ts';
import type { Lexicon } from '../src/enrich/lexicon.ts';
import { TRAIT_NAMES } from '../src/enrich/traits.ts';
import { readShipped, readShippedFolder } from '../src/settings/shipped.ts';
import type { Taught } from './echo.ts';
import { groupBy } from '../src/enrich/group.ts';
import { measures } from './held-out.ts';
import type { Example } from './lessons.ts';
import type { Pupil } from './school.ts';
import { readWordTable } from './table.ts';
import type { WordTable } from './table.ts';
import { askTeacher, CACHE, isKnown, vectorsOf } from './teacher.ts';
import type { Vectoriser } from './vectorise.ts';
import { chooseWords } from './words.ts';
import type { Word } from './words.ts';

const TABLE_SIZE = 128;
/** Texts are read in blocks of so many. */
const BLOCK = 500;
/** The teacher reads so many texts of a set: it takes a second for ten. What it has read before counts too. */
const TAUGHT_OF_A_SET = 300;

/** The shipped lexicons, and the names of all traits under the shipped taxonomy. */
export function readWords(): { lexicons: Lexicon[]; traits: string[] } {
  const topicFile = readShipped('config/topics.yaml');
  const topics = readTopics(topicFile.value, topicFile.file);
  const lexicons = readShippedFolder('config/lexicons').map(({ file, value }) => readLexicon(value, { file, topics }));
  return { lexicons, traits: [...TRAIT_NAMES, ...topics.map(({ id }) => `topic:${id}`)] };
}

/** The teacher's vectors of single words; asked once, then kept. */
export function wordTable(examples: readonly Example[]): WordTable {
  const [list, vectors] = [join(CACHE, 'words.json'), join(CACHE, 'words.f16')];
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(vectors)) {
    askTeacher('pieces', 'pieces.tsv');
    const texts = examples.map(({ draft }) => draft.text);
    const own = examples.filter(({ from }) => from.startsWith('own-')).map(({ draft }) => draft.text);
    const words = chooseWords(join(CACHE, 'pieces.tsv'), texts, own);
    writeFileSync(list, JSON.stringify(words));
    writeFileSync(join(CACHE, 'words.jsonl'), words.map(({ written }) => JSON.stringify(written)).join('\n'));
    askTeacher('embed', 'words.jsonl', 'words.f16');
  }
  return readWordTable(JSON.parse(readFileSync(list, 'utf8')) as Word[], vectors, TABLE_SIZE);
}

export async function readPupils(examples: readonly Example[], vectoriser: Vectoriser): Promise<Pupil[]> {
  const pupils: Pupil[] = [];
  for (let start = 0; start < examples.length; start += BLOCK) {
    const block = examples.slice(start, start + BLOCK);
    const vectors = await vectoriser.vectorise(block.map(({ draft }) => draft));
    pupils.push(...block.map((example, index): Pupil => ({ example, vector: vectors[index]! })));
  }
  return pupils;
}

/** What the teacher makes of texts: of all that are labelled by the codebook, and of some of each set. */
export function askOfTexts(pupils: readonly Pupil[]): Taught[] {
  const once = [
    ...new Map(
      pupils.filter(({ example }) => example.trains).map((pupil) => [pupil.example.draft.text, pupil]),
    ).values(),
  ];
  const chosen = [...groupBy(once, ({ example }) => example.from).values()].flatMap((set) => {
    if (measures(set[0]!.example)) return set;
    const known = set.filter(({ example }) => isKnown(example.draft.text));
    const others = set.filter(({ example }) => !isKnown(example.draft.text));
    return [...known, ...others.slice(0, Math.max(0, TAUGHT_OF_A_SET - known.length))];
  });
  const vectors = vectorsOf(chosen.map(({ example }) => example.draft.text));
  return chosen.map(({ example, vector }, index) => ({ language: example.language, vector, wanted: vectors[index]! }));
}
