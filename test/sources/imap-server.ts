import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface StoredMail {
  uid: number;
  raw: string;
  /** As the server received it: 02-Feb-2026. */
  received?: string;
  flags?: string;
}

export interface StoredFolder {
  path: string;
  validity: number;
  mails: StoredMail[];
  /** Where it is not the number behind the last mail, because that was thrown away. */
  next?: number;
  /** As in LIST: \Sent. */
  use?: string;
}

export interface ImapServerOptions {
  folders: () => StoredFolder[];
  password?: string;
  accessToken?: string;
  greeting?: string;
  /** What is said instead, and whether the connection then ends. Undefined = the usual answer. */
  instead?: (line: string, tag: string) => { say: string; end?: boolean } | undefined;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Days as numbers that can be compared. */
function dayOf(text: string): number {
  const [day, month, year] = text.split('-');
  return Number(year) * 10_000 + MONTHS.indexOf(month!) * 100 + Number(day);
}

/** A small server that speaks as much IMAP4rev1 as is asked of it: https://www.rfc-editor.org/rfc/rfc3501 */
export async function startImapServer(options: ImapServerOptions) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let sentBytes = 0;
  let received = '';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const say = (text: string) => {
      sentBytes += text.length;
      socket.write(Buffer.from(text, 'latin1'));
    };
    const session = { folder: undefined as StoredFolder | undefined };
    say(options.greeting ?? '* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 SPECIAL-USE] ready\r\n');
    let rest = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        asked.push(line);
        const [tag = '', ...words] = line.split(' ');
        const other = options.instead?.(line, tag);
        if (other === undefined) say(answer(words.join(' '), tag, session, options));
        else say(other.say);
        if (other?.end || /^\S+ LOGOUT/i.test(line)) socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    sentBytes: () => sentBytes,
    received: () => received,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

interface Session {
  folder: StoredFolder | undefined;
}

function answer(command: string, tag: string, session: Session, options: ImapServerOptions): string {
  const ok = `${tag} OK done\r\n`;
  if (/^(?:LOGIN|AUTHENTICATE)/i.test(command)) return signIn(command, tag, options);
  if (/^CAPABILITY/i.test(command)) return `* CAPABILITY IMAP4rev1 SPECIAL-USE\r\n${ok}`;
  if (/^LIST/i.test(command)) return list(command, options.folders()) + ok;
  if (/^EXAMINE/i.test(command)) return examine(command, tag, session, options.folders());
  const { folder } = session;
  if (/^UID SEARCH/i.test(command)) return `* SEARCH ${search(command, folder!).join(' ')}\r\n${ok}`;
  if (/^UID FETCH/i.test(command)) return fetchMails(command, folder!) + ok;
  if (/^LOGOUT/i.test(command)) return `* BYE\r\n${ok}`;
  return /^(?:NOOP|LSUB|CLOSE)/i.test(command) ? ok : `${tag} BAD unknown command\r\n`;
}

function signIn(command: string, tag: string, { password, accessToken }: ImapServerOptions): string {
  const [, , given = ''] = command.split(' ');
  const token = Buffer.from(given, 'base64').toString();
  const isRight = /^LOGIN/i.test(command)
    ? given.replaceAll('"', '') === password
    : token.includes(`auth=Bearer ${accessToken}\u0001`);
  // Some servers repeat what they were told.
  return isRight ? `${tag} OK signed in\r\n` : `${tag} NO [AUTHENTICATIONFAILED] wrong: ${given}\r\n`;
}

function list(command: string, folders: StoredFolder[]): string {
  const pattern = /"?([^" ]*)"?$/.exec(command)![1]!;
  const shown = folders.filter(({ path }) => pattern === '*' || pattern === path);
  return shown.map(({ path, use = '' }) => `* LIST (\\HasNoChildren ${use}) "/" "${path}"\r\n`).join('');
}

function examine(command: string, tag: string, session: Session, folders: StoredFolder[]): string {
  const path = /EXAMINE "?([^"]*)"?/i.exec(command)![1];
  session.folder = folders.find((one) => one.path === path);
  if (session.folder === undefined) return `${tag} NO there is none\r\n`;
  const { mails, validity } = session.folder;
  const next = session.folder.next ?? Math.max(0, ...mails.map(({ uid }) => uid)) + 1;
  return [
    `* ${mails.length} EXISTS`,
    '* FLAGS (\\Seen \\Draft)',
    `* OK [UIDVALIDITY ${validity}] valid`,
    `* OK [UIDNEXT ${next}] next`,
    `${tag} OK [READ-ONLY] done\r\n`,
  ].join('\r\n');
}

function search(command: string, { mails }: StoredFolder): number[] {
  const since = /SINCE "?([\w-]+)/i.exec(command)?.[1];
  const from = /UID (\d+):\*/i.exec(command)?.[1];
  const last = Math.max(0, ...mails.map(({ uid }) => uid));
  return mails
    .filter(({ received = '02-Feb-2026' }) => since === undefined || dayOf(received) >= dayOf(since))
    .map(({ uid }) => uid)
    .filter((uid) => from === undefined || uid >= Number(from) || uid === last);
}

function fetchMails(command: string, { mails }: StoredFolder): string {
  const [, set = ''] = /^UID FETCH (\S+)/i.exec(command)!;
  const [, start = '0', length = 'Infinity'] = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/i.exec(command) ?? [];
  const wanted = set.split(',').map((range) => range.split(':').map(Number));
  return mails
    .map((mail, index) => ({ ...mail, index }))
    .filter(({ uid }) => wanted.some(([first = 0, last = first]) => uid >= first && uid <= last))
    .map(({ uid, raw, flags = '', index }) => {
      const bytes = Buffer.from(raw, 'utf8').subarray(Number(start), Number(start) + Number(length));
      const origin = length === 'Infinity' ? '' : `<${start}>`;
      return `* ${index + 1} FETCH (UID ${uid} FLAGS (${flags}) BODY[]${origin} {${bytes.length}}\r\n${bytes.toString('latin1')})\r\n`;
    })
    .join('');
}
