import { setTimeout } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import { AppError } from '../../domain/errors.ts';
import type { Log } from '../../domain/log.ts';
import { bulkSender } from './bulk.ts';
import type { SeenVersion } from './bulk.ts';
import { copyNewer, countOf, repair } from './copy.ts';
import { asking, isResponse } from './errors.ts';
import { REINDEX_ID, openLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { LAYOUT_ID, readByIds } from './registry.ts';
import type { Found } from './registry.ts';
import { FORMAT, createIndex, createRegistry, namesOf, putTemplate } from './schema.ts';
import type { Names } from './schema.ts';

export interface ReindexOptions {
  /** As of the store. Default `earshot`. */
  prefix?: string | undefined;
  /** Version of the new indices, above that of the present ones. Default one more. */
  toVersion?: number | undefined;
  /** How long searches that began on the old indices have to end, in milliseconds. Default 5,000. */
  graceMs?: number | undefined;
  log?: Log | undefined;
}

export interface ReindexReport {
  version: number;
  partitions: number;
  /** In the new indices. */
  mentions: number;
  /** Written by this run; fewer than all where it went on with an interrupted one. */
  copied: number;
  /** Written or removed because the comparison found them unequal. */
  repaired: number;
}

interface Progress {
  version: number;
  /** By partition, the sequence number of the old index up to which everything is copied. */
  places: Record<string, number>;
}

/** Everything that one run carries along. */
interface Run {
  client: Client;
  names: Names;
  from: number;
  progress: Progress;
  /** Version of the note of the progress; absent before the first. */
  noted: SeenVersion | undefined;
  /** Those that are copied. */
  partitions: string[];
  report: ReindexReport;
}

/** Passes over what was written meanwhile, before writers are asked to wait. */
const MAX_LIVE_PASSES = 20;
/** So few are soon copied while writers wait. */
const FEW = 500;

/**
 * Writes all mentions anew into indices of the next version, as this program would write them, while puts and searches
 * go on. Every write to an old index has a sequence number there, so what came meanwhile is copied by the same step as
 * the rest, until little is left. Contents are then compared document by document. For the last few the old indices
 * take no writes: their jobs are told to come again. Then counts are compared, the alias is moved in one step, and every
 * put learns of the new version in its look-up of the registry. The old indices are removed last.
 *
 * Ended at any moment, it is run again and goes on where it was. The template of the old version stays behind, closed,
 * so that a straggler who still writes to it is refused instead of making an index that nobody searches.
 *
 * @throws AppError `USAGE` for a version that is not above the present one or not that of an interrupted run; `CONFLICT`
 * where another run is at work; `INTERNAL` where counts differ: the old indices are then used on, and take writes again.
 */
export async function reindex(client: Client, options: ReindexOptions = {}): Promise<ReindexReport> {
  const names = namesOf(options.prefix ?? 'earshot');
  await createRegistry(client, names);
  const { version: from } = (await openLayout(client, names)).source;
  const progress = await readProgress(client, names);
  const version = progress?.source.version ?? options.toVersion ?? from + 1;
  checkVersion(version, from, options.toVersion);
  const report: ReindexReport = { version, partitions: 0, mentions: 0, copied: 0, repaired: 0 };
  const run: Run = {
    client,
    names,
    from,
    progress: progress?.source ?? { version, places: {} },
    noted: progress?.version,
    partitions: [],
    report,
  };
  if (version > from) {
    await fill(run, options.log);
    await closeOld(run);
    await finish(run);
    await exchange(run);
    await setTimeout(options.graceMs ?? 5_000);
  }
  await removeOld(run);
  return report;
}

function checkVersion(version: number, from: number, wanted: number | undefined): void {
  const fits = Number.isInteger(version) && version >= from && (wanted === undefined || wanted === version);
  if (fits && (version > from || wanted === undefined)) return;
  throw new AppError('USAGE', `Mentions of version ${from} cannot be re-indexed to version ${wanted ?? version}.`, {
    fix:
      version > from ? `End the interrupted run first: leave out the version, or say ${version}.` : 'Say a higher one.',
  });
}

/** Copies while writers go on, until little is left, and compares contents. */
async function fill(run: Run, log?: Log): Promise<void> {
  const { client, names, progress } = run;
  await saveProgress(run);
  await putTemplate(client, names, progress.version, 'open');
  for (let pass = 0; pass < MAX_LIVE_PASSES; pass++) {
    const copied = await copyAll(run);
    log?.('info', 'Mentions are re-indexed', { copied: run.report.copied, version: progress.version });
    if (copied < FEW) break;
  }
  for (const partition of run.partitions) await repairPartition(run, partition);
}

/** The old indices take no more writes, and those that are made from now on neither. Named one by one, as it must be. */
async function closeOld(run: Run): Promise<void> {
  const { client, names, from } = run;
  await putTemplate(client, names, from, 'closed');
  const index = (await partitionsOf(run)).map((partition) => names.partition(from, partition));
  await asking('closing the old indices', () => client.indices.addBlock({ index, block: 'write' }));
}

async function finish(run: Run): Promise<void> {
  try {
    await copyAll(run);
    for (const partition of run.partitions) {
      if (await isComplete(run, partition)) continue;
      await repairPartition(run, partition);
      if (!(await isComplete(run, partition)))
        throw new AppError('INTERNAL', `The new index of ${partition} does not hold what the old one does.`, {
          fix: 'Nothing was changed. Run it again, and tell us if it stays so.',
        });
    }
  } catch (thrown) {
    await openOld(run);
    throw thrown;
  }
}

async function openOld(run: Run): Promise<void> {
  const { client, names, from } = run;
  await putTemplate(client, names, from, 'open');
  const index = (await partitionsOf(run)).map((partition) => names.partition(from, partition));
  const settings = { 'blocks.write': null as never };
  await asking('opening the old indices', () => client.indices.putSettings({ index, settings }));
}

/** From here on there is no way back; what is interrupted is ended by the next run. */
async function exchange(run: Run): Promise<void> {
  const { client, names, from, progress, report, partitions } = run;
  report.partitions = partitions.length;
  for (const partition of partitions)
    report.mentions += await countOf(client, names.partition(progress.version, partition));
  const moves = partitions.flatMap((partition) => [
    { remove: { index: names.partition(from, partition), alias: names.mentions, must_exist: false } },
    { add: { index: names.partition(progress.version, partition), alias: names.mentions } },
  ]);
  await asking('moving the alias', () => client.indices.updateAliases({ actions: moves }));
  const layout = await openLayout(client, names);
  const document: Layout = { version: progress.version, format: FORMAT };
  await asking('writing down the layout', () =>
    client.index({ index: names.registry, id: LAYOUT_ID, document, ...layout.version }, { maxRetries: 0 }),
  );
}

async function removeOld({ client, names, progress }: Run): Promise<void> {
  const all = await asking('listing indices', () => client.indices.get({ index: names.everyPartition }));
  const old = Object.keys(all).filter((index) => !index.startsWith(names.partition(progress.version, '')));
  if (old.length > 0) await asking('removing old indices', () => client.indices.delete({ index: old }));
  await asking('ending the re-indexing', () =>
    client.delete({ index: names.registry, id: REINDEX_ID }, { ignore: [404] }),
  );
}

async function copyAll(run: Run): Promise<number> {
  const { client, names, from, progress } = run;
  const send = bulkSender(client);
  let copied = 0;
  run.partitions = await partitionsOf(run);
  for (const partition of run.partitions) {
    const to = names.partition(progress.version, partition);
    await createIndex(client, { index: to });
    copied += await copyNewer(
      { client, send, from: names.partition(from, partition), to },
      progress.places[partition] ?? 0,
      (place) => {
        progress.places[partition] = place;
        return saveProgress(run);
      },
    );
  }
  run.report.copied += copied;
  return copied;
}

async function repairPartition(run: Run, partition: string): Promise<void> {
  const { client, names, from, progress } = run;
  const to = names.partition(progress.version, partition);
  run.report.repaired += await repair({ client, send: bulkSender(client), from: names.partition(from, partition), to });
}

async function isComplete({ client, names, from, progress }: Run, partition: string): Promise<boolean> {
  const [old, fresh] = [from, progress.version].map((version) => names.partition(version, partition));
  return (await countOf(client, old!)) === (await countOf(client, fresh!));
}

/** Partitions of the old version, also those that writers have opened meanwhile. */
async function partitionsOf({ client, names, from }: Run): Promise<string[]> {
  const begin = names.partition(from, '');
  const found = await asking('listing indices', () => client.indices.get({ index: `${begin}*` }));
  return Object.keys(found)
    .map((index) => index.slice(begin.length))
    .toSorted();
}

async function readProgress(client: Client, names: Names): Promise<Found<Progress> | undefined> {
  const place = { index: names.registry, id: REINDEX_ID };
  return (await readByIds<Progress>(client, [place])).get(REINDEX_ID);
}

/** Over what this run noted last, so that of two runs the older one ends. */
async function saveProgress(run: Run): Promise<void> {
  const { client, names, progress: document, noted } = run;
  const guard = noted ?? { op_type: 'create' as const };
  await asking('noting the progress', async () => {
    try {
      const { _seq_no: if_seq_no, _primary_term: if_primary_term } = await client.index(
        { index: names.registry, id: REINDEX_ID, document, ...guard },
        { maxRetries: 0 },
      );
      run.noted = { if_seq_no: if_seq_no!, if_primary_term: if_primary_term! };
    } catch (thrown) {
      if (!isResponse(thrown, 'version_conflict_engine_exception')) throw thrown;
      throw new AppError('CONFLICT', 'Another run re-indexes the mentions.', { fix: 'Wait until it has ended.' });
    }
  });
}
