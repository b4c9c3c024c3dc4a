import type { Enricher } from './domain/enricher.ts';
import { createEnrichers } from './enrich/index.ts';
import { readLexicon, readTopics } from './enrich/lexicon.ts';
import type { Lexicon } from './enrich/lexicon.ts';
import { readModel, readOwn, readSupplement } from './enrich/model-file.ts';
import { HEADS } from './enrich/model.ts';
import type { HeadName, Model, Own, Supplement } from './enrich/model.ts';
import { namedAfter, withOwn } from './enrich/own.ts';
import { readStageModel } from './journey/stage-model.ts';
import type { StageModel } from './journey/stage-model.ts';
import { ownModelFile, readOwnModel } from './settings/own-model.ts';
import { readShipped, readShippedBytes, readShippedFolder, readShippedTables } from './settings/shipped.ts';

/** Everything that is known without asking anybody: words, topics and stage models. */
export interface Knowledge {
  enrichers: Enricher[];
  models: StageModel[];
}

/** Where an installation keeps what it has learned, and who is told where that no longer fits. */
export interface OwnPlace {
  dataDir: string;
  tell(line: string): void;
}

/**
 * Everything as it is shipped, and with a place with what was learned there.
 * @throws {AppError} `CONFIG_INVALID` that names the file and the place.
 */
export function loadKnowledge(languages?: readonly string[], place?: OwnPlace): Knowledge {
  return { enrichers: enrichersOf(loadJudges(place), languages), models: loadModels() };
}

/** The judges with the shipped lexicons. @throws {AppError} as `loadKnowledge`. */
export function enrichersOf({ own, ...judges }: Judges, languages?: readonly string[]): Enricher[] {
  const enrichers = createEnrichers({ lexicons: loadLexicons(), languages, ...judges });
  return own ? namedAfter(own, enrichers) : enrichers;
}

/** The trained models, with what this installation has learned added to them. */
export interface Judges {
  model: Model;
  supplements: Supplement[];
  own?: Own | undefined;
}

/** The shipped models, and with a place what was learned there. @throws {AppError} as `loadKnowledge`. */
export function loadJudges(place?: OwnPlace): Judges {
  const model = loadTrained();
  const supplements = loadSupplements(model);
  const own = place && loadOwn(model, place);
  if (!own) return { model, supplements };
  return { model: withOwn(model, own), supplements: supplements.map((one) => withOwn(one, own)), own };
}

function loadOwn(model: Model, { dataDir, tell }: OwnPlace): Own | undefined {
  const file = ownModelFile(dataDir);
  const bytes = readOwnModel(file);
  const own = bytes && readOwn(bytes, file, model);
  if (bytes && !own)
    tell(
      `${file} was learned beside another version of the shipped model and is left out: run \`earshot train\` again.`,
    );
  return own;
}

export function loadLexicons(): Lexicon[] {
  const topicFile = readShipped('config/topics.yaml');
  const topics = readTopics(topicFile.value, topicFile.file);
  return readShippedFolder('config/lexicons').map(({ file, value }) => readLexicon(value, { file, topics }));
}

const TRAINED = 'config/models/earshot.model';

/** The trained model. @throws {AppError} `CONFIG_INVALID` where it is missing or damaged. */
export const loadTrained = (): Model => readModel(readShippedBytes(TRAINED), TRAINED);

/** Heads for single languages under licences of their own; who does not want those removes the files. */
const SUPPLEMENTS = ['config/models/pl-sentiment.cc-by-sa-4.0.model'];

export const loadSupplements = (model: Model): Supplement[] =>
  SUPPLEMENTS.flatMap((file) => {
    const bytes = readShippedBytes(file);
    return bytes ? [readSupplement(bytes, file, model)] : [];
  });

export function loadModels(): StageModel[] {
  return readShippedFolder('config/journeys').map(({ file, value }) => readStageModel(value, file));
}

/** A text in a known language, labelled by the codebook. */
export interface LabelledText {
  language: string;
  text: string;
  labels: Partial<Record<HeadName, string>>;
}

/** Texts of every language from which the shipped model has learned. */
export const loadLabelledTexts = (): LabelledText[] =>
  readShippedTables('config/training').flatMap(({ name: language, rows: [head, ...rows] }) =>
    rows.map((cells): LabelledText => {
      const cell = (name: string) => cells[head!.indexOf(name)]!;
      return { language, text: cell('text'), labels: Object.fromEntries(HEADS.map((name) => [name, cell(name)])) };
    }),
  );
