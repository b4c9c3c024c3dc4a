import { z } from 'zod';
import { AppError } from '../../src/domain/errors.ts';
import type { HttpClient } from '../../src/domain/http.ts';
import { mention } from '../../src/domain/mention.ts';
import { createHttp } from '../../src/net/http.ts';
import { openSocket } from '../../src/net/socket.ts';
import { NOTIFIERS } from '../../src/notifiers/index.ts';
import { SOURCES } from '../../src/sources/index.ts';
import { deliveryOf } from '../contracts/notifier.ts';
import { inventedSecrets, optionsAt } from './outbound.ts';
import { DOOR } from './ssrf-spellings.ts';
import type { World } from './ssrf-world.ts';

/** What an attempt is given. */
export interface Way {
  http: HttpClient;
  /** Networks that may be asked although they are not public. */
  allow: string[];
  /** For features that take host and port apart. */
  port: number;
}

/** One place into which a person can write where Earshot shall ask. */
export interface Feature {
  /** `source` or `notifier`, its type and its option with dots; or what of `net` it is. */
  name: string;
  /** A whole address, the name of a server, or only a part of such a name. */
  takes: 'url' | 'host' | 'part';
  /** Asks there. @throws {AppError} always, unless the other side plays along. */
  ask(where: string, way: Way): Promise<void>;
}

/** Leads nowhere: only that somebody asks for it matters. */
const PROBE = 'probe';

type Options = Record<string, unknown>;
interface Schema {
  type?: string;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** A source or notifier, as far as this table goes. */
interface Adapter {
  name: string;
  options: z.ZodType;
  /** Options as a person would write them, without those that belong to no type in particular. */
  example: Options;
  run(options: unknown, way: Way): Promise<void>;
}

/** Every feature that asks an address which a person wrote, found by trying every option that takes text. */
export async function outboundFeatures(world: World): Promise<Feature[]> {
  const found = await Promise.all(adapters(world).map((adapter) => featuresOf(adapter, world)));
  return [...PLAIN, ...found.flat()];
}

/** The two ways out themselves. */
const PLAIN: readonly Feature[] = [
  { name: 'the HTTP client', takes: 'url', ask: async (url, { http }) => void (await http({ url })) },
  {
    name: 'the HTTP client that posts',
    takes: 'url',
    ask: async (url, { http }) => void (await http({ url, method: 'POST', body: '{}' })),
  },
  { name: 'the socket', takes: 'host', ask: (host, way) => dial(host, way, false) },
  { name: 'the TLS socket', takes: 'host', ask: (host, way) => dial(host, way, true) },
];

/** That a name is not known is told by the socket in its own words. */
async function dial(host: string, { port, allow }: Way, secure: boolean): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = openSocket({ host, port, secure, allow }, resolve);
    socket.on('error', (error) =>
      reject(error instanceof AppError ? error : new AppError('REMOTE_UNREACHABLE', error.message)),
    );
  });
}

function adapters({ door }: World): Adapter[] {
  const sources = SOURCES.map((source) => ({
    name: `source ${source.type}`,
    options: source.options,
    example: source.example ?? {},
    async run(options: unknown, { http }: Way) {
      const signal = AbortSignal.timeout(10_000);
      const context = { options, cursor: undefined, http, now: () => new Date(), signal };
      for await (const page of source.pull(context)) if (page.items.length > 0) return;
    },
  }));
  const notifiers = NOTIFIERS.map((notifier) => ({
    name: `notifier ${notifier.type}`,
    options: notifier.options,
    example: optionsAt(notifier.type, door),
    run: (options: unknown, { http }: Way) => notifier.send({ ...deliveryOf(MENTION), http }, options),
  }));
  const secrets = inventedSecrets(door);
  return [...sources, ...notifiers].map((adapter) => {
    const known = Object.keys(schemaOf(adapter.options).properties ?? {});
    const own = Object.entries(adapter.example).filter(([name]) => known.includes(name));
    return { ...adapter, example: withSecrets(Object.fromEntries(own), secrets) };
  });
}

const MENTION = mention.parse({
  id: 'fedcba9876543210fedcba9876543210',
  source: 'posts',
  externalId: '1',
  channel: 'social',
  text: 'Hm.',
  brands: [],
  collectedAt: '2026-02-03T04:05:06.000Z',
  at: '2026-02-03T04:05:06.000Z',
  dated: false,
  judgements: {},
});

function withSecrets(example: Options, secrets: Record<string, string>): Options {
  return JSON.parse(JSON.stringify(example), (_, value: unknown) =>
    typeof value === 'string'
      ? value.replaceAll(/\$\{env:(\w+)\}/g, (_all, name: string) => secrets[name] ?? 'a')
      : value,
  ) as Options;
}

/** What may stand in an option that takes text: an address, a text with an address in it, a name. */
const FORMS = ['url', 'inside', 'name'] as const;
type Form = (typeof FORMS)[number];

async function featuresOf(adapter: Adapter, world: World): Promise<Feature[]> {
  const features: Feature[] = [];
  for (const { path } of textPaths(schemaOf(adapter.options))) {
    const found = await featureAt(adapter, path, world);
    if (found) features.push(found);
  }
  return features;
}

