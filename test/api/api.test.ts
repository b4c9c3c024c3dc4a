import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, ERRORS } from '../../src/domain/errors.ts';
import { mentionFilter } from '../../src/domain/query.ts';
import { openWorld, told } from './world.ts';

const MENTIONS = [
  told('1', { step: 'purchase', touchpoint: 'point_of_sale', sentiment: 'negative', pains: ['payment'], rating: 1 }),
  told('2', { step: 'purchase', touchpoint: 'website', sentiment: 'positive', daysAgo: 2 }),
  told('3', {
    step: 'fulfilment',
    touchpoint: 'delivery',
    sentiment: 'negative',
    pains: ['delivery_time'],
    daysAgo: 3,
  }),
  told('4', { step: 'none', touchpoint: 'none', sentiment: 'neutral', daysAgo: 4 }),
  told('5', { step: null, touchpoint: null, sentiment: null, daysAgo: 5, source: 'forum', channel: 'social' }),
];
const [first] = MENTIONS as [(typeof MENTIONS)[0]];

describe('the API', () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  beforeAll(async () => {
    world = await openWorld(MENTIONS);
  });
  afterAll(() => world.close());

  it('searches with lists comma-separated or repeated, newest first', async () => {
    const all = await world.get('/v1/mentions');
    expect(all.body).toMatchObject({ total: 5, facets: {} });
    expect(all.body.mentions).toEqual(MENTIONS);
    for (const query of ['step=purchase,fulfilment', 'step=purchase&step=fulfilment'])
      expect((await world.get(`/v1/mentions?${query}`)).body.total).toBe(3);
    expect((await world.get('/v1/mentions?stage=purchase&sentiment=negative')).body.mentions).toEqual([first]);
  });

  it('pages with next until every mention came once', async () => {
    const seen: string[] = [];
    let next: string | undefined = '';
    for (let pages = 0; next !== undefined && pages < 5; pages++) {
      const { body } = await world.get(`/v1/mentions?limit=2${next && `&cursor=${encodeURIComponent(next)}`}`);
      seen.push(...body.mentions.map(({ externalId }: { externalId: string }) => externalId));
      next = body.next;
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
  });

  it('counts facets over everything found, most first, and cuts mentions down to fields', async () => {
    const { body } = await world.get('/v1/mentions?facets=step,source&fields=text&limit=1');
    expect(body.facets.source).toEqual([
      { value: 'shop', count: 4, negative: 2, neutral: 1, positive: 1 },
      { value: 'forum', count: 1, negative: 0, neutral: 0, positive: 0 },
    ]);
    expect(body.facets.step).toContainEqual({ value: null, count: 1, negative: 0, neutral: 0, positive: 0 });
    expect(body.mentions).toEqual([{ id: first.id, text: 'mention 1' }]);
  });

  it('gives one mention as it is stored, and 404 for another', async () => {
    expect((await world.get(`/v1/mentions/${first.id}`)).body).toEqual(first);
    const missing = await world.get('/v1/mentions/nope');
    expect(missing.response.status).toBe(404);
    expect(missing.body).toMatchObject({ code: 'NOT_FOUND', detail: 'There is nothing of that name.' });
  });

  it('draws the journey map under any filter', async () => {
    const { body } = await world.get('/v1/journey');
    expect(body).toMatchObject({ model: 'five-stage', total: 5, unplaced: 1, unknown: 1 });
    expect(body.stages.map(({ id, count }: { id: string; count: number }) => [id, count])).toEqual([
      ['awareness', 0],
      ['consideration', 0],
      ['purchase', 2],
      ['retention', 1],
      ['advocacy', 0],
    ]);
    const till = body.stages[2].touchpoints.find(({ id }: { id: string }) => id === 'point_of_sale');
    expect(till).toEqual({
      id: 'point_of_sale',
      count: 1,
      negative: 1,
      neutral: 0,
      positive: 0,
      netSentiment: -1,
      emotion: 'frustrated',
      share: 1 / 3,
      pains: [{ topic: 'payment', count: 1 }],
      opportunities: [],
      gaps: [],
      momentsOfTruth: 0,
      outcomes: [],
      completed: 0,
      quotes: [{ mentionId: first.id, text: 'mention 1' }],
    });
    expect((await world.get('/v1/journey?model=sale&sentiment=negative')).body).toMatchObject({
      model: 'sale',
      total: 2,
    });
  });

  it('lists models, sources and dead jobs', async () => {
    const models = (await world.get('/v1/models')).body.models as { id: string }[];
    expect(models.map(({ id }) => id)).toEqual(['five-stage', 'four-stage', 'funnel', 'sale']);
    expect((await world.get('/v1/sources')).body).toEqual({ sources: [] });
    world.dead.push({
      id: 'j1',
      name: 'ingest',
      payload: {},
      code: 'POISON',
      reason: 'x',
      attempts: 5,
      failedAt: 'now',
    });
    expect((await world.get('/v1/dead')).body).toEqual({ dead: world.dead });
  });

  it('takes, shows and removes subscriptions; a secret is shown once', async () => {
    const subscription = { query: { stage: ['purchase'] }, notify: [{ type: 'webhook', url: 'https://example.org/' }] };
    const made = await world.get('/v1/subscriptions', post(subscription));
    expect(made.response.status).toBe(201);
    expect(made.body.secret).toBe('whsec_once');
    const path = made.response.headers.get('location')!;
    const shown = await world.get(path);
    expect(shown.body).toMatchObject({ ...subscription, origin: 'api' });
    expect(JSON.stringify([shown.body, (await world.get('/v1/subscriptions')).body])).not.toContain('whsec_once');
    expect((await world.get(path, { method: 'DELETE' })).response.status).toBe(204);
    expect((await world.get(path, { method: 'DELETE' })).response.status).toBe(404);
  });

  it('refuses a subscription that could never match or is not understood, naming why', async () => {
    const notify = [{ type: 'webhook' }];
    const stage = await world.get('/v1/subscriptions', post({ query: { stage: ['purchace'] }, notify }));
    expect(stage.body).toMatchObject({ status: 400, code: 'QUERY_INVALID', nearest: 'purchase' });
    const field = await world.get('/v1/subscriptions', post({ query: { stepp: ['use'] }, notify: [] }));
    expect(field.body).toMatchObject({ status: 400, code: 'BODY_INVALID' });
    expect(field.body.detail).toContain('stepp');
    expect((await world.get('/v1/subscriptions', post('{"query":'))).body).toMatchObject({ code: 'BODY_INVALID' });
  });

  it('lists notices by state', async () => {
    world.notices.push({
      id: 'ntc_1',
      subscription: 'sub_1',
      mentionId: first.id,
      destination: 'webhook https://example.com/hook',
      state: 'failed',
      createdAt: '2026-06-30T00:00:00.000Z',
      attempts: [{ at: '2026-06-30T00:00:01.000Z', error: { code: 'REMOTE_GONE', message: 'gone' } }],
    });
    expect((await world.get('/v1/notices?state=failed')).body).toEqual({ notices: world.notices });
    expect((await world.get('/v1/notices?state=delivered')).body).toEqual({ notices: [] });
  });

  it('says whether it lives and is ready', async () => {
    expect((await world.get('/livez')).response.status).toBe(200);
    expect((await world.get('/readyz')).body).toEqual({ ready: true, problems: [] });
  });
});

