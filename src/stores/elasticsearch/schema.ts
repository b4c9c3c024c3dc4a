import type { Client, estypes } from '@elastic/elasticsearch';
import { AppError } from '../../domain/errors.ts';
import { asking, isResponse } from './errors.ts';

/** Raised when documents look different in a way that old indices cannot take; `reindex` brings them up. */
export const FORMAT = 4;

/** Of mentions whose platform told no date. */
export const UNDATED = 'undated';

export interface Names {
  /** Alias over all partitions: what is searched. */
  mentions: string;
  /** The index of one partition: what is written. Each re-indexing fills indices of a new version. */
  partition(version: number, name: string): string;
  /** Pattern of the indices of all partitions and versions. */
  everyPartition: string;
  registry: string;
  /** Alias of the index that holds the state. */
  state: string;
  stateIndex: string;
}

/** @throws AppError `CONFIG_INVALID` for a prefix that no index name may begin with. */
export function namesOf(prefix: string): Names {
  if (!/^[a-z0-9][a-z0-9_-]{0,99}$/.test(prefix))
    throw new AppError('CONFIG_INVALID', `Names of indices cannot begin with "${prefix}".`, {
      fix: 'Take small letters, digits, - and _, a letter or digit first.',
    });
  return {
    mentions: `${prefix}-mentions`,
    partition: (version, name) => `${prefix}-mentions-v${version}-${name}`,
    everyPartition: `${prefix}-mentions-v*`,
    registry: `${prefix}-registry-v1`,
    state: `${prefix}-state`,
    stateIndex: `${prefix}-state-v1`,
  };
}

/** What the names of the indices of sealed identities begin with. */
export const identityPrefix = (prefix: string) => `${prefix}-identities`;

const keyword: estypes.MappingProperty = { type: 'keyword' };
/** Kept as it was given, looked at by nobody. */
const aside: estypes.MappingProperty = { type: 'object', enabled: false };

/**
 * One shard per index: partitions are the unit of growth. A single node needs no copy to be healthy.
 * `expunge_deletes_allowed: 0` (per cent) lets an erasure remove every deleted document, not only where they are many.
 */
const settings: estypes.IndicesIndexSettings = {
  number_of_shards: 1,
  auto_expand_replicas: '0-1',
  'merge.policy.expunge_deletes_allowed': 0,
};

/** `body` is the mention as JSON text, so that it comes back character by character; the rest is for filters. */
const MENTION: estypes.MappingTypeMapping = {
  dynamic: 'strict',
  properties: {
    id: keyword,
    body: aside,
    state: aside,
    rev: aside,
    at: { type: 'date' },
    collectedAt: { type: 'date' },
    words: { type: 'text', analyzer: 'whitespace', norms: false },
    stars: { type: 'byte' },
    copy: { type: 'boolean' },
    ...fields('source channel author thread story language sentiment step touchpoint place outcome gap'),
    ...fields('topic pain opportunity brand signal'),
  },
};

/** Entries of mentions, and what `layout.ts` and `reindex.ts` write down. */
const REGISTRY: estypes.MappingTypeMapping = {
  dynamic: 'strict',
  properties: Object.fromEntries(
    'partition collectedAt state labels erased version format places'.split(' ').map((name) => [name, aside]),
  ),
};

const STATE: estypes.MappingTypeMapping = { dynamic: 'strict', properties: { key: keyword, value: aside } };

function fields(names: string): Record<string, estypes.MappingProperty> {
  return Object.fromEntries(names.split(' ').map((name) => [name, keyword]));
}

/**
 * What new partitions of a version are made of. `closed` ones take no writes: whoever still writes to an old version is
 * told to come again.
 */
export async function putTemplate(
  client: Client,
  names: Names,
  version: number,
  phase: 'open' | 'closed',
  create = false,
): Promise<void> {
  const pattern = names.partition(version, '*');
  await asking('making the template of mentions', async () => {
    try {
      await client.indices.putIndexTemplate({
        name: pattern.replace('-*', ''),
        create,
        index_patterns: [pattern],
        priority: 500,
        template: {
          settings: {
            ...settings,
            refresh_interval: '1s',
            ...(phase === 'closed' && { 'blocks.write': true }),
          },
          mappings: MENTION,
        },
      });
    } catch (thrown) {
      if (!create || !isResponse(thrown, 'illegal_argument_exception')) throw thrown;
    }
  });
}

export async function createRegistry(client: Client, names: Names): Promise<void> {
  await createIndex(client, { index: names.registry, settings: resting, mappings: REGISTRY });
}

export async function createStateIndex(client: Client, names: Names): Promise<void> {
  await createIndex(client, {
    index: names.stateIndex,
    settings: resting,
    mappings: STATE,
    aliases: { [names.state]: {} },
  });
}

/** Read by id, or refreshed by whoever searches it. */
const resting: estypes.IndicesIndexSettings = { ...settings, refresh_interval: '30s' };

/** Makes an index unless it is there; one that somebody else is just making is waited for. */
export async function createIndex(client: Client, request: estypes.IndicesCreateRequest): Promise<void> {
  const { index } = request;
  await asking(`making the index ${index}`, async () => {
    try {
      await client.indices.create(request);
    } catch (thrown) {
      if (!isResponse(thrown, 'resource_already_exists_exception')) throw thrown;
      await client.cluster.health({ index, wait_for_active_shards: 1, timeout: '10s' }, { ignore: [403, 408] });
    }
  });
}

/**
 * Makes a partition where it is missing, and only then lets searches see it: an index whose shard is still starting
 * would make them fail.
 */
export async function openPartition(client: Client, names: Names, index: string): Promise<void> {
  await createIndex(client, { index });
  const actions = [{ add: { index, alias: names.mentions } }];
  await asking(`opening the index ${index}`, () => client.indices.updateAliases({ actions }));
}

/** Runs `work` once for all callers; after a failure the next caller tries again. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () =>
    (done ??= work().catch((thrown: unknown) => {
      done = undefined;
      throw thrown;
    }));
}
