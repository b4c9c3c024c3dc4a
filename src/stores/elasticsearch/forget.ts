import type { Client } from '@elastic/elasticsearch';
import { AppError } from '../../domain/errors.ts';
import { creating, deleting, indexing } from './bulk.ts';
import { asking } from './errors.ts';
import type { PutPorts } from './put.ts';
import { MAX_IDS, readRegistry } from './registry.ts';
import type { RegistryDocument } from './registry.ts';
import { identityPrefix, namesOf } from './schema.ts';

const MAX_ROUNDS = 20;

/**
 * Erases mentions and gives their number. The registry is told first, so that no poll brings back what is being
 * deleted; then every document of these ids is deleted, wherever a search finds one, so that nothing is left of an
 * interrupted put either. Asked again after an interruption, it ends what it began. See `expungeErased` for the disk.
 */
export async function forgetMentions(ports: PutPorts, ids: readonly string[]): Promise<number> {
  let erased = 0;
  const unique = [...new Set(ids)];
  for (let start = 0; start < unique.length; start += MAX_IDS) {
    const batch = unique.slice(start, start + MAX_IDS);
    const places = await entomb(ports, batch);
    erased += places.erased;
    await deleteDocuments(ports, batch, places.known);
  }
  return erased;
}

/** Marks ids as erased; gives how many were not, and where their documents are. */
async function entomb({ client, names, entries }: PutPorts, ids: readonly string[]) {
  const known = new Map<string, string>();
  let erased = 0;
  let open = ids;
  for (let round = 0; open.length > 0; round++) {
    if (round === MAX_ROUNDS)
      throw new AppError('CONFLICT', `Others kept writing ${open.length} mentions to be erased.`);
    const { known: found, version } = await readRegistry(client, names.registry, open);
    for (const [id, { partition }] of found) if (partition !== null) known.set(id, names.partition(version, partition));
    const rest = open.filter((id) => !found.get(id)?.erased);
    const operations = rest.map((id) => {
      const entry = found.get(id);
      const tombstone: RegistryDocument = { partition: entry?.partition ?? null, erased: true };
      return entry ? indexing(names.registry, id, tombstone, entry.version) : creating(names.registry, id, tombstone);
    });
    const written = await entries(operations);
    erased += rest.filter((id, index) => found.has(id) && written[index]!.status !== 409).length;
    open = rest.filter((_, index) => written[index]!.status === 409);
  }
  return { erased, known };
}

/** Wherever they are known to be, or found. */
async function deleteDocuments(
  { client, names, documents }: PutPorts,
  ids: readonly string[],
  known: Map<string, string>,
) {
  await refresh(client, names.mentions);
  const answer = await asking('looking for what is to be erased', () =>
    client.search({
      index: names.mentions,
      query: { ids: { values: [...ids] } },
      _source: false,
      size: 10 * MAX_IDS,
    }),
  );
  const places = new Map([...known].map(([id, index]) => [`${index}/${id}`, { index, id }]));
  for (const { _index: index, _id: id } of answer.hits.hits) places.set(`${index}/${id}`, { index, id: id! });
  const wanted = [...places.values()];
  await documents(wanted.map(({ index, id }) => deleting(index, id)));
  await refresh(client, names.mentions);
}

/** Makes what was written visible to searches. */
export async function refresh(client: Client, index: string): Promise<void> {
  await asking('refreshing', () => client.indices.refresh({ index }));
}

/** Rewriting large segments takes its time; nobody waits for it but the job. */
const EXPUNGE_MS = 15 * 60_000;

/**
 * Has the segments that hold erased words and sealed identities written anew; until then they stay on the disk, found by
 * no search. For maintenance, some time after an erasure: Elasticsearch keeps what is deleted for its own recovery until
 * it has renewed its retention leases, every 30 seconds, so merging at once would remove nothing. Ordinary merging does
 * it sooner or later. https://www.elastic.co/docs/reference/elasticsearch/index-settings/history-retention
 */
export async function expungeErased(client: Client, { prefix = 'earshot' }: { prefix?: string } = {}): Promise<void> {
  const index = [namesOf(prefix).mentions, namesOf(identityPrefix(prefix)).stateIndex];
  await asking('removing erased words', async () => {
    const options = { requestTimeout: EXPUNGE_MS, maxRetries: 0 };
    await client.indices.flush({ index, force: true, ignore_unavailable: true, allow_no_indices: true }, options);
    const merge = { index, only_expunge_deletes: true, ignore_unavailable: true, allow_no_indices: true };
    await client.indices.forcemerge(merge, options);
  });
}
