import { createHash } from 'node:crypto';
import { AppError, OWN_FAULTS, toAppError } from '../domain/errors.ts';
import type { Log } from '../domain/log.ts';
import type { Channel, RawMention } from '../domain/mention.ts';
import type { Json, JobQueue } from '../domain/queue.ts';
import { redact } from '../domain/secret.ts';
import type { Parsed, Refusal, Source } from '../domain/source.ts';
import type { StateEntry, StateStore } from '../domain/store.ts';
import { mask } from '../text/mask.ts';
import { claimed } from './claim.ts';
import { failed, readHealth, succeeded, writeHealth } from './health.ts';
import { JOBS, inBatches } from './jobs.ts';
import type { IngestJob } from './jobs.ts';
import type { Listener, Part } from './listen.ts';
import { protectId, protectPerson } from './person.ts';
import type { Protection } from './person.ts';

/** One configured place to listen to. */
export interface ConfiguredSource extends Protection {
  /** The name chosen in the configuration. */
  name: string;
  source: Source;
  options: unknown;
  everySeconds: number;
  brand: string | undefined;
  /** What becomes of mentions that speak of no brand. */
  unmatched: 'keep' | 'drop';
}

/** The kind of place it reads: some kinds of source can be told. */
export function channelOf({ source, options }: Pick<ConfiguredSource, 'source' | 'options'>): Channel {
  return (options as { channel?: Channel }).channel ?? source.channel;
}

export interface PullPorts {
  state: StateStore;
  queue: JobQueue;
  listener: Listener;
  now(): Date;
  log: Log;
  /** Key of the authors' pseudonyms. */
  personKey: Buffer;
}

export interface PullReport {
  fetched: number;
  refused: Refusal[];
}

/**
 * The job of the schedule. A fault of the source is noted in its health and tried again later; it is no fault of the
 * job, so it never becomes a dead letter and never stops another source.
 */
export async function pullOnSchedule(
  configured: ConfiguredSource,
  ports: PullPorts,
  signal: AbortSignal,
): Promise<void> {
  await claimed(configured.name, ports, async () => {
    const { notBefore } = await readHealth(ports.state, configured.name);
    if (notBefore !== undefined && ports.now().toISOString() < notBefore) return;
    try {
      await pull(configured, ports, signal);
    } catch (thrown) {
      const { code } = toAppError(thrown);
      if (signal.aborted || OWN_FAULTS.has(code)) throw thrown;
      // Another process is at it: that is not a failure.
      if (code !== 'CONFLICT') await comeAgain(configured, ports);
    }
  });
}

/** Comes back before the schedule does, where the pause is shorter. Each pause has a job of its own. */
async function comeAgain({ name, everySeconds }: ConfiguredSource, ports: PullPorts): Promise<void> {
  const { notBefore = '' } = await readHealth(ports.state, name);
  const delayMs = new Date(notBefore).getTime() - ports.now().getTime();
  if (!(delayMs < everySeconds * 1_000)) return;
  const dedupeKey = `pull-again/${name}/${notBefore}`;
  await ports.queue.add(JOBS.pull, { source: name }, { delayMs: Math.max(delayMs, 0), dedupeKey });
}

/** Pulls everything that is new into the durable queue, page by page, and notes how it went. Throws what stopped it. */
export async function pull(configured: ConfiguredSource, ports: PullPorts, signal: AbortSignal): Promise<PullReport> {
  const { name } = configured;
  const report: PullReport = { fetched: 0, refused: [] };
  try {
    for await (const page of pages(configured, ports, signal))
      await handOver(page.value, page.cursorAt, configured, ports, report);
    const before = await readHealth(ports.state, name);
    await writeHealth(ports.state, name, succeeded(before, report, ports.now()));
    ports.log('debug', 'pulled', { source: name, fetched: report.fetched, refused: report.refused.length });
    return report;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!signal.aborted && error.code !== 'CONFLICT' && !OWN_FAULTS.has(error.code)) {
      await writeHealth(ports.state, name, failed(await readHealth(ports.state, name), error, ports.now()));
      // Messages quote what could not be read.
      ports.log('warn', mask(error.message), { source: name, code: error.code });
    }
    throw error;
  }
}

/**
 * A cursor belongs to what was asked: another hashtag or address under the same name begins anew. Secrets do not
 * count, so a rotated token goes on where the old one stopped.
 */
function cursorKey({ name, source, options }: ConfiguredSource): string {
  const asked = JSON.stringify(redact(source.options, options));
  return `cursor/${name}/${createHash('sha256').update(asked).digest('hex').slice(0, 16)}`;
}

/** The saved place to go on from. */
interface CursorAt {
  entry: StateEntry | undefined;
}

async function* pages(
  configured: ConfiguredSource,
  ports: PullPorts,
  signal: AbortSignal,
): AsyncIterable<{ value: Part; cursorAt: CursorAt }> {
  const { source, options } = configured;
  const cursorAt: CursorAt = { entry: await ports.state.get(cursorKey(configured)) };
  // A cursor that an older version wrote and this one cannot read is as good as none: everything is read again.
  const cursor = source.cursor.safeParse(cursorAt.entry?.value).data;
  for await (const value of ports.listener.listen({ pull: { cursor } }, { source, options, signal })) {
    signal.throwIfAborted();
    yield { value, cursorAt };
  }
}

/** Items first, cursor afterwards: a crash in between repeats a page and loses none. */
async function handOver(
  part: Part,
  cursorAt: CursorAt,
  configured: ConfiguredSource,
  ports: PullPorts,
  report: PullReport,
): Promise<void> {
  report.refused.push(...part.refused);
  report.fetched += part.items.length;
  await enqueue(part.items, configured, ports, part);
  if (part.end === undefined) return;
  const { cursor } = part.end;
  const key = cursorKey(configured);
  const version = await ports.state.set(key, cursor as Json, cursorAt.entry?.version ?? null);
  if (version === null) throw new AppError('CONFLICT', `${configured.name} is being pulled by another process.`);
  cursorAt.entry = { key, value: cursor as Json, version };
}

/** Masks, and hands over in batches. What was deleted at the source goes the same way, so that the order is kept. */
export async function enqueue(
  items: readonly RawMention[],
  configured: ConfiguredSource,
  ports: Pick<PullPorts, 'queue' | 'now' | 'personKey'>,
  { gone = [], answered = [], pushed }: Pick<Parsed, 'gone' | 'answered'> & { pushed?: boolean } = {},
): Promise<void> {
  const collectedAt = ports.now().toISOString();
  const masked = items.map((item) => protectPerson(item, configured, ports.personKey));
  const send = (job: Pick<IngestJob, 'items' | 'gone' | 'answered' | 'pushed'>) =>
    ports.queue.add(JOBS.ingest, { source: configured.name, collectedAt, ...job } as unknown as Json);
  const how = pushed === undefined ? {} : { pushed };
  for (const batch of inBatches(masked)) await send({ items: batch, ...how });
  const told = answered.map(({ thread, at }) => ({ thread: protectId(thread), at }));
  if (gone.length > 0 || told.length > 0)
    await send({ items: [], gone: gone.map((id) => protectId(id)), answered: told });
}
