import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { toAppError } from '../../src/domain/errors.ts';
import { createGuard } from '../../src/net/guard.ts';
import { createHttp } from '../../src/net/http.ts';
import { outboundOptions } from './outbound.ts';
import { outboundFeatures } from './ssrf-features.ts';
import type { Feature, Way } from './ssrf-features.ts';
import { DOOR, HIDDEN_HOSTS, HOSTS, URLS, urlOf } from './ssrf-spellings.ts';
import { openWorld } from './ssrf-world.ts';
import type { DoorMode } from './ssrf-world.ts';

/** Attempts of one feature that must not lead anywhere. */
const LEAST = 60;
/** Where the platform pushes to, told for its signature alone. */
const NEVER_ASKED = new Set(['source hubspot webhookUrl']);
/** An attempt that takes longer hangs. In milliseconds. */
const PATIENCE_MS = 5_000;

const world = await openWorld();
const features = await outboundFeatures(world);
afterAll(() => world.close());

const allHosts = [...HOSTS, ...HIDDEN_HOSTS];
const allUrls = [
  ...allHosts.map((host) => urlOf(host, world.canaryPort)),
  ...URLS.map((url) => url.replace('PORT', String(world.canaryPort))),
];

/** What became of one attempt: the code of its error, `fine`, `hung`, or an error that nobody gave a code. */
async function outcomeOf(feature: Feature, where: string, way: Way): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, 'hung');
  });
  const told = feature.ask(where, way).then(
    () => 'fine',
    (thrown: unknown) => {
      const { code, message } = toAppError(thrown);
      return code === 'INTERNAL' ? `INTERNAL: ${message}` : code;
    },
  );
  const outcome = await Promise.race([told, late]);
  clearTimeout(timer);
  return outcome;
}

/** Ways out that may ask the door alone, unless more is allowed. */
async function withWay<T>(use: (way: Way) => Promise<T>, allow = [`${DOOR}/32`]): Promise<T> {
  const http = createHttp({ allow, perHostMs: 0 });
  try {
    return await use({ http, allow, port: world.canaryPort });
  } finally {
    await http.close();
  }
}

/** Whether a host leads to an address that may not be asked; others lead nowhere, or to the door. */
async function isInside(host: string): Promise<boolean> {
  const bare = host.replaceAll(/^\[|\]$/g, '');
  const addresses = isIP(bare) === 0 ? await addressesOf(bare) : [bare];
  return addresses.some((address) => address !== DOOR);
}

async function addressesOf(name: string): Promise<string[]> {
  // No name at all means this machine to a socket.
  return new Promise((resolve) => {
    lookup(name === '' ? 'localhost' : name, { all: true }, (error, found) =>
      resolve(error ? [] : found.map(({ address }) => address)),
    );
  });
}

/** Codes that say that nothing was asked, for a text of that kind. */
async function expectedOf(takes: Feature['takes'], where: string): Promise<string[]> {
  const blocked = ['CONFIG_INVALID', 'ADDRESS_BLOCKED'];
  if (takes === 'part') return [...blocked, 'REMOTE_UNREACHABLE'];
  if (takes === 'host') return (await isInside(where)) ? blocked : [...blocked, 'REMOTE_UNREACHABLE'];
  const url = urlIn(where);
  if (!url?.protocol.startsWith('http')) return ['CONFIG_INVALID', 'REMOTE_REFUSED'];
  return [...blocked, 'REMOTE_REFUSED', ...((await isInside(url.hostname)) ? [] : ['REMOTE_UNREACHABLE'])];
}

/** `URL.canParse` of Node 20 does not always know what `new URL` reads. */
function urlIn(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** What a feature is told to ask: the texts that it takes, and for a part of a name all of them. */
function textsFor(takes: Feature['takes']): string[] {
  if (takes === 'url') return allUrls;
  return takes === 'host' ? allHosts : [...allHosts, ...allUrls];
}

const repeated = (texts: string[]) => texts.filter((text, index) => texts.indexOf(text) !== index);

/** Tries everything and tells what went otherwise than it must. */
async function tryAll(feature: Feature, doorFor?: (where: string) => DoorMode): Promise<string> {
  return withWay(async (way) => {
    const wrong: string[] = [];
    for (const where of textsFor(feature.takes)) {
      world.leaks.length = 0;
      world.setDoor(doorFor?.(where) ?? {});
      const outcome = await outcomeOf(feature, doorFor ? `${world.door}/` : where, way);
      const isRight = doorFor
        ? ['ADDRESS_BLOCKED', 'REMOTE_REFUSED', 'REMOTE_UNREACHABLE'].includes(outcome)
        : (await expectedOf(feature.takes, where)).includes(outcome);
      const dialled = world.leaks.length === 0 ? '' : ` (dialled ${world.leaks.join(', ')})`;
      if (!isRight || dialled !== '') wrong.push(`${JSON.stringify(where)}: ${outcome}${dialled}`);
    }
    return wrong.join('\n');
  });
}

describe('the table', () => {
  it(`has ${LEAST} spellings of each kind that lead to addresses which are not public`, async () => {
    expect(repeated(allHosts)).toEqual([]);
    expect(repeated(allUrls)).toEqual([]);
    const hosts = await Promise.all(allHosts.map(isInside));
    const urls = await Promise.all(allUrls.map(async (url) => urlIn(url) && isInside(urlIn(url)!.hostname)));
    expect(hosts.filter(Boolean).length).toBeGreaterThanOrEqual(LEAST);
    expect(urls.filter(Boolean).length).toBeGreaterThanOrEqual(LEAST);
    for (const takes of ['url', 'host', 'part'] as const) {
      expect(textsFor(takes).length).toBeGreaterThanOrEqual(LEAST);
    }
  });

  it('holds every option of a source or notifier that its schema calls an address', () => {
    const names = features.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(
        outboundOptions()
          .map(({ kind, type, option }) => `${kind} ${type} ${option}`)
          .filter((name) => !NEVER_ASKED.has(name)),
      ),
    );
  });

  it('holds also addresses within secrets, parts of names and hosts of other protocols', () => {
    const takes = Object.fromEntries(features.map((feature) => [feature.name, feature.takes]));
    expect(takes).toMatchObject({
      'source google-play credentials': 'url',
      'source zendesk subdomain': 'part',
      'source imap host': 'host',
      'source imap oauth.tokenUrl': 'url',
      'notifier webhook url': 'url',
    });
  });
});

