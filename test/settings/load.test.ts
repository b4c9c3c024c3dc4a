import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { readSettings } from '../../src/settings/load.ts';
import type { Problem } from '../../src/settings/problems.ts';

function problemsOf(text: string, env: NodeJS.ProcessEnv = {}): Problem[] {
  try {
    readSettings(text, 'earshot.yaml', env);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'CONFIG_INVALID') return thrown.details['problems'] as Problem[];
    throw thrown;
  }
  throw new Error('no problem was found');
}

const BROKEN = `
brands:
  Velmora: { alias: [Larkspur] }
sources:
  shop-news:
    type: rss
    ulr: https://example.com/feed
  posts:
    type: mastadon
    hashtag: velmora
  Reviews:
    type: app-store
    app: "1"
  tickets:
    type: zendesk
    subdomain: velmora
    token: \${env:NO_SUCH_TOKEN}
    every: 5 minutes
subscriptions:
  card-trouble:
    query: { stage: purchase, sentiment: angry }
    notify:
      - { type: webhook, url: https://example.com/hook, secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0 }
`;

describe('a configuration with many faults', () => {
  const problems = problemsOf(BROKEN);
  const at = (line: number) =>
    problems.filter((problem) => problem.line === line).map(({ path, message }) => `${path}: ${message}`);

  it.each([
    [3, /alias.*Did you mean "aliases"/],
    [7, /unknown option "ulr".*Did you mean "url".*Known: .*url.*channel/],
    [9, /mastadon.*not known.*Did you mean "mastodon".*Known: .*rss/],
    [12, /Reviews.*small letters/],
    [17, /NO_SUCH_TOKEN is not set/],
    [18, /every.*30s, 15m/],
    [21, /angry.*not known.*Known: negative, neutral, positive/],
  ])('line %i is named with what is known', (line, pattern) => {
    expect(at(line).join('\n')).toMatch(pattern);
  });

  it('nothing else is reported', () => {
    // Line 6, the missing `url`, is the other half of the misspelt one.
    expect(problems.filter(({ line }) => ![3, 6, 7, 9, 12, 17, 18, 21].includes(line ?? 0))).toEqual([]);
  });

  it('all of it is told in one message', () => {
    expect(() => readSettings(BROKEN, 'earshot.yaml', {})).toThrow(
      /problems in the configuration:\n {2}earshot\.yaml:3 /,
    );
  });
});

describe('readSettings', () => {
  it('an empty file is a configuration with nothing to listen to', () => {
    expect(readSettings('sources:\nbrands:\n', 'x', {})).toMatchObject({ sources: {}, brands: {} });
    expect(readSettings('', 'x', {})).toMatchObject({ sources: {}, subscriptions: {}, network: { allow: [] } });
  });

  it('says where YAML itself is broken', () => {
    expect(problemsOf('sources:\n  a: [1, 2\n')[0]).toMatchObject({ line: expect.any(Number) });
  });

  it('fills in secrets from the environment and from files, and gives no secret away in an error', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'earshot-')), 'token');
    writeFileSync(file, 'from-file\n');
    const text = `
sources:
  a: { type: zendesk, subdomain: velmora, token: "\${env:TOKEN}" }
  b: { type: zendesk, subdomain: velmora, token: "\${file:${file}}" }`;
    const { sources } = readSettings(text, 'x', { TOKEN: 'from-env' });
    expect(sources).toMatchObject({ a: { token: 'from-env' }, b: { token: 'from-file' } });
    const broken = text.replace('type: zendesk', 'type: zendesk, wrong: 1');
    expect(() => readSettings(broken, 'x', { TOKEN: 'from-env' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('from-env') }),
    );
  });

  it('takes single values where a filter holds lists', () => {
    const text = `
subscriptions:
  s:
    query: { stage: purchase, language: [en, ro] }
    notify: [{ type: webhook, url: "https://example.com", secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0 }]`;
    expect(readSettings(text, 'x', {}).subscriptions['s']!.query).toEqual({
      stage: ['purchase'],
      language: ['en', 'ro'],
    });
  });
});

describe('personas', () => {
  it('are queries in the words of a filter, in their order', () => {
    const text = `
personas:
  - { id: leaving, name: Leaving, query: { outcome: churned, brand: [Velmora] } }
  - { id: all, name: Everybody, description: Whoever speaks., query: {} }`;
    expect(readSettings(text, 'x', {}).personas).toEqual([
      { id: 'leaving', name: 'Leaving', query: { outcome: ['churned'], brand: ['Velmora'] } },
      { id: 'all', name: 'Everybody', description: 'Whoever speaks.', query: {} },
    ]);
  });

  it.each([
    ['{ id: x, name: X }', 'personas.0.query', /is missing/],
    ['{ id: X y, name: X, query: {} }', 'personas.0.id', /small letters/],
    ['{ id: x, name: X, query: { outcom: churned } }', 'personas.0.query.outcom', /Did you mean "outcome"/],
    ['{ id: x, name: X, query: { step: buy } }', 'personas.0.query.step.0', /"buy" is not known. Known: awareness/],
    ['{ id: x, name: X, query: { persona: y } }', 'personas.0.query.persona', /cannot hold another/],
    ['{ id: x, name: X, query: { collapse: story } }', 'personas.0.query.collapse', /unknown option/],
    ['{ id: x, name: X, query: {} }\n  - { id: x, name: Y, query: {} }', 'personas.1.id', /"x" is named twice/],
  ])('%s is refused', (one, path, message) => {
    expect(problemsOf(`personas:\n  - ${one}`)).toMatchObject([{ path, message: expect.stringMatching(message) }]);
  });
});

describe('the interval of a source', () => {
  const every = (type: string, interval: string) => `sources:\n  ours: { ${type}, every: ${interval} }`;

  it('is not below what its platform allows', () => {
    expect(problemsOf(every('type: app-store, app: "1"', '60s'))).toMatchObject([
      { message: 'must be 300s or longer: app-store allows no more' },
    ]);
    const { sources } = readSettings(every('type: app-store, app: "1"', '5m'), 'earshot.yaml', {});
    expect(sources['ours']).toMatchObject({ every: 300 });
  });

  it('is free where the platform has no such rule', () => {
    expect(
      readSettings(every('type: rss, url: "https://example.com/feed"', '10s'), 'x', {}).sources['ours'],
    ).toBeDefined();
  });
});
