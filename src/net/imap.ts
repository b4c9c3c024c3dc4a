import type { Socket } from 'node:net';
import { ImapFlow } from 'imapflow';
import type { ImapFlowError } from 'imapflow';
import { AppError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { startDeadline, stopIfAborted } from './pace.ts';
import { openSocket, secureSocket } from './socket.ts';

export interface ImapServer {
  host: string;
  port: number;
  /** TLS from the beginning, after a greeting, or not at all. */
  security: 'tls' | 'starttls' | 'none';
  user: string;
  /** One of the two. */
  password?: string | undefined;
  accessToken?: string | undefined;
  /** Networks (CIDR) that may be asked although they are not public. */
  allow: readonly string[];
}

export interface Mailbox {
  /**
   * One step of the exchange, within its own time limit.
   * @throws {AppError} `REMOTE_*` or `SOURCE_SHAPE` for whatever goes wrong.
   */
  run<T>(step: (client: ImapFlow) => Promise<T>): Promise<T>;
  /** Takes leave where the connection stands, else just ends it. */
  close(): Promise<void>;
}

/** Of a single step, however slowly something comes in. In milliseconds. */
const STEP_MS = 60_000;
const LEAVE_MS = 2_000;
/** A page of partly fetched mails is far smaller. In bytes. */
const MAX_LITERAL = 8 * 1024 * 1024;
/** Of millions of mail numbers in one answer. In bytes. */
const MAX_LINE = 16 * 1024 * 1024;

/** Connects and signs in. @throws {AppError} */
export async function openMailbox(server: ImapServer, signal: AbortSignal, stepMs = STEP_MS): Promise<Mailbox> {
  stopIfAborted(signal);
  const address = `${server.host}:${server.port}`;
  const client = clientFor(server, stepMs);
  // What fails is thrown by the step that it belongs to; without a listener it would end the process as well.
  client.on('error', () => {});
  const stop = () => client.close();
  const run: Mailbox['run'] = async (step) => {
    const deadline = startDeadline(stepMs, address, signal);
    deadline.signal.addEventListener('abort', stop);
    try {
      deadline.check();
      const done = await step(client);
      deadline.check();
      return done;
    } catch (thrown) {
      deadline.check();
      throw imapError(thrown, address);
    } finally {
      deadline.signal.removeEventListener('abort', stop);
      deadline.end();
    }
  };
  const close = async () => {
    const timer = setTimeout(() => client.close(), LEAVE_MS);
    if (client.usable && !signal.aborted) await client.logout().catch(() => {});
    clearTimeout(timer);
    client.close();
  };
  try {
    await run(() => client.connect());
  } catch (thrown) {
    client.close();
    throw thrown;
  }
  return { run, close };
}

function clientFor({ host, port, security, user, password, accessToken, allow }: ImapServer, stepMs: number): ImapFlow {
  return new ImapFlow({
    host,
    port,
    secure: security === 'tls',
    doSTARTTLS: security === 'starttls',
    auth: accessToken === undefined ? { user, pass: password } : { user, accessToken },
    transport: {
      connect(target, onConnect) {
        const socket = openSocket({ ...target, host, allow }, () => {
          onConnect();
          // The client waits in silence for what will never come.
          socket.once('data', (first: Buffer) => {
            if (first[0] !== ASTERISK) socket.destroy(notImap(`${host}:${port}`));
          });
        });
        return socket;
      },
      upgrade: (socket, _target, onSecure) => secureSocket(socket as unknown as Socket, host, onSecure),
    },
    logger: false,
    clientInfo: { name: 'Earshot' },
    disableAutoIdle: true,
    // Compressed answers could unfold to any size.
    disableCompression: true,
    // Parts shall come as they are stored: they are decoded in one place.
    disableBinary: true,
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    maxLiteralSize: MAX_LITERAL,
    maxLineLength: MAX_LINE,
    maxResponseSize: 2 * MAX_LINE,
  });
}

const ASTERISK = 42;
const TIMEOUTS = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT', 'ETIMEOUT', 'ETIMEDOUT']);
const TOO_LARGE = new Set(['LineTooLarge', 'LiteralTooLarge', 'ResponseTooLarge', 'TooManyTokens', 'TooManyResponses']);
/** https://www.rfc-editor.org/rfc/rfc5530#section-3 */
const BUSY = new Set(['UNAVAILABLE', 'INUSE', 'SERVERBUG', 'CORRUPTION', 'LIMIT', 'CONTACTADMIN']);
const FIX: Partial<Record<ErrorCode, string>> = {
  REMOTE_UNAUTHORIZED:
    'Check user and password. Many providers want a password made for one app, or OAuth; some have to be told to allow IMAP.',
  REMOTE_NOT_FOUND: 'Check the names of the folders; they are written as the server lists them.',
  SOURCE_SHAPE: 'Check host, port and `security`: on this port something else than IMAP may answer.',
};
/** https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /^(?:ERR_TLS|CERT|DEPTH|SELF|UNABLE|HOSTNAME)/;
const TRUST =
  'Its certificate is not trusted. Use the name that it is made for; one of your own authority is trusted by NODE_EXTRA_CA_CERTS.';
const RETRIED = 'Check the address and that this machine has a way to it. It is tried again.';

/** What the client throws, in our terms. Its messages are left out, because servers repeat in them what they were told. */
function imapError(thrown: unknown, address: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = thrown as ImapFlowError;
  if (error.code === 'ETHROTTLE') {
    return new AppError('REMOTE_RATE_LIMITED', `${address} asks for a pause.`, {
      fix: 'Nothing to do: it is asked again after the pause. If it goes on, raise its `every`.',
      ...(error.throttleReset !== undefined && { retry: { afterMs: error.throttleReset } }),
    });
  }
  const [code, says] = meaningOf(error);
  const fix = CERTIFICATE.test(error.code ?? '') ? TRUST : (FIX[code] ?? RETRIED);
  return new AppError(code, `${address} ${says}.`, { fix });
}

function notImap(address: string): AppError {
  return new AppError('SOURCE_SHAPE', `${address} does not speak IMAP.`, { fix: FIX.SOURCE_SHAPE! });
}

function meaningOf(error: ImapFlowError): [ErrorCode, string] {
  const { code = '', serverResponseCode = '' } = error;
  if (BUSY.has(serverResponseCode.toUpperCase())) return ['REMOTE_UNAVAILABLE', `has a fault (${serverResponseCode})`];
  if (error.authenticationFailed === true) return ['REMOTE_UNAUTHORIZED', 'refuses the credentials'];
  if (error.tlsFailed === true) return ['REMOTE_UNREACHABLE', 'offers no encrypted connection by STARTTLS'];
  if (error.mailboxMissing === true || serverResponseCode.toUpperCase() === 'NONEXISTENT') {
    return ['REMOTE_NOT_FOUND', 'has no such folder'];
  }
  if (TIMEOUTS.has(code)) return ['REMOTE_TIMEOUT', 'did not answer in time'];
  if (TOO_LARGE.has(code)) return ['REMOTE_TOO_LARGE', 'sent more than is taken'];
  if (/^(?:Parser|Unexpected|Missing|Invalid)/.test(code)) return ['SOURCE_SHAPE', 'does not speak IMAP'];
  if (error.responseStatus === 'NO' || error.responseStatus === 'BAD') return ['REMOTE_REFUSED', 'refuses the request'];
  if (isUnreachable(code)) {
    return ['REMOTE_UNREACHABLE', `cannot be reached (${code})`];
  }
  return ['REMOTE_UNAVAILABLE', 'ended the connection'];
}

/** Codes of sockets, name look-ups and TLS, beside one of the client that looks like them. */
const isUnreachable = (code: string) =>
  (/^(?:E[A-Z]|ERR_SSL)/.test(code) && code !== 'EConnectionClosed') || CERTIFICATE.test(code);
