import { describe, expect, it } from 'vitest';
import { aMention } from '../contracts/mentions.ts';
import { connectElasticsearch } from '../../src/stores/elasticsearch/connect.ts';
import { elasticsearchMentions } from '../../src/stores/elasticsearch/mentions.ts';
import { newPrefix, removeIndices } from './elasticsearch-indices.ts';

/**
 * A node with hardly any memory for writing: `ELASTICSEARCH_SETTINGS="indexing_pressure.memory.limit: 400kb"`.
 * An ordinary one would need hundreds of megabytes in flight to say 429.
 */
const url = process.env.ELASTICSEARCH_PRESSED_URL;
if (!url && process.env.EARSHOT_NEEDS_SERVERS === '1') throw new Error('ELASTICSEARCH_PRESSED_URL is not set.');

describe.skipIf(!url)('Elasticsearch short of memory (skipped without ELASTICSEARCH_PRESSED_URL)', () => {
  it('loses nothing, although the server refuses again and again', { timeout: 120_000 }, async () => {
    const prefix = newPrefix();
    const client = connectElasticsearch({ url: url! });
    const refusals: { code: string; operations: number }[] = [];
    const store = elasticsearchMentions(client, {
      prefix,
      now: () => new Date('2024-05-10T12:00:00Z'),
      fresh: true,
      attempts: 20,
      log: (_, __, fields = {}) => refusals.push(fields as { code: string; operations: number }),
    });
    const all = Array.from({ length: 6_000 }, (_, index) =>
      aMention({ externalId: String(index), text: `Word${index} `.repeat(60) }),
    );
    const calls = Array.from({ length: 12 }, (_, call) => all.slice(call * 500, call * 500 + 500));
    const outcomes = (await Promise.all(calls.map((call) => store.put(call)))).flat();
    const { total } = await store.search({}, { limit: 1 });
    const pressed = refusals.filter(({ code }) => code === 'STORE_BUSY');
    const turnedAway = pressed.reduce((sum, { operations }) => sum + operations, 0);
    process.stdout.write(
      `429: ${pressed.length} times, ${turnedAway} writes turned away; stored ${total} of ${all.length}\n`,
    );
    expect(outcomes.every(({ outcome }) => outcome === 'new')).toBe(true);
    expect(total).toBe(all.length);
    const followed = new Set<string>();
    for (let place: string | undefined; ;) {
      const { changes, next } = await store.changes(place, 1_000);
      if (changes.length === 0) break;
      for (const { mentionId } of changes) followed.add(mentionId);
      place = next;
    }
    expect(followed.size).toBe(all.length);
    expect(pressed.length).toBeGreaterThan(0);
    await removeIndices(client, prefix);
    await client.close();
  });
});
