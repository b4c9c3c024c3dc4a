import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../src/sources/index.ts';
import { platformContract, sourceContract } from '../contracts/source.ts';
import { wireContract } from '../contracts/wire.ts';
import type { Reply } from '../net/server.ts';

const bytes = (path: string) => readFileSync(new URL(`../fixtures/sources/${path}`, import.meta.url));
const json = (value: unknown): Reply => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});
const nothing = { name: 'nothing', body: '', says: /nothing came/ };
const otherJson = { name: 'JSON of another kind', body: '{"error":"no"}', says: /JSON with error/ };
const NUMBERS = [5, 4, 3, 2, 1];

const typeform = sourceOf('typeform');
sourceContract(typeform, {
  wire: [{ file: 'responses.json' }, { file: 'empty.json' }, { file: 'webhook.json' }],
  broken: [
    nothing,
    otherJson,
    { name: 'another list', body: '{"total_items":1,"items":[{"a":1}]}', says: /1 entries of another kind/ },
  ],
  undated: [
    {
      name: 'never handed in',
      body: '{"total_items":1,"items":[{"token":"a","landed_at":"2026-01-01T00:00:00Z","answers":[{"type":"text","text":"x","field":{"id":"f","type":"long_text"}}]}]}',
    },
  ],
});
wireContract(typeform, 'typeform', [
  { file: 'responses.json', items: 5 },
  { file: 'webhook.json', items: 1 },
]);
platformContract(typeform, {
  options: (base) => ({ form: 'lT4Z3j', token: 'tf-secret', baseUrl: base }),
  reply: ({ url }) => {
    const answers = [{ type: 'text', text: 'words', field: { id: 'f', type: 'long_text' } }];
    const all = NUMBERS.map((day) => ({ token: `r${day}`, submitted_at: `2026-01-0${day}T00:00:00Z`, answers }));
    const since = url.searchParams.get('since') ?? '';
    const before = url.searchParams.get('before');
    const left = all
      .slice(before === null ? 0 : all.findIndex(({ token }) => token === before) + 1)
      .filter(({ submitted_at: at }) => at >= since);
    return json({ total_items: left.length, page_count: Math.ceil(left.length / 2), items: left.slice(0, 2) });
  },
  ids: NUMBERS.map((day) => `r${day}:f`),
  secrets: ['tf-secret'],
});

const surveymonkey = sourceOf('surveymonkey');
sourceContract(surveymonkey, {
  wire: [{ file: 'bulk.json' }, { file: 'empty.json' }],
  broken: [
    nothing,
    otherJson,
    { name: 'another list', body: '{"data":[{"a":1}],"page":1}', says: /1 entries of another kind/ },
  ],
  undated: [
    {
      name: 'words',
      body: '{"data":[{"id":"1","date_modified":"now","pages":[{"questions":[{"id":"q","answers":[{"text":"x"}]}]}]}],"page":1}',
    },
  ],
});
wireContract(surveymonkey, 'surveymonkey', [{ file: 'responses_bulk.json', items: 1 }]);
platformContract(surveymonkey, {
  options: (base) => ({ survey: '7', token: 'sm-secret', baseUrl: base }),
  reply: ({ url }) => {
    const page = Number(url.searchParams.get('page'));
    const all = NUMBERS.map((day) => ({
      id: String(day),
      date_modified: `2026-01-0${day}T00:00:00+00:00`,
      pages: [{ questions: [{ id: 'q', answers: [{ text: 'words' }] }] }],
    }));
    return json({
      data: all.slice((page - 1) * 2, page * 2),
      page,
      links: page * 2 < all.length ? { next: 'https://elsewhere.example' } : {},
    });
  },
  ids: NUMBERS.map((day) => `${day}:q`),
  secrets: ['sm-secret'],
});

const questionpro = sourceOf('questionpro');
sourceContract(questionpro, {
  wire: [{ file: 'responses.json' }, { file: 'empty.json' }],
  broken: [
    nothing,
    otherJson,
    { name: 'another list', body: '{"response":[{"a":1}]}', says: /1 entries of another kind/ },
  ],
  undated: [
    {
      name: 'no time',
      body: '{"response":[{"responseID":1,"timestamp":"05 Oct, 2020 02:51:51 PM PDT","responseSet":[{"questionID":2,"answerValues":[{"value":{"text":"x"}}]}]}]}',
    },
  ],
});
platformContract(questionpro, {
  options: (base) => ({ survey: '77', apiKey: 'qp-secret', baseUrl: base }),
  reply: ({ url }) => {
    const page = Number(url.searchParams.get('page'));
    const size = Number(url.searchParams.get('perPage'));
    const all = Array.from({ length: 205 }, (_, index) => ({
      responseID: index + 1,
      utctimestamp: 1_768_215_111 + index,
      responseSet: [{ questionID: 2, answerValues: [{ value: { text: 'words' } }] }],
    }));
    return json({ response: all.slice((page - 1) * size, page * size) });
  },
  ids: Array.from({ length: 205 }, (_, index) => `${index + 1}:2`),
  secrets: ['qp-secret'],
});

