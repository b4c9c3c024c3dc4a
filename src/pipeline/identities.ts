import type { Log } from '../domain/log.ts';
import type { Mention } from '../domain/mention.ts';
import type { MentionStore, PutOutcome, StateStore } from '../domain/store.ts';
import { unseal } from './seal.ts';
import type { Identity } from './seal.ts';

/** Sealed identities of authors, one for each mention of a source that says `authors: reversible`. */
export type IdentityStore = Pick<StateStore, 'getAll' | 'addAll' | 'set' | 'delete'>;

export interface IdentityPorts {
  identities: IdentityStore;
  personKey: Buffer;
}

const keyOf = (mentionId: string) => `identity/${mentionId}`;

/**
 * Puts mentions, each behind its sealed identity, so that whoever follows the changes finds both.
 * @param sealed By id of the mention; null = nobody is named any more, so what was kept goes.
 */
export async function putWithIdentities(
  mentions: readonly Mention[],
  sealed: ReadonlyMap<string, string | null>,
  ports: IdentityPorts & { mentions: Pick<MentionStore, 'get' | 'put'> },
): Promise<PutOutcome[]> {
  // One batch may hold a mention twice, and name its author once.
  const owners = mentions.filter(({ id, author }) => author !== undefined && sealed.get(id));
  const nameless = mentions.flatMap(({ id }) => (sealed.get(id) === null ? id : []));
  if (owners.length > 0) await keep(owners, sealed, ports);
  const outcomes = await ports.mentions.put(mentions);
  const isStored = new Set(outcomes.flatMap((outcome) => ('collectedAt' in outcome ? outcome.id : [])));
  for (const { id } of owners) {
    // It may have been refused today and taken before.
    if (!isStored.has(id) && (await ports.mentions.get(id)) === undefined) await ports.identities.delete(keyOf(id));
  }
  if (nameless.length > 0) await drop(nameless, ports.identities);
  return outcomes;
}

/** Mostly there is the same already, though it looks different: then nothing is written. */
async function keep(
  owners: readonly Mention[],
  sealed: ReadonlyMap<string, string | null>,
  { identities, personKey }: IdentityPorts,
): Promise<void> {
  const entries = owners.map(({ id }) => ({ key: keyOf(id), value: sealed.get(id)! }));
  const standing = new Map((await identities.addAll(entries)).map(({ key, value }) => [key, value as string]));
  for (const [index, { key, value }] of entries.entries()) {
    const pseudonym = owners[index]!.author!.id;
    const [before, now] = [standing.get(key), value].map((one) => one && unseal(one, pseudonym, personKey));
    if (JSON.stringify(before) !== JSON.stringify(now)) await identities.set(key, value);
  }
}

async function drop(ids: readonly string[], identities: IdentityStore): Promise<void> {
  for (const { key } of await identities.getAll(ids.map(keyOf))) await identities.delete(key);
}

/** The store, in which an identity goes with its mention. */
export function withIdentities(mentions: MentionStore, identities: IdentityStore): MentionStore {
  return {
    ...mentions,
    async forget(ids) {
      // Before, so that an erasure that was cut off is still found and ended; after, for what came in between.
      await drop(ids, identities);
      const erased = await mentions.forget(ids);
      await drop(ids, identities);
      return erased;
    },
  };
}

/**
 * Who wrote these mentions, by their id, for the link to the CRM alone. Only of sources in `reversible` is anything
 * opened; null is what the key at hand does not open, of which the log is told.
 */
export async function openIdentities(
  mentions: readonly Mention[],
  reversible: ReadonlySet<string>,
  { identities, personKey, log }: IdentityPorts & { log: Log },
): Promise<Map<string, Identity | null>> {
  const owners = mentions.filter(({ source, author }) => author !== undefined && reversible.has(source));
  const kept = await identities.getAll(owners.map(({ id }) => keyOf(id)));
  const sealed = new Map(kept.map(({ key, value }) => [key, value as string]));
  const opened = new Map<string, Identity | null>();
  for (const { id, author } of owners) {
    const one = sealed.get(keyOf(id));
    if (one !== undefined) opened.set(id, unseal(one, author!.id, personKey));
  }
  const closed = [...opened.values()].filter((identity) => identity === null).length;
  if (closed > 0) {
    const fix = 'Put back the key with which they were sealed (EARSHOT_AUTHOR_KEY, or author.key in EARSHOT_DATA).';
    log('warn', 'identities of authors cannot be opened', { mentions: closed, fix });
  }
  return opened;
}