describe('erasing and following', () => {
  it('erases for good, once, and tells the feed', async () => {
    const world = await openWorld(MENTIONS);
    const before = await world.app.request('/v1/feed?limit=3');
    const lines = (await before.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(before.headers.get('content-type')).toBe('application/x-ndjson');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({ kind: 'mention.stored', mentionId: first.id, mention: first });
    expect(lines[3]).toEqual({ next: before.headers.get('earshot-next') });

    expect((await world.get(`/v1/mentions/${first.id}`, { method: 'DELETE' })).response.status).toBe(204);
    expect((await world.get(`/v1/mentions/${first.id}`)).response.status).toBe(404);
    expect((await world.get(`/v1/mentions/${first.id}`, { method: 'DELETE' })).response.status).toBe(404);

    const after = await world.app.request(`/v1/feed?after=${encodeURIComponent(lines[3].next)}`);
    const rest = (await after.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rest.map(({ kind, mentionId }) => [kind, mentionId])).toContainEqual(['mention.erased', first.id]);
    const idle = await world.app.request(`/v1/feed?after=${encodeURIComponent(rest.at(-1).next)}`);
    expect(await idle.text()).toBe(`{"next":${JSON.stringify(idle.headers.get('earshot-next'))}}\n`);
    expect(idle.headers.get('earshot-next')).toBe(rest.at(-1).next);
    world.close();
  });
});

describe('problems', () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  beforeAll(async () => {
    world = await openWorld([]);
  });
  afterAll(() => world.close());

  it('name the known parameters and the nearest', async () => {
    const { response, body } = await world.get('/v1/mentions?sentimnt=negative');
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({
      type: '/problems/QUERY_INVALID',
      title: ERRORS.QUERY_INVALID.title,
      status: 400,
      code: 'QUERY_INVALID',
      nearest: 'sentiment',
    });
    for (const name of Object.keys(mentionFilter.shape)) expect(body.known).toContain(name);
    expect((await world.get('/problems/QUERY_INVALID')).body.title).toBe(ERRORS.QUERY_INVALID.title);
  });

  it.each([
    ['/v1/mentions?sentiment=negativ', 'negative'],
    ['/v1/mentions?facets=steps', 'step'],
    ['/v1/mentions?fields=texts', 'text'],
    ['/v1/journey?model=funel', 'funnel'],
    ['/v1/journey?stage=purchse', 'purchase'],
    ['/v1/journey?lang=en', undefined],
    ['/v1/notices?state=faild', 'failed'],
    ['/v1/models?x=1', undefined],
    ['/v1/mentions?limit=201', undefined],
    ['/v1/mentions?limit=many', undefined],
    ['/v1/mentions?sort=relevance', undefined],
    ['/v1/mentions?cursor=nonsense', undefined],
    ['/v1/feed?after=nonsense', undefined],
    ['/v1/mentions?from=yesterday', undefined],
  ])('of %s tell what would have been understood', async (path, near) => {
    const { response, body } = await world.get(path);
    expect(response.status).toBe(400);
    expect(body).toMatchObject({ code: 'QUERY_INVALID', status: 400 });
    expect(body.nearest).toBe(near);
    expect(body.fix).toBeTruthy();
  });

  it('of an unknown path name the nearest', async () => {
    const { body } = await world.get('/v1/mention');
    expect(body).toMatchObject({ status: 404, code: 'NOT_FOUND', nearest: '/v1/mentions' });
  });

  it('of our own faults tell nothing but the id under which they are logged', async () => {
    const secret = 'SELECT secret FROM /home/me/earshot.db';
    for (const thrown of [new Error(secret), new AppError('STORE_REFUSED', secret)]) {
      const broken = await openWorld([], {}, { sourcesHealth: () => Promise.reject(thrown) });
      const { response, body } = await broken.get('/v1/sources');
      expect(response.status).toBe(500);
      expect(JSON.stringify(body)).not.toContain('secret');
      expect(body.instance).toBe(`urn:uuid:${String(broken.logged[0]!.fields!['id'])}`);
      expect(JSON.stringify(broken.logged)).toContain(secret);
      broken.close();
    }
  });

  it('of the world outside keep their words and status', async () => {
    const thrown = new AppError('REMOTE_TIMEOUT', 'the shop did not answer in 20 s');
    const broken = await openWorld([], {}, { sourcesHealth: () => Promise.reject(thrown) });
    expect((await broken.get('/v1/sources')).body).toMatchObject({ status: 504, detail: thrown.message });
    broken.close();
  });

  it('of an unready server are told with 503', async () => {
    const told503 = { ready: false, problems: ['The store does not answer.'] };
    const broken = await openWorld([], {}, { readiness: () => Promise.resolve(told503) });
    const { response, body } = await broken.get('/readyz');
    expect([response.status, body]).toEqual([503, told503]);
    broken.close();
  });
});

