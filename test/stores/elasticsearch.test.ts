import { describe } from 'vitest';
import { mentionStoreContract } from '../contracts/mention-store.ts';
import { stateStoreContract } from '../contracts/state-store.ts';
import { serverUrl } from '../servers.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { elasticsearchState } from '../../src/stores/elasticsearch/state.ts';
import { inNewIndices } from './elasticsearch-indices.ts';

const url = serverUrl('ELASTICSEARCH_URL');
const now = () => new Date('2024-05-01T12:00:00Z');

describe.skipIf(url === undefined)('Elasticsearch (skipped without ELASTICSEARCH_URL)', { timeout: 120_000 }, () => {
  mentionStoreContract(
    'Elasticsearch',
    inNewIndices(url!, (client, prefix) => elasticsearchMentions(client, { prefix, now, fresh: true })),
  );
  stateStoreContract(
    'Elasticsearch',
    inNewIndices(url!, (client, prefix) => elasticsearchState(client, { prefix })),
  );
});
