import { join } from 'node:path';
import type { Enricher } from './domain/enricher.ts';
import type { Log } from './domain/log.ts';
import type { MentionStore } from './domain/store.ts';
import { createEnrichers } from './enrich/index.ts';
import { readLexicon, readTopics } from './enrich/lexicon.ts';
import { readStageModel } from './journey/stage-model.ts';
import type { StageModel } from './journey/stage-model.ts';
import { createHttp } from './net/http.ts';
import { createBrandFinder } from './pipeline/brands.ts';
import type { IngestPorts } from './pipeline/ingest.ts';
import type { NotifyPorts } from './pipeline/notify.ts';
import type { ConfiguredSource, PullPorts } from './pipeline/pull.ts';
import { sqliteQueue } from './queues/sqlite/index.ts';
import { readKey } from './settings/keys.ts';
import { ownOptions } from './settings/schema.ts';
import type { Settings } from './settings/schema.ts';
import { readShipped, readShippedFolder } from './settings/shipped.ts';
import { sourceOf } from './sources/index.ts';
import { sqliteMentions } from './stores/sqlite/mentions.ts';
import { closeDatabase, openDatabase } from './stores/sqlite/open.ts';
import { sqliteState } from './stores/sqlite/state.ts';

/** Everything that is known without asking anybody: words, topics and stage models. */
export interface Knowledge {
  enrichers: Enricher[];
  models: StageModel[];
}

export function loadKnowledge(languages?: readonly string[]): Knowledge {
  const topicFile = readShipped('config/topics.yaml');
  const topics = readTopics(topicFile.value, topicFile.file);
  const lexicons = readShippedFolder('config/lexicons').map(({ file, value }) => readLexicon(value, { file, topics }));
  const models = readShippedFolder('config/journeys').map(({ file, value }) => readStageModel(value, file));
  return { enrichers: createEnrichers({ lexicons, topics, languages }), models };
}

/** The running house: every port with its driver, and what the configuration names. */
export interface App extends PullPorts, IngestPorts, NotifyPorts {
  settings: Settings;
  sources: ConfiguredSource[];
  mentions: MentionStore;
  /** Lets running jobs end for up to `graceMs`, then hands them back. */
  close(graceMs?: number): Promise<void>;
}

export interface OpenOptions {
  settings: Settings;
  dataDir: string;
  log: Log;
}

const now = () => new Date();

/** The only place that chooses drivers. */
export function openApp({ settings, dataDir, log }: OpenOptions): App {
  const random = Math.random;
  const database = openDatabase(join(dataDir, 'earshot.db'));
  const queue = sqliteQueue(database, { now, random, log });
  const http = createHttp({ allow: settings.network.allow, userAgent: settings.network.userAgent, now });
  const sources = configuredSources(settings);
  return {
    settings,
    sources,
    ...loadKnowledge(settings.languages),
    mentions: sqliteMentions(database, { now }),
    state: sqliteState(database),
    queue,
    http,
    log,
    now,
    random,
    personKey: readKey(join(dataDir, 'author.key')),
    brandsOf: brandsOf(settings, sources),
    close: async (graceMs) => {
      await queue.close(graceMs);
      await http.close();
      closeDatabase(database);
    },
  };
}

/** The enabled sources of a configuration, each with its kind. */
export function configuredSources(settings: Settings): ConfiguredSource[] {
  return Object.entries(settings.sources)
    .filter(([, given]) => given.enabled)
    .map(([name, given]) => {
      const source = sourceOf(given.type);
      const { every = source.everySeconds, brand, authors } = given;
      return { name, source, options: ownOptions(given), everySeconds: every, brand, authors };
    });
}

/** A source that is about one brand says so; elsewhere the brand's names have to stand in the text. */
function brandsOf(settings: Settings, sources: readonly ConfiguredSource[]): App['brandsOf'] {
  const find = createBrandFinder(settings.brands);
  const fixed = new Map(sources.map(({ name, brand }) => [name, brand]));
  return (source, text) => {
    const own = fixed.get(source);
    return own === undefined ? find(text) : [...new Set([own, ...find(text)])];
  };
}
