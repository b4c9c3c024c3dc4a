import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'yaml';
import { readStageModel } from '../../src/journey/stage-model.ts';
import type { StageModel } from '../../src/journey/stage-model.ts';

const FOLDER = new URL('../../config/journeys/', import.meta.url);

/** The models that ship, read from their files. */
export const shippedModels: StageModel[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .toSorted()
  .map((file) => readStageModel(parse(readFileSync(new URL(file, FOLDER), 'utf8')), file));

export const shipped = (id: string): StageModel => shippedModels.find((model) => model.id === id)!;
