import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const fixture = (path: string) => join(root, 'test/fixtures/sources', path);

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'earshot-cli-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  code: number;
  out: string;
  err: string;
  /** Each line of the output as JSON. */
  lines<T = Record<string, unknown>>(): T[];
}

function earshot(
  args: string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'dist/src/cli.js'), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], EARSHOT_DATA: join(folder, 'data'), ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) =>
      resolve({
        code: code ?? -1,
        out,
        err,
        lines: () =>
          out
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line)),
      }),
    );
    child.stdin.end(input);
  });
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('annotate', () => {
  it('gives one line each in the same order, in the shape of the contract', async () => {
    const rows = [
      {
        id: 7,
        text: 'The card payment failed twice at checkout and I could not buy it, mail ana@example.com',
        channel: 'review',
      },
      { text: 'Coletul a ajuns cu o săptămână mai târziu, foarte dezamăgit', rating: 2 },
      { text: '' },
    ];
    const { code, lines } = await earshot(['annotate', '-'], {
      input: rows.map((row) => JSON.stringify(row)).join('\n'),
    });
    expect(code).toBe(0);
    const [first, second, empty] = lines();
    expect(first).toMatchObject({
      id: 7,
      language: { value: 'en', confidence: expect.any(Number) },
      sentiment: {
        value: 'negative',
        score: expect.any(Number),
        confidence: expect.any(Number),
        evidence: expect.any(Array),
      },
      step: { value: 'purchase', confidence: expect.any(Number), evidence: expect.any(Array) },
      touchpoint: { value: 'point_of_sale' },
      outcome: { value: expect.any(String) },
      topics: expect.arrayContaining([{ value: 'payment', sentiment: 'negative', confidence: expect.any(Number) }]),
      pains: expect.arrayContaining(['payment']),
      opportunities: [],
      gap: null,
      momentOfTruth: false,
      stages: { 'five-stage': 'purchase', 'four-stage': 'transaction', funnel: 'bottom', sale: 'engagement' },
      redacted: 'The card payment failed twice at checkout and I could not buy it, mail [email]',
    });
    expect(second).toMatchObject({
      language: { value: 'ro' },
      sentiment: { value: 'negative' },
      step: { value: 'fulfilment' },
    });
    expect(second).not.toHaveProperty('id');
    expect(empty).toMatchObject({ language: { value: null }, step: { value: null }, redacted: '' });
  });

  it('keeps the place of a line that cannot be read, says which, and exits with 1', async () => {
    const input = '{"text":"fine"}\nnot json\n{"txt":"no text"}\n{"text":"fine too"}\n';
    const { code, err, lines } = await earshot(['annotate'], { input });
    expect(code).toBe(1);
    expect(lines()).toMatchObject([
      { redacted: 'fine' },
      { line: 2, error: expect.any(String) },
      { line: 3, error: expect.stringContaining('text') },
      { redacted: 'fine too' },
    ]);
    expect(err).toMatch(/line 2: not JSON/);
    expect(err).toMatch(/2 of the lines/);
  });
});

describe('parse and parse-feed', () => {
  it('gives mentions as JSON lines, and names what could not be taken', async () => {
    const { code, err, lines } = await earshot(['parse', 'mastodon', fixture('mastodon/timeline.json')]);
    expect(code).toBe(1);
    expect(err).toMatch(/\d+ taken, 1 refused/);
    expect(lines()[0]).toMatchObject({ externalId: expect.any(String), channel: 'social', text: expect.any(String) });
  });

  it('gives a feed with its items', async () => {
    const file = write(
      'feed.xml',
      '<rss version="2.0"><channel><title>News & more</title><link>https://example.com/</link><item><title>A</title><link>/a</link><description>One</description></item></channel></rss>',
    );
    const { code, out } = await earshot(['parse-feed', file, '--url', 'https://example.com/feed']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      format: 'rss',
      title: 'News & more',
      link: 'https://example.com/',
      items: [{ title: 'A', url: 'https://example.com/a', text: 'One' }],
    });
  });

  it.each([
    [['parse', 'mastodont', 'x'], 2, /Did you mean "mastodon"/],
    [['parse', 'mastodon'], 2, /FILE is missing/],
    [['parse', 'mastodon', '/no/such/file'], 2, /cannot be read/],
  ])('%j is refused', async (args, code, told) => {
    const result = await earshot(args);
    expect(result.code).toBe(code);
    expect(result.err).toMatch(told);
  });

  it('says what came instead of a feed', async () => {
    const { code, err, out } = await earshot(['parse-feed', write('page.html', '<!doctype html><title>Sorry</title>')]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/HTML page/);
  });
});

