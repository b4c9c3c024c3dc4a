import type { Client } from '@elastic/elasticsearch';
import type { Mention } from '../../domain/mention.ts';
import { shortHash } from '../document.ts';
import { deleting, indexing } from './bulk.ts';
import type { BulkOperation, SendBulk } from './bulk.ts';
import { toDocument } from './document.ts';
import type { StoredMention } from './document.ts';
import { asking, codeOf, failed } from './errors.ts';
import { refresh } from './forget.ts';
import { readCheckpoint } from './read.ts';
import { readByIds } from './registry.ts';

/** From one index into another. */
export interface Copying {
  client: Client;
  send: SendBulk;
  from: string;
  to: string;
}

const PAGE = 500;
const COMPARED = 1_000;

/**
 * Copies what was written at or behind a sequence number, in the order of the writes. Everything up to the global
 * checkpoint is seen, see `changesAfter`. `onPage` is told how far it is durable. Gives the number copied.
 */
export async function copyNewer(
  copying: Copying,
  place: number,
  onPage: (place: number) => Promise<void>,
): Promise<number> {
  const { client, from } = copying;
  const checkpoint = await readCheckpoint(client, from);
  if (checkpoint < place) return 0;
  await refresh(client, from);
  let copied = 0;
  for (let next = place; ;) {
    const { hits } = await asking('reading what to copy', () =>
      client.search<StoredMention>({
        index: from,
        query: { range: { _seq_no: { gte: next, lte: checkpoint } } },
        sort: [{ _seq_no: 'asc' }],
        size: PAGE,
        seq_no_primary_term: true,
        track_total_hits: false,
        _source: ['body', 'state', 'rev'],
        allow_partial_search_results: false,
      }),
    );
    await write(
      copying,
      hits.hits.map(({ _id, _source }) => copyOf(copying.to, _id!, _source!)),
    );
    copied += hits.hits.length;
    const { _seq_no: last = checkpoint } = (hits.hits.length === PAGE && hits.hits.at(-1)) || {};
    next = last + 1;
    await onPage(next);
    if (next > checkpoint) return copied;
  }
}

/** The same mention, in the shape of today. */
function copyOf(index: string, id: string, stored: StoredMention): BulkOperation {
  return indexing(index, id, toDocument(JSON.parse(stored.body) as Mention, stored));
}

async function write({ send }: Copying, operations: readonly BulkOperation[]): Promise<void> {
  const outcomes = await send(operations);
  const refused = outcomes.find(({ status, reason }) => status >= 400 && reason !== '');
  if (refused) throw failed(codeOf(refused.status), 'copying', refused.reason);
}

/** Compares contents document by document and makes the copy equal. Gives the number of documents that were not. */
export async function repair(copying: Copying): Promise<number> {
  const { client, from, to } = copying;
  await refresh(client, `${from},${to}`);
  const unequal = await differences(copying);
  for (let start = 0; start < unequal.length; start += PAGE) {
    const ids = unequal.slice(start, start + PAGE);
    const originals = await readByIds<StoredMention>(
      client,
      ids.map((id) => ({ index: from, id })),
      ['body', 'state', 'rev'],
    );
    await write(
      copying,
      ids.map((id) => {
        const original = originals.get(id);
        return original ? copyOf(to, id, original.source) : deleting(to, id);
      }),
    );
  }
  return unequal.length;
}

/** Ids that are in one index only, or whose copy does not have the content that the original names. */
async function differences({ client, from, to }: Copying): Promise<string[]> {
  const unequal: string[] = [];
  const originals = contents(client, from);
  const copies = contents(client, to);
  let [original, copy] = [await originals.next(), await copies.next()];
  while (!original.done || !copy.done) {
    const [one, other] = [original.value, copy.value];
    const order = one === undefined ? 1 : other === undefined ? -1 : compare(one.id, other.id);
    if (order !== 0 || one!.rev !== other!.hash) unequal.push((order > 0 ? other : one)!.id);
    if (order <= 0) original = await originals.next();
    if (order >= 0) copy = await copies.next();
  }
  return unequal;
}

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));

interface Content {
  id: string;
  rev: string;
  /** Of the body as it is, whatever `rev` says. */
  hash: string;
}

/** All documents of an index by id. */
async function* contents(client: Client, index: string): AsyncGenerator<Content, undefined> {
  for (let after: string | undefined; ;) {
    const { hits } = await asking('comparing', () =>
      client.search<StoredMention>({
        index,
        query: after === undefined ? { match_all: {} } : { range: { id: { gt: after } } },
        sort: [{ id: 'asc' }],
        size: COMPARED,
        track_total_hits: false,
        _source: ['body', 'rev'],
        allow_partial_search_results: false,
      }),
    );
    for (const { _id: id, _source: document } of hits.hits) {
      after = id!;
      const { body, rev } = document!;
      yield { id: id!, rev, hash: shortHash(body) };
    }
    if (hits.hits.length < COMPARED) return undefined;
  }
}

/** Documents of an index, also those that no search shows yet. */
export async function countOf(client: Client, index: string): Promise<number> {
  await refresh(client, index);
  return (await asking('counting', () => client.count({ index }))).count;
}
