import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AppError } from '../../src/domain/errors.ts';
import { redact } from '../../src/domain/secret.ts';
import type { Page, PullContext } from '../../src/domain/source.ts';
import { createHttp } from '../../src/net/http.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { sourceContract } from '../contracts/source.ts';
import { startServer } from '../net/server.ts';
import { startImapServer } from './imap-server.ts';
import type { ImapServerOptions, StoredFolder, StoredMail } from './imap-server.ts';

const imap = sourceOf('imap');

sourceContract(imap, {
  wire: [
    { file: 'plain.eml', endIsTold: false },
    { file: 'reply.eml', endIsTold: false },
    { file: 'automatic.eml', endIsTold: false },
  ],
  broken: [
    { name: 'nothing', body: '', says: /but nothing came/ },
    { name: 'JSON', body: '{"mails":[]}', says: /JSON/ },
    { name: 'words', body: 'Hello there', says: /text that begins "Hello there"/ },
  ],
  undated: [
    { name: 'no zone', body: 'From: a@b.example\nDate: Mon, 2 Feb 2026 10:00:00\n\nhello' },
    { name: 'no date', body: 'From: a@b.example\nReceived: from x; Mon, 2 Feb 2026 10:00:00 +0000\n\nhello' },
  ],
});

const PASSWORD = 'mailbox-secret-1';

function mail(uid: number, fields: Record<string, string>, text = 'words'): StoredMail {
  const all = { From: `Customer ${uid} <c${uid}@post.example>`, 'Message-ID': `<m${uid}@post.example>`, ...fields };
  const day = String((uid % 28) + 1).padStart(2, '0');
  const header = { Date: `${day} Jan 2026 10:00:00 +0000`, To: 'hello@velmora.example', ...all };
  const lines = Object.entries(header).map(([name, value]) => `${name}: ${value}`);
  return { uid, raw: `${lines.join('\r\n')}\r\n\r\n${text}\r\n` };
}

const many = (count: number) => Array.from({ length: count }, (_, index) => mail(index + 1, {}));
const inbox = (mails: StoredMail[], validity = 7): StoredFolder => ({ path: 'INBOX', validity, mails });
const sent = (mails: StoredMail[]): StoredFolder => ({ path: 'Gesendet', validity: 3, mails, use: '\\Sent' });

