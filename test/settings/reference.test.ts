import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readSettings } from '../../src/settings/load.ts';
import { referenceText, settingsJsonSchema } from '../../src/settings/reference.ts';
import { DEFAULT_LANGUAGES } from '../../src/enrich/language.ts';
import { NOTIFIERS } from '../../src/notifiers/index.ts';
import { SOURCES } from '../../src/sources/index.ts';

const config = (file: string) => readFileSync(join(import.meta.dirname, '../../config', file), 'utf8');
const SECRETS = {
  ZENDESK_TOKEN: 'x',
  HOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  EARSHOT_SAMPLE_URL: 'http://127.0.0.1:1',
};

/** Where a secret has a form. */
const EXAMPLE_SECRETS: Record<string, string> = {
  GOOGLE_PLAY_KEY: JSON.stringify({
    client_email: 'bot@velmora.example',
    private_key: 'x',
    token_uri: 'https://oauth2.googleapis.com/token',
  }),
};

describe('what is generated from the adapters', () => {
  it('config/schema.json is up to date (npm run reference)', () => {
    expect(JSON.parse(config('schema.json'))).toEqual(settingsJsonSchema());
  });

  it('config/reference.md is up to date (npm run reference)', () => {
    expect(config('reference.md')).toBe(`${referenceText()}\n`);
  });

  it.each(SOURCES.map((source) => [source.type, source] as const))(
    'the example of %s is right',
    (type, { example }) => {
      expect(example).toBeDefined();
      const secrets = Object.fromEntries(
        [...JSON.stringify(example).matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => [
          name,
          EXAMPLE_SECRETS[name!] ?? 'x'.repeat(40),
        ]),
      );
      const text = stringify({ sources: { mine: { type, ...example } } });
      expect(readSettings(text, 'example', secrets).sources['mine']).toMatchObject({ type });
    },
  );

  it('the reference tells of every source and destination with every option', () => {
    const text = referenceText();
    for (const { type, options } of [...SOURCES, ...NOTIFIERS]) {
      expect(text).toContain(`## \`${type}\``);
      for (const name of Object.keys((options as unknown as { shape: object }).shape))
        expect(text).toContain(`| \`${name}\` |`);
    }
  });
});

describe('config/default.yaml', () => {
  it('gives what an empty file gives', () => {
    const { languages, ...rest } = readSettings(config('default.yaml'), 'default.yaml', {});
    const { languages: none, ...empty } = readSettings('', 'empty', {});
    expect(rest).toEqual(empty);
    expect(languages).toEqual([...DEFAULT_LANGUAGES]);
    expect(none).toBeUndefined();
  });

  it('has examples that are right', () => {
    const examples = config('default.yaml')
      .replaceAll(/^# (?=annotator:)|^# (?= {2}(?:type|url|model|judges|below|requestsPerDay): )/gm, '')
      .replaceAll(/: (?:\{\}|\[\])$/gm, ':')
      .replaceAll(/^# {1,6}(?=(?: {2})?[\w-]+:|- \{)/gm, (lead) => ' '.repeat(lead.length))
      .replaceAll(/^#(?= )/gm, ' ')
      .replaceAll(
        /^\s+(?:every: 15m|brand: Velmora|authors: pseudonym|handles: keep|unmatched: keep|enabled: true|[A-Z][a-z]+[ ,]).*$/gm,
        '',
      )
      .replaceAll(/^\s+yaml-language.*$/gm, '');
    const { brands, sources, personas, subscriptions, annotator } = readSettings(examples, 'examples', SECRETS);
    expect(annotator).toMatchObject({ type: 'openai' });
    expect(Object.keys(brands)).toEqual(['Velmora', 'Mint', 'Rivella']);
    expect(Object.keys(sources)).toEqual(['our-app', 'posts', 'press', 'help-desk', 'survey']);
    expect(personas.map(({ id }) => id)).toEqual(['new-customers']);
    expect(subscriptions['card-trouble']!.notify).toHaveLength(1);
  });

  it('is as right as the sample world', () => {
    expect(Object.keys(readSettings(config('sample/earshot.yaml'), 'sample', SECRETS).sources)).toHaveLength(5);
  });
});
