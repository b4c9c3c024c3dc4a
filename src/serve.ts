import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { AppError } from './domain/errors.ts';

export interface Serving {
  /** Where a browser on this machine finds it. */
  url: string;
  /** Stops taking connections, and drops those that are still open after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** @throws {AppError} `CONFIG_INVALID` where the address cannot be had. */
export function serveOn(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
  host: string,
): Promise<Serving> {
  const server = createAdaptorServer({ fetch }) as Server;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(notServable(error, port, host)));
    server.listen(port, host, () =>
      resolve({ url: urlOf(server.address() as AddressInfo), close: (graceMs) => close(server, graceMs) }),
    );
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const drop = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(drop);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  const anywhere = address === '0.0.0.0' || address === '::';
  return `http://${anywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}

function notServable({ code, message }: NodeJS.ErrnoException, port: number, host: string): AppError {
  if (code === 'EADDRINUSE') {
    return new AppError('CONFIG_INVALID', `Port ${port} on ${host} is taken, perhaps by another Earshot.`, {
      fix: 'Stop the other one, or set PORT to a free port.',
    });
  }
  return new AppError('CONFIG_INVALID', `Cannot listen on ${host}:${port}: ${message}`, {
    fix: 'Set HOST and PORT to an address of this machine.',
  });
}
