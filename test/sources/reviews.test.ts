import { createVerify, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../../src/domain/http.ts';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';
import type { Asked, Reply } from '../net/server.ts';

type Fields = Record<string, unknown>;
const fixture = (path: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/sources/${path}`, import.meta.url), 'utf8')) as { reviews: Fields[] };
const json = (value: unknown): Reply => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});
const token = (asked: Asked, of: (asked: Asked) => Reply) =>
  asked.url.pathname === '/token' ? json({ access_token: 'granted-1', expires_in: 3600 }) : of(asked);

const nothing = { name: 'nothing', body: '', says: /nothing came/ };
const otherJson = { name: 'JSON of another kind', body: '{"error":"no"}', says: /JSON with error/ };
const otherList = (key: string) => ({
  name: 'another list',
  body: JSON.stringify({ [key]: [{ a: 1 }, 2] }),
  says: /2 entries of another kind/,
});

/** Five, the newest first, in pages of two. */
const DAYS = [5, 4, 3, 2, 1];
const pageOf = <T>(all: readonly T[], from: number) => all.slice(from, from + 2);

const trustpilot = sourceOf('trustpilot');
sourceContract(trustpilot, {
  wire: [{ file: 'reviews.json' }, { file: 'empty.json' }],
  broken: [nothing, otherJson, otherList('reviews')],
  undated: [
    {
      name: 'no date',
      body: '{"reviews":[{"id":"1","stars":1,"text":"a"},{"id":"2","stars":1,"text":"b","createdAt":"2026-01-01"}]}',
    },
  ],
});
wireContract(trustpilot, 'trustpilot', [{ file: 'business_unit_reviews.json', items: 4 }]);
platformContract(trustpilot, {
  options: (base) => ({ businessUnit: '5f0000000000000000000001', apiKey: 'tp-secret', baseUrl: base }),
  reply: ({ url }) => {
    const [template] = fixture('trustpilot/reviews.json').reviews;
    const page = Number(url.searchParams.get('page'));
    const reviews = DAYS.map((day) => ({
      ...template,
      id: `65aa0000000000000000000${day}`,
      createdAt: `2026-01-0${day}T00:00:00Z`,
    }));
    const more =
      page * 2 < reviews.length ? [{ rel: 'next-page', href: `${url.origin}${url.pathname}?page=${page + 1}` }] : [];
    return json({ reviews: pageOf(reviews, (page - 1) * 2), links: more });
  },
  ids: DAYS.map((day) => `65aa0000000000000000000${day}`),
  secrets: ['tp-secret'],
});

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const keyFile = (base: string, key = pem) =>
  JSON.stringify({
    type: 'service_account',
    client_email: 'bot@velmora.example',
    private_key: key,
    token_uri: `${base}/token`,
  });

const googlePlay = sourceOf('google-play');
sourceContract(googlePlay, {
  wire: [{ file: 'reviews.json' }, { file: 'empty.json' }],
  broken: [nothing, otherJson, otherList('reviews')],
  undated: [
    {
      name: 'no time',
      body: '{"reviews":[{"reviewId":"1","comments":[{"userComment":{"text":"a","lastModified":{"seconds":"soon"}}}]}]}',
    },
  ],
});
wireContract(googlePlay, 'google-play', [
  { file: 'androidpublisher_reviews_list.json', items: 2 },
  { file: 'androidpublisher_reviews_empty.json', items: 0 },
]);
platformContract(googlePlay, {
  options: (base) => ({ package: 'com.velmora.app', credentials: keyFile(base), baseUrl: base }),
  reply: (asked) =>
    token(asked, ({ url, headers }) => {
      if (headers['authorization'] !== 'Bearer granted-1') return { status: 401, body: '{}' };
      const [template] = fixture('google-play/reviews.json').reviews as { comments: { userComment: Fields }[] }[];
      const from = Number(url.searchParams.get('token') ?? 0);
      const reviews = DAYS.map((day) => ({
        reviewId: `gp:${day}`,
        comments: [
          {
            userComment: {
              ...template!.comments[0]!.userComment,
              lastModified: { seconds: String(1_769_900_000 + day * 86_400) },
            },
          },
        ],
      }));
      return json({
        reviews: pageOf(reviews, from),
        ...(from + 2 < reviews.length && { tokenPagination: { nextPageToken: String(from + 2) } }),
      });
    }),
  ids: DAYS.map((day) => `gp:${day}`),
  secrets: ['granted-1', pem.slice(40, 80)],
});

describe('google-play', () => {
  it('asks for its token with a JWT that the key of the account signs', async () => {
    const asked: { url: string; body: string | undefined }[] = [];
    const http: HttpClient = async ({ url, body }) => {
      asked.push({ url, body });
      const answer = url.endsWith('/token') ? '{"access_token":"t"}' : '{}';
      return { status: 200, headers: {}, body: Buffer.from(answer), url };
    };
    const options = googlePlay.options.parse({
      package: 'com.velmora.app',
      credentials: keyFile('https://oauth.example'),
    });
    const context = {
      options,
      cursor: undefined,
      http,
      now: () => new Date('2026-02-01T00:00:00Z'),
      signal: new AbortController().signal,
    };
    for await (const page of googlePlay.pull(context)) expect(page.items).toEqual([]);
    const form = new URLSearchParams(asked[0]!.body);
    const [header, claims, signature] = form.get('assertion')!.split('.');
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature!, 'base64url')).toBe(
      true,
    );
    expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toEqual({
      iss: 'bot@velmora.example',
      scope: 'https://www.googleapis.com/auth/androidpublisher',
      aud: 'https://oauth.example/token',
      iat: 1_769_904_000,
      exp: 1_769_904_600,
    });
  });

  it.each([
    ['no JSON', 'key'],
    ['another file', '{"type":"authorized_user"}'],
  ])('refuses credentials that are %s', (_name, credentials) => {
    const read = googlePlay.options.safeParse({ package: 'com.velmora.app', credentials });
    expect(read.error?.issues[0]?.message).toMatch(/key file of a service account/);
  });
});

const googleBusiness = sourceOf('google-business');
const credentials = {
  account: '1',
  location: '2',
  clientId: 'c',
  clientSecret: 'gb-secret',
  refreshToken: 'gb-refresh',
};
sourceContract(googleBusiness, {
  wire: [{ file: 'reviews.json' }, { file: 'empty.json' }],
  broken: [nothing, otherJson, otherList('reviews')],
  undated: [{ name: 'no time', body: '{"reviews":[{"reviewId":"1","comment":"a","updateTime":"today"}]}' }],
});
const businessReply = (days: readonly number[]) => (asked: Asked) =>
  token(asked, ({ url }) => {
    const [template] = fixture('google-business/reviews.json').reviews;
    const from = Number(url.searchParams.get('pageToken') ?? 0);
    const reviews = days.map((day) => ({
      ...template,
      reviewId: `rv-${day}`,
      updateTime: `2026-01-0${day}T00:00:00Z`,
    }));
    return json({
      reviews: pageOf(reviews, from),
      ...(from + 2 < reviews.length && { nextPageToken: String(from + 2) }),
    });
  });
platformContract(googleBusiness, {
  options: (base) => ({ ...credentials, baseUrl: base, tokenUrl: `${base}/token` }),
  reply: businessReply(DAYS),
  ids: DAYS.map((day) => `rv-${day}`),
  secrets: ['gb-secret', 'gb-refresh', 'granted-1'],
});

describe('what was removed at the platform', () => {
  const ask =
    (reply: (asked: Asked) => Reply): HttpClient =>
    async ({ url }) => {
      const { status = 200, body = '' } = reply({ url: new URL(url), headers: {} } as Asked);
      if (status === 404) throw new (await import('../../src/domain/errors.ts')).AppError('REMOTE_NOT_FOUND', 'gone');
      return { status, headers: {}, body: Buffer.from(body), url };
    };
  const context = (options: unknown, http: HttpClient) => ({
    options,
    http,
    now: () => new Date(),
    signal: new AbortController().signal,
  });

  it('google-business names what is no longer in the list', async () => {
    const options = googleBusiness.options.parse(credentials);
    const reply = (asked: Asked) =>
      businessReply([5, 3, 1])(
        asked.url.host.startsWith('oauth2') ? { ...asked, url: new URL('http://x/token') } : asked,
      );
    const { items, gone } = await googleBusiness.recheck!(context(options, ask(reply)), ['rv-5', 'rv-4', 'rv-1']);
    expect(items.map(({ externalId }) => externalId)).toEqual(['rv-5', 'rv-1']);
    expect(gone).toEqual(['rv-4']);
  });

  it('trustpilot asks for each', async () => {
    const options = trustpilot.options.parse({ businessUnit: '5f0000000000000000000001', apiKey: 'k' });
    const [review] = fixture('trustpilot/reviews.json').reviews;
    const reply = ({ url }: Asked): Reply =>
      url.pathname.endsWith('/gone') ? { status: 404 } : json({ ...review, id: 'there' });
    const { items, gone } = await trustpilot.recheck!(context(options, ask(reply)), ['there', 'gone']);
    expect([items.map(({ externalId }) => externalId), gone]).toEqual([['there'], ['gone']]);
  });
});
