import { z } from 'zod';
import { OWN_FAULTS, toAppError } from '../domain/errors.ts';
import type { Json, JobQueue } from '../domain/queue.ts';
import type { Source } from '../domain/source.ts';
import type { MentionStore } from '../domain/store.ts';
import { eraseFound } from './erase.ts';
import { pullJob } from './jobs.ts';
import { enqueue } from './pull.ts';
import type { ConfiguredSource, PullPorts } from './pull.ts';
import { unscheduleOthers } from './schedules.ts';

export interface RecheckPorts extends PullPorts {
  mentions: Pick<MentionStore, 'search' | 'forget'>;
}

export const RECHECK = 'recheck';

/** How far the sweep over what is stored of a source has come. */
const progress = z.strictObject({
  /** Of the search; absent = at the beginning. */
  cursor: z.string().optional(),
  /** When everything had been asked for last, ISO 8601 UTC. */
  sweptAt: z.string().optional(),
  /** When the first sweep began. */
  since: z.string(),
});
type Progress = z.infer<typeof progress>;

const DEFAULT_BATCH = 50;
const HOUR_S = 3_600;
const DAY_MS = 86_400_000;
/** Sources whose terms only limit how long something is kept are looked at this often. */
const KEEP_ONLY_EVERY_S = 6 * HOUR_S;

const keyOf = (source: string) => `recheck/${source}`;

/** Whether its platform's terms ask for anything of what is stored. */
const isBound = ({ terms }: Source) => terms?.recheckHours !== undefined || terms?.keepDays !== undefined;

/**
 * Asks the platform again for everything that is stored of a source, as its terms demand: what was edited arrives anew,
 * what was deleted there is erased here. A sweep goes on where it was interrupted. What could not be asked for within
 * `keepDays` is erased.
 */
export async function recheck(configured: ConfiguredSource, ports: RecheckPorts, signal: AbortSignal): Promise<void> {
  const { source, name } = configured;
  const key = keyOf(name);
  const known = progress.safeParse((await ports.state.get(key))?.value).data;
  let state: Progress = known ?? { since: ports.now().toISOString() };
  const save = async (next: Progress) => {
    state = next;
    await ports.state.set(key, next as Json);
  };
  if (known === undefined) await save(state);
  try {
    if (source.recheck !== undefined) await sweep(configured, ports, signal, state, save);
  } finally {
    await eraseOutdated(configured, ports, state);
  }
}

async function sweep(
  configured: ConfiguredSource,
  ports: RecheckPorts,
  signal: AbortSignal,
  { since, cursor: begun, sweptAt }: Progress,
  save: (next: Progress) => Promise<void>,
): Promise<void> {
  const { source, options, name } = configured;
  let cursor = begun;
  do {
    signal.throwIfAborted();
    const limit = source.recheckBatch ?? DEFAULT_BATCH;
    const page = await ports.mentions.search({ source: [name] }, { limit, cursor });
    const ids = page.mentions.map(({ externalId }) => externalId);
    if (ids.length > 0) {
      for await (const part of ports.listener.listen({ recheck: ids }, { source, options, signal }))
        await enqueue(part.items, configured, ports, part);
    }
    cursor = page.next;
    if (cursor !== undefined) await save({ since, cursor, ...(sweptAt === undefined ? {} : { sweptAt }) });
  } while (cursor !== undefined);
  await save({ since, sweptAt: ports.now().toISOString() });
}

/** Where everything was asked for within the time that the terms give, nothing is outdated. */
async function eraseOutdated(
  { source, name }: ConfiguredSource,
  { mentions, now }: RecheckPorts,
  { sweptAt, since }: Progress,
): Promise<void> {
  const { keepDays } = source.terms ?? {};
  if (keepDays === undefined) return;
  const oldest = new Date(now().getTime() - keepDays * DAY_MS).toISOString();
  if (source.recheck !== undefined && (sweptAt ?? since) >= oldest) return;
  await eraseFound({ source: [name], collectedTo: oldest }, mentions);
}

/** Takes the recheck jobs. A platform that cannot be asked now is asked at the next time. */
export function workRechecks(queue: JobQueue, ports: RecheckPorts & { sources: readonly ConfiguredSource[] }): void {
  queue.work(RECHECK, async ({ payload, signal }) => {
    const { source } = pullJob.parse(payload);
    const configured = ports.sources.find(({ name }) => name === source);
    if (configured === undefined) return;
    try {
      await recheck(configured, ports, signal);
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      if (signal.aborted || OWN_FAULTS.has(code)) throw thrown;
      ports.log('warn', 'what is stored could not be asked for again', { source, code, cause: message });
    }
  });
}

/** A sweep twice within the hours that the terms give, so that one may fail. */
export async function scheduleRechecks(queue: JobQueue, sources: readonly ConfiguredSource[]): Promise<void> {
  const bound = new Map(sources.filter(({ source }) => isBound(source)).map((one) => [`${RECHECK}/${one.name}`, one]));
  await unscheduleOthers(queue, `${RECHECK}/`, bound);
  for (const [key, { name, source }] of bound) {
    const hours = source.terms?.recheckHours;
    const everySeconds = hours === undefined ? KEEP_ONLY_EVERY_S : (hours * HOUR_S) / 2;
    await queue.every({ key, name: RECHECK, payload: { source: name }, everySeconds });
  }
}
