import { createHash } from 'node:crypto';
import { errors } from '@elastic/elasticsearch';
import type { Client, estypes } from '@elastic/elasticsearch';
import type { Json } from '../../domain/queue.ts';
import type { ListOptions, NewEntry, StateEntry, StateStore } from '../../domain/store.ts';
import { bulkSender, creating } from './bulk.ts';
import type { SendBulk } from './bulk.ts';
import { asking, failed } from './errors.ts';
import { refresh } from './forget.ts';
import { readByIds } from './registry.ts';
import { createStateIndex, namesOf, once } from './schema.ts';
import type { Names } from './schema.ts';

interface StateDocument {
  key: string;
  /** JSON text. */
  value: string;
}

/** Entries of one answer; more come in further ones. */
const PAGE = 1_000;

/**
 * State in Elasticsearch. A version is the primary term and sequence number of the write, which are never given twice.
 * Keys are ordered by their UTF-8 bytes. Writes are not retried unseen: the second one would find the first and take it
 * for somebody else's. `close` leaves the client open.
 */
export function elasticsearchState(client: Client, { prefix = 'earshot' }: { prefix?: string } = {}): StateStore {
  const names = namesOf(prefix);
  const ready = once(() => createStateIndex(client, names));
  const send = bulkSender(client);

  return {
    async get(key) {
      await ready();
      return getEntry(client, names, key);
    },
    async set(key, value, expected) {
      await ready();
      return setEntry(client, names, key, value, expected);
    },
    async getAll(keys) {
      await ready();
      return getEntries(client, names, keys);
    },
    async addAll(entries) {
      await ready();
      await addEntries(send, names, entries);
      return getEntries(
        client,
        names,
        entries.map(({ key }) => key),
      );
    },
    async delete(key) {
      await ready();
      return deleteEntry(client, names, key);
    },
    async list(begin, options = {}) {
      await ready();
      await refresh(client, names.stateIndex);
      return listEntries(client, names, begin, options);
    },
    async close() {},
  };
}

/** Keys may be longer than the 512 bytes of an id, and hold what no address can; so all are hashed. */
const idOf = (key: string) => createHash('sha256').update(key).digest('hex');

async function getEntry(client: Client, names: Names, key: string): Promise<StateEntry | undefined> {
  return asking('reading state', async () => {
    try {
      const found = await client.get<StateDocument>({ index: names.stateIndex, id: idOf(key) });
      return toEntry(found);
    } catch (thrown) {
      if (statusOf(thrown) === 404) return undefined;
      throw thrown;
    }
  });
}

async function setEntry(client: Client, names: Names, key: string, value: Json, expected?: string | null) {
  const guard = expected === undefined ? {} : guardOf(expected);
  if (guard === undefined) return null;
  return asking('writing state', async () => {
    try {
      const document: StateDocument = { key, value: JSON.stringify(value) };
      const written = await client.index(
        { index: names.stateIndex, id: idOf(key), document, ...guard },
        { maxRetries: 0 },
      );
      return versionOf(written);
    } catch (thrown) {
      if (statusOf(thrown) === 409) return null;
      throw thrown;
    }
  });
}

async function getEntries(client: Client, names: Names, keys: readonly string[]): Promise<StateEntry[]> {
  const places = [...new Set(keys)].map((key) => ({ index: names.stateIndex, id: idOf(key) }));
  const found = await readByIds<StateDocument>(client, places);
  return keys.flatMap((key) => {
    const entry = found.get(idOf(key));
    if (entry === undefined) return [];
    const { if_seq_no: _seq_no, if_primary_term: _primary_term } = entry.version;
    return [toEntry({ _source: entry.source, _seq_no, _primary_term })];
  });
}

/** Sent again, a creation finds what the first one wrote, which is as good: so faults that pass may be retried here. */
async function addEntries(send: SendBulk, names: Names, entries: readonly NewEntry[]): Promise<void> {
  const outcomes = await send(
    entries.map(({ key, value }) => creating(names.stateIndex, idOf(key), { key, value: JSON.stringify(value) })),
  );
  const refused = outcomes.find(({ status }) => status >= 400 && status !== CONFLICT);
  if (refused) throw failed('STORE_REFUSED', 'writing state', refused.reason);
}

const CONFLICT = 409;

/** Undefined for what is no version of ours, which nothing can hold. */
function guardOf(expected: string | null): Partial<estypes.IndexRequest> | undefined {
  if (expected === null) return { op_type: 'create' };
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(expected);
  return match ? { if_primary_term: Number(match[1]), if_seq_no: Number(match[2]) } : undefined;
}

async function deleteEntry(client: Client, names: Names, key: string): Promise<boolean> {
  return asking('deleting state', async () => {
    try {
      await client.delete({ index: names.stateIndex, id: idOf(key) }, { maxRetries: 0 });
      return true;
    } catch (thrown) {
      if (statusOf(thrown) === 404) return false;
      throw thrown;
    }
  });
}

async function listEntries(client: Client, names: Names, begin: string, options: ListOptions): Promise<StateEntry[]> {
  const { limit = Infinity, reverse = false } = options;
  const entries: StateEntry[] = [];
  let { after } = options;
  while (entries.length < limit) {
    const size = Math.min(PAGE, limit - entries.length);
    const { hits } = await asking('listing state', () =>
      client.search<StateDocument>({
        index: names.stateIndex,
        query: { bool: { filter: filters(begin, after, reverse) } },
        sort: [{ key: reverse ? 'desc' : 'asc' }],
        size,
        seq_no_primary_term: true,
        track_total_hits: false,
        allow_partial_search_results: false,
      }),
    );
    entries.push(...hits.hits.map(toEntry));
    if (hits.hits.length < size) break;
    after = entries.at(-1)!.key;
  }
  return entries;
}

function filters(begin: string, after: string | undefined, reverse: boolean): estypes.QueryDslQueryContainer[] {
  const behind = after === undefined ? [] : [{ range: { key: reverse ? { lt: after } : { gt: after } } }];
  return [{ prefix: { key: begin } }, ...behind];
}

interface Versioned {
  _seq_no?: number;
  _primary_term?: number;
}

const versionOf = ({ _primary_term, _seq_no }: Versioned) => `${_primary_term}.${_seq_no}`;

function toEntry({ _source: document, ...found }: Versioned & { _source?: StateDocument }): StateEntry {
  const { key, value } = document!;
  return { key, value: JSON.parse(value) as Json, version: versionOf(found) };
}

function statusOf(thrown: unknown): number | undefined {
  return thrown instanceof errors.ResponseError ? thrown.statusCode : undefined;
}
