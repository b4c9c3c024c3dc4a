import type { Log } from './domain/log.ts';
import type { JobQueue } from './domain/queue.ts';
import type { MentionStore, StateStore } from './domain/store.ts';
import { bullQueue } from './queues/bullmq/index.ts';
import type { ScaledStage } from './settings/environment.ts';
import { connectElasticsearch } from './stores/elasticsearch/connect.ts';
import { expungeErased } from './stores/elasticsearch/forget.ts';
import { elasticsearchMentions } from './stores/elasticsearch/mentions.ts';
import { reindex } from './stores/elasticsearch/reindex.ts';
import type { ReindexReport } from './stores/elasticsearch/reindex.ts';
import { identityPrefix } from './stores/elasticsearch/schema.ts';
import { elasticsearchState } from './stores/elasticsearch/state.ts';

/** What a stage consists of. */
export interface Drivers {
  mentions: MentionStore;
  state: StateStore;
  stories: StateStore;
  identities: StateStore;
  queue: JobQueue;
  /** Makes an erasure complete on the disk as well. */
  compact(): Promise<void>;
  /** Builds the indices anew beside the live ones; only where there are indices. */
  reindex?(): Promise<ReindexReport>;
  /** Closes what the drivers share, after the queue. */
  disconnect(): Promise<void>;
}

interface ScaledOptions {
  log: Log;
  prefix: string;
  fresh: boolean | undefined;
  leaseMs?: number;
  now: () => Date;
  random: () => number;
}

/** Redis for jobs, Elasticsearch for mentions and state. */
export async function openScaled(stage: ScaledStage, options: ScaledOptions): Promise<Drivers> {
  const client = connectElasticsearch(stage.elasticsearch);
  return {
    mentions: elasticsearchMentions(client, options),
    state: elasticsearchState(client, options),
    // Indices of their own: they are many, and nobody lists them.
    stories: elasticsearchState(client, { prefix: `${options.prefix}-stories` }),
    identities: elasticsearchState(client, { prefix: identityPrefix(options.prefix) }),
    queue: await bullQueue({ ...options, url: stage.redisUrl }),
    compact: () => expungeErased(client, options),
    reindex: () => reindex(client, options),
    disconnect: () => client.close(),
  };
}
