import type { Enricher } from './domain/enricher.ts';
import { createEnrichers } from './enrich/index.ts';
import { readLexicon, readTopics } from './enrich/lexicon.ts';
import type { Lexicon } from './enrich/lexicon.ts';
import { readModel, readSupplement } from './enrich/model-file.ts';
import type { Model, Supplement } from './enrich/model.ts';
import { readStageModel } from './journey/stage-model.ts';
import type { StageModel } from './journey/stage-model.ts';
import { readShipped, readShippedBytes, readShippedFolder } from './settings/shipped.ts';

/** Everything that is known without asking anybody: words, topics and stage models. */
export interface Knowledge {
  enrichers: Enricher[];
  models: StageModel[];
}

/** @throws {AppError} `CONFIG_INVALID` that names the file and the place. */
export function loadKnowledge(languages?: readonly string[]): Knowledge {
  const model = loadTrained();
  const supplements = loadSupplements(model);
  return {
    enrichers: createEnrichers({ lexicons: loadLexicons(), languages, model, supplements }),
    models: loadModels(),
  };
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
