import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Draft, Enricher } from '../domain/enricher.ts';
import type { Log } from '../domain/log.ts';
import type { Json, JobQueue } from '../domain/queue.ts';
import type { MentionStore, StateStore } from '../domain/store.ts';
import { enrichAll } from '../enrich/index.ts';

export interface ReEnrichPorts {
  mentions: Pick<MentionStore, 'search' | 'put'>;
  state: StateStore;
  queue: JobQueue;
  enrichers: readonly Enricher[];
  now(): Date;
  log: Log;
}

const RE_ENRICH = 're-enrich';
const KEY = 're-enrich';
const PAGE = 100;

/** How far the stored mentions are judged by the enrichers that run now. */
const progress = z.strictObject({
  /** `name@version` of all enrichers. */
  enrichers: z.string(),
  /** What was collected before this was judged by others; later mentions need nothing. */
  before: z.string(),
  /** Of the search; absent = at the beginning. */
  cursor: z.string().optional(),
  done: z.boolean(),
});
type Progress = z.infer<typeof progress>;

const signatureOf = (enrichers: readonly Enricher[]) =>
  enrichers
    .map(({ name, version }) => `${name}@${version}`)
    .toSorted()
    .join(' ');

/** At the start of every process that maintains: has judged anew what other enrichers, or other versions, judged. */
export async function scheduleReEnrichment({ state, queue, enrichers, now, mentions }: ReEnrichPorts): Promise<void> {
  const signature = signatureOf(enrichers);
  const known = progress.safeParse((await state.get(KEY))?.value).data;
  if (known?.enrichers === signature && known.done) return;
  if (known?.enrichers !== signature) {
    const isEmpty = (await mentions.search({}, { limit: 1 })).total === 0;
    const begun: Progress = { enrichers: signature, before: now().toISOString(), done: isEmpty };
    await state.set(KEY, begun as Json);
    if (isEmpty) return;
  }
  await queue.add(RE_ENRICH, null, { dedupeKey: `${RE_ENRICH}/${signature}` });
}

/** Takes the job of judging anew. */
export function workReEnrichment(queue: JobQueue, ports: ReEnrichPorts): void {
  queue.work(RE_ENRICH, ({ signal }) => reEnrich(ports, signal));
}

/**
 * Judges everything anew that was collected before the enrichers changed, page by page, and goes on where it was
 * interrupted. The store keeps what people said against judgements. Nobody is alerted: nothing new was said.
 */
export async function reEnrich(ports: ReEnrichPorts, signal: AbortSignal): Promise<void> {
  const { state, enrichers, mentions, log } = ports;
  const signature = signatureOf(enrichers);
  const begun = progress.safeParse((await state.get(KEY))?.value).data;
  // Somebody of another version maintains as well: the younger decides.
  if (begun === undefined || begun.enrichers !== signature || begun.done) return;
  const { before } = begun;
  let { cursor } = begun;
  let judged = 0;
  do {
    signal.throwIfAborted();
    const page = await mentions.search({ collectedTo: before }, { limit: PAGE, cursor });
    const judgements = await enrichAll(
      enrichers,
      page.mentions.map((mention) => ({ ...mention, judgements: {} }) as Draft),
    );
    await mentions.put(page.mentions.map((mention, index) => ({ ...mention, judgements: judgements[index]! })));
    judged += page.mentions.length;
    cursor = page.next;
    const reached: Progress = { enrichers: signature, before, cursor, done: cursor === undefined };
    await state.set(KEY, reached as Json);
    // Others get their turn.
    await setImmediate();
  } while (cursor !== undefined);
  log('info', 'everything stored is judged anew', { mentions: judged, enrichers: signature });
}