describe('protections', () => {
  it('refuses foreign names where only its own are allowed, on every route', async () => {
    const world = await openWorld([], { allowedHosts: ['localhost', '127.0.0.1', '[::1]'] });
    const asked = async (host: string, path = '/v1/models') =>
      (await world.app.request(path, { headers: { host } })).status;
    for (const host of ['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'LOCALHOST'])
      expect(await asked(host)).toBe(200);
    for (const host of ['evil.example', 'evil.example:8080', 'localhost.evil.example', '127.0.0.1.nip.io', '[::1]x'])
      expect(await asked(host)).toBe(403);
    expect(await asked('evil.example', '/openapi.json')).toBe(403);
    expect(await asked('evil.example', '/livez')).toBe(403);
    world.close();
  });

  it('takes only JSON, and not much of it', async () => {
    const world = await openWorld([]);
    const body = JSON.stringify({ query: {}, notify: [{ type: 'webhook' }] });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])
      expect((await world.get('/v1/subscriptions', post(body, type))).body).toMatchObject({
        code: 'BODY_INVALID',
        fix: 'Send JSON with the header content-type: application/json.',
      });
    expect((await world.get('/v1/sources', { method: 'POST' })).body).toMatchObject({ code: 'BODY_INVALID' });
    const large = post({ query: { q: 'x' }, notify: [{ type: 'webhook', filler: 'x'.repeat(100_000) }] });
    const refused = await world.get('/v1/subscriptions', large);
    expect(refused.body).toMatchObject({ code: 'BODY_INVALID' });
    expect(refused.body.detail).toContain('100000 bytes');
    expect((await world.get('/v1/subscriptions')).body).toEqual({ subscriptions: [] });
    world.close();
  });

  it('sends the protecting headers with answers and problems alike', async () => {
    const world = await openWorld([]);
    for (const path of ['/v1/models', '/nowhere']) {
      const { headers } = await world.app.request(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect(headers.get('etag')).toBeNull();
    }
    world.close();
  });
});

describe('the OpenAPI document', () => {
  it('is made from the schemas by which requests are judged', async () => {
    const world = await openWorld([]);
    const { body } = await world.get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const parameters = body.paths['/v1/mentions'].get.parameters as { name: string }[];
    for (const name of Object.keys(mentionFilter.shape)) expect(parameters.map((p) => p.name)).toContain(name);
    expect(parameters.find(({ name }) => name === 'step')).toMatchObject({
      required: false,
      schema: { type: 'array' },
    });
    expect(Object.keys(body.components.schemas)).toEqual(expect.arrayContaining(['Mention', 'Problem', 'JourneyMap']));
    expect(body.components.schemas.Mention.properties.judgements.properties).toHaveProperty('momentOfTruth');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/v1/mentions',
        '/v1/mentions/{id}',
        '/v1/journey',
        '/v1/compare',
        '/v1/paths',
        '/v1/models',
        '/v1/sources',
        '/v1/subscriptions',
        '/v1/subscriptions/{id}',
        '/v1/notices',
        '/v1/feed',
        '/v1/dead',
        '/livez',
        '/readyz',
      ]),
    );
    world.close();
  });
});

function post(body: unknown, type = 'application/json'): RequestInit {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method: 'POST', headers: { 'content-type': type }, body: text };
}
