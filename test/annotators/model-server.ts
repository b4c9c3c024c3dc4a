import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Shown {
  n: number;
  text: string;
  channel: string;
  rating?: number;
}

export interface ModelRequest {
  headers: IncomingMessage['headers'];
  path: string;
  body: {
    model: string;
    temperature: number;
    messages: { role: string; content: string }[];
    response_format?: { type: string; json_schema?: { strict: boolean; schema: object } };
  };
  /** What the user's message holds. */
  shown: Shown[];
}

/** What the model says: the content of its message, or a whole answer. `undefined` = nothing at all, for ever. */
export type ModelReply =
  | { content: unknown; tokens?: number }
  | { status?: number; headers?: Record<string, string>; body: string }
  | undefined;

/** A server on this machine that speaks chat completions as it is told to. */
export async function startModel(reply: (request: ModelRequest, number: number) => ModelReply | Promise<ModelReply>) {
  const asked: ModelRequest[] = [];
  const running = { now: 0, most: 0 };
  const server = createServer((incoming, response) => {
    void (async () => {
      running.most = Math.max(running.most, ++running.now);
      const body = JSON.parse(await text(incoming)) as ModelRequest['body'];
      const shown = JSON.parse(body.messages.at(-1)!.content) as Shown[];
      const request = { headers: incoming.headers, path: incoming.url!, body, shown };
      asked.push(request);
      const told = await reply(request, asked.length);
      running.now--;
      if (told === undefined) return;
      const { status = 200, headers = {}, body: sent } = 'body' in told ? told : { body: completionOf(told) };
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(sent);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    running,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function completionOf({ content, tokens }: { content: unknown; tokens?: number }): string {
  const said = typeof content === 'string' ? content : JSON.stringify(content);
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }],
    ...(tokens !== undefined && { usage: { prompt_tokens: 1, completion_tokens: tokens - 1, total_tokens: tokens } }),
  });
}

/** The same labels for everything that is shown. */
export const allLabelled = (shown: readonly Shown[], labels: object) => ({
  content: { items: shown.map(({ n }) => ({ n, confidence: 0.9, evidence: [], ...labels })) },
});
