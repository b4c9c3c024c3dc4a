import { randomBytes } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';

/** A prefix that nobody else has. */
export const newPrefix = () => `test-${randomBytes(6).toString('hex')}`;

/** Removes everything of a prefix, name by name, as `action.destructive_requires_name` demands. */
export async function removeIndices(client: Client, prefix: string): Promise<void> {
  const found = await client.indices.get({ index: `${prefix}-*` });
  const index = Object.keys(found);
  if (index.length > 0) await client.indices.delete({ index });
  await client.indices.deleteIndexTemplate({ name: `${prefix}-mentions-v*` }, { ignore: [404] });
}

/** Opens a store over indices of its own, for a contract suite. */
export function inNewIndices<Store>(url: string, make: (client: Client, prefix: string) => Store) {
  return async () => {
    const prefix = newPrefix();
    let client = connectElasticsearch({ url });
    return {
      store: make(client, prefix),
      reopen: async () => {
        await client.close();
        client = connectElasticsearch({ url });
        return make(client, prefix);
      },
      close: async () => {
        await removeIndices(client, prefix);
        await client.close();
      },
    };
  };
}
