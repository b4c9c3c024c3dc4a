import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands between a client and the real server decides about each request. */
export interface Seen {
  method: string;
  path: string;
  body: string;
  headers: Record<string, unknown>;
}

/**
 * `pass` = hand it on; `cut` = break the connection before the server hears of it; `lose` = the server does it, but the
 * answer never arrives; a number = answer with that status instead; a function = wait for it, then hand on.
 */
export type Verdict = 'pass' | 'cut' | 'lose' | number | (() => Promise<void>);

export interface Proxy {
  url: string;
  close(): Promise<void>;
}

/** A proxy in front of a real server, to interrupt a writer at exactly one place. */
export async function proxyTo(target: string, decide: (seen: Seen) => Verdict): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    void serve(new URL(target), decide, incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  target: URL,
  decide: (seen: Seen) => Verdict,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { method = 'GET', url: path = '/' } = incoming;
  const verdict = decide({ method, path, body: body.toString(), headers: incoming.headers });
  if (verdict === 'cut') return incoming.socket.destroy();
  if (typeof verdict === 'number') {
    outgoing.writeHead(verdict, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' });
    return outgoing.end('{}');
  }
  if (typeof verdict === 'function') await verdict();
  const headers = { ...incoming.headers, host: target.host };
  const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
    if (verdict === 'lose') {
      answer.resume().on('end', () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => incoming.socket.destroy());
  return onward.end(body);
}
