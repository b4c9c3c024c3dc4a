import { isIP, connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { createGuard, guardedLookup } from './guard.ts';

export interface SocketTarget {
  host: string;
  port: number;
  /** TLS from the beginning, the certificate checked against the host. */
  secure: boolean;
  /** Networks (CIDR) that may be asked although they are not public. */
  allow: readonly string[];
}

/**
 * Opens a connection for protocols other than HTTP, only where the guard agrees: a name is checked with every address
 * that it has, at the moment of connecting.
 * @throws {AppError} `ADDRESS_BLOCKED` at once for a numeric address that is not public; for a name it is the error of
 *   the socket.
 */
export function openSocket({ host, port, secure, allow }: SocketTarget, onConnect: () => void): Socket {
  const guard = createGuard(allow);
  if (isIP(host) !== 0) guard(host, host);
  const options = { host, port, lookup: guardedLookup(guard) };
  return secure ? connectSecure({ ...options, ...nameOf(host) }, onConnect) : connectPlain(options, onConnect);
}

/** Goes on with TLS on an open connection (STARTTLS). */
export function secureSocket(socket: Socket, host: string, onSecure: () => void): Socket {
  return connectSecure({ socket, host, ...nameOf(host) }, onSecure);
}

/** Numeric addresses have no name that could be told before the certificate comes. */
const nameOf = (host: string) => (isIP(host) === 0 ? { servername: host } : {});
