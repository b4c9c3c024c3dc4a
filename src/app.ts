import { join } from 'node:path';
import { listenAside } from './aside.ts';
import { openAnnotator } from './annotators/index.ts';
import type { AnnotatorPorts } from './domain/annotator.ts';
import type { Enricher } from './domain/enricher.ts';
import type { Log } from './domain/log.ts';
import type { Personas } from './domain/persona.ts';
import type { MentionStore, StateStore } from './domain/store.ts';
import { withAnnotator } from './enrich/annotated.ts';
import { loadKnowledge } from './knowledge.ts';
import { createGate, sharedMemory } from './net/gate.ts';
import { createHttp } from './net/http.ts';
import type { HttpOptions } from './net/http.ts';
import { createBrandFinder, isHandleOf, rulesNameLanguages } from './pipeline/brands.ts';
import { withIdentities } from './pipeline/identities.ts';
import type { IngestPorts } from './pipeline/ingest.ts';
import { listenHere } from './pipeline/listen.ts';
import type { NotifyPorts } from './pipeline/notify.ts';
import { createPersonas } from './pipeline/personas.ts';
import type { ConfiguredSource, PullPorts } from './pipeline/pull.ts';
import { sqliteQueue } from './queues/sqlite/index.ts';
import type { Drivers } from './scaled.ts';
import type { Environment } from './settings/environment.ts';
import { readKey } from './settings/keys.ts';
import { ownOptions } from './settings/schema.ts';
import type { Settings } from './settings/schema.ts';
import { sourceOf } from './sources/index.ts';
import type { ReindexReport } from './stores/elasticsearch/reindex.ts';
import { sqliteMentions } from './stores/sqlite/mentions.ts';
import { closeDatabase, compact, openDatabase } from './stores/sqlite/open.ts';
import { sqliteState } from './stores/sqlite/state.ts';

/** The running house: every port with its driver, and what the configuration names. */
export interface App extends PullPorts, IngestPorts, NotifyPorts {
  settings: Settings;
  sources: ConfiguredSource[];
  mentions: MentionStore;
  personas: Personas;
  /** Makes an erasure complete on the disk as well. */
  compact(): Promise<void>;
  /** Builds the indices anew beside the live ones; only in the scaled stage. */
  reindex?(): Promise<ReindexReport>;
  /** Lets running jobs end for up to `graceMs`, then hands them back. */
  close(graceMs?: number): Promise<void>;
}

export interface OpenOptions {
  settings: Settings;
  environment: Pick<Environment, 'dataDir' | 'stage' | 'prefix' | 'authorKey' | 'leaseMs'>;
  log: Log;
  /** See at once what was written; for commands that write and then read. */
  fresh?: boolean;
}

const now = () => new Date();
const random = Math.random;

/**
 * The only place that chooses drivers.
 * @throws {AppError} `STAGE_UNAVAILABLE`, `QUEUE_UNAVAILABLE` or `FILE_UNREADABLE` where they cannot be had.
 */
export async function openApp({ settings, environment, log, fresh }: OpenOptions): Promise<App> {
  const { stage, dataDir, authorKey, prefix, leaseMs } = environment;
  const lease = leaseMs === undefined ? {} : { leaseMs };
  // The clients of the servers are loaded only where they are needed: that takes longer than all the rest.
  const { disconnect, ...drivers } = stage
    ? await (await import('./scaled.ts')).openScaled(stage, { log, fresh, prefix, now, random, ...lease })
    : embedded(dataDir, { log, ...lease });
  const { allow, userAgent } = settings.network;
  const http = createHttp({ allow, userAgent, now });
  const listening = listen({ allow, userAgent }, drivers.state);
  const sources = configuredSources(settings);
  const personKey = authorKey ?? readKey(join(dataDir, 'author.key'));
  const knowledge = loadKnowledge(settings.languages, { dataDir, tell: (line) => log('warn', line) });
  const enrichers = await annotated(knowledge.enrichers, settings, { ...drivers, http, log, now, personKey });
  return {
    ...drivers,
    mentions: withIdentities(drivers.mentions, drivers.identities),
    settings,
    sources,
    ...knowledge,
    personas: createPersonas(settings.personas, { ...drivers, ...knowledge }),
    enrichers,
    http,
    listener: listening,
    log,
    now,
    random,
    personKey,
    brandsOf: brandsOf(settings, sources),
    brandsByLanguage: rulesNameLanguages(settings.brands),
    brandedOnly: new Set(sources.filter(({ unmatched }) => unmatched === 'drop').map(({ name }) => name)),
    close: async (graceMs) => {
      await drivers.queue.close(graceMs);
      await listening.close();
      await http.close();
      await disconnect();
    },
  };
}

/** Least time between two requests to one platform, in milliseconds, and faults in a row that close the way to it. */
const PACE = { perHostMs: 100, closesAfter: 5 };

/** Platforms are asked in a thread of their own, where there is a built program to start it with. */
function listen(settings: Pick<HttpOptions, 'allow' | 'userAgent'>, state: StateStore) {
  const gate = createGate(sharedMemory(state, random), { ...PACE, now });
  if (import.meta.url.endsWith('.js')) return listenAside(settings, gate, now);
  const http = createHttp({ ...settings, now, gate });
  return { ...listenHere({ http, now }), close: () => http.close() };
}

/** The enrichers, with the annotator above them where one is configured. */
async function annotated(
  enrichers: Enricher[],
  { annotator: given }: Settings,
  { stories: memory, personKey: key, ...ports }: AnnotatorPorts & Pick<Drivers, 'stories'> & { personKey: Buffer },
): Promise<Enricher[]> {
  if (given === undefined) return enrichers;
  const { type, judges, below, ...options } = given;
  const annotator = await openAnnotator(type, options, ports);
  return withAnnotator(enrichers, { judges, below }, { annotator, memory, key });
}

/** One SQLite file for everything. */
function embedded(dataDir: string, options: { log: Log; leaseMs?: number }): Drivers {
  const database = openDatabase(join(dataDir, 'earshot.db'));
  return {
    mentions: sqliteMentions(database, { now }),
    state: sqliteState(database),
    stories: sqliteState(database),
    identities: sqliteState(database),
    queue: sqliteQueue(database, { ...options, now, random }),
    compact: async () => compact(database),
    disconnect: async () => closeDatabase(database),
  };
}

/** The enabled sources of a configuration, each with its kind. */
export function configuredSources(settings: Settings): ConfiguredSource[] {
  const isOwn = isHandleOf(settings.brands);
  return Object.entries(settings.sources)
    .filter(([, given]) => given.enabled)
    .map(([name, given]) => {
      const source = sourceOf(given.type);
      const { every = source.everySeconds, brand, authors, handles, unmatched } = given;
      const keepsHandle = handles === 'mask' ? isOwn : undefined;
      return { name, source, options: ownOptions(given), everySeconds: every, brand, authors, keepsHandle, unmatched };
    });
}

/** A source that is about one brand says so; elsewhere the brand's names have to stand in the text. */
function brandsOf(settings: Settings, sources: readonly ConfiguredSource[]): App['brandsOf'] {
  const find = createBrandFinder(settings.brands);
  const fixed = new Map(sources.map(({ name, brand }) => [name, brand]));
  return (source, text, language) => {
    const own = fixed.get(source);
    return own === undefined ? find(text, language) : [...new Set([own, ...find(text, language)])];
  };
}
