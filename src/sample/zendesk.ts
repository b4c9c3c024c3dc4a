import type { SampleMention } from './world.ts';

const PAGE = 1_000;

/** Cursor-based export: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/ */
export function incrementalTickets(world: readonly SampleMention[], url: URL): unknown {
  const from = Number(url.searchParams.get('start_time') ?? 0);
  const position =
    readCursor(url.searchParams.get('cursor')) ?? world.findIndex(({ said }) => said.getTime() / 1_000 >= from);
  const start = position < 0 ? world.length : position;
  const page = world.slice(start, start + Number(url.searchParams.get('per_page') ?? PAGE));
  const cursor = Buffer.from(String(start + page.length)).toString('base64url');
  const next = new URL(url.pathname, url);
  next.searchParams.set('cursor', cursor);
  return {
    tickets: page.map(toTicket),
    after_url: next.href,
    before_url: null,
    after_cursor: cursor,
    before_cursor: null,
    end_of_stream: start + page.length >= world.length,
  };
}

function readCursor(cursor: string | null): number | undefined {
  return cursor === null ? undefined : Number(Buffer.from(cursor, 'base64url').toString());
}

function toTicket(mention: SampleMention): unknown {
  const id = 1_000 + mention.serial;
  const requester = 900_000_000 + mention.serial;
  const at = mention.said.toISOString().replace('.000Z', 'Z');
  return {
    id,
    url: `https://velmora.zendesk.example/api/v2/tickets/${id}.json`,
    external_id: null,
    via: { channel: 'web', source: { from: {}, to: {}, rel: null } },
    created_at: at,
    updated_at: at,
    generated_timestamp: mention.said.getTime() / 1_000,
    type: null,
    subject: mention.title ?? '',
    raw_subject: mention.title ?? '',
    description: mention.text,
    priority: null,
    status: 'open',
    requester_id: requester,
    submitter_id: requester,
    assignee_id: null,
    is_public: true,
    tags: [],
    satisfaction_rating: null,
  };
}
