import type { Client } from '@elastic/elasticsearch';
import type { Labels } from '../../domain/labels.ts';
import type { SeenVersion } from './bulk.ts';
import { asking, failed } from './errors.ts';

/** What stands in the registry of one id. */
export interface RegistryDocument {
  /** Where its document is, for ever; `null` where it was erased before it arrived. */
  partition: string | null;
  /** When it was first collected; gone with the erasure, as is `state`. */
  collectedAt?: string;
  state?: string;
  /** What people said against the judgements: here, because every put reads this and nothing else. */
  labels?: Labels;
  erased: boolean;
}

export type Known = { partition: string; collectedAt: string; state: string; labels?: Labels; erased: false } | Erased;
export interface Erased {
  partition: string | null;
  erased: true;
}
/** Id of the entry that names the version of the indices, see `layout.ts`. */
export const LAYOUT_ID = 'layout';

export type KnownEntry = Known & { version: SeenVersion };

/** Most ids of one look-up. */
export const MAX_IDS = 1_000;

interface Answered {
  _id: string;
  found?: boolean;
  _source?: unknown;
  _seq_no?: number;
  _primary_term?: number;
  error?: { type?: string; reason?: string };
}

/** A document as it is now, also where no search shows it yet. */
export interface Found<T> {
  source: T;
  version: SeenVersion;
}

export interface Place {
  index: string;
  id: string;
}

/**
 * Reads documents by id in their newest state, whether or not they are searchable yet. Those that are missing, or whose
 * index is, are left out.
 */
export async function readByIds<T>(
  client: Client,
  places: readonly Place[],
  fields?: readonly (keyof T & string)[],
): Promise<Map<string, Found<T>>> {
  const found = new Map<string, Found<T>>();
  for (let start = 0; start < places.length; start += MAX_IDS)
    for (const { _id, found: isThere, ...doc } of await readBatch(
      client,
      places.slice(start, start + MAX_IDS),
      fields,
    )) {
      if (doc.error && doc.error.type !== 'index_not_found_exception')
        throw failed('STORE_UNAVAILABLE', 'reading by ids', `${doc.error.type}: ${doc.error.reason}`);
      if (isThere === true) found.set(_id, toFound(doc));
    }
  return found;
}

async function readBatch(client: Client, places: readonly Place[], fields?: readonly string[]): Promise<Answered[]> {
  const docs = places.map(({ index, id }) => ({ _index: index, _id: id }));
  const { docs: answered } = (await asking('reading by ids', () =>
    client.mget(
      { docs, ...(fields && { _source_includes: [...fields] }) },
      { querystring: { filter_path: 'docs._id,docs.found,docs._source,docs._seq_no,docs._primary_term,docs.error' } },
    ),
  )) as { docs?: Answered[] };
  return answered ?? [];
}

function toFound<T>({ _source, _seq_no, _primary_term }: Omit<Answered, '_id' | 'found'>): Found<T> {
  return { source: _source as T, version: { if_seq_no: _seq_no!, if_primary_term: _primary_term! } };
}

export interface Registered {
  known: Map<string, KnownEntry>;
  /** Of the indices that hold the documents, as it is now. */
  version: number;
}

/** What is known of these ids. */
export async function readRegistry(client: Client, registry: string, ids: readonly string[]): Promise<Registered> {
  const found = await readByIds<Known & { version: number }>(
    client,
    [LAYOUT_ID, ...ids].map((id) => ({ index: registry, id })),
  );
  const version = found.get(LAYOUT_ID)?.source.version;
  if (version === undefined) throw failed('STORE_UNAVAILABLE', 'reading the registry', 'it names no layout');
  found.delete(LAYOUT_ID);
  return {
    version,
    known: new Map([...found].map(([id, entry]) => [id, { ...entry.source, version: entry.version }])),
  };
}
