import type { Client } from '@elastic/elasticsearch';
import type { Mention } from '../../domain/mention.ts';
import type { Change, ChangePage, SearchOptions, SearchPage } from '../../domain/store.ts';
import { eventId } from '../document.ts';
import {
  MAX_CHANGES,
  MAX_COUNTED,
  MAX_PAGE,
  changePlace,
  checkLimit,
  decodeCursor,
  encodeCursor,
  searchPlace,
} from '../paging.ts';
import type { StoredMention } from './document.ts';
import { asking, failed } from './errors.ts';
import { refresh } from './forget.ts';
import { OWN_IDS } from './layout.ts';
import { toDsl } from './query.ts';
import type { FoldedQuery } from './query.ts';
import { readByIds, readRegistry } from './registry.ts';
import type { Known } from './registry.ts';
import type { Names } from './schema.ts';

/**
 * One page, newest first by (`at`, `id`), with the number of all that match now.
 * @param counted `true` = however many; a number = counted up to it.
 */
export async function searchMentions(
  client: Client,
  names: Names,
  query: FoldedQuery,
  { limit, cursor }: SearchOptions,
  counted: true | number = true,
): Promise<SearchPage> {
  checkLimit(limit, MAX_PAGE);
  const [at, id] = cursor === undefined ? [] : decodeCursor(searchPlace, cursor);
  const answer = await asking('searching', () =>
    client.search<StoredMention>({
      index: names.mentions,
      query: toDsl(query),
      size: limit + 1,
      track_total_hits: counted,
      _source: ['body'],
      sort: [{ at: 'desc' }, { id: 'desc' }],
      allow_partial_search_results: false,
      ...(at !== undefined && { search_after: [Date.parse(at), id!] }),
    }),
  );
  const { total: count, hits } = answer.hits;
  const total = typeof count === 'number' ? count : count!.value;
  const mentions = hits.slice(0, limit).map(({ _source: document }) => parse(document!));
  const last = mentions.at(-1);
  if (hits.length <= limit || last === undefined) return { total, mentions };
  return { total, mentions, next: encodeCursor([last.at, last.id]) };
}

/** The newest with a word. */
export async function newestWith(
  client: Client,
  names: Names,
  query: FoldedQuery,
  limit: number,
): Promise<Omit<SearchPage, 'next'>> {
  const { total, mentions } = await searchMentions(client, names, query, { limit }, MAX_COUNTED);
  return { total, mentions };
}

const parse = ({ body }: Pick<StoredMention, 'body'>) => JSON.parse(body) as Mention;

/** The newest state, also where no search shows it yet. */
export async function getMention(client: Client, names: Names, id: string): Promise<Mention | undefined> {
  if (id === '') return undefined;
  const { known } = await readRegistry(client, names.registry, [id]);
  const entry = known.get(id);
  if (entry === undefined || entry.erased) return undefined;
  const document = (await readDocuments(client, names, [{ id, partition: entry.partition }])).get(id);
  return document && parse(document);
}

interface InPartition {
  id: string;
  partition: string;
}

/** Most times that the indices may be exchanged while documents are read. */
const MAX_EXCHANGES = 5;

/** Reads documents by id; once more where some are missing because re-indexing has just exchanged the indices. */
async function readDocuments(client: Client, names: Names, wanted: readonly InPartition[]) {
  let documents = new Map<string, StoredMention>();
  let { version } = await readRegistry(client, names.registry, []);
  for (let exchange = 0; exchange < MAX_EXCHANGES; exchange++) {
    const places = wanted.map(({ id, partition }) => ({ index: names.partition(version, partition), id }));
    const found = await readByIds<StoredMention>(client, places, ['body', 'state']);
    documents = new Map([...found].map(([id, { source }]) => [id, source]));
    if (documents.size === wanted.length) break;
    const before = version;
    version = (await readRegistry(client, names.registry, [])).version;
    if (version === before) break;
  }
  return documents;
}

/**
 * What happened behind `after`, oldest first, by the sequence numbers of the registry: one shard numbers its writes one
 * after another, and a document that is written again moves to the end.
 *
 * Numbers are given before a write is done, so a search may show 7 and only later 6. Therefore the global checkpoint is
 * read first: everything up to it is done in every copy and shown by the refresh that follows. What lies behind it is left
 * for the next call.
 */
export async function changesAfter(
  client: Client,
  names: Names,
  after: string | undefined,
  limit: number,
): Promise<ChangePage> {
  checkLimit(limit, MAX_CHANGES);
  const [from] = after === undefined ? [0] : decodeCursor(changePlace, after);
  const checkpoint = await readCheckpoint(client, names.registry);
  await refresh(client, names.registry);
  const answer = await asking('reading changes', () =>
    client.search<Known>({
      index: names.registry,
      query: {
        bool: {
          filter: [{ range: { _seq_no: { gte: from, lte: checkpoint } } }],
          must_not: [{ ids: { values: OWN_IDS } }],
        },
      },
      sort: [{ _seq_no: 'asc' }],
      size: limit,
      seq_no_primary_term: true,
      track_total_hits: false,
      allow_partial_search_results: false,
    }),
  );
  const entries = answer.hits.hits.map(({ _id, _source, _seq_no }) => ({ id: _id!, known: _source!, seq: _seq_no! }));
  return {
    changes: await withDocuments(client, names, entries),
    next: encodeCursor([(entries.at(-1)?.seq ?? from - 1) + 1]),
  };
}

interface ShardStats {
  routing: { primary: boolean };
  seq_no: { global_checkpoint: number };
}

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-stats */
export async function readCheckpoint(client: Client, index: string): Promise<number> {
  const { indices } = await asking('reading the checkpoint', () => client.indices.stats({ index, level: 'shards' }));
  const copies = Object.values(indices ?? {}).flatMap(({ shards }) => Object.values(shards ?? {}).flat());
  const primary = (copies as unknown as ShardStats[]).find(({ routing }) => routing.primary);
  if (primary === undefined) throw failed('STORE_UNAVAILABLE', 'reading the checkpoint', `${index} has no shard`);
  return primary.seq_no.global_checkpoint;
}

interface Entry {
  id: string;
  known: Known;
}

/** A document that is missing is just being erased; its erasure comes next. */
async function withDocuments(client: Client, names: Names, entries: readonly Entry[]): Promise<Change[]> {
  const wanted = entries.flatMap(({ id, known }) => (known.erased ? [] : [{ id, partition: known.partition }]));
  const documents = await readDocuments(client, names, wanted);
  return entries.flatMap(({ id: mentionId, known }): Change[] => {
    if (known.erased) return [{ eventId: eventId(mentionId, 'erased'), kind: 'erased', mentionId }];
    const document = documents.get(mentionId);
    if (document === undefined) return [];
    const { state } = document;
    return [{ eventId: eventId(mentionId, state), kind: 'stored', mentionId, mention: parse(document) }];
  });
}
