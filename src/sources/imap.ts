import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { secret } from '../domain/secret.ts';
import { defineSource } from '../domain/source.ts';
import type { Page, Parsed, PullContext, WireAnswer } from '../domain/source.ts';
import { serverAddress } from '../net/address.ts';
import { daysBefore } from '../net/changes.ts';
import { openMailbox } from '../net/imap.ts';
import type { Mailbox } from '../net/imap.ts';
import { fetchToken } from '../net/oauth.ts';
import { stopIfAborted } from '../net/pace.ts';
import { readLetter } from '../text/mail/letter.ts';
import { mentionsOfMails, ownAddresses } from '../text/mail/mails.ts';
import type { Mail } from '../text/mail/mails.ts';

const SENT = String.raw`\Sent`;

const oauth = z
  .strictObject({
    tokenUrl: serverAddress().describe('Where access tokens are fetched.'),
    clientId: z.string().min(1).max(500).describe('Id of your registered application.'),
    clientSecret: secret().describe('Its secret.'),
    refreshToken: secret().optional().describe('Of the mailbox; without it the application itself has to be allowed.'),
    scope: z.string().min(1).max(1_000).optional().describe('What is asked for, where the provider wants it told.'),
  })
  .describe('Instead of a password, for Gmail, Microsoft 365 and others.');

const options = z
  .strictObject({
    host: z
      .string()
      .regex(/^[a-z0-9:][a-z0-9.:-]{0,252}$/i)
      .describe('Name of the IMAP server.'),
    port: z.int().min(1).max(65_535).optional().describe('Default: 993 with security tls, else 143.'),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .default('tls')
      .describe('none sends the password readable: for a server on this machine only.'),
    user: z.string().min(1).max(320).describe('Name of the mailbox, mostly its address.'),
    password: secret().optional().describe('Its password, mostly one that was made for one app.'),
    oauth: oauth.optional(),
    own: z
      .array(z.string().regex(/^[^\s@]{0,64}@[^\s@]{1,255}$/))
      .default([])
      .describe('Your own addresses, or @velmora.example for all of a domain: their mails are answers. `user` is one.'),
    folders: z
      .array(z.string().min(1).max(500))
      .min(1)
      .max(20)
      .default(['INBOX', SENT])
      .describe(String.raw`\Sent is the folder of what you sent, whatever its name: it tells what was answered.`),
    lists: z.boolean().default(false).describe('Also what came over mailing lists, as where the address is a group.'),
    startDays: z.int().min(0).max(3_650).default(90).describe('How many days the first pull goes back.'),
    timeoutSeconds: z.int().min(1).max(600).default(60).describe('For one step of the exchange.'),
    allow: z
      .array(z.union([z.cidrv4(), z.cidrv6()]))
      .default([])
      .describe('Networks (CIDR) where the server may stand although they are not public.'),
  })
  .refine(({ password, oauth: by }) => (password === undefined) !== (by === undefined), {
    error: 'Give either a password or oauth.',
    path: ['password'],
  });
type Options = z.infer<typeof options>;

/** By path of the folder: up to which number (UID) it was read, and under which numbering. */
const place = z.strictObject({ validity: z.string(), uid: z.int().nonnegative() });
const cursor = z.record(z.string(), place);
type Place = z.infer<typeof place>;
type Cursor = z.infer<typeof cursor>;

const PAGE_MAILS = 25;
/** What is left comes with the next pull. */
const MAX_PAGES = 80;
/** Of one mail, in bytes: words stand before attachments, which are not fetched. */
const MAX_MAIL = 128 * 1024;

/**
 * Mails are never edited, and get rising numbers as they arrive, whatever their date: so nothing is read again. That
 * a mail was moved or thrown away in the mailbox is the brand's tidying and no wish of the customer.
 */
export const imap = defineSource<Options, Cursor>({
  type: 'imap',
  channel: 'ticket',
  about: 'What customers write to a mailbox, read by IMAP; mails that you send answer it.',
  docs: 'https://www.rfc-editor.org/rfc/rfc9051',
  options,
  cursor,
  example: {
    host: 'imap.velmora.example',
    user: 'hello@velmora.example',
    password: '${env:MAILBOX_PASSWORD}',
    own: ['@velmora.example'],
    authors: 'keep',
  },
  everySeconds: 120,
  hosts: (asked) => [
    `imap://${asked.host}:${portOf(asked)}`,
    ...(asked.oauth ? [new URL(asked.oauth.tokenUrl).origin] : []),
  ],
  pull,
  parse,
});

const portOf = ({ port, security }: Options) => port ?? (security === 'tls' ? 993 : 143);