describe('usage', () => {
  it.each([
    [[], 2],
    [['help'], 0],
    [['serch'], 2],
    [['search', '--sentimnt', 'negative'], 2],
    [['search', '--limit', 'abc'], 2],
    [['search', '!!!'], 2],
    [['export', '--format', 'xml'], 2],
    [['annotate', '/no/such/file'], 2],
    [['import', 'x.csv', '--source', 'Bad Name!'], 2],
    [['up', '--only', 'nothing'], 2],
    [['search', '--help'], 0],
  ])('%j exits with %i', async (args, code) => expect((await earshot(args)).code).toBe(code));

  it('keeps the sample world away from real servers', async () => {
    const { code, err } = await earshot(['up'], {
      env: { REDIS_URL: 'redis://127.0.0.1:1', ELASTICSEARCH_URL: 'http://127.0.0.1:1' },
    });
    expect(code).toBe(2);
    expect(err).toMatch(/sample world/);
  });

  it('refuses half a stage of scale', async () => {
    const { code, err } = await earshot(['up'], { env: { REDIS_URL: 'redis://127.0.0.1:1' } });
    expect(code).toBe(2);
    expect(err).toMatch(/REDIS_URL/);
  });
});

describe("a configuration of one's own", () => {
  it('is checked as a whole', async () => {
    const config = write('bad.yaml', 'sources:\n  a: { type: rss, ulr: https://example.com }\n  b: { type: nope }\n');
    const { code, err } = await earshot(['check'], { env: { EARSHOT_CONFIG: config } });
    expect(code).toBe(2);
    expect(err).toMatch(/bad\.yaml:2 .*unknown option "ulr"/);
    expect(err).toMatch(/bad\.yaml:3 .*"nope" is not known/);
    expect((await earshot(['check'], { env: { EARSHOT_CONFIG: join(folder, 'missing.yaml') } })).code).toBe(2);
  });

  it('is refused where a subscription names no stage of its model', async () => {
    const hook = `{ type: webhook, url: https://example.com, secret: whsec_${Buffer.alloc(32, 7).toString('base64')} }`;
    const config = write('stage.yaml', `subscriptions:\n  a: { query: { stage: purchse }, notify: [${hook}] }\n`);
    const { code, err } = await earshot(['check'], { env: { EARSHOT_CONFIG: config } });
    expect(code).toBe(2);
    expect(err).toMatch(/subscriptions\.a\.query.*Did you mean "purchase"/);
  });

  it('is refused where a persona names no stage, or a subscription no persona', async () => {
    const hook = `{ type: webhook, url: https://example.com, secret: whsec_${Buffer.alloc(32, 7).toString('base64')} }`;
    const config = write(
      'personas.yaml',
      `personas:\n  - { id: buyers, name: Buyers, query: { stage: purchse } }\nsubscriptions:\n  a: { query: { persona: buyer }, notify: [${hook}] }\n`,
    );
    const { code, err } = await earshot(['check'], { env: { EARSHOT_CONFIG: config } });
    expect(code).toBe(2);
    expect(err).toMatch(/personas\.0\.query.*Did you mean "purchase"/);
    expect(err).toMatch(/subscriptions\.a\.query: "buyer" is no persona\. Did you mean "buyers"\? Known: buyers\./);
  });

  // A dozen processes.
  it('is pulled, searched, exported and erased', { timeout: 60_000 }, async () => {
    const survey = write(
      'survey.csv',
      'Answer,When,Stars\n"The checkout refused my card, terrible",2026-05-01,1\nLovely staff in the shop,2026-05-02,5\nno date here,yesterday,4\n',
    );
    const config = write(
      'own.yaml',
      `sources:\n  survey: { type: file, path: ${survey}, map: { text: Answer, date: When, rating: Stars } }\n  gone: { type: file, path: ${join(folder, 'gone.csv')} }\n`,
    );
    const env = { EARSHOT_CONFIG: config, EARSHOT_DATA: join(folder, 'own') };
    const live = await earshot(['check', '--live'], { env });
    expect(live.code).toBe(1);
    expect(live.lines().slice(1)).toEqual(
      expect.arrayContaining([
        { source: 'survey', ok: true, items: 2 },
        expect.objectContaining({ source: 'gone', ok: false, code: 'FILE_UNREADABLE' }),
      ]),
    );

    const pulled = await earshot(['pull', '--once'], { env });
    expect(pulled.code).toBe(1);
    expect(pulled.lines()).toMatchObject([
      { source: 'survey', fetched: 2, refused: 1, new: 2, stored: 2 },
      { source: 'gone', fetched: 0, error: { code: 'FILE_UNREADABLE' } },
    ]);
    expect(pulled.err).toMatch(/survey, line 4: .*yesterday/);

    const found = await earshot(
      ['search', 'CARD', '--stage', 'purchase', '--sentiment', 'negative,neutral', '--from', '2026-05-01'],
      { env },
    );
    expect(found.lines()).toMatchObject([{ source: 'survey', rating: 1, dated: true }]);
    expect((await earshot(['search', '--stage', 'purchas'], { env })).err).toMatch(/Did you mean "purchase"/);

    const csv = await earshot(['export', '--format', 'csv'], { env });
    expect(csv.out.split('\n')[0]).toMatch(/^id,source,channel,at/);
    expect(csv.out).toContain('"The checkout refused my card, terrible"');

    const [mention] = found.lines<{ id: string }>();
    expect((await earshot(['erase', '--mention', mention!.id], { env })).lines()).toEqual([
      { mentions: 1, deadLetters: 0, waiting: 0 },
    ]);
    await earshot(
      ['import', survey, '--source', 'survey', '--map', 'text=Answer', '--map', 'date=When', '--map', 'rating=Stars'],
      { env },
    );
    expect((await earshot(['export'], { env })).lines()).toHaveLength(1);
    expect((await earshot(['erase', '--author', 'nobody'], { env })).code).toBe(1);
    expect((await earshot(['erase', '--source', 'survey', '--author', 'x'], { env })).code).toBe(2);
    expect((await earshot(['dead', 'list'], { env })).out).toBe('');
  });

  it('finds what a persona and the filters beside it find, in searches and exports', async () => {
    const file = write('fans.jsonl', '{"text":"great app","rating":5}\n{"text":"bad app","rating":1}\n');
    const config = write('fans.yaml', 'personas:\n  - { id: fans, name: Fans, query: { rating: [4, 5] } }\n');
    const env = { EARSHOT_CONFIG: config, EARSHOT_DATA: join(folder, 'fans') };
    await earshot(['import', file, '--source', 'app'], { env });
    expect((await earshot(['search', 'app', '--persona', 'fans'], { env })).lines()).toMatchObject([{ rating: 5 }]);
    expect((await earshot(['export', 'bad', '--persona', 'fans'], { env })).out).toBe('');
  });

  it('takes a JSONL file once, names the rows that do not fit, and exits with 1', async () => {
    const file = write(
      'rows.jsonl',
      '{"text":"great app","rating":5}\n{"text":"","rating":5}\n{"text":"bad","rating":9}\n{broken\n',
    );
    const config = write('empty.yaml', '');
    const env = { EARSHOT_CONFIG: config, EARSHOT_DATA: join(folder, 'rows') };
    const { code, err, lines } = await earshot(['import', file, '--source', 'rows'], { env });
    expect(code).toBe(1);
    expect(lines()).toEqual([{ source: 'rows', taken: 1, refused: 3 }]);
    for (const line of [2, 3, 4]) expect(err).toMatch(new RegExp(`line ${line}: `));
  });
});

it('explain shows the words that decided', async () => {
  const { code, out } = await earshot(['explain', 'The courier was late and the box was damaged', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    step: { value: 'fulfilment', evidence: expect.any(Array), by: expect.any(String) },
  });
});

it('every command that is listed answers to its name', async () => {
  const names = [...(await earshot(['help'])).out.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(10);
  const told = await Promise.all(names.map(async (name) => (await earshot([name, '--help'])).out.split(/\s/, 2)));
  expect(told).toEqual(names.map((name) => ['earshot', name]));
});

it('the README names the commands that exist', async () => {
  const { out } = await earshot(['help']);
  const told = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/npx earshot (?!help)([a-z-]+)/g)].map(
    ([, name]) => name!,
  );
  for (const name of told) expect(out).toMatch(new RegExp(`^  ${name}( |$)`, 'm'));
});
