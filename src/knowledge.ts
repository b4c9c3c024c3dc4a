import type { Enricher } from './domain/enricher.ts';
import { createEnrichers } from './enrich/index.ts';
import { readLexicon, readTopics } from './enrich/lexicon.ts';
import { readStageModel } from './journey/stage-model.ts';
import type { StageModel } from './journey/stage-model.ts';
import { readShipped, readShippedFolder } from './settings/shipped.ts';

/** Everything that is known without asking anybody: words, topics and stage models. */
export interface Knowledge {
  enrichers: Enricher[];
  models: StageModel[];
}

/** @throws {AppError} `CONFIG_INVALID` that names the file and the place. */
export function loadKnowledge(languages?: readonly string[]): Knowledge {
  const topicFile = readShipped('config/topics.yaml');
  const topics = readTopics(topicFile.value, topicFile.file);
  const lexicons = readShippedFolder('config/lexicons').map(({ file, value }) => readLexicon(value, { file, topics }));
  return { enrichers: createEnrichers({ lexicons, languages }), models: loadModels() };
}

export function loadModels(): StageModel[] {
  return readShippedFolder('config/journeys').map(({ file, value }) => readStageModel(value, file));
}
