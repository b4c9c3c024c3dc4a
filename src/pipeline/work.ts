import type { JobQueue } from '../domain/queue.ts';
import type { StateStore } from '../domain/store.ts';
import { createCircuits } from './circuits.ts';
import { catchUp } from './catch-up.ts';
import { forgetPause } from './health.ts';
import { ingest } from './ingest.ts';
import type { IngestPorts } from './ingest.ts';
import { JOBS, catchUpJob, ingestJob, notifyJob, pullJob } from './jobs.ts';
import { notify } from './notify.ts';
import type { NotifyPorts } from './notify.ts';
import { pullOnSchedule } from './pull.ts';
import type { ConfiguredSource, PullPorts } from './pull.ts';
import { beatSeconds, unscheduleOthers } from './schedules.ts';

type Ports = PullPorts & IngestPorts & NotifyPorts & { sources: readonly ConfiguredSource[] };

/** Takes the pull jobs, each source one at a time. One that the configuration no longer names is passed over. */
export function workPulls(queue: JobQueue, ports: Ports): void {
  queue.work(
    JOBS.pull,
    async ({ payload, signal }) => {
      const { source } = pullJob.parse(payload);
      const configured = ports.sources.find(({ name }) => name === source);
      if (configured === undefined) return;
      await pullOnSchedule(configured, ports, signal);
    },
    { concurrency: 8 },
  );
}

export function workIngests(queue: JobQueue, ports: Ports): void {
  queue.work(JOBS.ingest, async ({ payload }) => void (await ingest(ingestJob.parse(payload), ports)), {
    concurrency: 2,
  });
}

export function workDeliveries(queue: JobQueue, ports: Ports): void {
  const circuits = createCircuits();
  queue.work(JOBS.notify, ({ payload, signal }) => notify(notifyJob.parse(payload).notice, ports, circuits, signal), {
    concurrency: 8,
  });
  queue.work(JOBS.catchUp, ({ payload, signal }) => catchUp(catchUpJob.parse(payload).subscription, ports, signal));
}

/** Brings the schedules in line with the configuration. A source that was failing gets a fresh chance at once. */
export async function schedulePulls(
  queue: JobQueue,
  state: StateStore,
  sources: readonly ConfiguredSource[],
): Promise<void> {
  const wanted = new Map(sources.map((source) => [`pull/${source.name}`, source]));
  await unscheduleOthers(queue, 'pull/', wanted);
  for (const [key, source] of wanted) {
    const { name } = source;
    await queue.every({ key, name: JOBS.pull, payload: { source: name }, everySeconds: beatSeconds(source) });
    if (await forgetPause(state, name)) await queue.add(JOBS.pull, { source: name }, { dedupeKey: `pull-now/${name}` });
  }
}
