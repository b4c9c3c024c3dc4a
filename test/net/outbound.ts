import { generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';
import { NOTIFIERS } from '../../src/notifiers/index.ts';
import { SOURCES } from '../../src/sources/index.ts';

/** One option of a source or notifier into which a person writes an address that Earshot then asks. */
export interface OutboundOption {
  kind: 'source' | 'notifier';
  type: string;
  option: string;
}

/** The smallest options of types that give no example. */
const EXAMPLES: Record<string, Record<string, unknown>> = {
  webhook: { url: 'https://receiver.example/hook', secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` },
};

/** Options within others that the examples leave out. */
const GROUPS: Record<string, (address: string) => Record<string, unknown>> = {
  'imap.oauth': (tokenUrl) => ({
    host: 'imap.velmora.example',
    user: 'hello@velmora.example',
    oauth: { tokenUrl, clientId: 'a', clientSecret: 'b', refreshToken: 'c' },
  }),
};

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** What the examples name as `${env:NAME}`: invented secrets, and a key of a service account whose host is the base. */
export function inventedSecrets(base: string): Record<string, string> {
  const names = JSON.stringify(SOURCES.map(({ example }) => example)).matchAll(/\$\{env:(\w+)\}/g);
  const account = { client_email: 'reader@velmora.example', private_key: privateKey, token_uri: `${base}/token` };
  return Object.fromEntries(
    [...names].map(([, name]) => [name!, name === 'GOOGLE_PLAY_KEY' ? JSON.stringify(account) : 'invented-secret-1']),
  );
}

/** Every option that holds an address, read from the schemas of the registries, so that a new adapter joins by itself. */
export function outboundOptions(): OutboundOption[] {
  const kinds = [
    ...SOURCES.map(({ type, options }) => ({ kind: 'source' as const, type, options })),
    ...NOTIFIERS.map(({ type, options }) => ({ kind: 'notifier' as const, type, options })),
  ];
  return kinds.flatMap(({ kind, type, options }) => addressOptions(options).map((option) => ({ kind, type, option })));
}

/** `format: uri` in the JSON Schema, and host names of other protocols; `a.b` for an option within another. */
function addressOptions(options: z.ZodType): string[] {
  return addressesIn(z.toJSONSchema(options, { io: 'input' }) as Schema);
}

interface Schema {
  format?: string;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
}

function addressesIn({ properties = {} }: Schema): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    if (schema.properties) return addressesIn(schema).map((inner) => `${name}.${inner}`);
    const isAddress = [schema, ...(schema.anyOf ?? [])].some(({ format }) => format === 'uri');
    return isAddress || name === 'host' ? [name] : [];
  });
}

/** The options of a type as a person would write them, with its addresses replaced: all of them, or those within one. */
export function optionsAt(type: string, address: string, option = ''): Record<string, unknown> {
  const [group, inner] = option.split('.');
  if (inner !== undefined) return { type, ...GROUPS[`${type}.${group}`]!(address) };
  const example = SOURCES.find((source) => source.type === type)?.example ?? EXAMPLES[type] ?? {};
  const addresses = outboundOptions()
    .filter((one) => one.type === type && !one.option.includes('.'))
    .map((one) => [one.option, one.option === 'host' ? new URL(address).hostname : address]);
  return { type, ...example, ...Object.fromEntries(addresses) };
}
