import { setTimeout as pause } from 'node:timers/promises';
import { LOOPBACK_HOSTS, createApi } from './api/app.ts';
import type { ApiPorts } from './api/ports.ts';
import type { App } from './app.ts';
import { AppError } from './domain/errors.ts';
import type { MentionStore } from './domain/store.ts';
import type { Settings } from './settings/schema.ts';
import { packageVersion } from './settings/shipped.ts';
import { createWeb } from './web/app.tsx';
import { pullNow } from './pipeline/pull-now.ts';
import { erase } from './pipeline/erase.ts';
import { openIdentities } from './pipeline/identities.ts';
import { label, review } from './pipeline/labels.ts';
import { receive } from './pipeline/inbound.ts';
import { similar } from './pipeline/similar.ts';
import { createThemeReader } from './pipeline/themes.ts';
import { listNotices, redactSubscription, reportSources } from './pipeline/reports.ts';
import { getSubscription, listSubscriptions } from './pipeline/subscriptions.ts';
import { subscribe, unsubscribe } from './pipeline/subscribe.ts';

/** The API and the pages over a running house. On a loopback address, foreign host names are refused. */
export function createAnswers(app: App, host: string) {
  const loopback = host === '127.0.0.1' || host === '::1' || host === 'localhost';
  const ports = apiPorts(app);
  const answers = createApi(ports, {
    allowedHosts: loopback ? LOOPBACK_HOSTS : undefined,
    version: packageVersion(),
  });
  answers.route('/', createWeb({ ...ports, now: app.now }));
  return answers;
}

function apiPorts(app: App): ApiPorts {
  const { queue, models, personas, state, log, sources } = app;
  return {
    mentions: readInTime(app.mentions),
    queue,
    models,
    personas: {
      list: () => inTime(personas.list(), READ_MS),
      put: (persona) => inTime(personas.put(persona), WRITE_MS),
      remove: (id) => inTime(personas.remove(id), WRITE_MS),
    },
    log,
    now: app.now,
    themes: createThemeReader({ mentions: readInTime(app.mentions), now: app.now }),
    sourcesHealth: () => reportSources(state, sources, app.now()),
    pullNow: async (source) => {
      const known = sources.some(({ name }) => name === source);
      if (known) await inTime(pullNow(source, app), WRITE_MS);
      return known;
    },
    receive: async (source, request) => {
      const configured = sources.find(({ name }) => name === source);
      return configured && inTime(receive(configured, request, app), WRITE_MS);
    },
    similar: (id, limit) => inTime(similar(id, limit, app), READ_MS),
    identities: (mentions) => inTime(openIdentities(mentions, reversibleSources(app.settings), app), READ_MS),
    label: (id, changes) => inTime(label(id, changes, app), WRITE_MS),
    review: (query, limit) => inTime(review(query, limit, app), READ_MS),
    brands: Object.entries(app.settings.brands).map(([name, brand]) => ({
      name,
      competitor: brand?.competitor ?? false,
    })),
    erase: async (id) => {
      const { mentions: stored, deadLetters } = await inTime(erase({ ids: [id] }, app), WRITE_MS);
      return stored + deadLetters > 0;
    },
    subscriptions: subscriptionsOf(app),
    notices: { list: (query) => listNotices(state, query) },
    readiness: () => readiness(app),
  };
}

/** Without the secrets of their destinations. */
function subscriptionsOf(app: App): ApiPorts['subscriptions'] {
  const { state } = app;
  return {
    list: async () => (await listSubscriptions(state)).map(redactSubscription),
    get: async (id) => {
      const found = await getSubscription(state, id);
      return found && redactSubscription(found);
    },
    create: async (input) => {
      const { subscription, ...secret } = await inTime(subscribe(input, app), WRITE_MS);
      return { subscription: redactSubscription(subscription), ...secret };
    },
    remove: (id) => inTime(unsubscribe(id, state), WRITE_MS),
  };
}

/** Also those that are switched off: what they gave before is still told. */
function reversibleSources({ sources }: Settings): ReadonlySet<string> {
  return new Set(Object.entries(sources).flatMap(([name, { authors }]) => (authors === 'reversible' ? name : [])));
}

/** How long a caller waits for a server of ours that says nothing, in milliseconds. */
const WRITE_MS = 2_000;
const READ_MS = 10_000;

/** A server that refuses is noticed at once; one that is silent must not keep the caller. */
async function inTime<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  const late = new AbortController();
  const silence = pause(limitMs, undefined, { signal: late.signal }).then(() => {
    throw new AppError('STORE_UNAVAILABLE', `No answer within ${limitMs / 1_000} s.`, {
      fix: 'Try again; GET /readyz shows which server is away.',
    });
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    late.abort();
    silence.catch(() => {});
    answer.catch(() => {});
  }
}

function readInTime({
  get,
  search,
  countStories,
  aggregate,
  countAll,
  newestByPlace,
  visits,
  changes,
}: MentionStore): ApiPorts['mentions'] {
  return {
    get: (id) => inTime(get(id), READ_MS),
    search: (query, options) => inTime(search(query, options), READ_MS),
    countStories: (query, stories) => inTime(countStories(query, stories), READ_MS),
    aggregate: (query, dimensions) => inTime(aggregate(query, dimensions), READ_MS),
    countAll: (query, lists) => inTime(countAll(query, lists), READ_MS),
    newestByPlace: (query, perPlace) => inTime(newestByPlace(query, perPlace), READ_MS),
    visits: (query, options) => inTime(visits(query, options), READ_MS),
    changes: (after, limit) => inTime(changes(after, limit), READ_MS),
  };
}

/** Ready = the store and the queue answer. */
async function readiness({ mentions, queue, log }: App): Promise<{ ready: boolean; problems: string[] }> {
  const checks: Record<string, () => Promise<unknown>> = {
    mentions: () => mentions.search({}, { limit: 1 }),
    queue: () => queue.counts(),
  };
  const problems: string[] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await inTime(check(), WRITE_MS);
    } catch (thrown) {
      log('error', 'not ready', { part: name, cause: String(thrown) });
      problems.push(`${name} cannot be read; the log says why`);
    }
  }
  return { ready: problems.length === 0, problems };
}
