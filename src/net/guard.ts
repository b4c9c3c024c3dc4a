import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';
import { AppError } from '../domain/errors.ts';

/** Unicast by its number, yet only reachable from inside a cloud: Azure's platform address. */
const DENIED = new Set(['168.63.129.16']);
const CONNECT_TIMEOUT_MS = 10_000;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];
type Resolve = (
  hostname: string,
  options: { all: true },
  callback: (error: Error | null, found: LookupAddress[]) => void,
) => void;

/** Throws `ADDRESS_BLOCKED` unless the numeric address is public or expressly allowed. */
export type Guard = (address: string, hostname: string) => void;

/**
 * Decides which addresses may be asked: globally routed unicast ones, and those in the given networks.
 * @param allow Networks in CIDR notation. Throws `CONFIG_INVALID` for anything else.
 */
export function createGuard(allow: readonly string[] = []): Guard {
  const networks = allow.map(readNetwork);
  return (address, hostname) => {
    const parsed = ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
    if (parsed && (networks.some((network) => contains(network, parsed)) || isPublic(parsed))) return;
    throw blocked(address, hostname);
  };
}

/**
 * Connects only where the guard agrees. Numeric hosts never reach a look-up, so they are checked before it; a name is
 * checked with every address that it has, on each new connection, so that a name cannot change its mind in between.
 */
export function guardedConnector(guard: Guard, resolve: Resolve = systemLookup): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(guard, resolve) } as never);
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    try {
      if (isIP(host) !== 0) guard(host, host);
    } catch (thrown) {
      callback(thrown as Error, null);
      return;
    }
    connect(options, callback);
  };
}

/** A look-up that fails with `ADDRESS_BLOCKED` where one of the addresses of a name is refused. */
export function guardedLookup(guard: Guard, resolve: Resolve = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { all: true }, (error, found) => {
      if (error) return callback(error, '');
      // Node's sockets would end the process over an empty list.
      if (found.length === 0)
        return callback(Object.assign(new Error(`${hostname} has no address.`), { code: 'ENOTFOUND' }), '');
      try {
        for (const { address } of found) guard(address, hostname);
      } catch (thrown) {
        return callback(thrown as Error, '');
      }
      if (options.all) return callback(null, found);
      return callback(null, found[0]?.address ?? '', found[0]?.family);
    });
  };
}

function readNetwork(cidr: string): Network {
  try {
    const [address, bits] = ipaddr.parseCIDR(cidr);
    return [address, bits];
  } catch {
    throw new AppError('CONFIG_INVALID', `network.allow: "${cidr}" is not a network in CIDR notation.`, {
      fix: 'Write networks as address/bits, for instance 10.0.0.0/8 or 192.168.1.20/32.',
    });
  }
}

function contains([network, bits]: Network, address: Address): boolean {
  return network.kind() === address.kind() && address.match(network as never, bits);
}

/** For IPv6 only 2000::/3 is handed out as global unicast; everything else reaches something local or translated. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || DENIED.has(address.toString())) return false;
  return address.kind() === 'ipv4' || (address.toByteArray()[0]! & 0xe0) === 0x20;
}

function blocked(address: string, hostname: string): AppError {
  const named = hostname === address ? address : `${hostname} leads to ${address}, and that`;
  const bits = isIP(address) === 6 ? 128 : 32;
  return new AppError('ADDRESS_BLOCKED', `${named} is not a public address, so it was not asked.`, {
    fix: isOwn(address)
      ? `If this machine is yours and meant to be asked, add ${address}/${bits} to \`network.allow\`.`
      : 'Check where this address comes from: nothing that may be asked lives there.',
    details: { address, hostname },
  });
}

/** Link-local addresses hold the credentials of cloud machines: nobody is advised to open them. */
function isOwn(address: string): boolean {
  return !/^(?:169\.254\.|168\.63\.129\.16$|fe[89ab][0-9a-f]:)/i.test(address);
}