async function* pull(context: PullContext<Options, Cursor>): AsyncGenerator<Page<Cursor>> {
  const { options: asked, signal } = context;
  stopIfAborted(signal);
  const accessToken = await tokenOf(context);
  const server = { ...asked, port: portOf(asked), accessToken };
  const mailbox = await openMailbox(server, signal, asked.timeoutSeconds * 1_000);
  try {
    let places = context.cursor ?? {};
    let pages = 0;
    for (const folder of await foldersOf(mailbox, asked.folders)) {
      for await (const { at, ...parsed } of readFolder(mailbox, folder, places[folder.path], context)) {
        places = Object.assign({}, places, { [folder.path]: at });
        yield { ...parsed, cursor: places };
        // What was sent answers only what is known, so its turn comes when all before it was read.
        if (++pages === MAX_PAGES) return;
      }
    }
  } finally {
    await mailbox.close();
  }
}

async function tokenOf(context: PullContext<Options, Cursor>): Promise<string | undefined> {
  const by = context.options.oauth;
  if (by === undefined) return undefined;
  const { clientId, clientSecret, refreshToken, scope, tokenUrl } = by;
  const grant =
    refreshToken === undefined
      ? { grant_type: 'client_credentials' }
      : { grant_type: 'refresh_token', refresh_token: refreshToken };
  const form = { ...grant, client_id: clientId, client_secret: clientSecret, ...(scope !== undefined && { scope }) };
  return fetchToken(context, { url: tokenUrl, form });
}

interface Folder {
  path: string;
  /** All in it was sent by the brand. */
  isSent: boolean;
}

/** https://www.rfc-editor.org/rfc/rfc6154#section-2 ; a server that marks no such folder has none to read. */
async function foldersOf(mailbox: Mailbox, names: readonly string[]): Promise<Folder[]> {
  const marked = names.some((name) => name.startsWith('\\')) ? await mailbox.run((client) => client.list()) : [];
  return names.flatMap((name): Folder[] => {
    if (!name.startsWith('\\')) return [{ path: name, isSent: false }];
    const path = marked.find(({ specialUse }) => specialUse?.toLowerCase() === name.toLowerCase())?.path;
    return path === undefined ? [] : [{ path, isSent: name.toLowerCase() === SENT.toLowerCase() }];
  });
}

async function* readFolder(
  mailbox: Mailbox,
  { path, isSent }: Folder,
  before: Place | undefined,
  { options: asked, now }: PullContext<Options, Cursor>,
): AsyncGenerator<Parsed & { at: Place }> {
  const opened = await mailbox.run((client) => client.mailboxOpen(path, { readOnly: true }));
  const validity = String(opened.uidValidity);
  const known = before?.validity === validity ? before.uid : undefined;
  const newest = Math.max(known ?? 0, (opened.uidNext || 1) - 1);
  const isNothingNew = opened.uidNext > 0 && newest === known;
  const numbers = isNothingNew ? [] : await search(mailbox, known, daysBefore(now(), asked.startDays));
  const isOwn = ownAddresses([asked.user, ...asked.own]);
  for (let from = 0; from === 0 || from < numbers.length; from += PAGE_MAILS) {
    const page = numbers.slice(from, from + PAGE_MAILS);
    const mails = page.length === 0 ? [] : await fetchMails(mailbox, page);
    const reached = page.at(-1) ?? newest;
    const isLast = from + PAGE_MAILS >= numbers.length;
    const uid = isLast ? Math.max(reached, newest) : reached;
    yield { ...mentionsOfMails(mails, { isOwn, lists: asked.lists, isSent }), at: { validity, uid } };
  }
}

/** Numbers of the mails that follow the known one; the first time those that came since then. Rising. */
async function search(mailbox: Mailbox, known: number | undefined, since: string): Promise<number[]> {
  const query = known === undefined ? { since: new Date(since) } : { uid: `${known + 1}:*` };
  const found = await mailbox.run((client) => client.search(query, { uid: true }));
  if (!Array.isArray(found)) {
    throw new AppError('REMOTE_REFUSED', 'The mail server refuses to search the folder.', {
      fix: 'Check that the account may read the folder.',
    });
  }
  // Asked for `9:*`, a server names its last mail, though its number be lower.
  return found.filter((uid) => uid > (known ?? 0));
}

/** The beginning of each, unseen ones stay unseen. One that is gone meanwhile is not among them. */
async function fetchMails(mailbox: Mailbox, numbers: number[]): Promise<Mail[]> {
  const query = { uid: true, flags: true, source: { start: 0, maxLength: MAX_MAIL } };
  return mailbox.run(async (client) => {
    const mails: Mail[] = [];
    for await (const { uid, flags, source } of client.fetch(numbers, query, { uid: true })) {
      if (flags?.has('\\Draft') !== true) mails.push({ uid, bytes: source });
    }
    return mails;
  });
}

/** One mail as it is stored. */
function parse({ body }: WireAnswer): Parsed {
  readLetter(body);
  return mentionsOfMails([{ uid: undefined, bytes: body }], { isOwn: () => false, lists: false });
}