const formbricks = sourceOf('formbricks');
sourceContract(formbricks, {
  wire: [{ file: 'responses.json' }, { file: 'empty.json' }, { file: 'webhook.json' }],
  broken: [nothing, otherJson, { name: 'another list', body: '{"data":[{"a":1}]}', says: /1 entries of another kind/ }],
  undated: [{ name: 'a day', body: '{"data":[{"id":"1","createdAt":"2026-01-01","data":{"q":"two words"}}]}' }],
});
platformContract(formbricks, {
  options: (base) => ({ survey: 'sv1', apiKey: 'fb-secret', baseUrl: base }),
  reply: ({ url }) => {
    const skip = Number(url.searchParams.get('skip'));
    const all = Array.from({ length: 205 }, (_, index) => ({
      id: `fb${index}`,
      createdAt: new Date(1_769_000_000_000 - index * 1_000).toISOString(),
      data: { q: 'two words' },
    }));
    return json({ data: all.slice(skip, skip + Number(url.searchParams.get('limit'))) });
  },
  ids: Array.from({ length: 205 }, (_, index) => `fb${index}:q`),
  secrets: ['fb-secret'],
});

describe('scores and attributes go with the words where the options name them', () => {
  it.each([
    [
      'typeform',
      'responses.json',
      { csat: 'satisfaction', attributes: { plan: 'plan', place: 'where' } },
      { nps: 4, csat: 2 },
      { plan: 'studio', place: 'Shop' },
    ],
    ['surveymonkey', 'bulk.json', { nps: 'q1', attributes: { store: 'store' } }, { nps: 8 }, { store: 'Torino' }],
    [
      'questionpro',
      'responses.json',
      { nps: 'Q1', csat: '501', attributes: { city: 'custom1' } },
      { nps: 3, csat: 3 },
      { city: 'Kraków' },
    ],
    [
      'formbricks',
      'responses.json',
      { nps: 'q_nps', ces: 'q_nps', attributes: { plan: 'plan' } },
      { nps: 9 },
      { plan: 'solo' },
    ],
  ])('%s', async (type, file, asked, scores, attributes) => {
    const source = sourceOf(type);
    const secrets = { token: 't', apiKey: 't', form: 'x', survey: '1' };
    const shape = Object.keys((source.options as unknown as { shape: object }).shape);
    const own = Object.fromEntries(Object.entries(secrets).filter(([name]) => shape.includes(name)));
    const body = bytes(`${type}/${file}`);
    const http = async ({ url }: { url: string }) => ({ status: 200, headers: {}, body, url });
    const context = {
      options: source.options.parse({ ...own, ...asked }),
      cursor: undefined,
      http,
      now: () => new Date(),
      signal: new AbortController().signal,
    };
    const first = await source.pull(context)[Symbol.asyncIterator]().next();
    const page = first.value as { items: { scores?: object; attributes?: object }[] };
    expect(page.items[0]).toMatchObject({ scores, attributes });
    expect(page.items[0]!.scores).toEqual(scores);
    expect(page.items[0]!.attributes).toEqual(attributes);
  });
});

describe('pushes', () => {
  const now = new Date('2026-02-01T10:00:00Z');
  const push = (body: Buffer, headers: Record<string, string>) => ({ method: 'POST', url: 'http://x/', headers, body });

  it('of Typeform are signed over the raw bytes', () => {
    const body = bytes('typeform/webhook.json');
    const options = typeform.options.parse({ form: 'x', token: 't', webhookSecret: 'shh' });
    const sign = (key: string) => `sha256=${createHmac('sha256', key).update(body).digest('base64')}`;
    expect(() => typeform.push!.verify(push(body, { 'typeform-signature': sign('shh') }), options, now)).not.toThrow();
    const refused = expect.objectContaining({ code: 'PUSH_REFUSED' });
    expect(() => typeform.push!.verify(push(body, { 'typeform-signature': sign('no') }), options, now)).toThrow(
      refused,
    );
    const unset = typeform.options.parse({ form: 'x', token: 't' });
    expect(() => typeform.push!.verify(push(body, { 'typeform-signature': sign('shh') }), unset, now)).toThrow(refused);
    expect(typeform.push!.read(push(body, {}), options).items).toHaveLength(1);
  });

  it('of Formbricks are Standard Webhooks; events without an answer give nothing', () => {
    const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
    const options = formbricks.options.parse({ survey: 'x', apiKey: 't', webhookSecret: secret });
    const body = bytes('formbricks/webhook.json');
    const headers = {
      'webhook-id': 'm',
      'webhook-timestamp': String(now.getTime() / 1000),
      'webhook-signature': new Webhook(secret).sign('m', now, body.toString()),
    };
    expect(() => formbricks.push!.verify(push(body, headers), options, now)).not.toThrow();
    expect(() => formbricks.push!.verify(push(Buffer.from('{}'), headers), options, now)).toThrow(
      expect.objectContaining({ code: 'PUSH_REFUSED' }),
    );
    expect(formbricks.push!.read(push(Buffer.from('{"event":"testEndpoint","data":{}}'), {}), options).items).toEqual(
      [],
    );
  });
});
