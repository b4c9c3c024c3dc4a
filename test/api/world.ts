import { mentionId } from '../../src/domain/mention.ts';
import type { Mention, RawMention } from '../../src/domain/mention.ts';
import type { Judgements } from '../../src/domain/enrichment.ts';
import type { Persona } from '../../src/domain/persona.ts';
import type { Notice } from '../../src/domain/notice.ts';
import type { DeadJob } from '../../src/domain/queue.ts';
import { createApi } from '../../src/api/app.ts';
import type { ApiOptions } from '../../src/api/app.ts';
import type { ApiPorts } from '../../src/api/ports.ts';
import { label, review } from '../../src/pipeline/labels.ts';
import { createPersonas } from '../../src/pipeline/personas.ts';
import { similar } from '../../src/pipeline/similar.ts';
import { createThemeReader } from '../../src/pipeline/themes.ts';
import {
  createSubscription,
  getSubscription,
  listSubscriptions,
  removeSubscription,
} from '../../src/pipeline/subscriptions.ts';
import { sqliteMentions } from '../../src/stores/sqlite/mentions.ts';
import { closeDatabase, openDatabase } from '../../src/stores/sqlite/open.ts';
import { sqliteState } from '../../src/stores/sqlite/state.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedModels } from '../journey/models.ts';

export const NOW = new Date('2026-06-30T12:00:00.000Z');

type Told = Partial<Omit<RawMention, 'externalId'>> & {
  source?: string;
  step?: NonNullable<Judgements['step']>['value'];
  touchpoint?: NonNullable<Judgements['touchpoint']>['value'];
  sentiment?: NonNullable<Judgements['sentiment']>['value'];
  pains?: string[];
  evidence?: string[];
  daysAgo?: number;
  language?: string;
};

const judged = { by: 'test@1', confidence: 0.8 };

/** One mention, told in short. */
export function told(externalId: string, facts: Told): Mention {
  const { source = 'shop', step, touchpoint, sentiment, pains, evidence, daysAgo = 1, language = 'en', ...raw } = facts;
  const at = new Date(NOW.getTime() - daysAgo * 86_400_000).toISOString();
  return {
    channel: 'review',
    text: `mention ${externalId}`,
    publishedAt: at,
    ...raw,
    externalId,
    id: mentionId(source, externalId),
    source,
    brands: [],
    collectedAt: at,
    at,
    dated: true,
    judgements: {
      language: { value: language, ...judged },
      ...(step === undefined ? {} : { step: { value: step, ...judged } }),
      ...(touchpoint === undefined ? {} : { touchpoint: { value: touchpoint, ...judged } }),
      ...(sentiment === undefined
        ? {}
        : { sentiment: { value: sentiment, score: 0, ...judged, ...(evidence ? { evidence } : {}) } }),
      ...(pains ? { pains: pains.map((value) => Object.assign({ value }, judged)) } : {}),
    },
  };
}

/** The API over a real store in a folder of its own. */
export async function openWorld(
  mentions: Mention[],
  { personas = [], ...options }: ApiOptions & { personas?: Persona[] } = {},
  changes: Partial<ApiPorts> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-api-'));
  const database = openDatabase(join(folder, 'earshot.db'));
  const store = sqliteMentions(database, { now: () => NOW });
  const state = sqliteState(database);
  await store.put(mentions);
  const logged: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  const notices: Notice[] = [];
  const dead: DeadJob[] = [];
  const ports: ApiPorts = {
    mentions: store,
    erase: async (id) => (await store.forget([id])) > 0,
    similar: (id, limit) => similar(id, limit, { mentions: store }),
    identities: () => Promise.resolve(new Map()),
    label: (id, given) => label(id, given, { mentions: store, enrichers: [] }),
    review: (query, limit) => review(query, limit, { mentions: store, enrichers: [] }),
    queue: { dead: (limit = 50) => Promise.resolve(dead.slice(0, limit)) },
    models: shippedModels,
    personas: createPersonas(personas, { state, models: shippedModels }),
    now: () => NOW,
    themes: createThemeReader({ mentions: store, now: () => NOW }),
    sourcesHealth: () => Promise.resolve([]),
    pullNow: () => Promise.resolve(false),
    brands: [],
    receive: () => Promise.resolve(undefined),
    subscriptions: {
      list: () => listSubscriptions(state),
      get: (id) => getSubscription(state, id),
      create: async (input) => ({ subscription: await createSubscription(state, input, NOW), secret: 'whsec_once' }),
      remove: (id) => removeSubscription(state, id),
    },
    notices: {
      list: ({ state: wanted }) => Promise.resolve({ notices: notices.filter((n) => !wanted || n.state === wanted) }),
    },
    readiness: () => Promise.resolve({ ready: true, problems: [] }),
    log: (_level, message, fields) => logged.push({ message, fields }),
    ...changes,
  };
  const app = createApi(ports, options);
  return {
    app,
    ports,
    store,
    logged,
    notices,
    dead,
    // oxlint-disable-next-line typescript/no-explicit-any -- tests read answers as their readers do
    get: async (path: string, init?: RequestInit): Promise<{ response: Response; body: any }> => {
      const response = await app.request(path, init);
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') && !text.includes('}\n');
      return { response, body: isJson ? JSON.parse(text) : text };
    },
    close: () => {
      closeDatabase(database);
      rmSync(folder, { recursive: true });
    },
  };
}
