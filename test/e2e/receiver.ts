import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export const SECRET = `whsec_${Buffer.from('a secret of 32 bytes for a test.').toString('base64')}`;

interface Received {
  id: string;
  mentionId: string;
  subscription: string;
}

/** A subscriber's server: verifies each notice with the reference library, and answers as told. */
export async function startReceiver(answer: (count: number) => number = () => 204) {
  const received: Received[] = [];
  const faults: string[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = answer((count += 1));
      try {
        const headers = request.headers as Record<string, string>;
        const body = new Webhook(SECRET).verify(Buffer.concat(chunks).toString(), headers) as {
          data: { subscription: string; mention: { id: string } };
        };
        if (status < 300)
          received.push({
            id: headers['webhook-id']!,
            mentionId: body.data.mention.id,
            subscription: body.data.subscription,
          });
      } catch (error) {
        faults.push(String(error));
      }
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    faults,
    close: () => new Promise((done) => server.close(done)),
  };
}
