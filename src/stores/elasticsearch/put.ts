import type { Client } from '@elastic/elasticsearch';
import { AppError } from '../../domain/errors.ts';
import type { LabelChanges } from '../../domain/labels.ts';
import type { Mention } from '../../domain/mention.ts';
import type { PutOutcome } from '../../domain/store.ts';
import { asKept } from '../document.ts';
import { creating, deleting, indexing } from './bulk.ts';
import type { BulkOperation, BulkOutcome, SendBulk, SeenVersion } from './bulk.ts';
import { partitionOf, stored, toDocument } from './document.ts';
import type { StoredMention } from './document.ts';
import { readByIds, readRegistry } from './registry.ts';
import type { KnownEntry, RegistryDocument } from './registry.ts';
import type { Names } from './schema.ts';

export interface PutPorts {
  client: Client;
  names: Names;
  now: () => Date;
  /** Writes documents of mentions, in any order. */
  documents: SendBulk;
  /** Writes entries of the registry, in the order in which they are handed over: it is the order of the changes. */
  entries: SendBulk;
  /** Makes an index of mentions where it is missing. */
  openIndex(index: string): Promise<void>;
}

/** A mention to be put, and its place in what the caller handed over. */
export interface PutItem {
  place: number;
  mention: Mention;
  /** Of people's labels. */
  changes?: LabelChanges;
}

/** How often somebody else may be first before the whole is given up. */
const MAX_ROUNDS = 20;

/**
 * Puts mentions of different ids. Documents are written first and the registry after them, because whoever follows the
 * registry's changes must find the document; the registry is written only over what was read, so of two writers one is
 * told (409), looks again and decides anew. The registry alone says in which partition a mention is, so an edited date
 * never makes a second document.
 *
 * Ended between the two writes, the registry does not know of the document yet: the repeated put writes both again, and
 * the change is told then. What it may have left in another partition, or of an erased mention, it removes whenever it
 * sees that it could be there.
 */
export async function putItems(ports: PutPorts, items: readonly PutItem[], outcomes: PutOutcome[]): Promise<void> {
  let open = items;
  for (let round = 0; open.length > 0; round++) {
    if (round === MAX_ROUNDS)
      throw new AppError('CONFLICT', `Others kept writing the same ${open.length} mentions.`, {
        fix: 'Nothing: the job is repeated later.',
      });
    open = await putOnce(ports, open, outcomes);
  }
}

/** What is to be written of one mention. */
interface Plan extends PutItem {
  stored: StoredMention;
  partition: string;
  /** Of that partition. */
  index: string;
  known: KnownEntry | undefined;
  outcome: 'new' | 'changed' | 'same';
  /** Only the document, only over this version: its likes were counted anew. */
  silent?: SeenVersion;
}

/** Gives those that are to be decided anew. */
async function putOnce(ports: PutPorts, items: readonly PutItem[], outcomes: PutOutcome[]): Promise<PutItem[]> {
  const { known, version } = await readRegistry(
    ports.client,
    ports.names.registry,
    items.map(({ mention }) => mention.id),
  );
  const indexOf = (partition: string) => ports.names.partition(version, partition);
  const strays: BulkOperation[] = [];
  const plans: Plan[] = [];
  for (const item of items) {
    const { id } = item.mention;
    const entry = known.get(id);
    const home = partitionOf(item.mention, ports.now());
    if (entry && entry.partition !== home) strays.push(deleting(indexOf(home), id));
    if (!entry?.erased) {
      const plan = planOf(item, entry, home);
      plans.push({ ...plan, index: indexOf(plan.partition) });
      continue;
    }
    strays.push(deleting(indexOf(entry.partition ?? home), id));
    outcomes[item.place] = { id, outcome: 'erased' };
  }
  const writes = await withoutUnchanged(ports, plans, outcomes);
  return write(ports, writes, strays, outcomes);
}

function planOf(
  { place, mention: given, changes }: PutItem,
  known: KnownEntry | undefined,
  home: string,
): Omit<Plan, 'index'> {
  const mention = asKept(given, known?.erased === false ? known : undefined, changes);
  const content = stored(mention);
  const outcome = !known || known.erased ? 'new' : known.state === content.state ? 'same' : 'changed';
  return {
    place,
    mention,
    ...(changes && { changes }),
    stored: content,
    partition: known?.partition ?? home,
    known,
    outcome,
  };
}

/**
 * Drops what is stored already. Where the registry names the same content, the document is looked at too: only its
 * likes may differ, which is written in silence; or it is missing or of another content, because somebody was ended
 * between his two writes, and then it is written as a change.
 */
async function withoutUnchanged({ client }: PutPorts, plans: readonly Plan[], outcomes: PutOutcome[]) {
  const same = plans.filter(({ outcome }) => outcome === 'same');
  const places = same.map(({ mention, index }) => ({ index, id: mention.id }));
  const found = await readByIds<StoredMention>(client, places, ['state', 'rev']);
  return plans.flatMap((plan): Plan[] => {
    if (plan.outcome !== 'same') return [plan];
    const document = found.get(plan.mention.id);
    if (document?.source.state !== plan.stored.state) return [{ ...plan, outcome: 'changed' }];
    if (document.source.rev !== plan.stored.rev) return [{ ...plan, silent: document.version }];
    tell(plan, outcomes);
    return [];
  });
}

async function write(
  ports: PutPorts,
  plans: readonly Plan[],
  strays: readonly BulkOperation[],
  outcomes: PutOutcome[],
): Promise<PutItem[]> {
  const { names } = ports;
  for (const index of new Set(plans.map((plan) => plan.index))) await ports.openIndex(index);
  const documents = plans.map(({ index, mention, stored: content, silent }) =>
    indexing(index, mention.id, toDocument(mention, content), silent),
  );
  const written = await ports.documents([...documents, ...strays]);
  const again: PutItem[] = plans.filter((_, index) => written[index]!.status === 409);
  const accepted = plans.filter((plan, index) => settle(plan, written[index]!, outcomes));
  for (const plan of accepted) if (plan.silent) tell(plan, outcomes);
  const told = accepted.filter(({ silent }) => !silent);
  const entered = await ports.entries(told.map((plan) => toEntry(names.registry, plan)));
  for (const [index, plan] of told.entries()) {
    if (entered[index]!.status === 409) again.push(plan);
    else if (settle(plan, entered[index]!, outcomes)) tell(plan, outcomes);
  }
  return inOrder(again);
}

/** Whether it was written; a refusal is told in Elasticsearch's own words. */
function settle({ place, mention }: Plan, { status, reason }: BulkOutcome, outcomes: PutOutcome[]): boolean {
  if (status < 400) return true;
  if (status !== 409) outcomes[place] = { id: mention.id, outcome: 'refused', reason };
  return false;
}

function tell({ place, mention, outcome }: Plan, outcomes: PutOutcome[]): void {
  outcomes[place] = { id: mention.id, outcome, collectedAt: mention.collectedAt };
}

function toEntry(registry: string, { mention, partition, stored: { state }, known }: Plan): BulkOperation {
  const { collectedAt, labels } = mention;
  const entry: RegistryDocument = { partition, collectedAt, state, erased: false, ...(labels && { labels }) };
  return known ? indexing(registry, mention.id, entry, known.version) : creating(registry, mention.id, entry);
}

const inOrder = (items: PutItem[]) => items.toSorted((one, other) => one.place - other.place);
