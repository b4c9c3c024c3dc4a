import { describe, expect, it } from 'vitest';
import { aMention, sampleMentions } from '../contracts/mentions.ts';
import { serverUrl } from '../servers.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { expungeErased } from '../../src/stores/elasticsearch/forget.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { newPrefix, removeIndices } from './elasticsearch-indices.ts';

const url = serverUrl('ELASTICSEARCH_URL');

describe.skipIf(url === undefined)('erasure on the disk (skipped without ELASTICSEARCH_URL)', () => {
  /** Takes half a minute: so long the server keeps what is deleted for its own recovery. */
  it('leaves no erased document in any segment once it is asked to expunge them', { timeout: 150_000 }, async () => {
    const prefix = newPrefix();
    const client = connectElasticsearch({ url: url! });
    const store = elasticsearchMentions(client, { prefix, now: () => new Date('2024-05-10T12:00:00Z') });
    const index = `${prefix}-mentions-v1-undated`;
    const kept = sampleMentions(300).filter(({ dated }) => !dated);
    await store.put([...kept, aMention({ externalId: 'gone' })]);
    await client.indices.flush({ index });
    await store.forget([aMention({ externalId: 'gone' }).id]);
    const documents = async () =>
      (await client.indices.stats({ index, metric: 'docs' })).indices![index]!.primaries!.docs;
    expect(await documents()).toMatchObject({
      count: kept.length,
      deleted: expect.toSatisfy((deleted: number) => deleted > 0),
    });
    const expunged = async () => {
      await expungeErased(client, { prefix });
      await client.indices.refresh({ index });
      return documents();
    };
    await expect
      .poll(expunged, { timeout: 120_000, interval: 5_000 })
      .toMatchObject({ count: kept.length, deleted: 0 });
    await removeIndices(client, prefix);
    await client.close();
  });
});