describe('source imap pulls from a mail server', () => {
  const open: { close(): Promise<void> }[] = [];
  const http = createHttp({ allow: ['127.0.0.0/8'], perHostMs: 0 });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  afterAll(() => http.close());

  async function serve(folders: StoredFolder[], more: Partial<ImapServerOptions> = {}) {
    const server = await startImapServer({ folders: () => folders, password: PASSWORD, ...more });
    open.push(server);
    return server;
  }
  const contextOf = (port: number, more: object = {}, cursor?: unknown): PullContext<unknown, unknown> => ({
    options: imap.options.parse({
      host: '127.0.0.1',
      port,
      security: 'none',
      user: 'hello@velmora.example',
      ...('oauth' in more ? {} : { password: PASSWORD }),
      own: ['@velmora.example'],
      allow: ['127.0.0.0/8'],
      timeoutSeconds: 5,
      ...more,
    }),
    cursor: cursor === undefined ? undefined : imap.cursor.parse(JSON.parse(JSON.stringify(cursor))),
    http,
    now: () => new Date('2026-02-07T12:00:00Z'),
    signal: new AbortController().signal,
  });
  const pull = async (port: number, more: object = {}, cursor?: unknown) => {
    const pages: Page<unknown>[] = [];
    for await (const page of imap.pull(contextOf(port, more, cursor))) pages.push(page);
    return pages;
  };
  const idsOf = (pages: Page<unknown>[]) => pages.flatMap(({ items }) => items.map(({ externalId }) => externalId));
  const errorOf = async (work: Promise<unknown>): Promise<AppError> => {
    const thrown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({ name: 'AppError' });
    const { message, fix, details, stack, cause } = thrown as AppError;
    expect(JSON.stringify([message, fix, details, stack, String(cause)])).not.toContain(PASSWORD);
    return thrown as AppError;
  };

  it('brings everything by pages, the same each time, and goes on from any of them', async () => {
    const { port } = await serve([inbox(many(60))]);
    const pages = await pull(port);
    expect(pages.map(({ items }) => items.length)).toEqual([25, 25, 10]);
    const all = idsOf(pages);
    expect(idsOf(await pull(port))).toEqual(all);
    for (let kept = 1; kept <= pages.length; kept++) {
      const before = pages.slice(0, kept);
      const after = await pull(port, {}, before.at(-1)!.cursor);
      expect([...idsOf(before), ...idsOf(after)]).toEqual(all);
    }
  });

  it('finds what came since, whatever its date, and asks for nothing where nothing came', async () => {
    const folder = inbox(many(3));
    const server = await serve([folder]);
    const { cursor } = (await pull(server.port)).at(-1)!;
    server.asked.length = 0;
    expect(idsOf(await pull(server.port, {}, cursor))).toEqual([]);
    expect(server.asked.filter((line) => /FETCH|SEARCH/.test(line))).toEqual([]);
    folder.next = 6;
    expect(idsOf(await pull(server.port, {}, cursor))).toEqual([]);
    folder.mails.push(mail(6, { Date: '01 Jan 2020 10:00:00 +0000', 'Message-ID': '<m4@post.example>' }));
    delete folder.next;
    expect(idsOf(await pull(server.port, {}, cursor))).toEqual(['m4@post.example']);
  });

  it('a folder that is numbered anew is read anew, and gives the same ids', async () => {
    const folder = inbox(many(2));
    const { port } = await serve([folder]);
    const first = await pull(port);
    folder.validity = 8;
    expect(idsOf(await pull(port, {}, first.at(-1)!.cursor))).toEqual(idsOf(first));
  });

  it('goes back as far as asked, and later takes what is moved in however old', async () => {
    const folder = inbox([{ ...mail(1, {}), received: '01-Jun-2025' }, mail(2, {})]);
    const { port } = await serve([folder]);
    const [page] = await pull(port, { startDays: 30 });
    expect(page!.items).toMatchObject([{ externalId: 'm2@post.example' }]);
    folder.mails.push({ ...mail(3, {}), received: '01-Jun-2025' });
    expect(idsOf(await pull(port, { startDays: 30 }, page!.cursor))).toEqual(['m3@post.example']);
  });

  it('mails of the brand answer the conversation, in the inbox and among what was sent', async () => {
    const reply = { 'In-Reply-To': '<m1@post.example>', References: '<m1@post.example>' };
    const ours = { From: 'Noa <noa@velmora.example>', To: 'c1@post.example', Date: '20 Jan 2026 08:00:00 +0000' };
    const { port } = await serve([
      inbox([
        mail(1, {}),
        mail(2, { ...reply, ...ours, Cc: 'hello@velmora.example' }),
        mail(3, { ...reply, References: '<m1@post.example> <m2@post.example>' }),
        mail(4, { ...reply, ...ours, To: 'team@velmora.example' }),
      ]),
      sent([
        mail(1, { ...reply, From: 'alias@elsewhere.example', To: 'c1@post.example', 'Message-ID': '<s1@x.example>' }),
        mail(2, { From: 'alias@elsewhere.example', To: 'c9@post.example', 'Message-ID': '<s2@x.example>' }),
      ]),
    ]);
    const [first, second] = await pull(port);
    expect(first!.items).toMatchObject([
      { externalId: 'm1@post.example', thread: 'm1@post.example' },
      { externalId: 'm3@post.example', thread: 'm1@post.example', replyTo: 'm1@post.example' },
    ]);
    expect(first!.answered).toEqual([{ thread: 'm1@post.example', at: '2026-01-20T08:00:00.000Z' }]);
    expect(second).toMatchObject({
      items: [],
      answered: [{ thread: 'm1@post.example', at: '2026-01-02T10:00:00.000Z' }],
    });
  });

  it('leaves out what programs and lists send, and drafts; a form counts as the customer it names', async () => {
    const { port } = await serve([
      inbox([
        mail(1, { 'Auto-Submitted': 'auto-replied' }),
        mail(2, { 'Return-Path': '<>' }),
        mail(3, { 'Content-Type': 'multipart/report; boundary=x' }),
        mail(4, { 'List-Id': '<news.example>' }),
        mail(5, { Precedence: 'bulk' }),
        { ...mail(6, {}), flags: '\\Draft' },
        mail(7, { From: 'MAILER-DAEMON@post.example' }),
        mail(8, { From: 'Website <form@velmora.example>', 'Reply-To': 'Ana Ruiz <ana@correo.example>' }),
        mail(9, { 'Auto-Submitted': 'no' }),
      ]),
    ]);
    const [page] = await pull(port);
    expect(page!.items).toMatchObject([
      { externalId: 'm8@post.example', author: { id: 'ana@correo.example', name: 'Ana Ruiz' } },
      { externalId: 'm9@post.example', author: { id: 'c9@post.example', name: 'Customer 9' } },
    ]);
    const listed = await pull(port, { lists: true });
    expect(idsOf(listed)).toEqual(['m4@post.example', 'm5@post.example', 'm8@post.example', 'm9@post.example']);
  });

  it('fetches the beginning of a huge mail only, unseen, and keeps its words', async () => {
    const type = { 'Content-Type': 'multipart/mixed; boundary=b' };
    const attachment = 'QUJD'.repeat(2_000_000);
    const text = `--b\r\n\r\nThe zip broke.\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${attachment}\r\n--b--`;
    const server = await serve([inbox([mail(1, type, text)])]);
    const [page] = await pull(server.port);
    expect(page!.items).toMatchObject([{ text: 'The zip broke.' }]);
    expect(server.sentBytes()).toBeLessThan(200_000);
    expect(server.asked.filter((line) => line.includes('FETCH') && !line.includes('BODY.PEEK'))).toEqual([]);
  });

  it('names a mail that is none, and goes on', async () => {
    const { port } = await serve([inbox([{ uid: 1, raw: 'what is this' }, mail(2, {})])]);
    const [page] = await pull(port);
    expect(page).toMatchObject({ items: [{ externalId: 'm2@post.example' }], refused: [{ where: 'mail 1' }] });
  });

  it('reads \\Sent where there is one, and says which folder is missing', async () => {
    const { port } = await serve([inbox(many(1))]);
    expect(await pull(port)).toHaveLength(1);
    const error = await errorOf(pull(port, { folders: ['INBOX', 'Support'] }));
    expect(error).toMatchObject({ code: 'REMOTE_NOT_FOUND', retry: 'never' });
  });

  it('signs in by OAuth', async () => {
    const tokens = await startServer(({ body }) => ({
      status: body.includes('refresh_token=refresh-1') ? 200 : 400,
      body: '{"access_token":"access-1"}',
    }));
    open.push(tokens);
    const { port } = await serve([inbox(many(1))], { accessToken: 'access-1' });
    const oauth = { tokenUrl: tokens.base, clientId: 'c', clientSecret: 's', refreshToken: 'refresh-1' };
    expect(idsOf(await pull(port, { oauth }))).toEqual(['m1@post.example']);
    expect(imap.hosts(contextOf(port, { oauth }).options)).toEqual([`imap://127.0.0.1:${port}`, tokens.base]);
    const wrong = await errorOf(pull(port, { oauth: { ...oauth, refreshToken: 'other' } }));
    expect(wrong.code).toBe('REMOTE_REFUSED');
  });

  it.each([
    ['NO [AUTHENTICATIONFAILED] no', 'REMOTE_UNAUTHORIZED'],
    ['NO [UNAVAILABLE] later', 'REMOTE_UNAVAILABLE'],
    ['NO [INUSE] later', 'REMOTE_UNAVAILABLE'],
    ['BAD what', 'REMOTE_UNAUTHORIZED'],
  ])('a sign-in that is answered by "%s" is %s, without the password in the error', async (says, code) => {
    const { port } = await serve([], {
      instead: (line, tag) => (/ LOGIN /.test(line) ? { say: `${tag} ${says} ${line}\r\n` } : undefined),
    });
    expect(await errorOf(pull(port))).toMatchObject({ code });
  });

  it.each([
    ['SEARCH', 'NO', 'REMOTE_REFUSED'],
    ['FETCH', 'NO', 'REMOTE_REFUSED'],
    ['EXAMINE', 'BAD', 'REMOTE_REFUSED'],
  ])('%s that is answered by %s is %s and no empty page', async (command, says, code) => {
    const { port } = await serve([inbox(many(1))], {
      instead: (line, tag) => (line.includes(` ${command}`) ? { say: `${tag} ${says} not now\r\n` } : undefined),
    });
    expect(await errorOf(pull(port))).toMatchObject({ code });
  });

  it.each([
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'SOURCE_SHAPE'],
    ['* BYE too many connections\r\n', 'REMOTE_UNAVAILABLE'],
  ])('a server that greets with %j is %s', async (greeting, code) => {
    const { port } = await serve([], { greeting });
    expect(await errorOf(pull(port, { timeoutSeconds: 1 }))).toMatchObject({ code });
  });

  it('a connection that ends in the middle is REMOTE_UNAVAILABLE, tried again', async () => {
    const { port } = await serve([inbox(many(1))], {
      instead: (line) =>
        line.includes('FETCH') ? { say: '* 1 FETCH (UID 1 BODY[] {500}\r\nFrom', end: true } : undefined,
    });
    expect(await errorOf(pull(port))).toMatchObject({ code: 'REMOTE_UNAVAILABLE', retry: 'backoff' });
  });

  it.each(['greeting', 'answer'])('no %s within the time limit is REMOTE_TIMEOUT', async (what) => {
    const silent = what === 'greeting' ? { greeting: '' } : {};
    const { port } = await serve([inbox(many(1))], {
      ...silent,
      instead: (line) => (line.includes('FETCH') ? { say: '* 1 FETCH (UID 1 ' } : undefined),
    });
    expect(await errorOf(pull(port, { timeoutSeconds: 1 }))).toMatchObject({ code: 'REMOTE_TIMEOUT' });
  });

  it('nobody there is REMOTE_UNREACHABLE', async () => {
    const server = await serve([]);
    await server.close();
    open.length = 0;
    expect(await errorOf(pull(server.port))).toMatchObject({ code: 'REMOTE_UNREACHABLE', retry: 'backoff' });
    const named = await errorOf(pull(server.port, { host: 'nowhere.invalid' }));
    expect(named.code).toBe('REMOTE_UNREACHABLE');
  });

  it('STARTTLS that is not offered is refused before the password is sent', async () => {
    const server = await serve([inbox(many(1))]);
    expect(await errorOf(pull(server.port, { security: 'starttls' }))).toMatchObject({ code: 'REMOTE_UNREACHABLE' });
    expect(server.asked.join()).not.toContain(PASSWORD);
  });

  it.each([
    // Of a handshake: https://www.rfc-editor.org/rfc/rfc8446#section-5.1
    ['tls', '', '\u0016\u0003'],
    ['starttls', '* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n', '1 STARTTLS\r\n'],
  ])('with security %s it speaks TLS, and tells nothing to whom it cannot know', async (security, greeting, first) => {
    const server = await serve([], {
      greeting,
      instead: (line, tag) => (line.includes('STARTTLS') ? { say: `${tag} OK begin\r\nno TLS` } : undefined),
    });
    const error = await errorOf(pull(server.port, { security, timeoutSeconds: 2 }));
    expect(['REMOTE_UNREACHABLE', 'REMOTE_TIMEOUT', 'REMOTE_UNAVAILABLE']).toContain(error.code);
    expect(server.received().slice(0, first.length)).toBe(first);
    expect(server.received()).not.toContain(PASSWORD);
  });

  it.each(['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '::1', '::ffff:127.0.0.1'])(
    'a private address is never asked: %s',
    async (host) => {
      const server = await serve([inbox(many(1))]);
      const error = await errorOf(pull(server.port, { host, allow: [] }));
      expect(error.code).toBe('ADDRESS_BLOCKED');
      expect(server.asked).toEqual([]);
    },
  );

  it('stops before it begins, between pages and in the middle, and lets go of the connection', async () => {
    const server = await serve([inbox(many(60))]);
    const pagesOf = (port: number, signal: AbortSignal) => {
      const pages = imap.pull({ ...contextOf(port), signal });
      return pages[Symbol.asyncIterator]();
    };
    await expect(pagesOf(server.port, AbortSignal.abort()).next()).rejects.toMatchObject({ name: 'AppError' });
    expect(server.asked).toEqual([]);

    const between = new AbortController();
    const started = pagesOf(server.port, between.signal);
    await started.next();
    between.abort();
    server.asked.length = 0;
    await expect(started.next()).rejects.toMatchObject({ retry: { afterMs: 1_000 } });
    expect(server.asked).toEqual([]);

    const { port, ...hanging } = await serve([inbox(many(1))], {
      instead: (line) => (line.includes('FETCH') ? { say: '* 1 FETCH (' } : undefined),
    });
    const middle = new AbortController();
    const waiting = pagesOf(port, middle.signal).next();
    setTimeout(() => middle.abort(), 100);
    await expect(waiting).rejects.toMatchObject({ name: 'AppError', retry: { afterMs: 1_000 } });
    await expect.poll(() => [server.open(), hanging.open()]).toEqual([0, 0]);
  });

  it('takes leave after a pull, and when the reader stops early', async () => {
    const server = await serve([inbox(many(60))]);
    for await (const { items } of imap.pull(contextOf(server.port))) {
      expect(items).toHaveLength(25);
      break;
    }
    expect(server.asked.at(-1)).toMatch(/LOGOUT/);
    await expect.poll(() => server.open()).toBe(0);
  });
});

describe('options of imap', () => {
  const base = { host: 'imap.velmora.example', user: 'hello@velmora.example' };
  it('wants a password or OAuth, not both', () => {
    const oauth = { tokenUrl: 'https://id.example/token', clientId: 'c', clientSecret: 's' };
    expect(imap.options.safeParse(base).success).toBe(false);
    expect(imap.options.safeParse({ ...base, password: 'p', oauth }).success).toBe(false);
    expect(imap.options.safeParse({ ...base, oauth }).success).toBe(true);
  });

  it('redacts what is inside oauth too', () => {
    const oauth = { tokenUrl: 'https://id.example/token', clientId: 'c', clientSecret: 'hush', refreshToken: 'hush' };
    expect(JSON.stringify(redact(imap.options, imap.options.parse({ ...base, oauth })))).not.toContain('hush');
  });
});
