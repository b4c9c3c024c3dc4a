import type { Client } from '@elastic/elasticsearch';
import type { LabelChanges } from '../../domain/labels.ts';
import type { Log } from '../../domain/log.ts';
import type { MentionQuery } from '../../domain/query.ts';
import type { MentionStore, PutOutcome } from '../../domain/store.ts';
import { check } from '../document.ts';
import { aggregateMentions, countMentions } from './aggregate.ts';
import { bulkSender } from './bulk.ts';
import { forgetMentions, refresh } from './forget.ts';
import { putItems } from './put.ts';
import type { PutItem, PutPorts } from './put.ts';
import { changesAfter, getMention, newestWith, searchMentions } from './read.ts';
import { newestByPlace, readVisits } from './places.ts';
import type { FoldedQuery } from './query.ts';
import { countStories, foldStories } from './stories.ts';
import { openMentionIndices } from './layout.ts';
import { namesOf, once, openPartition } from './schema.ts';
import type { Names } from './schema.ts';
import { ORDERED, WIDE, coalescingWriter } from './writer.ts';

export interface ElasticsearchMentionOptions {
  /** What the names of all indices begin with. Default `earshot`. */
  prefix?: string | undefined;
  now: () => Date;
  /** For the jitter of pauses, 0…1. */
  random?: (() => number) | undefined;
  log?: Log | undefined;
  /** How often in a row no write may get through before the put fails and its job is repeated. Default 8. */
  attempts?: number | undefined;
  /**
   * Searches and counts show everything that was acknowledged before. Costs a refresh each time, so the default is
   * false: then what was put is found within about a second.
   */
  fresh?: boolean | undefined;
}

/**
 * Mentions in Elasticsearch 8.19 or newer, in indices by month behind one alias, with a registry of all ids beside them.
 * Every acknowledged write is on the disk of every copy in sync. Works on a server without any plug-in or script.
 * `close` leaves the client open.
 */
export function elasticsearchMentions(client: Client, options: ElasticsearchMentionOptions): MentionStore {
  const names = namesOf(options.prefix ?? 'earshot');
  const send = bulkSender(client, options);
  const ready = once(() => openMentionIndices(client, names));
  const ports: PutPorts = {
    client,
    names,
    now: options.now,
    documents: coalescingWriter(send, WIDE),
    entries: coalescingWriter(send, ORDERED),
    openIndex: indexOpener(client, names),
  };
  const beforeReading = async (query: MentionQuery) => {
    await ready();
    if (options.fresh) await refresh(client, names.mentions);
    return foldStories(client, names, query);
  };

  return {
    async put(mentions) {
      await ready();
      return putAll(ports, mentions);
    },
    async label(mention, changes) {
      await ready();
      return (await putAll(ports, [mention], changes))[0]!;
    },
    async get(id) {
      await ready();
      return getMention(client, names, id);
    },
    ...reading(client, names, beforeReading, options.now),
    async changes(after, limit) {
      await ready();
      return changesAfter(client, names, after, limit);
    },
    async forget(ids) {
      await ready();
      return forgetMentions(ports, ids);
    },
    async close() {},
  };
}

async function putAll(ports: PutPorts, mentions: readonly unknown[], changes?: LabelChanges): Promise<PutOutcome[]> {
  const outcomes: PutOutcome[] = [];
  for (const turn of inTurns(mentions, outcomes))
    await putItems(ports, changes ? turn.map((item) => ({ ...item, changes })) : turn, outcomes);
  return outcomes;
}

/**
 * Everything that looks at many mentions.
 * @param ready Waits until there is something to look at, and folds the stories of the query.
 */
function reading(
  client: Client,
  names: Names,
  ready: (query: MentionQuery) => Promise<FoldedQuery>,
  now: () => Date,
): Omit<MentionStore, 'put' | 'label' | 'get' | 'changes' | 'forget' | 'close'> {
  return {
    async search(query, page) {
      return searchMentions(client, names, await ready(query), page);
    },
    async newestWith(word, limit) {
      return newestWith(client, names, await ready({ q: word }), limit);
    },
    async countStories(query, stories) {
      return countStories(client, names, await ready({ ...query, collapse: undefined }), stories);
    },
    async aggregate(query, dimensions) {
      return aggregateMentions(client, names, await ready(query), dimensions);
    },
    async countAll(query, lists) {
      return countMentions(client, names, await ready(query), lists);
    },
    async newestByPlace(query, perPlace) {
      return newestByPlace(client, names, await ready(query), { perPlace, now: now() });
    },
    async visits(query, options) {
      return readVisits(client, names, await ready(query), options);
    },
  };
}

/** Refuses what is no mention; the n-th time that an id comes it is put in the n-th turn. */
function inTurns(mentions: readonly unknown[], outcomes: PutOutcome[]): PutItem[][] {
  const turns: PutItem[][] = [];
  const times = new Map<string, number>();
  for (const [place, handedOver] of mentions.entries()) {
    const checked = check(handedOver);
    if ('reason' in checked) {
      outcomes[place] = { id: checked.id, outcome: 'refused', reason: checked.reason };
      continue;
    }
    const turn = times.get(checked.id) ?? 0;
    times.set(checked.id, turn + 1);
    (turns[turn] ??= []).push({ place, mention: checked.mention });
  }
  return turns;
}

/** Indices are made before they are written to, because clusters may forbid to make them by the way. */
function indexOpener(client: Client, names: Names) {
  const open = new Map<string, () => Promise<void>>();
  return async (index: string): Promise<void> => {
    if (!open.has(index))
      open.set(
        index,
        once(() => openPartition(client, names, index)),
      );
    await open.get(index)!();
  };
}