describe.each(features)('$name', (feature) => {
  const followsAddresses = feature.takes === 'url';

  it('asks no address inside', async () => {
    expect(await tryAll(feature)).toBe('');
    expect(world.canaried()).toBe(0);
  });

  it.runIf(followsAddresses)('is sent to no address inside, neither at once nor after a login', async () => {
    const logins = world.logins();
    const atOnce = await tryAll(feature, (sendsTo) => ({ sendsTo }));
    const logsIn = world.logins() > logins;
    const later = logsIn ? await tryAll(feature, (sendsTo) => ({ sendsTo, afterLogin: true })) : '';
    expect([atOnce, later]).toEqual(['', '']);
    expect(world.canaried()).toBe(0);
  });

  it.each(['127.0.0.1', '::1', '169.254.169.254', '10.0.0.1'])(
    'does not fall for a name that was public a moment ago and leads to %s now',
    async (inside) => {
      world.setDoor({});
      world.leaks.length = 0;
      const { where, name } = namedPlace(feature);
      world.setName(name, [[DOOR], [inside]]);
      const dials = world.doorDials();
      const outcomes = await withWay(async (way) => [
        await outcomeOf(feature, where, way),
        await outcomeOf(feature, where, way),
      ]);
      expect(world.doorDials()).toBeGreaterThan(dials);
      expect(outcomes[1]).toBe('ADDRESS_BLOCKED');
      expect(world.leaks).toEqual([]);
      expect(world.canaried()).toBe(0);
    },
  );
});

/** A text for the feature that leads to a name of ours, and to the door's port where it holds one. */
function namedPlace({ name, takes }: Feature): { where: string; name: string } {
  const { port } = new URL(world.door);
  if (takes === 'part') {
    const label = 'rebinding';
    return { where: label, name: partNames.get(name) ?? label };
  }
  const host = `rebinding.${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.names.example`;
  return { where: takes === 'url' ? `http://${host}:${port}/` : host, name: host };
}

/** The whole names that parts of names become. */
const partNames = new Map<string, string>();
for (const feature of features.filter(({ takes }) => takes === 'part')) {
  await withWay((way) => outcomeOf(feature, 'rebinding', way));
  partNames.set(
    feature.name,
    world.lookups.findLast((name) => name.startsWith('rebinding.'))!,
  );
}

describe('what is allowed', () => {
  /** After all others, because now the servers that nobody may ask are asked. */
  it.each(features)('is asked by $name', async (feature) => {
    world.setDoor({});
    world.leaks.length = 0;
    const { where, name } = namedPlace(feature);
    world.setName(name, [['127.0.0.1']]);
    const place = feature.takes === 'url' ? `http://127.0.0.1:${world.canaryPort}/` : where;
    const outcome = await withWay((way) => outcomeOf(feature, place, way), [`${DOOR}/32`, '127.0.0.1/32']);
    expect(outcome).not.toBe('ADDRESS_BLOCKED');
    expect(world.leaks).toContain('127.0.0.1');
  });

  it('is no wider than it is written', () => {
    const narrow = createGuard(['127.0.0.2/32', '10.1.0.0/16', 'fd00::/64']);
    for (const inside of ['127.0.0.2', '::ffff:127.0.0.2', '10.1.255.255', 'fd00::9']) narrow(inside, inside);
    for (const outside of ['127.0.0.1', '127.0.0.3', '10.0.255.255', '10.2.0.0', 'fd00:0:0:1::', '::7f00:2', '::1']) {
      expect(() => narrow(outside, outside)).toThrow(expect.objectContaining({ code: 'ADDRESS_BLOCKED' }));
    }
  });
});
