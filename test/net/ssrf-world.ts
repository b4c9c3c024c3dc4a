import dns from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Socket, isIP } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { DOOR, NAMES } from './ssrf-spellings.ts';

/** What the server that may be asked does: it sends on, at once or after a login, or answers. */
export type DoorMode = { sendsTo?: string; afterLogin?: boolean };

/** This machine, with servers that tell who comes, and with names whose addresses we choose. */
export interface World {
  /** Base address of the server that may be asked. */
  door: string;
  /** Of the servers on 127.0.0.1 and ::1 that nobody may ask. */
  canaryPort: number;
  setDoor(mode: DoorMode): void;
  /** How many logins the door has seen. */
  logins(): number;
  /** How many connections the canaries have taken. */
  canaried(): number;
  /** Addresses that were dialled, in order, except the door's. */
  leaks: string[];
  /** How often the door's address was dialled, on any port. */
  doorDials(): number;
  /** From now on look-ups of that name give these one after the other; the last stays. */
  setName(name: string, answers: readonly (readonly string[])[]): void;
  /** Names that were looked up, in order. */
  lookups: string[];
  close(): Promise<void>;
}

/** The statuses by which a server can send on. */
const REDIRECTS = [301, 302, 303, 307, 308];
const GRANTED = {
  access_token: 'a',
  token_type: 'bearer',
  accessJwt: 'a',
  refreshJwt: 'b',
  did: 'did:plc:a',
  handle: 'a.example',
};

export async function openWorld(): Promise<World> {
  let mode: DoorMode = {};
  let canaried = 0;
  let logins = 0;
  let doorDials = 0;
  let redirects = 0;
  const leaks: string[] = [];
  const door = await listen(DOOR, 0, (request, response) => {
    const isLogin = looksLikeLogin(request);
    if (isLogin) logins++;
    request.resume();
    const granted = isLogin && (mode.sendsTo === undefined || mode.afterLogin === true);
    // The next request is to be a new connection, with a look-up of its own.
    if (mode.sendsTo === undefined) response.setHeader('connection', 'close');
    if (granted || mode.sendsTo === undefined) return response.end(JSON.stringify(granted ? GRANTED : {}));
    response.setHeader('location', Buffer.from(mode.sendsTo).toString('latin1'));
    return response.writeHead(REDIRECTS[redirects++ % REDIRECTS.length]!).end();
  });
  const answer: RequestListener = (_request, response) => response.end('{}');
  const canary = await listen('127.0.0.1', 0, answer);
  const canaryPort = portOf(canary);
  // Not every machine has IPv6.
  const canarySix = await listen('::1', canaryPort, answer).catch(() => undefined);
  for (const server of [canary, canarySix]) server?.on('connection', () => canaried++);
  const stopWatching = watchDials((address) => {
    if (address === DOOR) doorDials++;
    else leaks.push(address);
  });
  const names = inventNames();
  return {
    door: `http://${DOOR}:${portOf(door)}`,
    canaryPort,
    setDoor: (next) => void (mode = next),
    logins: () => logins,
    canaried: () => canaried,
    leaks,
    doorDials: () => doorDials,
    setName: names.set,
    lookups: names.lookups,
    async close() {
      names.restore();
      stopWatching();
      await Promise.all([door, canary, canarySix].map((server) => server && end(server)));
    },
  };
}

function looksLikeLogin({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'POST' && (headers['content-type'] === 'application/x-www-form-urlencoded' || /session/i.test(url));
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function listen(host: string, port: number, reply: RequestListener): Promise<Server> {
  const server = createHttpServer(reply);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return server;
}

async function end(server: Server): Promise<void> {
  (server as ReturnType<typeof createHttpServer>).closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
}

/** Tells of every address that any socket of this process begins to connect to, whether somebody is there or not. */
function watchDials(tell: (address: string) => void): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- it is put back, and called with its socket
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function (this: Socket, ...told: unknown[]) {
    this.on('connectionAttempt', tell);
    return (connect as (...all: unknown[]) => Socket).apply(this, told);
  };
  return () => void (Socket.prototype.connect = connect);
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Puts our own look-up under the whole process, so that also one that nobody guards would find our addresses, and
 * nothing is asked of the network.
 */
function inventNames() {
  const system = dns.lookup;
  const names = new Map<string, string[][]>();
  const lookups: string[] = [];
  const set: World['setName'] = (name, answers) =>
    void names.set(
      name,
      answers.map((one) => [...one]),
    );
  for (const [name, addresses] of Object.entries(NAMES)) set(name, [addresses]);
  const lookup = (hostname: string, options: { all?: boolean }, found: Found) => {
    const name = hostname.toLowerCase();
    lookups.push(name);
    const answers = names.get(name.replace(/\.$/, ''));
    const addresses = answers && answers.length > 1 ? answers.shift() : answers?.[0];
    const known = addresses ?? numberIn(name) ?? (isThisMachine(name) ? ['127.0.0.1', '::1'] : undefined);
    return setImmediate(() => {
      if (known === undefined) found(Object.assign(new Error('No such name.'), { code: 'ENOTFOUND' }), '');
      else if (options.all)
        found(
          null,
          known.map((address) => ({ address, family: isIP(address) })),
        );
      else found(null, known[0] ?? '', isIP(known[0] ?? ''));
    });
  };
  dns.lookup = lookup as unknown as typeof dns.lookup;
  syncBuiltinESMExports();
  const restore = () => {
    dns.lookup = system;
    syncBuiltinESMExports();
  };
  return { set, lookups, restore };
}

/** What the system makes of a number, in whatever form; URLs are read by the same old rules. */
function numberIn(name: string): string[] | undefined {
  if (isIP(name) !== 0) return [name];
  const host = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`).hostname : '';
  return isIP(host) === 0 ? undefined : [host];
}

const isThisMachine = (name: string) =>
  /^(?:.*\.)?(?:localhost|ip6-localhost|localhost\.localdomain)\.?$/.test(name.normalize('NFKC'));
