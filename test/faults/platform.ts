import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A help desk with as many tickets as wanted, exported page by page, slowly enough to be killed in between. */
export async function startPlatform(options: { count: number; pageSize: number; delayMs: number }) {
  let ended = false;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const next = Math.min(start + options.pageSize, options.count);
    const tickets = Array.from({ length: next - start }, (_, index) => ticket(start + index));
    ended ||= next === options.count;
    const page = { tickets, after_cursor: String(next), end_of_stream: next === options.count };
    void pause(options.delayMs).then(() =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(page)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Whether the last page has been asked for. */
    ended: () => ended,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const SAYINGS = [
  'My card was declined at the checkout although the bank says it is fine.',
  'Coletul a ajuns cu o săptămână mai târziu și cutia era lovită.',
  'Il personale del negozio è stato gentilissimo, tornerò di certo.',
  'Aplikacja wylogowuje mnie za każdym razem, to bardzo irytujące.',
  'گیتار را دیروز تحویل گرفتم و صدایش عالی است.',
];

export const externalId = (index: number) => String(100_000 + index);

function ticket(index: number): unknown {
  const at = new Date(Date.UTC(2026, 0, 1) + index * 600_000).toISOString();
  const [id, requester] = [Number(externalId(index)), 7_000_000 + (index % 997)];
  return {
    id,
    url: `https://faults.zendesk.example/api/v2/tickets/${id}.json`,
    via: { channel: 'web' },
    created_at: at,
    updated_at: at,
    subject: `Ticket ${id}`,
    description: `${SAYINGS[index % SAYINGS.length]} (${id})`,
    status: 'open',
    requester_id: requester,
    submitter_id: requester,
  };
}
