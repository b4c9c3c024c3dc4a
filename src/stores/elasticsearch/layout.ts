import type { Client } from '@elastic/elasticsearch';
import { AppError } from '../../domain/errors.ts';
import { asking, isResponse } from './errors.ts';
import { LAYOUT_ID, readByIds } from './registry.ts';
import type { Found } from './registry.ts';
import { FORMAT, UNDATED, createRegistry, openPartition, putTemplate } from './schema.ts';
import type { Names } from './schema.ts';

/** Which indices hold the mentions. Kept in the registry, so that every put learns of it in the look-up it makes anyway. */
export interface Layout {
  /** Stands in the names of the partitions. */
  version: number;
  /** How their documents look. */
  format: number;
}

/** Ids of the registry that are no mentions: those have 32 hexadecimal digits. */
export const REINDEX_ID = 'reindex';
export const OWN_IDS = [LAYOUT_ID, REINDEX_ID];

/**
 * Makes registry, template and first partition where they are missing. Safe when several processes start at once, and
 * while mentions are re-indexed.
 *
 * @throws AppError `STAGE_UNAVAILABLE` where the documents look different from what this program writes.
 */
export async function openMentionIndices(client: Client, names: Names): Promise<void> {
  await createRegistry(client, names);
  const { version, format } = (await openLayout(client, names)).source;
  if (format !== FORMAT)
    throw new AppError('STAGE_UNAVAILABLE', `The mentions in Elasticsearch have format ${format}, not ${FORMAT}.`, {
      fix: format > FORMAT ? 'Start the newer Earshot that wrote them.' : 'Run `earshot reindex`.',
      details: { format, known: FORMAT },
    });
  await putTemplate(client, names, version, 'open', true);
  await openPartition(client, names, names.partition(version, UNDATED));
}

/** The layout, which is written down on first use. */
export async function openLayout(client: Client, names: Names): Promise<Found<Layout>> {
  const place = { index: names.registry, id: LAYOUT_ID };
  const found = (await readByIds<Layout>(client, [place])).get(LAYOUT_ID);
  if (found) return found;
  await asking('writing down the layout', async () => {
    try {
      const document: Layout = { version: 1, format: FORMAT };
      await client.index({ ...place, document, op_type: 'create' }, { maxRetries: 0 });
    } catch (thrown) {
      if (!isResponse(thrown, 'version_conflict_engine_exception')) throw thrown;
    }
  });
  return openLayout(client, names);
}
