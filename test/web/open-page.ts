import type { Mention } from '../../src/domain/mention.ts';
import type { Notice } from '../../src/domain/notice.ts';
import type { Persona } from '../../src/domain/persona.ts';
import { createWeb } from '../../src/web/app.tsx';
import type { SourceLine } from '../../src/web/ports.ts';
import { NOW, openWorld } from '../api/world.ts';

const SOURCES: SourceLine[] = [
  { name: 'forum', type: 'feed', state: 'healthy', lastSuccessAt: '2026-06-30T10:00:00.000Z', refusedCount: 2 },
  {
    name: 'desk',
    type: 'zendesk',
    state: 'failing',
    refusedCount: 0,
    lastError: { message: 'No entry.', fix: 'Renew it.' },
  },
];
const NOTICES: Notice[] = [
  {
    id: 'ntc_1',
    subscription: 'till-trouble',
    mentionId: 'abc',
    destination: 'slack https://example.com/hook',
    state: 'failed',
    createdAt: '2026-06-30T09:00:00.000Z',
    attempts: [{ at: '2026-06-30T09:00:00.000Z', error: { code: 'REMOTE_GONE', message: 'That channel is gone.' } }],
  },
];

/** The page over a real store, with two sources and one notice. */
export async function openPage(mentions: Mention[], personas: Persona[] = []) {
  const world = await openWorld(mentions, { personas });
  world.app.route(
    '/',
    createWeb({
      mentions: world.store,
      models: world.ports.models,
      personas: world.ports.personas,
      brands: [
        { name: 'Northwind', competitor: false },
        { name: 'Südwind', competitor: false },
        { name: 'Ostwind', competitor: true },
      ],
      sourcesHealth: () => Promise.resolve(SOURCES),
      notices: { list: () => Promise.resolve({ notices: NOTICES }) },
      now: () => NOW,
    }),
  );
  const page = async (path: string) => {
    const response = await world.app.request(path);
    return { response, html: await response.text() };
  };
  return { ...world, page };
}

/** The voices that a page lists, by their texts. */
export const voices = (html: string) =>
  [...html.matchAll(/<blockquote[^>]*>(.*?)<\/blockquote>/gs)].map(([, text]) => text!.replace(/<[^>]+>/g, ''));
/** Every address on a page. */
export const hrefs = (html: string) =>
  [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!.replaceAll('&amp;', '&'));