/** Where a pull or delivery asks for our probe once it stands in that option, whatever else has to be there or not. */
async function featureAt(adapter: Adapter, path: Path, world: World): Promise<Feature | undefined> {
  const allow = [`${DOOR}/32`];
  const way = { http: createHttp({ allow, perHostMs: 0 }), allow, port: world.canaryPort };
  try {
    for (const form of FORMS) {
      for (const base of basesOf(adapter, path, world)) {
        const place = { base, path, form, world };
        const asked = await askedFor(adapter, place, way);
        if (asked !== undefined) return feature(adapter, place, asked);
      }
    }
    return undefined;
  } finally {
    await way.http.close();
  }
}

let probes = 0;

/** What the option takes, told by the names that were looked up because of it. */
async function askedFor(adapter: Adapter, place: Place, way: Way): Promise<Feature['takes'] | undefined> {
  const probe = `${PROBE}${++probes}`;
  const options = withWhere(adapter, place, place.form === 'name' ? probe : `http://${probe}`, way);
  if (options === undefined) return undefined;
  await adapter.run(options, way).catch(() => {});
  const asked = place.world.lookups.find((name) => name.split('.')[0] === probe);
  if (asked === undefined) return undefined;
  if (place.form !== 'name') return 'url';
  return asked === probe ? 'host' : 'part';
}

interface Place {
  base: Options;
  path: Path;
  form: Form;
  world: World;
}

function feature(adapter: Adapter, place: Place, takes: Feature['takes']): Feature {
  return {
    name: `${adapter.name} ${place.path.join('.')}`,
    takes,
    async ask(where, way) {
      const options = withWhere(adapter, place, where, way);
      if (options === undefined) throw new AppError('CONFIG_INVALID', 'The option is refused.');
      await adapter.run(options, way);
    },
  };
}

/** The options with that address in its place, read; nothing where they are refused. */
function withWhere(adapter: Adapter, { base, path, form, world }: Place, where: string, way: Way): unknown {
  const schema = schemaOf(adapter.options);
  const value = form === 'inside' ? insideOf(valueAt(base, path), world.door, where) : where;
  if (value === undefined) return undefined;
  const placed = put(schema, base, path, value);
  const { port, allow, pauseMs } = schema.properties ?? {};
  const beside = {
    ...(port && { port: way.port }),
    ...(allow && { allow: way.allow }),
    ...(pauseMs && { pauseMs: 0 }),
  };
  return read(adapter, { ...placed, ...beside });
}

const read = (adapter: Adapter, options: Options) => adapter.options.safeParse(options).data;

/** A JSON text, such as a key file, whose addresses of the door are replaced. */
function insideOf(text: unknown, door: string, where: string): string | undefined {
  if (typeof text !== 'string' || !text.includes(door)) return undefined;
  return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(door) ? where + value.slice(door.length) : value,
  );
}

/** The example, and without each of its options, because some exclude each other; other addresses lead to the door. */
function basesOf(adapter: Adapter, path: Path, { door }: World): Options[] {
  const without = Object.keys(adapter.example).map((name) =>
    Object.fromEntries(Object.entries(adapter.example).filter(([other]) => other !== name)),
  );
  const schema = schemaOf(adapter.options);
  const others = textPaths(schema).filter((other) => other.isUri && other.path.join('.') !== path.join('.'));
  const bases = [adapter.example, ...without].flatMap((base) => {
    let doored = base;
    for (const other of others) {
      const next = put(schema, doored, other.path, door);
      if (read(adapter, next) !== undefined) doored = next;
    }
    return [doored, base];
  });
  return bases.filter((base, index) => bases.indexOf(base) === index);
}

type Path = readonly string[];
/** In a path: an entry of a list. */
const ENTRY = '[]';

interface TextPath {
  path: Path;
  isUri: boolean;
}

const schemas = new WeakMap<z.ZodType, Schema>();

function schemaOf(options: z.ZodType): Schema {
  const known = schemas.get(options) ?? (z.toJSONSchema(options, { io: 'input' }) as Schema);
  schemas.set(options, known);
  return known;
}

const variantsOf = (schema: Schema) => [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];

/** Every option that takes text, also within others. */
function textPaths(schema: Schema, path: Path = []): TextPath[] {
  return variantsOf(schema).flatMap(({ type, format, properties, items }) => [
    ...(type === 'string' ? [{ path, isUri: format === 'uri' }] : []),
    ...Object.entries(properties ?? {}).flatMap(([name, inner]) => textPaths(inner, [...path, name])),
    ...(items ? textPaths(items, [...path, ENTRY]) : []),
  ]);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, name) => (inner as Options | undefined)?.[name === ENTRY ? '0' : name], value);
}

/** A copy with that value in its place; what a new group needs beside it is invented. */
function put(schema: Schema, options: Options, path: Path, value: string): Options {
  return putIn(schema, options, path, value) as Options;
}

function putIn(schema: Schema, known: unknown, [name, ...rest]: Path, value: string): unknown {
  if (name === undefined) return value;
  const variants = variantsOf(schema);
  if (name === ENTRY) return [putIn(variants.find(({ items }) => items)?.items ?? {}, undefined, rest, value)];
  const { properties = {}, required = [] } = variants.find((variant) => variant.properties?.[name]) ?? {};
  const invented = known === undefined ? Object.fromEntries(required.map((other) => [other, 'a'])) : {};
  const group = { ...invented, ...(known as Options | undefined) };
  return {
    ...group,
    [name]: putIn(properties[name] ?? {}, group[name] === 'a' ? undefined : group[name], rest, value),
  };
}
