import { LOOPBACK_HOSTS, createApi } from './api/app.ts';
import type { ApiPorts } from './api/ports.ts';
import type { App } from './app.ts';
import { packageVersion } from './settings/shipped.ts';
import { createWeb } from './web/app.tsx';
import { erase } from './pipeline/erase.ts';
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
  answers.route('/', createWeb({ ...ports, brands: Object.keys(app.settings.brands), now: app.now }));
  return answers;
}

function apiPorts(app: App): ApiPorts {
  const { mentions, queue, models, state, log, sources } = app;
  return {
    mentions,
    queue,
    models,
    log,
    sourcesHealth: () => reportSources(state, sources),
    erase: async (id) => (await erase({ ids: [id] }, app)).mentions > 0,
    subscriptions: {
      list: async () => (await listSubscriptions(state)).map(redactSubscription),
      get: async (id) => {
        const found = await getSubscription(state, id);
        return found && redactSubscription(found);
      },
      create: async (input) => {
        const { subscription, ...secret } = await subscribe(input, app);
        return { subscription: redactSubscription(subscription), ...secret };
      },
      remove: (id) => unsubscribe(id, state),
    },
    notices: { list: (query) => listNotices(state, query) },
    readiness: () => readiness(app),
  };
}

/** Ready = the store and the queue answer. */
async function readiness({ mentions, queue, log }: App): Promise<{ ready: boolean; problems: string[] }> {
  const checks = { mentions: () => mentions.search({}, { limit: 1 }), queue: () => queue.counts() };
  const problems: string[] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
    } catch (thrown) {
      log('error', 'not ready', { part: name, cause: String(thrown) });
      problems.push(`${name} cannot be read; the log says why`);
    }
  }
  return { ready: problems.length === 0, problems };
}
